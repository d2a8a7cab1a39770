// SPDX-License-Identifier: GPL-3.0-or-later
// The time of capture as calls need it: single packets with a wrong time are told from pauses.
//
//   in step with the packet before --------------------------------> as it is
//   more than kLeap off: held --- those behind are back in step ---> outlier: time of the one behind it
//                             \-- kProof of them are off ----------> a pause, or the clock was set: as it is
//
// Whether the clock was set or a talk paused cannot be told from the packets: phones may stop RTP time too.
#pragma once

#include "core/capture/packet_flow.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace sr::capture {

/// Capture thread only. Memory: kProof datagrams.
class CaptureClock {
public:
    static constexpr seconds kLeap{60};
    static constexpr std::size_t kProof = 4; ///< chosen: 40 ms of a talk

    using Pass = std::function<void(const Datagram&)>;

    explicit CaptureClock(Pass pass)
        : m_pass(std::move(pass))
    {}

    /// True: all of them are in step and can be used as they are. Else give each to take().
    bool inStep(std::span<const Datagram> datagrams)
    {
        if (!m_running || !m_held.empty())
            return false;
        UtcTime now = m_now;
        for (const Datagram& one : datagrams) {
            if (one.time - now > kLeap || now - one.time > kLeap)
                return false;
            now = one.time;
        }
        m_now = now;
        return true;
    }
    /// Passes it on, now or later, with the time it should have.
    void take(const Datagram& datagram);
    /// Live: what is held and not far from now is in step; so is what comes next.
    void advance(UtcTime now);
    /// Nothing comes behind what is held, or another file does, which may begin at any time.
    void endFile();
    /// Of what is held; UtcTime::max() if nothing is.
    UtcTime oldestHeld() const
    {
        UtcTime oldest = UtcTime::max();
        for (const HeldDatagram& one : m_held)
            oldest = std::min(oldest, one.datagram().time);
        return oldest;
    }
    /// Packets whose time was wrong.
    std::uint64_t corrected() const { return m_corrected; }

private:
    void start(const Datagram& datagram);
    void pass(const Datagram& datagram);
    void correct(HeldDatagram& held, UtcTime time);
    void passHeld();
    static bool near(UtcTime time, UtcTime other) { return time - other <= kLeap && other - time <= kLeap; }

    Pass m_pass;
    std::vector<HeldDatagram> m_held;
    UtcTime m_now{};
    bool m_running = false; ///< m_now is of this file
    std::uint64_t m_corrected = 0;
};

} // namespace sr::capture
