// SPDX-License-Identifier: GPL-3.0-or-later
// /dev/fd lists what is open. Socket calls come by Sofia, as everywhere in this folder.
#include "core/sip/own_socket.h"
#include "core/sip/socket_address.h"

#include <sofia-sip/su.h>

#include <charconv>
#include <filesystem>

namespace sr::sip {
namespace {

bool isBoundTo(int socket, const Endpoint& bound)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM)
        return false;
    su_sockaddr_t address{};
    size = sizeof address;
    return getsockname(socket, &address.su_sa, &size) == 0 && endpointOf(address) == bound;
}

} // namespace

int ownUdpSocket(const Endpoint& bound)
{
    std::error_code failed;
    std::filesystem::directory_iterator open("/dev/fd", failed);
    for (; !failed && open != std::filesystem::directory_iterator(); open.increment(failed)) {
        const std::string name = open->path().filename().string();
        int socket = kNoSocket;
        std::from_chars(name.data(), name.data() + name.size(), socket);
        if (socket != kNoSocket && isBoundTo(socket, bound))
            return socket;
    }
    return kNoSocket;
}

bool sendFrom(int socket, const Endpoint& to, std::string_view datagram)
{
    su_sockaddr_t address;
    const auto size = static_cast<socklen_t>(toSocketAddress(to, address));
    return sendto(socket, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, &address.su_sa,
                  size) == static_cast<ssize_t>(datagram.size());
}

} // namespace sr::sip
