// SPDX-License-Identifier: GPL-3.0-or-later
// What the three steps of the time line hand on to each other; no use outside core/rtp.
#pragma once

#include "core/rtp/timeline.h"

#include <algorithm>

namespace sr::rtp {

/// A packet that is no duplicate, in order of sending.
struct TimelineItem {
    std::int64_t time = 0; ///< after numbering RTP ticks, unwrapped; after de-jittering [us] when it sounds
    std::uint32_t packet = 0; ///< index into TimelineInput::packets
    std::uint32_t number =
        0; ///< after numbering the sequence number, unwrapped; after de-jittering see setGap()

    static constexpr std::int64_t kMaxGap = (std::int64_t{1} << 29) - 1; ///< [frames]
    /// `frames` of RTP time between the end of the packet before and this one, if RTP time is a guide here.
    void setGap(bool known, std::int64_t frames, bool loss)
    {
        const std::int64_t cut = frames < -kMaxGap ? -kMaxGap : (frames > kMaxGap ? kMaxGap : frames);
        number = (static_cast<std::uint32_t>(cut) << 2) | (known ? 2U : 0U) | (loss ? 1U : 0U);
    }
    bool gapKnown() const { return (number & 2U) != 0; }
    bool lossBefore() const { return (number & 1U) != 0; } ///< numbers are missing before this one
    std::int32_t gap() const { return static_cast<std::int32_t>(number) >> 2; }
};
static_assert(sizeof(TimelineItem) == 16);

/// Two numbers this far apart belong to different runs of one source (a restart of its counter).
inline constexpr std::uint32_t kRunDistance = 0x10000;

inline constexpr std::int64_t kToleranceMs = 5; ///< lag left alone: the parties differ by twice this at most
inline constexpr std::int64_t kBreak = 150000;  ///< [us] chosen: more than jitter, less than audible pauses
inline constexpr std::size_t kFloorWindow = 1024; ///< [packets] a side, chosen: 20 s of 20 ms packets
inline constexpr std::size_t kEnough = 25;        ///< a side with fewer packets has not seen its floor

/// Floor of a packet's delay [us] from the least delay of those before and after it, itself counted in both.
inline std::int64_t floorOf(std::size_t before, std::int64_t leastBefore, std::size_t after,
                            std::int64_t leastAfter)
{
    if (before < kEnough && after < kEnough)
        return std::min(leastBefore, leastAfter);
    if (before < kEnough)
        return leastAfter;
    if (after < kEnough)
        return leastBefore;
    return std::max(leastBefore, leastAfter);
}

/// Microseconds as frames, rounded.
inline std::int64_t framesIn(std::int64_t us, std::int64_t frameRate)
{
    const std::int64_t scaled = us * frameRate + 500000;
    return scaled >= 0 ? scaled / 1000000 : -((-scaled + 999999) / 1000000);
}

struct NumberingCounts {
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
};

/// Appends the packets of one source by rising number. `order` holds indices in order of capture.
NumberingCounts numberPackets(std::span<const TimedPacket> packets, std::span<const TimelineStream> streams,
                              std::span<const TimelineFormat> formats, std::vector<TimelineItem>& items);

/// Turns numbers and ticks into times and gaps, in place. Captured times change only where the clock of the
/// capture was set back.
void dejitter(std::span<TimedPacket> packets, std::span<const TimelineFormat> formats,
              std::uint32_t frameRate, std::span<TimelineItem> items);

/// planTimeline() by its three steps, whatever the call.
TimelinePlan planInSteps(const TimelineInput& input);

/// planTimeline() of a plain call, in one step. False if it is none: then nothing was done.
bool planPlainly(const TimelineInput& input, TimelinePlan& plan);

/// Frames that a packet lasts on the time line.
inline std::uint32_t framesOf(const TimedPacket& packet, std::span<const TimelineFormat> formats,
                              std::uint32_t frameRate)
{
    if (packet.kind != PacketKind::Audio && packet.kind != PacketKind::Sid)
        return 0;
    const std::uint32_t sampleRate = formats[packet.format].sampleRate;
    if (sampleRate == frameRate)
        return packet.samples;
    return static_cast<std::uint32_t>(std::uint64_t{packet.samples} * frameRate / sampleRate);
}

/// Whether its RTP time tells when it was sent. An event repeats the time of its beginning.
inline bool isTimed(const TimedPacket& packet)
{
    return packet.kind <= PacketKind::ComfortNoise;
}

} // namespace sr::rtp
