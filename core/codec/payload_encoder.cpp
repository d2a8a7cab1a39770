// SPDX-License-Identifier: GPL-3.0-or-later
// Which encoder serves which format.
#include "core/codec/payload_encoder.h"

#include "core/codec/ffmpeg_encoder.h"
#include "core/codec/g711.h"
#include "core/codec/payload_decoders.h"

namespace sr::codec {
namespace {

constexpr std::uint32_t kNarrowband = 8000; // [Hz]

Status checkLength(const PayloadEncoder& encoder, std::size_t samples)
{
    if (samples == encoder.sampleRate() / PayloadEncoder::kFramesPerSecond)
        return {};
    return fail(CodecErrc::BadPayload, std::to_string(samples) + " samples to encode");
}

class G711Encoder final : public PayloadEncoder {
public:
    explicit G711Encoder(Law law)
        : m_law(law)
    {}
    std::uint32_t sampleRate() const override { return kNarrowband; }
    Status encode(std::span<const std::int16_t> samples, Bytes& payload) override
    {
        if (Status status = checkLength(*this, samples.size()); !status)
            return status;
        payload.resize(samples.size());
        encodeG711(m_law, samples, payload);
        return {};
    }

private:
    Law m_law;
};

class WidebandEncoder final : public PayloadEncoder {
public:
    explicit WidebandEncoder(std::unique_ptr<FfmpegEncoder> encoder)
        : m_encoder(std::move(encoder))
    {}
    std::uint32_t sampleRate() const override { return kWideband; }
    Status encode(std::span<const std::int16_t> samples, Bytes& payload) override
    {
        if (Status status = checkLength(*this, samples.size()); !status)
            return status;
        return m_encoder->encode(samples, payload);
    }

private:
    std::unique_ptr<FfmpegEncoder> m_encoder;
};

} // namespace

Result<std::unique_ptr<PayloadEncoder>> PayloadEncoder::open(const rtp::PayloadFormat& format)
{
    if (format.encoding == "PCMA" || format.encoding == "PCMU")
        return std::unique_ptr<PayloadEncoder>(
            std::make_unique<G711Encoder>(format.encoding == "PCMA" ? Law::A : Law::U));
    const bool opus = format.encoding == "OPUS";
    if (!opus && format.encoding != "G722")
        return fail(CodecErrc::Unsupported, "encode " + format.encoding.substr(0, 64));
    // FFmpeg's own Opus encoder is an experiment and takes 48 kHz only, so it is libopus or none.
    auto encoder = FfmpegEncoder::open(
        {opus ? "libopus" : "g722", kWideband, kWideband / kFramesPerSecond, opus ? 24000 : 0});
    if (!encoder)
        return encoder.error();
    return std::unique_ptr<PayloadEncoder>(std::make_unique<WidebandEncoder>(std::move(encoder).value()));
}

} // namespace sr::codec
