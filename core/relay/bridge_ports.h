// SPDX-License-Identifier: GPL-3.0-or-later
// The four sockets of a bridge, which one relay thread watches from the first call that they serve to the
// last.
#pragma once

#include "core/relay/counters.h"
#include "core/relay/port_pool.h"
#include "core/relay/relay.h"

namespace sr::relay {

class Wire;
struct BridgePorts;

/// A socket and what its datagrams are.
struct Inlet {
    BridgePorts* ports = nullptr;
    Side side = Side::Caller;
    bool rtcp = false;
    UdpSocket socket;
};

/// Made and destroyed by the control thread; stays where it is, for sets of sockets name its inlets.
struct BridgePorts {
    BridgePorts(PortPair caller, PortPair callee, std::size_t watchedBy)
        : local{caller.local, callee.local}
        , thread(watchedBy)
        , inlets{Inlet{this, Side::Caller, false, std::move(caller.rtp)},
                 Inlet{this, Side::Caller, true, std::move(caller.rtcp)},
                 Inlet{this, Side::Callee, false, std::move(callee.rtp)},
                 Inlet{this, Side::Callee, true, std::move(callee.rtcp)}}
    {}
    BridgePorts(const BridgePorts&) = delete;
    BridgePorts& operator=(const BridgePorts&) = delete;
    UdpSocket& socket(Side side, bool rtcp) noexcept
    {
        return inlets[2 * static_cast<std::size_t>(side) + (rtcp ? 1 : 0)].socket;
    }

    const std::array<Endpoint, 2> local; ///< of RTP, by side
    const std::size_t thread;            ///< index of the relay thread
    std::array<Inlet, 4> inlets;
    Wire* wire = nullptr; ///< relay thread: of the call that they serve; null: of none
    Counter strays;       ///< datagrams that came while they served none
};

} // namespace sr::relay
