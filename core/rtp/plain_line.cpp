// SPDX-License-Identifier: GPL-3.0-or-later
// The short way of nearly every call: each party is one source that speaks without a break, so that its first
// packet finds the place and all others stand one behind the other. It takes only what the three steps would
// place just so; a test compares them.
#include "core/rtp/timeline_item.h"

#include <algorithm>

namespace sr::rtp {
namespace {

constexpr std::int64_t kLate = 4000; // [us] chosen: jitter that stays within the tolerance after rounding

/// All packets of one party.
class PlainSource {
public:
    PlainSource(const TimelineInput& input, const TimelineStream& stream)
        : m_packets(input.packets.subspan(stream.first, stream.count))
        , m_rate(input.frameRate)
        , m_period(1000000 / input.frameRate)
        , m_limit(input.maxFrames)
    {}

    /// Whether the three steps would place them one behind the other.
    bool isPlain(std::span<const TimelineFormat> formats)
    {
        return isCounted(formats) && isUnbroken() && isCalm() && findPlace();
    }
    std::int64_t begin() const { return m_begin; } ///< [frames] of the first packet after the start
    std::int64_t end() const { return m_end; }
    void place() const
    {
        auto at = static_cast<std::uint32_t>(m_begin);
        for (TimedPacket& packet : m_packets.subspan(m_first)) {
            packet.position = at;
            at += packet.samples;
        }
    }

private:
    /// One tick of RTP time is one frame and whole microseconds.
    bool isCounted(std::span<const TimelineFormat> formats) const
    {
        if (m_packets.empty() || m_period * m_rate != 1000000)
            return false;
        const TimelineFormat& format = formats[m_packets[0].format];
        return format.clockRate == m_rate && format.sampleRate == m_rate;
    }

    /// Audio without loss, disorder or pause, and no step of the delay. Notes the range of the delays and
    /// the first packet after the start.
    bool isUnbroken()
    {
        std::uint16_t sequence = m_packets[0].sequence;
        std::uint32_t timestamp = m_packets[0].timestamp;
        std::int64_t ticks = 0;
        m_first = m_packets.size();
        for (std::size_t i = 0; i < m_packets.size(); ++i) {
            const TimedPacket& packet = m_packets[i];
            if (packet.sequence != sequence || packet.timestamp != timestamp ||
                packet.kind != PacketKind::Audio || packet.format != m_packets[0].format)
                return false;
            if (packet.captured >= 0 && m_first == m_packets.size()) {
                m_first = i;
                m_firstTicks = ticks;
            } else if (packet.captured < 0 && i > m_first) {
                return false;
            }
            const std::int64_t delay = packet.captured - ticks * m_period;
            m_least = std::min(m_least, delay);
            m_most = std::max(m_most, delay);
            ++sequence;
            timestamp += packet.samples;
            ticks += packet.samples;
        }
        m_ticks = ticks;
        return m_first < m_packets.size() && m_most - m_least <= kBreak / 2;
    }

    /// Never are so many packets late in a row that their floor would rise. Then m_most bounds the floors.
    bool isCalm()
    {
        if (m_most - m_least <= kLate)
            return true;
        std::size_t late = 0;
        std::int64_t ticks = 0;
        for (const TimedPacket& packet : m_packets) {
            late = packet.captured - ticks * m_period > m_least + kLate ? late + 1 : 0;
            if (late == kEnough)
                return false;
            ticks += packet.samples;
        }
        m_most = m_least + kLate;
        return true;
    }

    /// Where the first packet goes, if no floor moves one of the others by more than the tolerance.
    bool findPlace()
    {
        const std::int64_t tolerance = kToleranceMs * m_rate / 1000;
        const std::int64_t wanted = m_firstTicks + framesIn(floorOfFirst(), m_rate);
        m_begin = wanted <= tolerance ? 0 : wanted;
        m_end = m_begin + m_ticks - m_firstTicks;
        const std::int64_t ahead = m_begin - m_firstTicks - framesIn(m_least, m_rate);
        const std::int64_t behind = m_firstTicks + framesIn(m_most, m_rate) - m_begin;
        return wanted >= -tolerance && ahead <= tolerance && behind <= tolerance &&
               m_end + tolerance <= m_limit;
    }

    std::int64_t floorOfFirst() const
    {
        const std::size_t from = m_first + 1 - std::min(m_first + 1, kFloorWindow);
        const std::size_t to = std::min(m_first + kFloorWindow, m_packets.size());
        std::int64_t before = std::numeric_limits<std::int64_t>::max();
        std::int64_t after = before;
        std::int64_t ticks = m_firstTicks;
        for (std::size_t i = m_first; i < to; ticks += m_packets[i++].samples)
            after = std::min(after, m_packets[i].captured - ticks * m_period);
        ticks = m_firstTicks + m_packets[m_first].samples;
        for (std::size_t i = m_first + 1; i-- > from;) {
            ticks -= m_packets[i].samples;
            before = std::min(before, m_packets[i].captured - ticks * m_period);
        }
        return floorOf(m_first + 1, before, m_packets.size() - m_first, after);
    }

    std::span<TimedPacket> m_packets;
    std::int64_t m_rate;                                             // [Hz] of RTP time, samples and frames
    std::int64_t m_period;                                           // [us] of one tick
    std::int64_t m_limit;                                            // [frames]
    std::int64_t m_ticks = 0;                                        // of all packets
    std::size_t m_first = 0;                                         // that was captured after the start
    std::int64_t m_firstTicks = 0;                                   // before it
    std::int64_t m_least = std::numeric_limits<std::int64_t>::max(); // [us] delay
    std::int64_t m_most = std::numeric_limits<std::int64_t>::min();
    std::int64_t m_begin = 0; // [frames]
    std::int64_t m_end = 0;
};

} // namespace

bool planPlainly(const TimelineInput& input, TimelinePlan& plan)
{
    if (input.streams.size() > 2 ||
        (input.streams.size() == 2 && input.streams[0].party == input.streams[1].party))
        return false;
    std::vector<PlainSource> sources;
    for (const TimelineStream& stream : input.streams) {
        if (!sources.emplace_back(input, stream).isPlain(input.formats))
            return false;
    }
    std::array<std::int64_t, 2> ends{};
    const auto silence = [&plan](std::size_t party, std::int64_t from, std::int64_t to) {
        if (from < to)
            plan.gaps.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from),
                                 TimedPacket::kNowhere, static_cast<std::uint8_t>(party), GapKind::Silence});
    };
    for (std::size_t i = 0; i < sources.size(); ++i) {
        sources[i].place();
        silence(input.streams[i].party, 0, sources[i].begin());
        ends[input.streams[i].party] = sources[i].end();
    }
    const std::int64_t least =
        std::min<std::int64_t>(framesIn(input.duration, input.frameRate), input.maxFrames);
    const std::int64_t frames = std::max({least, ends[0], ends[1]});
    plan.frames = static_cast<std::uint32_t>(frames);
    for (std::size_t party = 0; party < ends.size(); ++party)
        silence(party, ends[party], frames);
    return true;
}

} // namespace sr::rtp
