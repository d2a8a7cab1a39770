// SPDX-License-Identifier: GPL-3.0-or-later
// Holds what is out of step until the packets behind it tell.
#include "core/capture/capture_clock.h"

#include "core/capture/rtp_probe.h"

#include <algorithm>
#include <utility>

namespace sr::capture {
namespace {

bool isRtp(const Datagram& datagram)
{
    return !datagram.stream && looksOf(datagram.payload) == Looks::Rtp;
}

} // namespace

void CaptureClock::take(const Datagram& datagram)
{
    if (!m_running) {
        start(datagram);
        return;
    }
    if (near(datagram.time, m_now)) {
        for (HeldDatagram& one : m_held)
            correct(one, datagram.time); // answers and requests stand close before what they lead to
        passHeld();
        pass(datagram);
        return;
    }
    m_held.emplace_back(datagram);
    if (m_held.size() >= kProof)
        passHeld();
}

/// Of the first packets of a file the one that two others do not agree with is wrong.
void CaptureClock::start(const Datagram& datagram)
{
    constexpr std::chrono::minutes kLonely{
        10}; // chosen: nothing of a call waits so long behind its first packet
    const UtcTime time = datagram.time;
    if (m_held.empty() && m_now != UtcTime{} && near(time, m_now)) {
        m_running = true; // goes on where the file before ended
        pass(datagram);
        return;
    }
    m_held.emplace_back(datagram);
    if (m_held.size() == 1)
        return;
    const UtcTime first = m_held[0].datagram().time;
    const UtcTime second = m_held[1].datagram().time;
    if (m_held.size() == 2 && !near(first, second))
        return;
    if (m_held.size() > 2 && near(time, first))
        correct(m_held[1], first);
    else if (m_held.size() > 2 && near(time, second) && (first > second || second - first > kLonely))
        correct(m_held[0], second);
    m_running = true;
    passHeld();
}

void CaptureClock::pass(const Datagram& datagram)
{
    m_now = datagram.time;
    m_pass(datagram);
}

void CaptureClock::correct(HeldDatagram& held, UtcTime time)
{
    held.setTime(time);
    ++m_corrected;
}

void CaptureClock::passHeld()
{
    for (const HeldDatagram& one : std::exchange(m_held, {}))
        pass(one.datagram());
}

void CaptureClock::advance(UtcTime now)
{
    if (m_held.empty()) {
        m_running = true;
        m_now = std::max(m_now, now);
    } else if (near(m_held.back().datagram().time, now)) {
        m_running = true;
        passHeld();
    }
}

void CaptureClock::endFile()
{
    if (m_running && m_held.size() == 1 && isRtp(m_held.front().datagram()))
        correct(m_held.front(), m_now); // the last of its file
    passHeld();
    m_running = false;
}

} // namespace sr::capture
