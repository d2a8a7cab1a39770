// SPDX-License-Identifier: GPL-3.0-or-later
// sockaddr_in and sockaddr_in6 (RFC 3493 §3.3) by the names that every system gives their members. Internal:
// the files that include the system's headers say which types and numbers those are.
#pragma once

#include "core/relay/udp_socket.h"

#include <cstring>

namespace sr::relay {

template <typename V4, typename V6>
SocketAddress toSocketAddress(const Endpoint& endpoint, int family4, int family6) noexcept
{
    static_assert(sizeof(V6) <= sizeof(SocketAddress::octets));
    SocketAddress out;
    const auto fill = [&out](const auto& address) {
        std::memcpy(out.octets.data(), &address, sizeof address);
        out.size = sizeof address;
    };
    std::array<std::byte, 2> port{};
    storeBe(port.data(), endpoint.port);
    if (endpoint.address.isV4()) {
        V4 four{};
        four.sin_family = static_cast<decltype(four.sin_family)>(family4);
        std::memcpy(&four.sin_port, port.data(), port.size());
        std::memcpy(&four.sin_addr, endpoint.address.octets.data() + 12, 4);
        fill(four);
    } else {
        V6 six{};
        six.sin6_family = static_cast<decltype(six.sin6_family)>(family6);
        std::memcpy(&six.sin6_port, port.data(), port.size());
        std::memcpy(&six.sin6_addr, endpoint.address.octets.data(), 16);
        fill(six);
    }
    return out;
}

template <typename V4, typename V6>
Endpoint toEndpoint(const SocketAddress& address, int family4, int family6) noexcept
{
    Endpoint out;
    const auto portAt = [](const auto& field) {
        return loadBe<std::uint16_t>(reinterpret_cast<const std::byte*>(&field));
    };
    V6 six{};
    std::memcpy(&six, address.octets.data(), sizeof six);
    if (six.sin6_family == family6) {
        std::memcpy(out.address.octets.data(), &six.sin6_addr, 16);
        out.port = portAt(six.sin6_port);
    } else if (six.sin6_family == family4) {
        V4 four{};
        std::memcpy(&four, address.octets.data(), sizeof four);
        out.address =
            IpAddress::v4(loadBe<std::uint32_t>(reinterpret_cast<const std::byte*>(&four.sin_addr)));
        out.port = portAt(four.sin_port);
    }
    return out;
}

} // namespace sr::relay
