// SPDX-License-Identifier: GPL-3.0-or-later
// WAV headers: G.711 or PCM in a RIFF/WAVE container, made before the audio because its length is known.
#pragma once

#include "core/base/io.h"
#include "core/codec/audio_format.h"

namespace sr::codec {

/// Header for `frames` frames: fmt (18 octets for G.711, 16 for PCM), fact for G.711, data.
/// BaseErrc::TooLarge over 4 GiB.
Result<Bytes> wavHeader(const AudioFormat& format, std::uint64_t frames);
/// Octets after the data chunk: 1 if its length is odd (RIFF pads chunks to even), else 0.
std::size_t wavPadding(const AudioFormat& format, std::uint64_t frames);

struct WavInfo {
    AudioFormat format;
    std::uint64_t dataOffset = 0; ///< [octets]
    std::uint64_t frames = 0;     ///< cut to what the file really holds
};
/// Chunks in any order, WAVE_FORMAT_EXTENSIBLE too. CodecErrc::BadFile for anything that is no such WAV.
Result<WavInfo> parseWav(ByteSource& source);

} // namespace sr::codec
