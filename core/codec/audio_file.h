// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes WAV and MP3 from any source with sample-exact seeking: for the player, convert and checks.
#pragma once

#include "core/base/io.h"
#include "core/codec/payload_decoder.h"

#include <memory>
#include <span>

namespace sr::codec {

/// Decoded sound with random access. One thread at a time. Also the face that rendered calls show the player.
class AudioReader {
public:
    virtual ~AudioReader() = default;
    virtual std::uint32_t sampleRate() const = 0; ///< [Hz]
    virtual std::uint8_t channels() const = 0;
    virtual std::uint64_t frames() const = 0;
    virtual Status seek(std::uint64_t frame) = 0;
    /// Fills interleaved [frame][channel] int16; returns frames delivered, 0 at the end.
    virtual Result<std::size_t> read(std::span<std::int16_t> interleaved) = 0;
};

/// WAV (G.711, PCM) by our own reader, everything else FFmpeg can open by FFmpeg. Takes the source.
Result<std::unique_ptr<AudioReader>> openAudio(std::unique_ptr<ByteSource> source);

} // namespace sr::codec
