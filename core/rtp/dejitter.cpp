// SPDX-License-Identifier: GPL-3.0-or-later
// When each packet would have arrived without jitter. The delay d = capture time - RTP time is floored from
// both sides in time: max(least d of the packets before, least d of the packets after). Jitter only ever adds
// to d, so the floors ignore it; a steady skew and a step in either direction pass exactly.
#include "core/rtp/timeline_item.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace sr::rtp {
namespace {

constexpr std::int64_t kSureBreak = 1000000; // [us]
constexpr std::size_t kLookAhead = 128;      // packets, chosen: outlives a stall of 2 s and its burst
constexpr std::size_t kLookBack = 8;         // packets
constexpr std::size_t kMaxHealed = 16;       // steps of the capture's clock that are undone
constexpr std::size_t kFewAtEnd = 3;         // packets that prove a step where the stream ends

/// Least value of a sliding window, each value entered and left once.
class SlidingMinimum {
public:
    void clear() { m_head = m_tail = 0; }
    void push(std::size_t ordinal, std::int64_t value)
    {
        while (m_tail != m_head && m_ring[(m_tail - 1) % m_ring.size()].value >= value)
            --m_tail;
        m_ring[m_tail++ % m_ring.size()] = {ordinal, value};
    }
    void dropBefore(std::size_t ordinal)
    {
        while (m_head != m_tail && m_ring[m_head % m_ring.size()].ordinal < ordinal)
            ++m_head;
    }
    std::int64_t least() const { return m_ring[m_head % m_ring.size()].value; }

private:
    struct Entry {
        std::size_t ordinal;
        std::int64_t value;
    };
    std::array<Entry, 2 * kFloorWindow> m_ring;
    std::size_t m_head = 0;
    std::size_t m_tail = 0;
};

class Dejitter {
public:
    Dejitter(std::span<TimedPacket> packets, std::span<const TimelineFormat> formats, std::uint32_t frameRate,
             std::span<TimelineItem> items)
        : m_packets(packets)
        , m_formats(formats)
        , m_frameRate(frameRate)
        , m_items(items)
    {}

    void run()
    {
        for (std::size_t begin = 0; begin < m_items.size();) {
            const std::size_t end = segmentEnd(begin);
            smooth(begin, end);
            begin = end;
        }
    }

private:
    const TimedPacket& packetOf(const TimelineItem& item) const { return m_packets[item.packet]; }
    bool timed(std::size_t i) const { return isTimed(packetOf(m_items[i])); }
    std::uint32_t clockRate(std::size_t i) const { return m_formats[packetOf(m_items[i]).format].clockRate; }
    static std::int64_t toMicroseconds(std::int64_t ticks, double period)
    {
        return static_cast<std::int64_t>(static_cast<double>(ticks) * period + 0.5);
    }
    /// Delay of item `i` whose time still counts ticks.
    std::int64_t rawDelay(std::size_t i) const
    {
        return packetOf(m_items[i]).captured - toMicroseconds(m_items[i].time, m_period);
    }

    /// Where RTP time stops being one clock: restart, other clock rate, or a step of the delay that stays.
    std::size_t segmentEnd(std::size_t begin)
    {
        m_rate = clockRate(begin);
        m_timed = 0;
        std::size_t i = begin;
        for (; i < m_items.size(); ++i) {
            if (i > begin && m_items[i].number - m_items[i - 1].number >= kRunDistance)
                break;
            if (!timed(i))
                continue;
            if (m_timed == 0)
                m_rate = clockRate(i);
            else if (clockRate(i) != m_rate)
                break;
            m_period = 1e6 / m_rate;
            std::int64_t delay = rawDelay(i);
            if (m_timed > 0 && isStep(i, delay)) {
                if (!healClock(i))
                    break;
                delay = rawDelay(i);
            }
            m_recent[m_timed++ % kLookBack] = delay;
            m_lastCaptured = packetOf(m_items[i]).captured;
        }
        m_period = 1e6 / m_rate;
        return i;
    }

    bool isStep(std::size_t i, std::int64_t delay) const
    {
        const std::int64_t before = m_recent[(m_timed - 1) % kLookBack];
        const std::int64_t change = delay - before;
        if (change <= kBreak / 2 && change >= -kBreak)
            return false;
        const std::int64_t floor = recentFloor();
        if (delay < floor - kBreak)
            return true; // nothing arrives early: RTP time jumped ahead, or the capture's clock back
        // Late: a step only if all that follow are late as well.
        const auto [least, seen] = floorAhead(i, floor + kBreak);
        return least > floor + kBreak && (seen >= kFewAtEnd || least > floor + kSureBreak);
    }

    std::int64_t recentFloor() const
    {
        const std::size_t known = std::min(m_timed, kLookBack);
        return *std::min_element(m_recent.begin(), m_recent.begin() + static_cast<std::ptrdiff_t>(known));
    }

