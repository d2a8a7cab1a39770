// SPDX-License-Identifier: GPL-3.0-or-later
// Sequence numbers without end: wrap, restart, duplicates, and the order of sending (RFC 3550 §A.1, but with
// the whole capture at hand nothing needs probation).
#include "core/rtp/timeline_item.h"

#include <algorithm>
#include <array>

namespace sr::rtp {
namespace {

constexpr std::int32_t kReorderWindow = 1024;  // chosen: 20 s of 20 ms packets
constexpr std::int32_t kPlainLoss = 64;        // a gap this small needs no second thought
constexpr std::int64_t kShortestPacket = 5000; // [us] no sender counts faster, so a longer gap is a restart
constexpr std::int64_t kSlack = 500000;        // [us] jitter allowed in that judgement
constexpr std::int64_t kLatest = 30;           // [s] an old packet's time stamp may lie this far back

class Numbering {
public:
    explicit Numbering(std::span<const TimelineFormat> formats)
        : m_formats(formats)
    {}

    /// False for a duplicate.
    bool take(const TimedPacket& packet, TimelineItem& item)
    {
        const auto step = static_cast<std::int16_t>(packet.sequence - m_sequence);
        const auto ticks = static_cast<std::int32_t>(packet.timestamp - m_timestamp);
        item.time = m_ticks + ticks;
        if (!m_started) {
            m_started = true;
            item.time = packet.timestamp;
            advance(packet, item.time, 2 * kRunDistance);
        } else if (step > 0 && isLoss(step, packet.captured)) {
            advance(packet, item.time, static_cast<std::uint32_t>(step));
        } else if (step == 0 || isLate(step, ticks, packet.format)) {
            item.number = m_number + static_cast<std::uint32_t>(std::int32_t{step});
            return remember(item.number, packet.timestamp);
        } else {
            const bool room = m_number < std::numeric_limits<std::uint32_t>::max() - 4 * kRunDistance;
            advance(packet, item.time, room ? 2 * kRunDistance : 0);
        }
        item.number = m_number;
        m_seen[m_number % m_seen.size()] = {m_number, packet.timestamp};
        return true;
    }

private:
    struct Seen {
        std::uint32_t number = 0; // 0 is never given
        std::uint32_t timestamp = 0;
    };

    bool isLoss(std::int32_t step, std::int64_t captured) const
    {
        return step <= kPlainLoss || step * kShortestPacket <= captured - m_captured + kSlack;
    }
    bool isLate(std::int32_t step, std::int32_t ticks, std::uint8_t format) const
    {
        return step < 0 && step > -kReorderWindow && ticks <= 0 &&
               -std::int64_t{ticks} <= kLatest * m_formats[format].clockRate;
    }
    bool remember(std::uint32_t number, std::uint32_t timestamp)
    {
        Seen& slot = m_seen[number % m_seen.size()];
        if (slot.number == number && slot.timestamp == timestamp)
            return false;
        slot = {number, timestamp};
        return true;
    }
    void advance(const TimedPacket& packet, std::int64_t ticks, std::uint32_t by)
    {
        m_number += by;
        m_sequence = packet.sequence;
        m_timestamp = packet.timestamp;
        m_captured = packet.captured;
        m_ticks = ticks;
    }

    std::span<const TimelineFormat> m_formats;
    std::array<Seen, kReorderWindow> m_seen{}; // a power of two, so that places are masked, not divided
    bool m_started = false;
    std::uint16_t m_sequence = 0;
    std::uint32_t m_timestamp = 0;
    std::uint32_t m_number = 0;
    std::int64_t m_ticks = 0;
    std::int64_t m_captured = 0;
};

/// Indices of several streams of one source in order of capture.
std::vector<std::uint32_t> captureOrder(std::span<const TimedPacket> packets,
                                        std::span<const TimelineStream> streams)
{
    std::vector<std::uint32_t> order;
    for (const TimelineStream& stream : streams) {
        for (std::size_t i = 0; i < stream.count; ++i)
            order.push_back(static_cast<std::uint32_t>(stream.first + i));
    }
    std::ranges::stable_sort(order, {}, [packets](std::uint32_t i) { return packets[i].captured; });
    return order;
}

} // namespace

NumberingCounts numberPackets(std::span<const TimedPacket> packets, std::span<const TimelineStream> streams,
                              std::span<const TimelineFormat> formats, std::vector<TimelineItem>& items)
{
    NumberingCounts counts;
    Numbering numbering(formats);
    const std::size_t begin = items.size();
    const auto take = [&](std::uint32_t index) {
        const TimedPacket& packet = packets[index];
        if (packet.kind == PacketKind::Invalid)
            return;
        TimelineItem item;
        item.packet = index;
        if (!numbering.take(packet, item)) {
            counts.duplicates += packet.captured >= 0 ? 1 : 0;
            return;
        }
        items.push_back(item);
        // Late by a few places only: kReorderWindow bounds the walk.
        for (std::size_t i = items.size() - 1; i > begin && items[i].number < items[i - 1].number; --i)
            std::swap(items[i], items[i - 1]);
    };
    if (streams.size() == 1) {
        for (std::size_t i = 0; i < streams[0].count; ++i)
            take(static_cast<std::uint32_t>(streams[0].first + i));
    } else {
        for (const std::uint32_t index : captureOrder(packets, streams))
            take(index);
    }
    for (std::size_t i = begin + 1; i < items.size(); ++i) {
        const std::uint32_t step = items[i].number - items[i - 1].number;
        if (step != 1 && step != 0 && step < kRunDistance && packets[items[i].packet].captured >= 0)
            counts.lost += step - 1;
    }
    return counts;
}

} // namespace sr::rtp
