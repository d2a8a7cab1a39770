// SPDX-License-Identifier: GPL-3.0-or-later
// G.722 payloads for tests, by FFmpeg's encoder.
#pragma once

#include "core/base/bytes.h"

#include <algorithm>
#include <cstdint>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace sr::test {

class G722Encoder {
public:
    G722Encoder()
    {
        const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_ADPCM_G722);
        m_context = codec != nullptr ? avcodec_alloc_context3(codec) : nullptr;
        if (m_context == nullptr)
            return;
        m_context->sample_rate = 16000;
        m_context->sample_fmt = AV_SAMPLE_FMT_S16;
        av_channel_layout_default(&m_context->ch_layout, 1);
        m_open = avcodec_open2(m_context, codec, nullptr) == 0;
        m_frame = av_frame_alloc();
        m_packet = av_packet_alloc();
    }
    ~G722Encoder()
    {
        av_packet_free(&m_packet);
        av_frame_free(&m_frame);
        avcodec_free_context(&m_context);
    }
    G722Encoder(const G722Encoder&) = delete;
    G722Encoder& operator=(const G722Encoder&) = delete;

    bool isOpen() const { return m_open; }
    /// One packet of samples at 16 kHz; half as many octets.
    Bytes encode(const std::vector<std::int16_t>& samples)
    {
        Bytes out;
        av_frame_unref(m_frame);
        m_frame->nb_samples = static_cast<int>(samples.size());
        m_frame->format = AV_SAMPLE_FMT_S16;
        m_frame->sample_rate = 16000;
        av_channel_layout_default(&m_frame->ch_layout, 1);
        if (av_frame_get_buffer(m_frame, 0) < 0)
            return out;
        std::copy(samples.begin(), samples.end(), reinterpret_cast<std::int16_t*>(m_frame->data[0]));
        if (avcodec_send_frame(m_context, m_frame) < 0)
            return out;
        while (avcodec_receive_packet(m_context, m_packet) == 0) {
            const auto* const data = reinterpret_cast<const std::byte*>(m_packet->data);
            out.insert(out.end(), data, data + m_packet->size);
            av_packet_unref(m_packet);
        }
        return out;
    }

private:
    AVCodecContext* m_context = nullptr;
    AVFrame* m_frame = nullptr;
    AVPacket* m_packet = nullptr;
    bool m_open = false;
};

} // namespace sr::test
