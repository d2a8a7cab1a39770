// SPDX-License-Identifier: GPL-3.0-or-later
// Codecs whose payload is a row of frames of known size (RFC 3551 §4.5, RFC 3952): split here, decoded by
// FFmpeg.
#include "core/codec/ffmpeg_decoder.h"
#include "core/codec/payload_decoders.h"
#include "core/rtp/comfort_noise.h"

#include <array>
#include <cmath>
#include <string_view>

namespace sr::codec {
namespace {

constexpr std::size_t kMaxPayload = 8192; // [octets], over half a second of the fattest codec here

/// Where one frame ends and how long it sounds.
struct Frame {
    std::size_t bytes = 0; ///< 0: no frame begins like this
    std::uint32_t samples = 0;
    bool silence = false; ///< silence descriptor that FFmpeg does not take
};
using Splitter = Frame (*)(ByteView rest);

/// Octets that any number may form one packet: G.722 and G.726.
template <std::size_t kBitsPerSample, std::size_t kSamplesPerCode = 1>
Frame wholePayload(ByteView rest)
{
    const std::size_t samples = rest.size() * 8 / kBitsPerSample * kSamplesPerCode;
    return {rest.size(), static_cast<std::uint32_t>(samples), false};
}

template <std::size_t kBytes, std::uint32_t kSamples>
Frame fixedFrame(ByteView rest)
{
    return {rest.size() < kBytes ? 0 : kBytes, kSamples, false};
}

/// Frames of 10 octets, and at the end perhaps a silence descriptor of 2 (RFC 3551 §4.5.6).
Frame g729Frame(ByteView rest)
{
    constexpr std::size_t kSpeech = 10;
    constexpr std::size_t kSilence = 2;
    if (rest.size() >= kSpeech)
        return {kSpeech, 80, false};
    return rest.size() == kSilence ? Frame{kSilence, 80, true} : Frame{};
}

/// The two lowest bits of a frame name its kind (RFC 3551 §4.5.3).
Frame g723Frame(ByteView rest)
{
    constexpr std::array<std::size_t, 4> kBytes{24, 20, 4, 0};
    const std::size_t bytes = kBytes[std::to_integer<std::size_t>(rest[0]) & 3U];
    return {rest.size() < bytes ? 0 : bytes, 240, false};
}

struct FramedCodec {
    std::string_view encoding;
    std::uint32_t sampleRate;
    Splitter split;
    FfmpegParams ffmpeg;
};

constexpr std::array kCodecs{
    FramedCodec{"G722", 16000, wholePayload<8, 2>, {"g722", 16000}},
    FramedCodec{"G729", 8000, g729Frame, {"g729", 8000}},
    FramedCodec{"G723", 8000, g723Frame, {"g723_1", 8000}},
    FramedCodec{"GSM", 8000, fixedFrame<33, 160>, {"gsm", 8000, 0, 33}},
    FramedCodec{"ILBC", 8000, fixedFrame<50, 240>, {"ilbc", 8000, 0, 50}},
    FramedCodec{"ILBC-20", 8000, fixedFrame<38, 160>, {"ilbc", 8000, 0, 38}},
    FramedCodec{"G726-16", 8000, wholePayload<2>, {"g726le", 8000, 2}},
    FramedCodec{"G726-24", 8000, wholePayload<3>, {"g726le", 8000, 3}},
    FramedCodec{"G726-32", 8000, wholePayload<4>, {"g726le", 8000, 4}},
    FramedCodec{"G726-40", 8000, wholePayload<5>, {"g726le", 8000, 5}},
    FramedCodec{"AAL2-G726-16", 8000, wholePayload<2>, {"g726", 8000, 2}},
    FramedCodec{"AAL2-G726-24", 8000, wholePayload<3>, {"g726", 8000, 3}},
    FramedCodec{"AAL2-G726-32", 8000, wholePayload<4>, {"g726", 8000, 4}},
    FramedCodec{"AAL2-G726-40", 8000, wholePayload<5>, {"g726", 8000, 5}},
};

/// G.729 Annex B: the last five of the fifteen bits say the energy, -12, -4 to 16 in steps of 4, then to 66
/// dB in steps of 2. The spectrum is left white.
rtp::ComfortNoise g729Silence(ByteView frame)
{
    const unsigned bits = loadBe<std::uint16_t>(frame.data());
    const auto index = static_cast<int>((bits >> 1) & 0x1fU);
    const double decibel = index == 0 ? -12.0 : index < 6 ? 4.0 * index - 8.0 : 2.0 * index + 4.0;
    rtp::ComfortNoise noise;
    noise.level = static_cast<std::uint8_t>(std::lround(20.0 * std::log10(32767.0) - decibel));
    return noise;
}

class FramedDecoder final : public PayloadDecoder {
public:
    FramedDecoder(const FramedCodec& codec, std::unique_ptr<FfmpegDecoder> decoder)
        : m_codec(codec)
        , m_decoder(std::move(decoder))
    {}

    std::uint32_t sampleRate() const override { return m_codec.sampleRate; }

    Status decode(ByteView payload, std::vector<std::int16_t>& samples) override
    {
        if (!payload.empty() && durationOf(payload) == 0)
            return fail(CodecErrc::BadPayload,
                        std::string(m_codec.encoding) + " of " + std::to_string(payload.size()) + " octets");
        const std::size_t before = samples.size();
        while (!payload.empty()) {
            const Frame frame = m_codec.split(payload);
            const std::size_t end = samples.size() + frame.samples;
            if (frame.silence) {
                samples.resize(end);
                m_noise.set(g729Silence(payload));
                m_noise.fill(std::span(samples).last(frame.samples));
            } else if (Status status = m_decoder->decode(payload.first(frame.bytes), samples); !status) {
                samples.resize(before);
                return status;
            }
            samples.resize(end); // what durationOf() promised, whatever the library gave
            payload = payload.subspan(frame.bytes);
        }
        return {};
    }

    std::uint32_t durationOf(ByteView payload) const override
    {
        if (payload.size() > kMaxPayload)
            return 0;
        std::uint32_t samples = 0;
        while (!payload.empty()) {
            const Frame frame = m_codec.split(payload);
            if (frame.bytes == 0)
                return 0;
            samples += frame.samples;
            payload = payload.subspan(frame.bytes);
        }
        return samples;
    }

private:
    const FramedCodec& m_codec; // row of kCodecs
    std::unique_ptr<FfmpegDecoder> m_decoder;
    rtp::NoiseGenerator m_noise;
};

/// Names beside the registered ones, and iLBC's mode (RFC 3952 §4.2: 30 unless `mode=20`).
std::string canonical(const std::string& encoding, const std::string& fmtp)
{
    if (encoding == "ILBC" && fmtp.find("mode=20") != std::string::npos)
        return "ILBC-20";
    if (encoding == "G721")
        return "G726-32";
    if (encoding == "G729A" || encoding == "G729B" || encoding == "G729AB")
        return "G729";
    return encoding;
}

} // namespace

Result<std::unique_ptr<PayloadDecoder>> openFramed(const std::string& encoding, const std::string& fmtp)
{
    const std::string name = canonical(encoding, fmtp);
    for (const FramedCodec& codec : kCodecs) {
        if (codec.encoding != name)
            continue;
        auto decoder = FfmpegDecoder::open(codec.ffmpeg);
        if (!decoder)
            return decoder.error();
        return std::unique_ptr<PayloadDecoder>(
            std::make_unique<FramedDecoder>(codec, std::move(decoder).value()));
    }
    return fail(CodecErrc::Unsupported, encoding.substr(0, 64));
}

} // namespace sr::codec
