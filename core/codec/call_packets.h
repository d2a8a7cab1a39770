// SPDX-License-Identifier: GPL-3.0-or-later
// First half of a call's sound: reads the stored packets of both parties into what the time line needs.
// For the .cpp files of this folder.
#pragma once

#include "core/codec/call_audio.h"
#include "core/codec/g711.h"
#include "core/rtp/clear_stream.h"
#include "core/rtp/comfort_noise.h"
#include "core/rtp/packet.h"
#include "core/rtp/timeline.h"

#include <deque>
#include <optional>
#include <utility>

namespace sr::codec {

/// What a payload format is to us.
struct SoundFormat {
    rtp::PayloadFormat format;
    rtp::PacketKind kind = rtp::PacketKind::Other; ///< Audio, ComfortNoise, Event; Other: cannot be sounded
    std::optional<Law> law;                        ///< G.711 at 8 kHz, one octet a sample
    bool hasSid = false;                           ///< G.729 Annex B
    std::uint32_t sampleRate = 8000;               ///< after decoding [Hz]
    std::unique_ptr<PayloadDecoder> meter;         ///< tells durations; null for G.711
};

/// All formats of one call; small numbers stand for them. Number 0 is the unknown format.
class SoundFormats {
public:
    static constexpr std::size_t kMax = 200;
    SoundFormats();
    /// 0 once kMax are known. Opens a decoder for a new one, to learn its rate and durations.
    std::uint8_t numberOf(const rtp::PayloadFormat& format);
    const SoundFormat& operator[](std::uint8_t number) const { return m_formats[number]; }
    std::vector<rtp::TimelineFormat> clocks() const;

private:
    std::deque<SoundFormat> m_formats;
};

enum class PacketVerdict : std::uint8_t { Clear, NotRtp, Undecodable, Repeated };

/// Datagrams of one stream, in order of capture, to clear RTP with its format. Used by both passes alike.
class StreamParser {
public:
    StreamParser(const rtp::RtpStream& stream, SoundFormats& formats); ///< both outlive it
    bool encrypted() const { return m_encrypted; }
    /// Whether it is clear, has the plain header that nearly every packet has, and means the same as the last
    /// one parsed: then nothing need be asked about it again.
    bool repeats(const rtp::PacketHead& packet) const
    {
        return packet.datagram.size() > rtp::kFixedHeaderBytes && packet.head[0] == std::byte{0x80} &&
               std::to_integer<std::uint8_t>(packet.head[1] & std::byte{0x7f}) == m_lastType &&
               packet.captured < m_epochEnd;
    }
    /// `view` lives until the next call. For Undecodable and Repeated its header is valid.
    PacketVerdict parse(const rtp::PacketHead& packet, rtp::PacketView& view, std::uint8_t& format);

private:
    static constexpr std::uint8_t kUnasked = 255;
    static constexpr std::uint8_t kNoType = 255;
    void enterEpoch(UtcTime captured);
    std::uint8_t lookUp(std::uint8_t payloadType);

    const rtp::RtpStream& m_stream;
    SoundFormats& m_formats;
    rtp::StreamClearer m_clearer;
    bool m_encrypted;
    const rtp::MediaEpoch* m_epoch = nullptr;
    UtcTime m_epochEnd{};                    ///< from here on the table is out of date
    std::uint8_t m_lastType = kNoType;       ///< of the last packet, if it was clear and always is
    std::array<std::uint8_t, 128> m_table{}; ///< format by payload type
};

/// Everything known after the first pass.
struct CallPackets {
    struct Key {
        std::size_t stream; ///< index into streams
        char symbol;
        std::uint32_t timestamp;
        std::uint32_t durationMs;
    };
    struct Noise { ///< payload of a comfort noise packet, as far as it matters
        std::uint32_t packet;
        std::uint8_t size;
        std::array<std::byte, 1 + rtp::kMaxNoiseOrder> payload;
    };

    std::vector<rtp::TimedPacket> packets; ///< all streams, one after the other
    std::vector<rtp::TimelineStream> streams;
    std::vector<const rtp::RtpStream*> sources;     ///< same index as streams
    std::array<std::vector<std::uint8_t>, 2> heard; ///< formats that sounded after the start, by first use
    std::array<std::uint64_t, 2> undecodable{};
    std::array<std::uint64_t, 2> locked{}; ///< of these, what no key opened
    std::vector<Key> keys;                 ///< RFC 4733 digits
    std::vector<Noise> noise;              ///< by rising packet
};

/// Reads every stream once. Errors are those of the packet sources; BaseErrc::TooLarge over 2^31 packets.
Result<CallPackets> readCallPackets(const CallAudioInput& input, SoundFormats& formats);

} // namespace sr::codec
