// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 3550 §A.1 with a window of numbers seen, so that copies from mirror ports and late packets differ.
#include "core/rtp/sequence_tracker.h"

namespace sr::rtp {

using Kind = SequencePlace::Kind;

void SequenceTracker::begin(std::uint64_t extended)
{
    m_seen.reset();
    m_seen.set(extended % kWindow);
    m_first = extended;
    m_highest = extended;
    m_awaited = kNone;
    m_started = true;
    ++m_received;
}

void SequenceTracker::climbTo(std::uint64_t extended)
{
    for (std::uint64_t n = m_highest + 1; n < extended; ++n)
        m_seen.reset(n % kWindow);
    m_seen.set(extended % kWindow);
    m_highest = extended;
    m_awaited = kNone;
    ++m_received;
}

SequencePlace SequenceTracker::add(std::uint16_t number)
{
    if (!m_started) {
        // One cycle up, so that a packet before the first does not go below zero.
        begin(0x10000U + std::uint64_t{number});
        return {Kind::First, m_highest};
    }
    const auto step = static_cast<std::uint16_t>(number - static_cast<std::uint16_t>(m_highest));
    if (step != 0 && step < kMaxDropout) {
        const std::uint64_t extended = m_highest + step;
        climbTo(extended);
        return {step == 1 ? Kind::Next : Kind::Gap, extended};
    }
    const auto back = static_cast<std::uint16_t>(-step);
    if (back <= kMaxLate) {
        const std::uint64_t extended = m_highest - back;
        if (m_seen.test(extended % kWindow)) {
            ++m_duplicates;
            return {Kind::Duplicate, extended};
        }
        m_seen.set(extended % kWindow);
        ++m_received;
        if (extended < m_first)
            m_first = extended; // overtaken by what we took for the first
        ++m_late;
        return {Kind::Late, extended};
    }
    // A whole cycle up keeps extended numbers rising and apart from all before.
    const std::uint64_t fresh = (m_highest / 0x10000U + 2) * 0x10000U + number;
    if (m_awaited != number) {
        m_awaited = static_cast<std::uint16_t>(number + 1);
        return {Kind::Probation, fresh};
    }
    m_expectedBefore += m_highest - m_first + 1;
    begin(fresh);
    --m_first; // the stray was the first of the new run
    m_seen.set(m_first % kWindow);
    ++m_received;
    ++m_restarts;
    return {Kind::Restart, fresh};
}

std::uint64_t SequenceTracker::lost() const
{
    if (!m_started)
        return 0;
    return m_expectedBefore + (m_highest - m_first + 1) - m_received;
}

} // namespace sr::rtp
