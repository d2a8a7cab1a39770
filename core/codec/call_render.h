// SPDX-License-Identifier: GPL-3.0-or-later
// Second half of a call's sound: visits the packets again and writes each party's sound into a window of the
// time line. For the .cpp files of this folder.
#pragma once

#include "core/codec/call_packets.h"
#include "core/codec/resampler.h"

#include <unordered_map>

namespace sr::codec {

/// A stretch of the time line in memory, one buffer a party; everything outside it is cut off.
/// G.711: one octet a frame. PCM: int16. Where sources of one party overlap they are mixed.
class SoundWindow {
public:
    SoundWindow(const AudioFormat& format, std::array<bool, 2> mixes);

    /// Silence from `first` on, `frames` long.
    void reset(std::uint64_t first, std::size_t frames);
    /// Forgets what lies before `first`, keeps the rest and makes room for as many frames behind it.
    void slide(std::uint64_t first);

    std::uint64_t first() const { return m_first; }
    std::size_t frames() const { return m_frames; }
    const std::byte* coded(std::size_t party) const { return m_coded.data() + party * m_frames; }
    const std::int16_t* pcm(std::size_t party) const { return m_pcm.data() + party * m_frames; }

    void putCoded(std::size_t party, std::uint64_t frame, ByteView octets);
    void putPcm(std::size_t party, std::uint64_t frame, std::span<const std::int16_t> samples);

private:
    bool isPcm() const { return m_format.coding == SampleCoding::Pcm16; }
    Law law() const { return m_format.coding == SampleCoding::ULaw ? Law::U : Law::A; }
    std::byte silence() const { return law() == Law::U ? kULawSilence : kALawSilence; }
    template <typename T>
    bool cut(std::uint64_t& frame, std::span<T>& part);

    AudioFormat m_format;
    std::array<bool, 2> m_mixes;
    std::uint64_t m_first = 0;
    std::size_t m_frames = 0;
    std::size_t m_high = 0; ///< behind it nothing was written since reset(), counted from m_first
    // Both parties in one block, one after the other: allocated and freed at once, it is not returned to the
    // system between calls.
    std::vector<std::byte> m_coded;
    std::vector<std::int16_t> m_pcm;
    std::vector<std::uint8_t> m_written; // 1 where something sounds; empty unless somebody mixes
    std::vector<std::byte> m_scratch;
};

/// Where every packet went, and which pauses hold noise.
struct RenderPlan {
    AudioFormat format;
    std::vector<std::uint32_t> positions; ///< of CallPackets::packets, kNowhere for what is left out
    std::vector<rtp::Gap> noiseGaps;      ///< GapKind::ComfortNoise only
    std::vector<CallPackets::Noise> noise;
    std::vector<rtp::TimelineStream> streams;
    std::vector<const rtp::RtpStream*> sources;
};

/// Renders one stream forwards. Formats and plan outlive it.
class StreamRender {
public:
    StreamRender(const RenderPlan& plan, SoundFormats& formats, std::size_t index);

    /// Begins anew at the packets that sound from `frame` on.
    void start(std::uint64_t frame);
    /// Writes all packets that begin before `end`.
    Status render(std::uint64_t end, SoundWindow& window);
    /// How loud the noise frame of a Sid packet was: its samples' level [-dBov]; nothing if not rendered.
    std::optional<std::uint8_t> noiseLevel(std::uint32_t packet) const;

private:
    struct Voice { // one decoder and its unbroken run of sound
        std::unique_ptr<PayloadDecoder> decoder;
        std::unique_ptr<Resampler> resampler;
        std::uint64_t next = 0;  // frame where the next resampled sample goes
        std::uint64_t limit = 0; // frame after the run
    };
    struct Waiting { // came before packets that sound earlier
        std::uint32_t position;
        std::uint32_t packet;
        std::uint8_t format;
        Bytes payload;
    };

    void take(std::uint32_t packet, UtcTime captured, ByteView datagram, std::uint64_t end,
              SoundWindow& window);
    void drain(std::uint64_t before, SoundWindow& window);
    void sound(std::uint32_t position, std::uint32_t packet, std::uint8_t format, ByteView payload,
               SoundWindow& window);
    void decode(std::uint32_t position, std::uint32_t packet, std::uint8_t format, ByteView payload,
                SoundWindow& window);
    void resample(Voice& voice, std::uint32_t position, std::uint32_t inRate, SoundWindow& window);
    void endRun(Voice& voice, SoundWindow& window);
    std::uint32_t earliestFrom(std::size_t i) const;

    const RenderPlan& m_plan;
    SoundFormats& m_formats;
    const rtp::TimelineStream& m_stream;
    const rtp::RtpStream& m_source;
    std::unique_ptr<StreamParser> m_parser;
    std::vector<std::uint32_t> m_earliest; // least position of this packet and all captured after it
    std::size_t m_next = 0;                // packet of the stream
    bool m_copying = false;                // the last one's payload was the output's own octets
    std::vector<Waiting> m_waiting;        // by position
    std::unordered_map<std::uint8_t, Voice> m_voices;
    std::unordered_map<std::uint32_t, std::uint8_t> m_levels; // of Sid packets
    std::vector<std::int16_t> m_samples;
    std::vector<std::int16_t> m_resampled;
};

} // namespace sr::codec
