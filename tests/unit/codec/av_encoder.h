// SPDX-License-Identifier: GPL-3.0-or-later
// libavcodec as the phone at the other end: samples in, payloads out. For tests only.
#pragma once

#include "core/base/bytes.h"

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

namespace sr::test {

struct AvEncoding {
    std::string encoder;
    int sampleRate = 8000;
    int channels = 1;
    int bitrate = 0;
    int frameSamples = 160;            ///< used where the encoder takes any number
    const char* application = nullptr; ///< of libopus
};

/// Payloads of mono samples (copied to all channels); empty if the encoder is missing.
inline std::vector<Bytes> encodeWithAv(const AvEncoding& wish, std::span<const std::int16_t> samples)
{
    std::vector<Bytes> out;
    const AVCodec* codec = avcodec_find_encoder_by_name(wish.encoder.c_str());
    if (codec == nullptr)
        return out;
    AVCodecContext* ctx = avcodec_alloc_context3(codec);
    ctx->sample_rate = wish.sampleRate;
    ctx->sample_fmt = AV_SAMPLE_FMT_S16;
    av_channel_layout_default(&ctx->ch_layout, wish.channels);
    if (wish.bitrate > 0)
        ctx->bit_rate = wish.bitrate;
    ctx->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    if (wish.application != nullptr)
        av_opt_set(ctx->priv_data, "application", wish.application, 0);
    if (avcodec_open2(ctx, codec, nullptr) < 0) {
        avcodec_free_context(&ctx);
        return out;
    }
    const auto perFrame = static_cast<std::size_t>(ctx->frame_size > 0 ? ctx->frame_size : wish.frameSamples);
    AVPacket* packet = av_packet_alloc();
    for (std::size_t at = 0; at + perFrame <= samples.size(); at += perFrame) {
        AVFrame* frame = av_frame_alloc();
        frame->nb_samples = static_cast<int>(perFrame);
        frame->format = AV_SAMPLE_FMT_S16;
        frame->sample_rate = wish.sampleRate;
        frame->pts = static_cast<std::int64_t>(at);
        av_channel_layout_copy(&frame->ch_layout, &ctx->ch_layout);
        av_frame_get_buffer(frame, 0);
        auto* to = reinterpret_cast<std::int16_t*>(frame->data[0]);
        for (std::size_t i = 0; i < perFrame; ++i)
            for (int c = 0; c < wish.channels; ++c)
                *to++ = samples[at + i];
        if (avcodec_send_frame(ctx, frame) >= 0)
            while (avcodec_receive_packet(ctx, packet) >= 0) {
                const auto bytes =
                    std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
                out.emplace_back(bytes.begin(), bytes.end());
                av_packet_unref(packet);
            }
        av_frame_free(&frame);
    }
    av_packet_free(&packet);
    avcodec_free_context(&ctx);
    return out;
}

} // namespace sr::test
