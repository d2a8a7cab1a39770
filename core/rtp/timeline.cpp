// SPDX-License-Identifier: GPL-3.0-or-later
// Merges the sources of both parties by time. Each source writes at its own cursor. Behind by more than a
// tolerance: something is inserted. Ahead: the whole time line is stretched, and the others insert.
#include "core/rtp/timeline.h"

#include "core/rtp/timeline_item.h"

#include <algorithm>

namespace sr::rtp {
namespace {

constexpr std::int64_t kSkewAtOnce = 60; // [ms] more than this in unbroken RTP time is a pause, no skew
constexpr std::int64_t kHandOver = 40; // [ms] overlap of a source that ends and the next: one after the other
constexpr std::int64_t kGlitch = 200;  // [ms] ahead by this: believed if the next packet agrees
constexpr std::int64_t kActive = 1000; // [ms] a party that sounded this lately has a say in the skew

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

/// One source of one party on its way through the merge.
struct Lane {
    std::size_t next = 0; // index into items
    std::size_t end = 0;
    std::size_t party = 0;
    std::int64_t cursor = 0; // frame after its last
    bool started = false;
    bool pausing = false;                        // noise was announced
    std::uint32_t noise = TimedPacket::kNowhere; // by this packet
};

struct Party {
    std::int64_t cursor = 0; // frame after the last that any lane wrote
    std::int64_t lag = 0;    // [frames] of the last packet behind its true place
    std::int64_t heard = std::numeric_limits<std::int64_t>::min(); // [us] the last packet's time
    std::size_t owner = kNobody;                                   // lane that wrote up to the cursor
};

class Merge {
public:
    Merge(const TimelineInput& input, std::vector<TimelineItem> items, std::vector<Lane> lanes)
        : m_input(input)
        , m_items(std::move(items))
        , m_lanes(std::move(lanes))
        , m_tolerance(milliseconds(kToleranceMs))
        , m_skewAtOnce(milliseconds(kSkewAtOnce))
        , m_handOver(milliseconds(kHandOver))
        , m_glitch(milliseconds(kGlitch))
    {}

    void run(TimelinePlan& plan)
    {
        m_plan = &plan;
        for (std::size_t lane = 0; lane < m_lanes.size(); ++lane) {
            if (m_lanes[lane].next < m_lanes[lane].end)
                m_heap.push_back(lane);
        }
        for (std::size_t i = m_heap.size() / 2; i-- > 0;)
            sink(i);
        while (!m_heap.empty()) {
            Lane& lane = m_lanes[m_heap.front()];
            place(lane, m_heap.front(), m_items[lane.next]);
            if (++lane.next == lane.end) {
                m_heap.front() = m_heap.back();
                m_heap.pop_back();
            }
            sink(0);
        }
        finish();
    }

private:
    std::int64_t milliseconds(std::int64_t ms) const { return ms * m_input.frameRate / 1000; }
    std::int64_t toFrames(std::int64_t us) const { return framesIn(us, m_input.frameRate); }

    // Binary heap of lanes by the time of their next item; equal times (coarse clocks): the one behind first.
    bool earlier(std::size_t a, std::size_t b) const
    {
        const Lane& x = m_lanes[a];
        const Lane& y = m_lanes[b];
        const std::int64_t tx = m_items[x.next].time;
        const std::int64_t ty = m_items[y.next].time;
        return tx != ty ? tx < ty : x.cursor < y.cursor;
    }
    void sink(std::size_t i)
    {
        for (;;) {
            std::size_t least = i;
            for (const std::size_t child : {2 * i + 1, 2 * i + 2}) {
                if (child < m_heap.size() && earlier(m_heap[child], m_heap[least]))
                    least = child;
            }
            if (least == i)
                return;
            std::swap(m_heap[i], m_heap[least]);
            i = least;
        }
    }

    void place(Lane& lane, std::size_t laneIndex, const TimelineItem& item)
    {
        TimedPacket& packet = m_input.packets[item.packet];
        if (packet.captured < 0 || packet.kind == PacketKind::Other)
            return;
        const std::int64_t wanted = toFrames(item.time) + m_stretch;
        if (wanted > m_input.maxFrames) {
            ++m_plan->tooLate[lane.party];
            return;
        }
        if (packet.kind == PacketKind::Event) {
            packet.position = static_cast<std::uint32_t>(std::max<std::int64_t>(wanted, 0));
            return;
        }
        const std::int64_t frames = framesOf(packet, m_input.formats, m_input.frameRate);
        if (follows(lane, laneIndex, packet, item, wanted) && lane.cursor + frames <= m_input.maxFrames) {
            Party& party = m_parties[lane.party];
            party.lag = wanted - lane.cursor;
            party.heard = std::max(party.heard, item.time);
            packet.position = static_cast<std::uint32_t>(lane.cursor);
            party.cursor = lane.cursor += frames;
            return;
        }
        const std::int64_t at = packet.kind == PacketKind::ComfortNoise
                                    ? pauseFor(lane, wanted)
                                    : positionFor(lane, laneIndex, item, wanted, frames);
        if (at + frames > m_input.maxFrames) {
            ++m_plan->tooLate[lane.party];
            return;
        }
        write(lane, laneIndex, item, at, frames);
        packet.position = static_cast<std::uint32_t>(at);
    }

