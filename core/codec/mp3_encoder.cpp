// SPDX-License-Identifier: GPL-3.0-or-later
// LAME at a constant bit rate, and the Info frame that it could write only after the end.
#include "core/codec/mp3_encoder.h"

#include "core/codec/payload_decoder.h"

#include <lame/lame.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sr::codec {
namespace {

constexpr std::uint64_t kFrameSamples = 576; // of MPEG-2 and 2.5 layer III
constexpr std::uint64_t kBlockFrames = 8 * kFrameSamples;
constexpr std::size_t kOutputBytes = kBlockFrames * 5 / 4 + 7200; // worst case named in lame.h

struct LameDeleter {
    void operator()(lame_global_flags* lame) const { lame_close(lame); }
};

/// What LAME will make of `frames` samples: it delays, then fills the last MP3 frame and at least one half.
struct Layout {
    std::uint64_t mp3Frames = 0;
    std::uint32_t delay = 0;
    std::uint32_t padding = 0;
};

Layout layoutOf(std::uint64_t frames, std::uint32_t delay)
{
    const std::uint64_t samples = frames + delay;
    std::uint64_t padding = kFrameSamples - samples % kFrameSamples;
    if (padding < kFrameSamples)
        padding += kFrameSamples;
    return {(samples + padding) / kFrameSamples, delay, static_cast<std::uint32_t>(padding)};
}

void put(Bytes& out, std::uint64_t value, std::size_t octets)
{
    for (std::size_t i = octets; i-- > 0;)
        out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

/// An MP3 frame of silence whose spare room holds the Xing header of a constant bit rate ("Info") with LAME's
/// extension, as players have read it since 2000.
Bytes infoFrame(const Mp3Options& options, const Layout& layout)
{
    // Bit rates of MPEG-2 and 2.5 layer III go in steps of 8 to 64, in steps of 16 above.
    const int rate = options.bitrateKbps;
    const auto rateIndex = static_cast<std::uint64_t>(rate <= 64 ? rate / 8 : 8 + (rate - 64) / 16);
    const bool mpeg25 = options.sampleRate <= 12000;
    const auto frameBytes = static_cast<std::size_t>(72000 * rate) / options.sampleRate;
    const bool mono = options.channels == 1;

    Bytes out;
    put(out,
        0xffe30000U | (mpeg25 ? 0U : 0x100000U) | (rateIndex << 12) |
            (2U << 10) // third rate of the family: 16 or 8 kHz
            | (mono ? 0xc0U : 0U),
        4);
    out.resize(out.size() + (mono ? 9 : 17)); // side information: all zero is silence
    for (const char c : {'I', 'n', 'f', 'o'})
        out.push_back(static_cast<std::byte>(c));
    put(out, 3, 4); // number of frames and octets follow
    put(out, layout.mp3Frames, 4);
    put(out, (layout.mp3Frames + 1) * frameBytes, 4);
    for (const char c : {'L', 'A', 'M', 'E', '3', '.', '1', '0', '0'})
        out.push_back(static_cast<std::byte>(c));
    put(out, 1, 1);              // revision 0, constant bit rate
    out.resize(out.size() + 10); // low-pass, replay gain, flags: not said
    put(out, static_cast<std::uint64_t>(rate), 1);
    put(out, (std::uint64_t{layout.delay} << 12) | layout.padding, 3);
    out.resize(frameBytes); // the rest, check sums included, players do without
    return out;
}

} // namespace

struct Mp3Encoder::Impl {
    std::unique_ptr<lame_global_flags, LameDeleter> lame;
    ByteSink* out = nullptr;
    Mp3Options options;
    std::uint64_t written = 0;
    std::array<unsigned char, kOutputBytes> buffer{};

