// SPDX-License-Identifier: GPL-3.0-or-later
// The way of DTLS datagrams from one relay thread to the thread of handshakes.
#pragma once

#include "core/relay/socket_set.h"
#include "core/relay/tap_ring.h"

namespace sr::relay {

/// One producer, a relay thread; one consumer, the thread of handshakes.
class HandshakeInlet {
public:
    HandshakeInlet(std::size_t bytes, SocketSet& waker)
        : m_ring(bytes)
        , m_waker(waker)
    {}
    /// Relay thread, wait-free but for the system. False: no room, which for DTLS is a lost packet like
    /// others. An empty one tells that there is a way to the peer now.
    bool put(std::uint64_t association, ByteView datagram) noexcept
    {
        if (!m_ring.put({.tag = association}, datagram))
            return false;
        m_waker.wake();
        return true;
    }
    TapRing& ring() noexcept { return m_ring; }

private:
    TapRing m_ring;
    SocketSet& m_waker;
};

} // namespace sr::relay
