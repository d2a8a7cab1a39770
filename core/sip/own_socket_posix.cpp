// SPDX-License-Identifier: GPL-3.0-or-later
// /dev/fd lists what is open. Socket calls come by Sofia, as everywhere in this folder.
#include "core/base/file.h"
#include "core/sip/own_socket.h"
#include "core/sip/socket_address.h"

#include <sofia-sip/su.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

namespace sr::sip {
namespace {

using NameOf = int (*)(int, sockaddr*, socklen_t*);

/// getsockname() is our end, getpeername() the other one. Nothing: it is no socket, or has no such end.
std::optional<Endpoint> endOf(int socket, NameOf nameOf)
{
    su_sockaddr_t address{};
    socklen_t size = sizeof address;
    return nameOf(socket, &address.su_sa, &size) == 0 ? std::optional(endpointOf(address)) : std::nullopt;
}

bool isOf(int socket, int wanted)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == wanted;
}

/// In a flood there may be no descriptor left to look with, so one is kept for that.
std::filesystem::directory_iterator openFiles(std::error_code& failed)
{
    static thread_local std::unique_ptr<File> spare;
    if (spare == nullptr)
        spare = File::open("/dev/null", OpenMode::Read).valueOr(nullptr);
    std::filesystem::directory_iterator open("/dev/fd", failed);
    if (!failed)
        return open;
    spare.reset();
    return std::filesystem::directory_iterator("/dev/fd", failed);
}

/// What is open, one number after the other, as long as `next` wants more. False: it could not be read.
template <typename Next>
bool visitOpen(Next next)
{
    std::error_code failed;
    auto open = openFiles(failed);
    for (; !failed && open != std::filesystem::directory_iterator(); open.increment(failed)) {
        const std::string name = open->path().filename().string();
        int socket = kNoSocket;
        std::from_chars(name.data(), name.data() + name.size(), socket);
        if (socket != kNoSocket && !next(socket))
            return true;
    }
    return !failed;
}

bool isListener(const std::vector<Endpoint>& listeners, const Endpoint& here)
{
    return std::ranges::any_of(listeners, [&](const Endpoint& one) {
        return one.port == here.port && (one.address.isUnspecified() || one.address == here.address);
    });
}

} // namespace

int ownUdpSocket(const Endpoint& bound)
{
    int found = kNoSocket;
    (void)visitOpen([&](int socket) {
        if (isOf(socket, SOCK_DGRAM) && endOf(socket, getsockname) == bound)
            found = socket;
        return found == kNoSocket;
    });
    return found;
}

std::optional<std::vector<Connection>> ownConnections(const std::vector<Endpoint>& listeners)
{
    std::vector<Connection> all;
    const bool isWhole = visitOpen([&](int socket) {
        if (!isOf(socket, SOCK_STREAM))
            return true;
        const auto here = endOf(socket, getsockname);
        const auto there = endOf(socket, getpeername);
        if (here && there && isListener(listeners, *here))
            all.push_back({socket, *there});
        return true;
    });
    return isWhole ? std::optional(std::move(all)) : std::nullopt;
}

void endConnection(int socket)
{
    shutdown(socket, SHUT_RDWR);
}

/// As Sofia sends, so that it may be gathered.
bool sendFrom(int socket, const Endpoint& to, std::string_view datagram)
{
    su_sockaddr_t address;
    iovec part{const_cast<char*>(datagram.data()), datagram.size()}; // it is only read
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = static_cast<socklen_t>(toSocketAddress(to, address));
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(datagram.size());
}

} // namespace sr::sip
