// SPDX-License-Identifier: GPL-3.0-or-later
// A bound UDP socket that never waits, and addresses in the form that the system's calls take.
#pragma once

#include "core/base/bytes.h"
#include "core/base/endpoint.h"
#include "core/relay/relay_error.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace sr::relay {

/// sockaddr_in or sockaddr_in6. Unlike Endpoint it keeps the zone of a link-local sender, so that an answer
/// finds its way.
struct SocketAddress {
    alignas(8) std::array<std::byte, 28> octets{};
    std::uint32_t size = 0; ///< [octets] in use; 0: none

    static SocketAddress of(const Endpoint& endpoint) noexcept;
    Endpoint endpoint() const noexcept; ///< all zeros if it is of another family
    explicit operator bool() const noexcept { return size != 0; }
};

/// One thread receives and sends; wait-free but for the system itself, no allocation.
class UdpSocket {
public:
    using Handle = std::intptr_t; // an int, or a SOCKET
    static constexpr Handle kNone = -1;
    /// Expedited forwarding (RFC 3246) in the upper six bits of the traffic class: telephone sound.
    static constexpr int kTrafficClass = 46 << 2;

    /// Port 0: any. Marks what it sends with kTrafficClass where the system lets programs do so (not
    /// Windows). PortTaken, Socket.
    static Result<UdpSocket> bind(const Endpoint& local);
    static std::size_t mostIdle() noexcept; ///< that may be open and watched for nothing, chosen
    UdpSocket() = default;
    UdpSocket(UdpSocket&& other) noexcept
        : m_handle(std::exchange(other.m_handle, kNone))
    {}
    UdpSocket& operator=(UdpSocket&& other) noexcept
    {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
    ~UdpSocket();

    /// Octets of the next datagram, which may be none; -1: nothing waits. What does not fit is cut off.
    std::ptrdiff_t receive(std::span<std::byte> buffer, SocketAddress& from) noexcept;
    /// False: the system has no room, or no way to there.
    bool send(ByteView datagram, const SocketAddress& to) noexcept;
    Endpoint local() const noexcept;
    Handle handle() const noexcept { return m_handle; }

private:
    Handle m_handle = kNone;
};

} // namespace sr::relay
