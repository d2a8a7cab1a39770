// SPDX-License-Identifier: GPL-3.0-or-later
// Ports between two calls: how long they rest, which may serve again, and which are closed.
#pragma once

#include "core/relay/bridge_ports.h"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sr::relay {

/// One thread. To open four sockets, have them watched and close them is a tenth of what a short call costs,
/// so while calls come fast their ports stay open and watched, and serve other calls after a rest: if nobody
/// sends there any more, for whoever sends first is a call's device.
class RestingPorts {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kRest{1}; ///< at least; chosen
    /// Until then late packets of the call before may come, and as long nothing more behind them (chosen).
    static constexpr std::chrono::milliseconds kLate{200};
    static constexpr std::chrono::seconds kMostRest{3}; ///< who is not needed by then is closed; chosen

    /// Of each pair of addresses.
    struct Limits {
        std::size_t most = usualMost();
        std::size_t fewest =
            16; ///< while no more rest, the range is gone round; chosen: a dozen calls a second
    };
    explicit RestingPorts(const Limits& limits)
        : m_limits(limits)
    {}
    /// Null: none of them may serve yet. `caller` and `callee` are our addresses towards them.
    std::unique_ptr<BridgePorts> take(const IpAddress& caller, const IpAddress& callee, TimePoint now);
    /// The one that rests longest, for who finds no others; null: there is none.
    std::unique_ptr<BridgePorts> takeAnyway(const IpAddress& caller, const IpAddress& callee);
    void rest(std::unique_ptr<BridgePorts> ports, TimePoint now);
    /// Every second, and more often where many come and go: notes how many late packets there were.
    void look(TimePoint now);
    /// What nobody needs, or somebody still sends to; the caller closes them.
    std::vector<std::unique_ptr<BridgePorts>> takeSurplus() { return std::exchange(m_surplus, {}); }
    void dismissAll(); ///< to takeSurplus()

private:
    static std::size_t usualMost();
    struct Resting {
        std::unique_ptr<BridgePorts> ports;
        TimePoint since;
        std::optional<TimePoint> quietSince = {}; ///< as far as is known
        std::uint64_t strays = 0;                 ///< then
    };
    using Queue = std::deque<Resting>; ///< the one that rests longest first
    using Key = std::pair<IpAddress, IpAddress>;
    std::unique_ptr<BridgePorts> takeFirst(Queue& queue);

    Limits m_limits;
    std::map<Key, Queue> m_queues;
    std::vector<std::unique_ptr<BridgePorts>> m_surplus;
};

} // namespace sr::relay
