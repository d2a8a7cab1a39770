// SPDX-License-Identifier: GPL-3.0-or-later
// Holds what is out of step until the packets behind it tell.
#include "core/capture/capture_clock.h"

#include "core/capture/rtp_probe.h"

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
    const UtcTime time = datagram.time + m_shift;
    if (near(time, m_now)) {
        for (HeldDatagram& one : m_held)
            correct(one, time); // answers and requests stand close before what they lead to
        passHeld();
        pass(datagram, time);
        return;
    }
    m_held.emplace_back(datagram);
    if (m_held.size() >= kProof)
        settle();
}

/// Of the first packets of a file the one that two others do not agree with is wrong.
void CaptureClock::start(const Datagram& datagram)
{
    constexpr std::chrono::minutes kLonely{
        10}; // chosen: nothing of a call waits so long behind its first packet
    const UtcTime time = datagram.time;
    if (m_held.empty() && m_now != UtcTime{} && near(time, m_now))
        m_shift = microseconds(0);
    if (m_held.empty() && m_now != UtcTime{} && near(time + m_shift, m_now)) {
        m_running = true; // goes on where the file before ended
        pass(datagram, time + m_shift);
        return;
    }
    m_shift = microseconds(0);
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

void CaptureClock::pass(const Datagram& datagram, UtcTime time)
{
    m_now = time;
    if (time == datagram.time) {
        m_pass(datagram);
        return;
    }
    Datagram moved = datagram;
    moved.time = time;
    m_pass(moved);
}

void CaptureClock::correct(HeldDatagram& held, UtcTime time)
{
    held.setTime(time - m_shift);
    ++m_corrected;
}

void CaptureClock::passHeld()
{
    for (const HeldDatagram& one : std::exchange(m_held, {}))
        pass(one.datagram(), one.datagram().time + m_shift);
}

/// Media that goes on without a gap of its own, and no signalling before it that would explain a pause.
bool CaptureClock::clockWasSet() const
{
    std::size_t running = 0;
    if (!m_running)
        return false;
    for (const HeldDatagram& one : m_held) {
        if (isRtp(one.datagram())) {
            if (!m_continues(one.datagram()))
                return false;
            ++running;
        } else if (running == 0 && looksOf(one.datagram().payload) == Looks::Other) {
            return false;
        }
    }
    return running >= 2;
}

void CaptureClock::settle()
{
    if (!m_held.empty() && clockWasSet()) {
        m_shift = m_now - m_held.front().datagram().time;
        ++m_corrected;
    } else if (m_running && m_held.size() == 1 && isRtp(m_held.front().datagram())) {
        correct(m_held.front(), m_now); // the last of its file
    }
    passHeld();
}

void CaptureClock::endFile()
{
    settle();
    m_running = false;
}

} // namespace sr::capture
