// SPDX-License-Identifier: GPL-3.0-or-later
// libswresample mirrors the beginning of the input into its filter, so the output is in step from the first
// sample; only the length needs care.
#include "core/codec/resampler.h"

#include "core/codec/ffmpeg_decoder.h"
#include "core/codec/payload_decoder.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
}

#include <algorithm>

namespace sr::codec {
namespace {

constexpr std::uint32_t kMinRate = 1000;    // [Hz]
constexpr std::uint32_t kMaxRate = 384000;  // [Hz]
constexpr std::size_t kBlockFrames = 16384; // per call of the library

struct SwrDeleter {
    void operator()(SwrContext* context) const { swr_free(&context); }
};

} // namespace

struct Resampler::Impl {
    std::unique_ptr<SwrContext, SwrDeleter> swr;
    std::uint32_t inRate = 0;
    std::uint32_t outRate = 0;
    std::size_t channels = 1;
    std::uint64_t framesIn = 0;
    std::uint64_t framesOut = 0;

    std::uint64_t framesDue() const { return (framesIn * outRate + inRate - 1) / inRate; }

    /// One call of the library; `frames` 0 drains it. Gives frames appended, negative for an error.
    int convert(const std::int16_t* in, std::size_t frames, std::vector<std::int16_t>& out)
    {
        const int room = swr_get_out_samples(swr.get(), static_cast<int>(frames)) + 16;
        const std::size_t before = out.size();
        out.resize(before + static_cast<std::size_t>(room) * channels);
        auto* to = reinterpret_cast<std::uint8_t*>(out.data() + before);
        const auto* from = reinterpret_cast<const std::uint8_t*>(in);
        const int got =
            swr_convert(swr.get(), &to, room, frames == 0 ? nullptr : &from, static_cast<int>(frames));
        const auto kept = static_cast<std::uint64_t>(std::max(got, 0));
        out.resize(before + kept * channels);
        framesOut += kept;
        return got;
    }
};

Resampler::Resampler(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

Resampler::~Resampler() = default;

Result<std::unique_ptr<Resampler>> Resampler::open(std::uint32_t inRate, std::uint32_t outRate,
                                                   std::uint8_t channels)
{
    silenceFfmpeg();
    const bool rates = std::min(inRate, outRate) >= kMinRate && std::max(inRate, outRate) <= kMaxRate;
    if (!rates || channels == 0 || channels > 8)
        return fail(CodecErrc::Unsupported, "resample " + std::to_string(inRate) + " to " +
                                                std::to_string(outRate) + " Hz, " + std::to_string(channels) +
                                                " channels");
    auto impl = std::make_unique<Impl>();
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, channels);
    SwrContext* raw = nullptr;
    const int status = swr_alloc_set_opts2(&raw, &layout, AV_SAMPLE_FMT_S16, static_cast<int>(outRate),
                                           &layout, AV_SAMPLE_FMT_S16, static_cast<int>(inRate), 0, nullptr);
    impl->swr.reset(raw);
    if (status < 0 || swr_init(raw) < 0)
        return fail(CodecErrc::Library, "open resampler");
    impl->inRate = inRate;
    impl->outRate = outRate;
    impl->channels = channels;
    return std::unique_ptr<Resampler>(new Resampler(std::move(impl)));
}

Status Resampler::process(std::span<const std::int16_t> interleaved, std::vector<std::int16_t>& out)
{
    std::size_t frames = interleaved.size() / m_impl->channels;
    const std::int16_t* in = interleaved.data();
    while (frames > 0) {
        const std::size_t block = std::min(frames, kBlockFrames);
        m_impl->framesIn += block;
        if (m_impl->convert(in, block, out) < 0)
            return fail(CodecErrc::Library, "resample");
        in += block * m_impl->channels;
        frames -= block;
    }
    return {};
}

Status Resampler::finish(std::vector<std::int16_t>& out)
{
    const std::uint64_t due = m_impl->framesDue();
    while (m_impl->framesIn > 0 && m_impl->framesOut < due) {
        const int got = m_impl->convert(nullptr, 0, out);
        if (got < 0)
            return fail(CodecErrc::Library, "resample");
        if (got == 0)
            break;
    }
    // A frame more or less by rounding inside the filter.
    const std::size_t size = out.size() / m_impl->channels;
    const std::uint64_t surplus = m_impl->framesOut > due ? m_impl->framesOut - due : 0;
    const std::uint64_t missing = due > m_impl->framesOut ? due - m_impl->framesOut : 0;
    out.resize((size - std::min<std::size_t>(size, surplus) + missing) * m_impl->channels);
    m_impl->framesOut = due;
    return {};
}

} // namespace sr::codec