    /// The usual packet: right behind the last one of its own source, alone and in time. What positionFor()
    /// and write() would do with it needs no questions.
    bool follows(const Lane& lane, std::size_t laneIndex, const TimedPacket& packet, const TimelineItem& item,
                 std::int64_t wanted) const
    {
        const Party& party = m_parties[lane.party];
        return packet.kind == PacketKind::Audio && lane.started && !lane.pausing && item.gapKnown() &&
               item.gap() == 0 && party.owner == laneIndex && party.cursor == lane.cursor &&
               wanted >= lane.cursor - m_tolerance && wanted <= lane.cursor + m_tolerance;
    }

    /// Noise begins here; what came before is what it was.
    std::int64_t pauseFor(const Lane& lane, std::int64_t wanted) const
    {
        const std::int64_t cursor = std::max(lane.cursor, m_parties[lane.party].cursor);
        return wanted > cursor + m_tolerance ? wanted : cursor;
    }

    std::int64_t positionFor(const Lane& lane, std::size_t laneIndex, const TimelineItem& item,
                             std::int64_t wanted, std::int64_t frames)
    {
        Party& party = m_parties[lane.party];
        const std::int64_t own = lane.started ? lane.cursor : party.cursor;
        std::int64_t cursor = own;
        if (!lane.started || wanted > own + m_tolerance) {
            if (wanted < party.cursor && !handsOver(lane, laneIndex, item, wanted, frames))
                return std::max<std::int64_t>(wanted, 0); // sounds together with another source of this party
            cursor = party.cursor;
        }
        const bool unbroken = lane.started && item.gapKnown() && item.gap() <= m_tolerance;
        const std::int64_t gap = lane.started && item.gapKnown() ? std::max(item.gap(), 0) : 0;
        const std::int64_t expected = std::max(cursor, own + gap);
        if (wanted >= expected - m_tolerance && wanted <= expected + m_tolerance) {
            party.lag = wanted - expected; // RTP time is exact, capture time is not: no need to insert
            return expected;
        }
        if (wanted < cursor - m_tolerance) {
            if (!isGlitch(lane, cursor - wanted))
                stretch(lane.party, cursor - wanted);
            return cursor;
        }
        if (wanted <= cursor) {
            party.lag = wanted - cursor;
            return cursor;
        }
        if (unbroken && wanted - cursor <= m_skewAtOnce)
            return shareSkew(lane.party, item.time, cursor, wanted);
        party.lag = 0;
        return wanted;
    }

    /// This party is ahead: from now on everything stands later, and the other party lags by as much.
    void stretch(std::size_t party, std::int64_t frames)
    {
        m_stretch += frames;
        m_parties[party].lag = 0;
        m_parties[1 - party].lag += frames;
    }

    /// The party lags behind capture time. What the other one lags as well is the capture's clock running
    /// fast against both: the time line follows the faster party, so it gives way instead of inserting.
    std::int64_t shareSkew(std::size_t partyIndex, std::int64_t time, std::int64_t cursor,
                           std::int64_t wanted)
    {
        Party& party = m_parties[partyIndex];
        Party& other = m_parties[1 - partyIndex];
        const bool active = other.heard > time - kActive * 1000;
        const std::int64_t shared =
            active ? std::clamp<std::int64_t>(other.lag, 0, wanted - cursor) : wanted - cursor;
        m_stretch -= shared;
        if (active)
            other.lag -= shared;
        wanted -= shared;
        if (wanted - cursor <= m_tolerance) {
            party.lag = wanted - cursor;
            return cursor;
        }
        party.lag = 0;
        return wanted;
    }

    /// One source of this party ends where the next begins: no mixing for the few milliseconds between.
    bool handsOver(const Lane& lane, std::size_t laneIndex, const TimelineItem& item, std::int64_t wanted,
                   std::int64_t frames) const
    {
        const Party& party = m_parties[lane.party];
        if (party.owner == laneIndex || party.owner == kNobody)
            return true;
        if (wanted < party.cursor - m_handOver)
            return false;
        const Lane& owner = m_lanes[party.owner];
        return owner.next >= owner.end ||
               toFrames(m_items[owner.next].time - item.time) >= frames - m_handOver / 2;
    }

