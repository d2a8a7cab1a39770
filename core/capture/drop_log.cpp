// SPDX-License-Identifier: GPL-3.0-or-later
// Losses as intervals.
#include "core/capture/drop_log.h"

#include <algorithm>

namespace sr::capture {

void DropLog::add(UtcTime since, UtcTime until, std::uint64_t packets)
{
    if (packets == 0)
        return;
    m_total += packets;
    m_losses.push_back({since, until, packets});
    if (m_losses.size() <= kMost)
        return;
    const Loss oldest = m_losses.front();
    m_losses.pop_front();
    Loss& next = m_losses.front();
    next.since = std::min(next.since, oldest.since);
    next.packets += oldest.packets;
}

std::uint64_t DropLog::between(UtcTime from, UtcTime until) const
{
    std::uint64_t packets = 0;
    for (const Loss& loss : m_losses)
        if (loss.until >= from && loss.since <= until)
            packets += loss.packets;
    return packets;
}

} // namespace sr::capture
