// SPDX-License-Identifier: GPL-3.0-or-later
// Which media ports of each of our addresses are taken: pairs of an even port for RTP and the next for RTCP
// (RFC 3550 §11).
#pragma once

#include "core/base/endpoint.h"
#include "core/relay/udp_socket.h"

#include <cstdint>
#include <map>
#include <vector>

namespace sr::relay {

struct PortPair {
    UdpSocket rtp;
    UdpSocket rtcp;
    Endpoint local; ///< of RTP
};

/// One thread. Goes round the range, so that a port rests as long as possible before it serves another call.
class PortPool {
public:
    PortPool(std::uint16_t first, std::uint16_t last)
        : m_first(static_cast<std::uint32_t>(first) + (first & 1U))
        , m_pairs(last > m_first ? (last - m_first + 1U) / 2 : 0)
    {}
    std::size_t pairs() const noexcept { return m_pairs; }
    /// NoPorts, Socket.
    Result<PortPair> take(const IpAddress& address);
    /// Whose sockets are closed or about to be.
    void giveBack(const Endpoint& local);
    /// A quarter of the pairs of each address is free, so that nobody waits for some that come back.
    bool isAmple() const;

private:
    struct Range {
        std::vector<bool> taken;
        std::size_t next = 0;
        std::size_t count = 0; ///< of those taken
    };
    Result<PortPair> bindAt(const IpAddress& address, std::size_t pair) const;

    std::uint32_t m_first;
    std::size_t m_pairs;
    std::map<IpAddress, Range> m_ranges;
};

} // namespace sr::relay
