// SPDX-License-Identifier: GPL-3.0-or-later
// Readers that openAudio() chooses from; for the .cpp files of this folder.
#pragma once

#include "core/codec/audio_file.h"
#include "core/codec/wav.h"

namespace sr::codec {

std::unique_ptr<AudioReader> openWavReader(std::unique_ptr<ByteSource> source, const WavInfo& info);
/// Leaves `source` alone and returns a null reader if it holds no MPEG layer III.
Result<std::unique_ptr<AudioReader>> openMp3Reader(std::unique_ptr<ByteSource>& source);
Result<std::unique_ptr<AudioReader>> openFfmpegReader(std::unique_ptr<ByteSource> source);

} // namespace sr::codec
