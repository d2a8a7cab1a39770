// SPDX-License-Identifier: GPL-3.0-or-later
// Opus (RFC 6716, RFC 7587): decoded at 48 kHz, as the format counts time, and brought down to 16 kHz.
#include "core/codec/decimator.h"
#include "core/codec/ffmpeg_decoder.h"
#include "core/codec/payload_decoders.h"

#include <array>

namespace sr::codec {
namespace {

constexpr std::uint32_t kOpusRate = 48000;               // [Hz]
constexpr std::uint32_t kMaxPacket = 5760;               // [samples at 48 kHz], 120 ms: RFC 6716 §3.4 R5
constexpr std::size_t kMaxPayload = 3 * 1275 * 16 + 100; // 48 frames of 2.5 ms never come near it

/// Samples at 48 kHz that a packet sounds, from its first octets (RFC 6716 §3.1, §3.2); 0 if it is none.
std::uint32_t samplesOf(ByteView payload)
{
    if (payload.empty() || payload.size() > kMaxPayload)
        return 0;
    const auto toc = std::to_integer<unsigned>(payload[0]);
    const unsigned config = toc >> 3;
    constexpr std::array<std::uint32_t, 4> kSilk{480, 960, 1920, 2880};
    constexpr std::array<std::uint32_t, 4> kCelt{120, 240, 480, 960};
    const std::uint32_t frame = config < 12   ? kSilk[config & 3U]
                                : config < 16 ? ((config & 1U) != 0 ? 960U : 480U)
                                              : kCelt[config & 3U];
    std::uint32_t frames = (toc & 3U) == 0 ? 1 : 2;
    if ((toc & 3U) == 3) {
        if (payload.size() < 2)
            return 0;
        frames = std::to_integer<unsigned>(payload[1]) & 0x3fU;
    }
    const std::uint32_t samples = frame * frames;
    return samples > kMaxPacket ? 0 : samples;
}

class OpusDecoder final : public PayloadDecoder {
public:
    explicit OpusDecoder(std::unique_ptr<FfmpegDecoder> decoder)
        : m_decoder(std::move(decoder))
        , m_decimator(kOpusRate, kWideband)
    {}
    std::uint32_t sampleRate() const override { return kWideband; }

    Status decode(ByteView payload, std::vector<std::int16_t>& samples) override
    {
        if (payload.empty())
            return {};
        const std::uint32_t expected = samplesOf(payload);
        if (expected == 0)
            return fail(CodecErrc::BadPayload, "Opus of " + std::to_string(payload.size()) + " octets");
        m_fullRate.clear();
        if (Status status = m_decoder->decode(payload, m_fullRate); !status)
            return status;
        m_fullRate.resize(expected);
        m_decimator.process(m_fullRate, samples);
        return {};
    }

    std::uint32_t durationOf(ByteView payload) const override
    {
        return samplesOf(payload) / (kOpusRate / kWideband);
    }

private:
    std::unique_ptr<FfmpegDecoder> m_decoder;
    Decimator m_decimator;
    std::vector<std::int16_t> m_fullRate;
};

} // namespace

Result<std::unique_ptr<PayloadDecoder>> openOpus()
{
    // The reference library conceals and mixes down better; FFmpeg's own decoder serves where it is missing.
    auto decoder = FfmpegDecoder::open({"libopus", kOpusRate});
    if (!decoder)
        decoder = FfmpegDecoder::open({"opus", kOpusRate});
    if (!decoder)
        return decoder.error();
    return std::unique_ptr<PayloadDecoder>(std::make_unique<OpusDecoder>(std::move(decoder).value()));
}

} // namespace sr::codec
