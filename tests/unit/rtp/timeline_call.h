// SPDX-License-Identifier: GPL-3.0-or-later
// A call of simulated senders on the time line, and the questions its tests ask.
#pragma once

#include "core/rtp/timeline.h"
#include "tests/unit/rtp/simulated_sender.h"

#include <array>
#include <cmath>
#include <utility>

namespace sr::test {

using rtp::Gap;
using rtp::GapKind;
using rtp::PacketKind;
using rtp::planTimeline;
using rtp::TimedPacket;
using rtp::TimelineFormat;
using rtp::TimelinePlan;
using rtp::TimelineStream;

inline constexpr std::int64_t kSecond = 1000000;
inline constexpr double kFramesPerMs = 8.0;

/// Sources of both parties and what became of them.
struct Call {
    std::vector<TimedPacket> packets;
    std::vector<SentPacket> sent; // same index
    std::vector<TimelineStream> streams;
    std::vector<TimelineFormat> formats{{8000, 8000}};
    std::int64_t duration = 0;
    std::uint32_t maxFrames = 1U << 31;
    TimelinePlan plan;

    void add(std::size_t party, const std::vector<SentPacket>& captured, std::uint32_t ssrc)
    {
        streams.push_back({packets.size(), captured.size(), party, ssrc});
        for (const SentPacket& one : captured) {
            TimedPacket packet;
            packet.captured = one.captured;
            packet.timestamp = one.timestamp;
            packet.sequence = one.sequence;
            packet.samples = one.samples;
            packet.kind = PacketKind::Audio;
            packets.push_back(packet);
            sent.push_back(one);
        }
    }
    void add(std::size_t party, const SimulatedSender& sender, std::uint32_t ssrc = 1)
    {
        add(party, sender.packets(), ssrc);
    }
    const TimelinePlan& run()
    {
        plan = planTimeline({packets, streams, formats, 8000, duration, maxFrames});
        return plan;
    }

    struct Span {
        std::int64_t position;
        std::int64_t frames;
        std::int64_t spoken;
        std::size_t index;
    };
    /// Placed packets of one party by position.
    std::vector<Span> placed(std::size_t party) const
    {
        std::vector<Span> spans;
        for (const TimelineStream& stream : streams) {
            for (std::size_t i = stream.first; i < stream.first + stream.count; ++i) {
                if (stream.party == party && packets[i].position != TimedPacket::kNowhere)
                    spans.push_back({packets[i].position, packets[i].samples, sent[i].spoken, i});
            }
        }
        std::stable_sort(spans.begin(), spans.end(),
                         [](const Span& a, const Span& b) { return a.position < b.position; });
        return spans;
    }
    std::uint64_t inserted(std::size_t party, GapKind kind) const
    {
        std::uint64_t frames = 0;
        for (const Gap& gap : plan.gaps)
            frames += gap.party == party && gap.kind == kind ? gap.frames : 0;
        return frames;
    }
    /// Longest stretch of one kind, to tell pauses from noise of a few frames.
    std::uint64_t longest(std::size_t party, GapKind kind) const
    {
        std::uint64_t frames = 0;
        for (const Gap& gap : plan.gaps)
            frames =
                gap.party == party && gap.kind == kind ? std::max<std::uint64_t>(frames, gap.frames) : frames;
        return frames;
    }
    /// Packets and gaps of one party lie side by side from the first frame to the last.
    bool covers(std::size_t party) const
    {
        std::vector<std::pair<std::int64_t, std::int64_t>> parts;
        for (const Span& span : placed(party))
            parts.emplace_back(span.position, span.frames);
        for (const Gap& gap : plan.gaps) {
            if (gap.party == party)
                parts.emplace_back(gap.frame, gap.frames);
        }
        std::sort(parts.begin(), parts.end());
        std::int64_t at = 0;
        for (const auto& [position, frames] : parts) {
            if (position != at || frames <= 0)
                return false;
            at += frames;
        }
        return at == plan.frames;
    }
    /// Every packet of a party captured after the start is placed, in the order it was spoken.
    bool complete(std::size_t party, std::size_t expected) const
    {
        const auto spans = placed(party);
        for (std::size_t i = 1; i < spans.size(); ++i) {
            if (spans[i].spoken < spans[i - 1].spoken)
                return false;
        }
        return spans.size() == expected;
    }
    /// Largest distance on the time line of what both parties said at one true time. [ms]
    double worstStep(std::int64_t from = 0) const
    {
        const auto left = placed(0);
        const auto right = placed(1);
        double worst = 0;
        std::size_t k = 0;
        for (const Span& a : left) {
            while (k + 1 < right.size() && right[k + 1].spoken <= a.spoken)
                ++k;
            const std::int64_t length = right[k].frames * 125;
            if (a.spoken < from || right[k].spoken > a.spoken || a.spoken >= right[k].spoken + length)
                continue; // nothing of the other party at this time
            const double there = static_cast<double>(right[k].position) +
                                 static_cast<double>(a.spoken - right[k].spoken) / 125.0;
            worst = std::max(worst, std::abs(static_cast<double>(a.position) - there) / kFramesPerMs);
        }
        return worst;
    }
};

inline SimulatedSender talker(std::uint32_t seed, double seconds)
{
    SimulatedSender sender(seed);
    sender.talk(seconds);
    return sender;
}

} // namespace sr::test