    /// Far ahead of time, but the next packet is not: a wrong time stamp, or the last of its source.
    bool isGlitch(const Lane& lane, std::int64_t ahead) const
    {
        if (ahead <= m_glitch)
            return false;
        for (std::size_t i = lane.next + 1; i < lane.end; ++i) {
            const TimelineItem& item = m_items[i];
            if (isTimed(m_input.packets[item.packet]))
                return toFrames(item.time) + m_stretch >= lane.cursor - m_glitch;
        }
        return true;
    }

    void write(Lane& lane, std::size_t laneIndex, const TimelineItem& item, std::int64_t at,
               std::int64_t frames)
    {
        const TimedPacket& packet = m_input.packets[item.packet];
        Party& party = m_parties[lane.party];
        if (at > party.cursor)
            insert(lane, item, party.cursor, at - party.cursor);
        else if (at < party.cursor && frames > 0)
            m_plan->overlaps[lane.party] = true;
        lane.started = true;
        lane.cursor = at + frames;
        lane.pausing = packet.kind != PacketKind::Audio;
        lane.noise = lane.pausing ? item.packet : TimedPacket::kNowhere;
        if (lane.cursor >= party.cursor) {
            party.cursor = lane.cursor;
            party.owner = laneIndex;
        }
        party.heard = std::max(party.heard, item.time);
    }

    void insert(const Lane& lane, const TimelineItem& item, std::int64_t at, std::int64_t frames)
    {
        const bool unbroken = lane.started && item.gapKnown() && item.gap() <= m_tolerance;
        GapKind kind = GapKind::Silence;
        if (lane.pausing)
            kind = GapKind::ComfortNoise;
        else if (item.lossBefore())
            kind = GapKind::Loss;
        else if (unbroken && frames <= m_skewAtOnce)
            kind = GapKind::ClockSkew;
        addGap(lane.party, kind, lane.noise, at, frames);
    }
    void addGap(std::size_t party, GapKind kind, std::uint32_t noise, std::int64_t at, std::int64_t frames)
    {
        m_plan->gaps.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(frames), noise,
                                static_cast<std::uint8_t>(party), kind});
    }

    void finish()
    {
        const std::int64_t least = toFrames(m_input.duration) + std::max<std::int64_t>(m_stretch, 0);
        const std::int64_t frames = std::max(
            {std::min<std::int64_t>(least, m_input.maxFrames), m_parties[0].cursor, m_parties[1].cursor});
        m_plan->frames = static_cast<std::uint32_t>(frames);
        for (std::size_t party = 0; party < m_parties.size(); ++party) {
            if (m_parties[party].cursor < frames)
                addGap(party, GapKind::Silence, TimedPacket::kNowhere, m_parties[party].cursor,
                       frames - m_parties[party].cursor);
        }
    }

    const TimelineInput& m_input;
    std::vector<TimelineItem> m_items;
    std::vector<Lane> m_lanes;
    const std::int64_t m_tolerance; // [frames], as those that follow
    const std::int64_t m_skewAtOnce;
    const std::int64_t m_handOver;
    const std::int64_t m_glitch;
    std::vector<std::size_t> m_heap;
    std::array<Party, 2> m_parties;
    std::int64_t m_stretch = 0; // [frames] the time line is longer than capture time so far
    TimelinePlan* m_plan = nullptr;
};

} // namespace

TimelinePlan planInSteps(const TimelineInput& input)
{
    TimelinePlan plan;
    std::vector<TimelineItem> items;
    items.reserve(input.packets.size());
    std::vector<TimelineStream> streams(input.streams.begin(), input.streams.end());
    std::ranges::stable_sort(streams, [](const TimelineStream& a, const TimelineStream& b) {
        return a.party != b.party ? a.party < b.party : a.ssrc < b.ssrc;
    });
    std::vector<Lane> lanes;
    for (std::size_t i = 0; i < streams.size();) {
        std::size_t end = i + 1;
        while (end < streams.size() && streams[end].party == streams[i].party &&
               streams[end].ssrc == streams[i].ssrc)
            ++end;
        Lane lane;
        lane.party = streams[i].party;
        lane.next = items.size();
        const NumberingCounts counts =
            numberPackets(input.packets, std::span(streams).subspan(i, end - i), input.formats, items);
        lane.end = items.size();
        dejitter(input.packets, input.formats, input.frameRate,
                 std::span(items).subspan(lane.next, lane.end - lane.next));
        plan.lost[lane.party] += counts.lost;
        plan.duplicates[lane.party] += counts.duplicates;
        lanes.push_back(lane);
        i = end;
    }
    Merge(input, std::move(items), std::move(lanes)).run(plan);
    return plan;
}

TimelinePlan planTimeline(const TimelineInput& input)
{
    TimelinePlan plan;
    return planPlainly(input, plan) ? plan : planInSteps(input);
}

} // namespace sr::rtp
