// SPDX-License-Identifier: GPL-3.0-or-later
// libavcodec for telephone codecs: each frame gives its packet at once.
#include "core/codec/ffmpeg_encoder.h"

#include "core/codec/ffmpeg_decoder.h"
#include "core/codec/ffmpeg_handles.h"
#include "core/codec/payload_decoder.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <string>

namespace sr::codec {

struct FfmpegEncoder::Impl {
    CodecContextPtr context;
    PacketPtr packet;
    FramePtr frame;
};

FfmpegEncoder::FfmpegEncoder(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

FfmpegEncoder::~FfmpegEncoder() = default;

Result<std::unique_ptr<FfmpegEncoder>> FfmpegEncoder::open(const FfmpegEncoding& encoding)
{
    silenceFfmpeg();
    const AVCodec* const codec = avcodec_find_encoder_by_name(encoding.encoder);
    if (codec == nullptr)
        return fail(CodecErrc::Unsupported, std::string("FFmpeg without encoder ") + encoding.encoder);
    auto impl = std::make_unique<Impl>();
    impl->context.reset(avcodec_alloc_context3(codec));
    impl->packet.reset(av_packet_alloc());
    impl->frame.reset(av_frame_alloc());
    if (!impl->context || !impl->packet || !impl->frame)
        return fail(CodecErrc::Library, "memory for an encoder");
    AVCodecContext& context = *impl->context;
    context.sample_fmt = AV_SAMPLE_FMT_S16;
    context.sample_rate = static_cast<int>(encoding.sampleRate);
    context.time_base = {1, context.sample_rate};
    av_channel_layout_default(&context.ch_layout, 1);
    context.frame_size = static_cast<int>(encoding.frameSamples); // of G.722, others decide it themselves
    context.bit_rate = encoding.bitRate;
    context.compression_level = 5; // of 10 for Opus: speech gains nothing by more, and the beat waits
    context.thread_count = 1;
    if (avcodec_open2(&context, codec, nullptr) < 0 ||
        context.frame_size != static_cast<int>(encoding.frameSamples))
        return fail(CodecErrc::Library, std::string("open encoder ") + encoding.encoder);
    AVFrame& frame = *impl->frame;
    frame.format = context.sample_fmt;
    frame.sample_rate = context.sample_rate;
    frame.nb_samples = context.frame_size;
    frame.pts = 0;
    if (av_channel_layout_copy(&frame.ch_layout, &context.ch_layout) < 0 ||
        av_frame_get_buffer(&frame, 0) < 0)
        return fail(CodecErrc::Library, "memory for a frame");
    return std::unique_ptr<FfmpegEncoder>(new FfmpegEncoder(std::move(impl)));
}

Status FfmpegEncoder::encode(std::span<const std::int16_t> samples, Bytes& packet)
{
    packet.clear();
    AVFrame& frame = *m_impl->frame;
    if (samples.size() != static_cast<std::size_t>(frame.nb_samples) || av_frame_make_writable(&frame) < 0)
        return fail(CodecErrc::Library, "a frame to encode");
    std::ranges::copy(samples, reinterpret_cast<std::int16_t*>(frame.data[0]));
    const bool done = avcodec_send_frame(m_impl->context.get(), &frame) >= 0 &&
                      avcodec_receive_packet(m_impl->context.get(), m_impl->packet.get()) >= 0;
    frame.pts += frame.nb_samples;
    if (!done)
        return fail(CodecErrc::Library, "encode");
    const auto* const octets = reinterpret_cast<const std::byte*>(m_impl->packet->data);
    packet.assign(octets, octets + m_impl->packet->size);
    av_packet_unref(m_impl->packet.get());
    return {};
}

} // namespace sr::codec
