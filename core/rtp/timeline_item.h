// SPDX-License-Identifier: GPL-3.0-or-later
// What the three steps of the time line hand on to each other; no use outside core/rtp.
#pragma once

#include "core/rtp/timeline.h"

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