    Status pass(int octets)
    {
        if (octets < 0)
            return fail(CodecErrc::Library, "LAME error " + std::to_string(octets));
        return octets == 0
                   ? Status()
                   : out->write(std::as_bytes(std::span(buffer)).first(static_cast<std::size_t>(octets)));
    }
};

Mp3Encoder::Mp3Encoder(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

Mp3Encoder::~Mp3Encoder() = default;

Result<std::unique_ptr<Mp3Encoder>> Mp3Encoder::open(ByteSink& out, const Mp3Options& options)
{
    auto impl = std::make_unique<Impl>();
    impl->out = &out;
    impl->options = options;
    Mp3Options& o = impl->options;
    if (o.bitrateKbps == 0)
        o.bitrateKbps = o.channels == 1 ? 16 : 32;
    const bool rates = (o.sampleRate == 8000 && o.bitrateKbps <= 64) || o.sampleRate == 16000;
    const bool bits = o.bitrateKbps >= 16 && o.bitrateKbps <= 160 &&
                      (o.bitrateKbps <= 64 ? o.bitrateKbps % 8 == 0 : o.bitrateKbps % 16 == 0);
    if (!rates || !bits || o.channels < 1 || o.channels > 2 || o.quality < 0 || o.quality > 9)
        return fail(CodecErrc::Unsupported, "MP3 of " + std::to_string(o.sampleRate) + " Hz, " +
                                                std::to_string(o.channels) + " channels, " +
                                                std::to_string(o.bitrateKbps) + " kbit/s");
    impl->lame.reset(lame_init());
    lame_global_flags* const lame = impl->lame.get();
    if (lame == nullptr)
        return fail(CodecErrc::Library, "start of LAME");
    for (const auto set : {lame_set_errorf, lame_set_debugf, lame_set_msgf})
        set(lame, nullptr); // LAME prints to stderr otherwise
    lame_set_num_channels(lame, o.channels);
    lame_set_in_samplerate(lame, static_cast<int>(o.sampleRate));
    lame_set_out_samplerate(lame, static_cast<int>(o.sampleRate));
    lame_set_brate(lame, o.bitrateKbps);
    lame_set_quality(lame, o.quality);
    // Joint stereo would let one party's voice into the other's channel.
    lame_set_mode(lame, o.channels == 1 ? MONO : STEREO);
    lame_set_bWriteVbrTag(lame, 0);
    lame_set_write_id3tag_automatic(lame, 0);
    if (lame_init_params(lame) < 0)
        return fail(CodecErrc::Library, "LAME parameters");
    if (o.frames != 0) {
        const auto delay = static_cast<std::uint32_t>(lame_get_encoder_delay(lame));
        const Layout layout = layoutOf(o.frames, delay);
        if (layout.mp3Frames > 0xffffff)
            return fail(BaseErrc::TooLarge, "MP3 of " + std::to_string(o.frames) + " frames");
        if (Status status = out.write(infoFrame(o, layout)); !status)
            return status.error();
    }
    return std::unique_ptr<Mp3Encoder>(new Mp3Encoder(std::move(impl)));
}

Status Mp3Encoder::write(std::span<const std::int16_t> interleaved)
{
    Impl& m = *m_impl;
    const std::size_t channels = m.options.channels;
    std::size_t frames = interleaved.size() / channels;
    const std::int16_t* in = interleaved.data();
    while (frames > 0) {
        const std::size_t block = std::min<std::size_t>(frames, kBlockFrames);
        auto* const samples = const_cast<short*>(in); // lame.h lacks the const of the interleaved call
        const int octets =
            channels == 1 ? lame_encode_buffer(m.lame.get(), in, in, static_cast<int>(block), m.buffer.data(),
                                               kOutputBytes)
                          : lame_encode_buffer_interleaved(m.lame.get(), samples, static_cast<int>(block),
                                                           m.buffer.data(), kOutputBytes);
        if (Status status = m.pass(octets); !status)
            return status;
        in += block * channels;
        frames -= block;
        m.written += block;
    }
    return {};
}

Status Mp3Encoder::finish()
{
    Impl& m = *m_impl;
    if (Status status = m.pass(lame_encode_flush(m.lame.get(), m.buffer.data(), kOutputBytes)); !status)
        return status;
    if (m.options.frames != 0 && m.written != m.options.frames)
        return fail(CodecErrc::BadPayload, "MP3 of " + std::to_string(m.written) + " frames, " +
                                               std::to_string(m.options.frames) + " were announced");
    return {};
}

} // namespace sr::codec
