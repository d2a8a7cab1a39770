// SPDX-License-Identifier: GPL-3.0-or-later
// A socket is bound and closed again; the listener follows at once.
#include "core/sip/free_port.h"

#include "core/sip/socket_address.h"

#include <sofia-sip/su.h>

namespace sr::sip {
namespace {

constexpr int kTries = 50; ///< for a port that is free for UDP and TCP

/// The port that a socket of `kind` gets there; 0 if it gets none.
std::uint16_t tryToBind(const Endpoint& endpoint, int kind)
{
    su_sockaddr_t address;
    auto size = static_cast<socklen_t>(toSocketAddress(endpoint, address));
    const su_socket_t probe = su_socket(address.su_sa.sa_family, kind, 0);
    if (probe == INVALID_SOCKET)
        return 0;
    const bool bound =
        bind(probe, &address.su_sa, size) == 0 && getsockname(probe, &address.su_sa, &size) == 0;
    su_close(probe);
    return bound ? endpointOf(address).port : std::uint16_t{0};
}

} // namespace

std::uint16_t freePort(const Endpoint& wanted, Transport transport)
{
    if (transport == Transport::Tls)
        return tryToBind(wanted, SOCK_STREAM);
    for (int i = 0; i < kTries; ++i) {
        Endpoint chosen = wanted;
        chosen.port = tryToBind(wanted, SOCK_DGRAM);
        if (chosen.port != 0 && tryToBind(chosen, SOCK_STREAM) != 0)
            return chosen.port;
    }
    return 0;
}

} // namespace sr::sip
