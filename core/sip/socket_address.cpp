// SPDX-License-Identifier: GPL-3.0-or-later
// By offset, as sockaddr_in and sockaddr_in6 have them everywhere (RFC 3493 3.3): Sofia's type has no member
// for the latter where it was built without IPv6.
#include "core/sip/socket_address.h"

#include <sofia-sip/su.h>

#include <cstring>

namespace sr::sip {
namespace {

constexpr std::size_t kAddress4 = 4;
constexpr std::size_t kAddress6 = 8;
constexpr std::size_t kSize4 = 16;
constexpr std::size_t kSize6 = 28;

} // namespace

std::size_t toSocketAddress(const Endpoint& endpoint, su_sockaddr_t& out)
{
    static_assert(sizeof(su_sockaddr_t) >= kSize6);
    out = {};
    const bool four = endpoint.address.isV4();
    out.su_sa.sa_family = four ? AF_INET : AF_INET6;
    out.su_port = htons(endpoint.port);
    const auto& octets = endpoint.address.octets;
    if (four)
        std::memcpy(out.su_array + kAddress4, octets.data() + 12, 4);
    else
        std::memcpy(out.su_array + kAddress6, octets.data(), octets.size());
    return four ? kSize4 : kSize6;
}

Endpoint endpointOf(const su_sockaddr_t& address)
{
    Endpoint out;
    if (address.su_sa.sa_family == AF_INET)
        out.address = IpAddress::v4(ntohl(address.su_sin.sin_addr.s_addr));
    else if (address.su_sa.sa_family == AF_INET6)
        std::memcpy(out.address.octets.data(), address.su_array + kAddress6, out.address.octets.size());
    else
        return out;
    out.port = ntohs(address.su_port);
    return out;
}

IpAddress localAddressTowards(const Endpoint& there)
{
    su_sockaddr_t address;
    auto size = static_cast<socklen_t>(toSocketAddress(there, address));
    const su_socket_t probe = su_socket(address.su_sa.sa_family, SOCK_DGRAM, 0);
    if (probe == INVALID_SOCKET)
        return {};
    const bool known = connect(probe, &address.su_sa, size) == 0; // sends nothing
    size = sizeof address;
    const bool bound = known && getsockname(probe, &address.su_sa, &size) == 0;
    su_close(probe);
    return bound ? endpointOf(address).address : IpAddress{};
}

} // namespace sr::sip
