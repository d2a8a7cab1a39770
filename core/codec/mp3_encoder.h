// SPDX-License-Identifier: GPL-3.0-or-later
// MP3 by LAME: constant bit rate within the reference's sizes (stereo 250 kB/min, mono 130 kB/min at most).
#pragma once

#include "core/base/error.h"
#include "core/base/io.h"

#include <cstdint>
#include <memory>
#include <span>

namespace sr::codec {

struct Mp3Options {
    std::uint32_t sampleRate = 8000; ///< 8000 or 16000 [Hz]
    std::uint8_t channels = 2;
    int bitrateKbps = 0; ///< 0: 32 stereo, 16 mono (decisions.md 3)
    int quality = 5;     ///< LAME -q, 0 best to 9 fastest
    /// Length of the sound if it is known; then an Info frame stands first, from which players take the exact
    /// length and the encoder's delay. 0: no such frame, decoded sound comes 69 to 138 ms late.
    std::uint64_t frames = 0;
};

/// One thread at a time. Written front to back, nothing is patched afterwards: `out` may be a sealed stream.
class Mp3Encoder {
public:
    static Result<std::unique_ptr<Mp3Encoder>> open(ByteSink& out,
                                                    const Mp3Options& options); ///< `out` outlives it
    ~Mp3Encoder();
    Status write(std::span<const std::int16_t> interleaved); ///< [frame][channel]
    /// Flushes. CodecErrc::BadPayload if the sound was not as long as options.frames said.
    Status finish();

private:
    struct Impl;
    explicit Mp3Encoder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::codec
