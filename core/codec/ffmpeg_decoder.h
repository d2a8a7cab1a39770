// SPDX-License-Identifier: GPL-3.0-or-later
// One libavcodec audio decoder behind a face without FFmpeg headers: packet in, mono samples out.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace sr::codec {

/// FFmpeg prints what it thinks of damaged input; a service must not. Called by everything here that uses it.
void silenceFfmpeg();

struct FfmpegParams {
    const char* decoder = "";     ///< FFmpeg's name
    std::uint32_t sampleRate = 0; ///< [Hz] told to the decoder
    int bitsPerSample = 0;        ///< coded bits, for ADPCM
    int blockAlign = 0;           ///< [octets] per frame, where the decoder wants to know
};

/// One thread at a time.
class FfmpegDecoder {
public:
    /// CodecErrc::Unsupported if this FFmpeg has no such decoder, Library if it does not open.
    static Result<std::unique_ptr<FfmpegDecoder>> open(const FfmpegParams& params);
    ~FfmpegDecoder();

    /// Appends the samples of one frame, channels mixed to one. CodecErrc::BadPayload appends nothing.
    Status decode(ByteView packet, std::vector<std::int16_t>& samples);

private:
    struct Impl;
    explicit FfmpegDecoder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::codec