    /// Least delay of the packets from `i` on and how many were looked at; stops early at `enough`.
    std::pair<std::int64_t, std::size_t> floorAhead(std::size_t i, std::int64_t enough) const
    {
        std::size_t seen = 0;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (std::size_t k = i; k < m_items.size() && seen < kLookAhead && least > enough; ++k) {
            if (k > i && m_items[k].number - m_items[k - 1].number >= kRunDistance)
                break;
            if (!timed(k))
                continue;
            if (clockRate(k) != m_rate)
                break;
            least = std::min(least, rawDelay(k));
            ++seen;
        }
        return {least, seen};
    }

    /// The capture's own clock was set back while RTP time went on: undone from here to the end of the
    /// source.
    bool healClock(std::size_t i)
    {
        const std::int64_t back = m_lastCaptured - packetOf(m_items[i]).captured;
        if (back < kSureBreak || m_healed == kMaxHealed)
            return false;
        const auto [least, seen] = floorAhead(i, std::numeric_limits<std::int64_t>::min());
        const std::int64_t shift = recentFloor() - least;
        if (seen < kFewAtEnd || std::abs(shift - back) > kSureBreak / 2)
            return false;
        // One odd time is no clock: the next packet must have gone back as well.
        for (std::size_t k = i + 1; k < m_items.size(); ++k) {
            if (timed(k)) {
                if (packetOf(m_items[k]).captured > m_lastCaptured - kSureBreak / 2)
                    return false;
                break;
            }
        }
        for (std::size_t k = i; k < m_items.size(); ++k)
            m_packets[m_items[k].packet].captured += shift;
        ++m_healed;
        return true;
    }

    void smooth(std::size_t begin, std::size_t end)
    {
        m_before.clear();
        m_after.clear();
        std::size_t ordinal = 0;    // of timed items, this one included once it was seen
        std::size_t ahead = begin;  // next item for m_after
        std::size_t aheadCount = 0; // timed items in m_after or gone through it
        bool loss = false;
        std::int64_t floor = 0;
        for (std::size_t i = begin; i < end; ++i) {
            TimelineItem& item = m_items[i];
            const TimedPacket& packet = packetOf(item);
            if (i > 0) {
                const std::uint32_t step = item.number - m_lastNumber;
                loss = loss || (step > 1 && step < kRunDistance);
            }
            m_lastNumber = item.number;
            const std::int64_t rtp = toMicroseconds(item.time, m_period);
            if (!isTimed(packet)) {
                const bool known = ordinal > 0 && m_formats[packet.format].clockRate == m_rate;
                item.time = untimed(packet, rtp, known, floor);
                item.setGap(false, 0, false);
                continue;
            }
            for (; ahead < end && aheadCount < ordinal + kFloorWindow; ++ahead) {
                if (timed(ahead)) // not before `i`, so its time still counts ticks
                    m_after.push(aheadCount++, rawDelay(ahead));
            }
            m_after.dropBefore(ordinal);
            m_before.push(ordinal, packet.captured - rtp);
            m_before.dropBefore(ordinal + 1 > kFloorWindow ? ordinal + 1 - kFloorWindow : 0);
            floor = floorOf(ordinal + 1, m_before.least(), m_timed - ordinal, m_after.least());
            const std::int64_t gap = ordinal > 0 ? framesIn(rtp - m_lastRtp, m_frameRate) - m_lastFrames : 0;
            item.setGap(ordinal > 0, gap, loss);
            item.time = rtp + floor;
            m_lastRtp = rtp;
            m_lastFrames = framesOf(packet, m_formats, m_frameRate);
            loss = false;
            ++ordinal;
        }
    }

    /// An event stands at the RTP time of its beginning, if there is audio to compare with; everything else
    /// where it was captured.
    std::int64_t untimed(const TimedPacket& packet, std::int64_t rtp, bool known, std::int64_t floor)
    {
        if (packet.kind != PacketKind::Event)
            return packet.captured;
        if (!m_eventSeen || packet.timestamp != m_eventTimestamp) {
            m_eventSeen = true;
            m_eventTimestamp = packet.timestamp;
            m_eventTime = known ? rtp + floor : packet.captured;
        }
        return m_eventTime;
    }

    std::span<TimedPacket> m_packets;
    std::span<const TimelineFormat> m_formats;
    std::uint32_t m_frameRate;
    std::span<TimelineItem> m_items;

    std::uint32_t m_rate = 8000;                    // of the segment [Hz]
    double m_period = 125.0;                        // of one tick [us]
    std::size_t m_timed = 0;                        // timed items of the segment
    std::array<std::int64_t, kLookBack> m_recent{}; // their delays
    std::int64_t m_lastCaptured = 0;
    std::size_t m_healed = 0;
    SlidingMinimum m_before;
    SlidingMinimum m_after;

    std::uint32_t m_lastNumber = 0;
    std::int64_t m_lastRtp = 0;
    std::int64_t m_lastFrames = 0;
    bool m_eventSeen = false;
    std::uint32_t m_eventTimestamp = 0;
    std::int64_t m_eventTime = 0;
};

} // namespace

void dejitter(std::span<TimedPacket> packets, std::span<const TimelineFormat> formats,
              std::uint32_t frameRate, std::span<TimelineItem> items)
{
    Dejitter(packets, formats, frameRate, items).run();
}

} // namespace sr::rtp
