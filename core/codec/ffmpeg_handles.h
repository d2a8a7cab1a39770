// SPDX-License-Identifier: GPL-3.0-or-later
// Owners of FFmpeg's objects. Only for .cpp files of this folder.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
}

#include <memory>

namespace sr::codec {

struct CodecContextDeleter {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct PacketDeleter {
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FrameDeleter {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using CodecContextPtr = std::unique_ptr<AVCodecContext, CodecContextDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, PacketDeleter>;
using FramePtr = std::unique_ptr<AVFrame, FrameDeleter>;

} // namespace sr::codec
