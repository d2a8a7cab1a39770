// SPDX-License-Identifier: GPL-3.0-or-later
// libavcodec for telephone codecs: one packet is one frame, so the decoder holds nothing back.
#include "core/codec/ffmpeg_decoder.h"

#include "core/codec/ffmpeg_handles.h"
#include "core/codec/ffmpeg_samples.h"
#include "core/codec/payload_decoder.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
}

#include <mutex>
#include <string>

namespace sr::codec {
void silenceFfmpeg()
{
    static std::once_flag once;
    std::call_once(once, [] { av_log_set_level(AV_LOG_QUIET); });
}

struct FfmpegDecoder::Impl {
    CodecContextPtr context;
    PacketPtr packet;
    FramePtr frame;
    Bytes padded;

    void append(std::vector<std::int16_t>& samples) const
    {
        const int channels = frame->ch_layout.nb_channels;
        if (channels <= 0 || !readableFormat(frame->format))
            return;
        for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(frame->nb_samples, 0)); ++i) {
            int sum = 0;
            for (int channel = 0; channel < channels; ++channel)
                sum += frameSample(*frame, channels, channel, i);
            samples.push_back(static_cast<std::int16_t>(sum / channels));
        }
    }
};

FfmpegDecoder::FfmpegDecoder(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

FfmpegDecoder::~FfmpegDecoder() = default;

Result<std::unique_ptr<FfmpegDecoder>> FfmpegDecoder::open(const FfmpegParams& params)
{
    silenceFfmpeg();
    const AVCodec* const codec = avcodec_find_decoder_by_name(params.decoder);
    if (codec == nullptr)
        return fail(CodecErrc::Unsupported, std::string("FFmpeg without decoder ") + params.decoder);
    auto impl = std::make_unique<Impl>();
    impl->context.reset(avcodec_alloc_context3(codec));
    impl->packet.reset(av_packet_alloc());
    impl->frame.reset(av_frame_alloc());
    if (!impl->context || !impl->packet || !impl->frame)
        return fail(CodecErrc::Library, "memory for a decoder");
    AVCodecContext& context = *impl->context;
    context.sample_rate = static_cast<int>(params.sampleRate);
    av_channel_layout_default(&context.ch_layout, 1);
    context.bits_per_coded_sample = params.bitsPerSample;
    context.block_align = params.blockAlign;
    context.thread_count = 1;
    if (avcodec_open2(&context, codec, nullptr) < 0)
        return fail(CodecErrc::Library, std::string("open decoder ") + params.decoder);
    return std::unique_ptr<FfmpegDecoder>(new FfmpegDecoder(std::move(impl)));
}

Status FfmpegDecoder::decode(ByteView packet, std::vector<std::int16_t>& samples)
{
    const std::size_t before = samples.size();
    m_impl->padded.assign(packet.begin(), packet.end());
    m_impl->padded.resize(packet.size() + AV_INPUT_BUFFER_PADDING_SIZE); // decoders read past the end
    m_impl->packet->data = reinterpret_cast<std::uint8_t*>(m_impl->padded.data());
    m_impl->packet->size = static_cast<int>(packet.size());
    int status = avcodec_send_packet(m_impl->context.get(), m_impl->packet.get());
    while (status >= 0) {
        status = avcodec_receive_frame(m_impl->context.get(), m_impl->frame.get());
        if (status >= 0)
            m_impl->append(samples);
    }
    if (status != AVERROR(EAGAIN) || samples.size() == before) {
        samples.resize(before);
        return fail(CodecErrc::BadPayload, std::to_string(packet.size()) + " octets");
    }
    return {};
}

} // namespace sr::codec
