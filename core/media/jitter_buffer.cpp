// SPDX-License-Identifier: GPL-3.0-or-later
// A ring by sequence number. What comes behind its turn is too late, what is far ahead begins anew.
#include "core/media/jitter_buffer.h"

#include <utility>

namespace sr::media {

void JitterBuffer::clear()
{
    for (Slot& one : m_slots)
        one.full = false;
    m_count = 0;
    m_waited = 0;
    m_known = false;
    m_runs = false;
}

void JitterBuffer::drop(std::uint16_t sequence)
{
    if (Slot& one = slot(sequence); one.full && one.sequence == sequence) {
        one.full = false;
        --m_count;
    }
}

void JitterBuffer::put(std::uint16_t sequence, ByteView payload)
{
    auto ahead = static_cast<std::int16_t>(sequence - m_next);
    if (m_known && (ahead >= static_cast<int>(kSlots) || ahead < -static_cast<int>(4 * kSlots)))
        clear(); // another stream, or a long gap
    if (!m_known) {
        m_next = sequence;
        m_known = true;
        ahead = 0;
    }
    if (ahead < 0) {
        if (m_runs || ahead <= -static_cast<int>(kSlots - kMost))
            return;
        m_next = sequence; // came behind its successor before the first was taken
    }
    Slot& one = slot(sequence);
    if (one.full)
        return; // a copy
    one.full = true;
    one.sequence = sequence;
    one.payload.assign(payload.begin(), payload.end());
    ++m_count;
    if (m_count > kMost)
        shorten();
}

/// The oldest go until kDepth are left.
void JitterBuffer::shorten()
{
    while (m_count > kDepth)
        drop(m_next++);
}

JitterBuffer::Taken JitterBuffer::take(Bytes& payload)
{
    if (!m_runs && m_count < kDepth && m_waited < kDepth)
        return Taken::Nothing;
    m_waited = 0;
    m_runs = m_count > 0;
    if (!m_runs)
        return Taken::Nothing;
    Slot& one = slot(m_next++);
    if (!one.full)
        return Taken::Lost;
    one.full = false;
    --m_count;
    std::swap(payload, one.payload);
    return Taken::Packet;
}

} // namespace sr::media
