// SPDX-License-Identifier: GPL-3.0-or-later
// Places the packets of both parties on one time line: in step by capture time and RTP time, following the
// faster party, so that audio is only ever inserted and never dropped. Numbers only: no payload, no codec.
//
//   capture order --> numbering (wrap, restart, duplicates, order) --> de-jittering --> merge of both parties
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sr::rtp {

enum class PacketKind : std::uint8_t {
    Audio,
    Sid,          ///< audio whose end opens a pause filled with noise (G.729 Annex B)
    ComfortNoise, ///< RFC 3389: no duration of its own, colours the pause that follows
    Event,        ///< RFC 4733: gets a position, takes no room
    Other,        ///< counts as received and nothing else
    Invalid,      ///< no RTP of this stream: left out, its fields mean nothing
};

/// One packet as captured, and where it went. 24 octets: an hour of two parties has 360,000 of them.
struct TimedPacket {
    static constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

    std::int64_t captured = 0;   ///< [us] from the start of the time line; negative: before it, left out
    std::uint32_t timestamp = 0; ///< of RTP, wraps
    std::uint32_t samples = 0;   ///< Audio and Sid: how long it sounds, at the sample rate of its format
    std::uint32_t position = kNowhere; ///< result: first frame; kNowhere for what is left out
    std::uint16_t sequence = 0;        ///< of RTP, wraps
    PacketKind kind = PacketKind::Other;
    std::uint8_t format = 0; ///< index into TimelineInput::formats
};

struct TimelineFormat {
    std::uint32_t clockRate = 8000;  ///< of RTP time stamps [Hz]
    std::uint32_t sampleRate = 8000; ///< of TimedPacket::samples [Hz]
};

/// A run of TimelineInput::packets in order of capture. Streams of one party with one SSRC are one source
/// seen at several places, or moved to another port: they are numbered together.
struct TimelineStream {
    std::size_t first = 0;
    std::size_t count = 0;
    std::size_t party = 0; ///< 0 or 1
    std::uint32_t ssrc = 0;
};

struct TimelineInput {
    std::span<TimedPacket> packets; ///< fewer than 2^32
    std::span<const TimelineStream> streams;
    std::span<const TimelineFormat> formats;
    std::uint32_t frameRate = 8000;     ///< of the time line [Hz]
    std::int64_t duration = 0;          ///< [us] it lasts at least this long
    std::uint32_t maxFrames = 1U << 31; ///< what would end later is left out
};

enum class GapKind : std::uint8_t { Silence, ComfortNoise, Loss, ClockSkew };

/// Frames of one party that no packet covers.
struct Gap {
    std::uint32_t frame = 0;
    std::uint32_t frames = 0;
    std::uint32_t noise = TimedPacket::kNowhere; ///< ComfortNoise: index of the packet that describes it
    std::uint8_t party = 0;
    GapKind kind = GapKind::Silence;
};

struct TimelinePlan {
    std::uint32_t frames = 0;
    std::vector<Gap> gaps; ///< per party by rising frame; together with the packets they cover every frame
    std::array<bool, 2> overlaps{};            ///< some packets of this party sound at the same time: mix
    std::array<std::uint64_t, 2> lost{};       ///< numbers never seen, from the start of the time line on
    std::array<std::uint64_t, 2> duplicates{}; ///< left out as seen before
    std::array<std::uint64_t, 2> tooLate{};    ///< left out because of maxFrames
};

/// Fills TimedPacket::position. Linear in the packets; needs 16 octets a packet while it runs. Any thread.
TimelinePlan planTimeline(const TimelineInput& input);

} // namespace sr::rtp
