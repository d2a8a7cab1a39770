// SPDX-License-Identifier: GPL-3.0-or-later
// One libavcodec audio encoder behind a face without FFmpeg headers: a frame of mono samples in, a packet
// out.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <cstdint>
#include <memory>
#include <span>

namespace sr::codec {

struct FfmpegEncoding {
    const char* encoder = "";       ///< FFmpeg's name
    std::uint32_t sampleRate = 0;   ///< [Hz]
    std::uint32_t frameSamples = 0; ///< each time
    int bitRate = 0;                ///< [bit/s], 0: the codec has one only
};

/// One thread at a time.
class FfmpegEncoder {
public:
    /// CodecErrc::Unsupported if this FFmpeg has no such encoder, Library if it does not open.
    static Result<std::unique_ptr<FfmpegEncoder>> open(const FfmpegEncoding& encoding);
    ~FfmpegEncoder();

    /// `packet` becomes that of one frame. CodecErrc::Library: it is empty.
    Status encode(std::span<const std::int16_t> samples, Bytes& packet);

private:
    struct Impl;
    explicit FfmpegEncoder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::codec
