// SPDX-License-Identifier: GPL-3.0-or-later
// Which media ports of each of our addresses are taken: pairs of an even port for RTP and the next for RTCP
// (RFC 3550 §11).
#pragma once

#include "core/base/endpoint.h"
#include "core/relay/udp_socket.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace sr::relay {

struct PortPair {
    UdpSocket rtp;
    UdpSocket rtcp;
    Endpoint local; ///< of RTP
};

/// One thread. Goes round the range, so that a port rests as long as possible before it serves another call.
/// To open four sockets and close them is a tenth of what a short call costs, so while calls come fast a pair
/// stays open when its call is over, and serves another one after a rest: if nobody sends there any more, for
/// whoever sends first is a call's device.
class PortPool {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kRest{1}; ///< at least; chosen
    /// Until then late packets of the call before may come, and as long nothing more behind them (chosen).
    static constexpr std::chrono::milliseconds kLate{200};
    static constexpr std::chrono::seconds kMostRest{3}; ///< who is not needed by then is closed; chosen

    /// Pairs of each address.
    struct Limits {
        std::size_t most = usualResting();
        std::size_t fewest =
            32; ///< while no more rest, the range is gone round; chosen: a dozen calls a second
    };
    PortPool(std::uint16_t first, std::uint16_t last)
        : PortPool(first, last, Limits())
    {}
    PortPool(std::uint16_t first, std::uint16_t last, const Limits& resting)
        : m_resting(resting)
        , m_first(static_cast<std::uint32_t>(first) + (first & 1U))
        , m_pairs(last > m_first ? (last - m_first + 1U) / 2 : 0)
    {}
    std::size_t pairs() const noexcept { return m_pairs; }
    /// Nothing that came before waits in its sockets. NoPorts, Socket.
    Result<PortPair> take(const IpAddress& address, TimePoint now = {});
    /// Whose sockets are closed or about to be.
    void giveBack(const Endpoint& local);
    void rest(PortPair pair, TimePoint now); ///< instead, with open sockets
    /// Calls have less than half of those of any address, so that nobody waits for pairs that come back.
    bool isAmple() const;
    /// Every second or so: closes what is not needed, and reads what has come late.
    void closeRested(TimePoint now);

private:
    static std::size_t usualResting();
    struct Resting {
        PortPair pair;
        TimePoint since;
        std::optional<TimePoint> emptied = {}; ///< of the late packets
    };
    struct Range {
        std::vector<bool> taken; ///< by calls, and by those that rest
        std::size_t next = 0;
        std::size_t ofCalls = 0;     ///< pairs
        std::deque<Resting> resting; ///< the one that rests longest first
    };
    Result<PortPair> bindAt(const IpAddress& address, std::size_t pair) const;
    std::optional<PortPair> takeRested(Range& range, TimePoint now) const;
    Result<PortPair> takeFrom(Range& range, const IpAddress& address, TimePoint now) const;
    Result<PortPair> bindNext(Range& range, const IpAddress& address) const;
    void free(Range& range, const Endpoint& local) const;
    void closeOldest(Range& range) const;

    Limits m_resting;
    std::uint32_t m_first;
    std::size_t m_pairs;
    std::map<IpAddress, Range> m_ranges;
};

} // namespace sr::relay
