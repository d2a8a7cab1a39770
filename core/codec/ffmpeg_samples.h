// SPDX-License-Identifier: GPL-3.0-or-later
// Samples of an AVFrame as 16-bit integers. Only for .cpp files of this folder: it knows FFmpeg's types.
#pragma once

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sr::codec {

/// The formats frameSample() reads: all that FFmpeg's audio decoders give.
inline bool readableFormat(int format)
{
    switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(format))) {
    case AV_SAMPLE_FMT_U8:
    case AV_SAMPLE_FMT_S16:
    case AV_SAMPLE_FMT_S32:
    case AV_SAMPLE_FMT_FLT:
    case AV_SAMPLE_FMT_DBL:
        return true;
    default:
        return false;
    }
}

inline std::int16_t roundSample(double value)
{
    return static_cast<std::int16_t>(std::lrint(std::clamp(value, -32768.0, 32767.0)));
}

/// Sample `index` of `channel` in a frame with `channels`, in any readable format.
inline std::int16_t frameSample(const AVFrame& frame, int channels, int channel, std::size_t index)
{
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const bool planar = av_sample_fmt_is_planar(format) != 0;
    const auto at =
        planar ? index : index * static_cast<std::size_t>(channels) + static_cast<std::size_t>(channel);
    const std::uint8_t* const plane = frame.extended_data[planar ? channel : 0];
    const auto load = [&]<typename T>(T value) {
        std::memcpy(&value, plane + at * sizeof(T), sizeof(T));
        return value;
    };
    switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8:
        return static_cast<std::int16_t>((plane[at] - 128) * 256);
    case AV_SAMPLE_FMT_S16:
        return load(std::int16_t{});
    case AV_SAMPLE_FMT_S32:
        return roundSample(static_cast<double>(load(std::int32_t{})) / 65536.0);
    case AV_SAMPLE_FMT_FLT:
        return roundSample(static_cast<double>(load(0.0F)) * 32768.0);
    case AV_SAMPLE_FMT_DBL:
        return roundSample(load(0.0) * 32768.0);
    default:
        return 0;
    }
}

} // namespace sr::codec
