// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at a file and hands it to the reader that knows it, the strictest first.
#include "core/codec/audio_file.h"

#include "core/codec/audio_readers.h"

namespace sr::codec {

Result<std::unique_ptr<AudioReader>> openAudio(std::unique_ptr<ByteSource> source)
{
    if (source->size() == 0)
        return fail(CodecErrc::BadFile, "empty file");
    if (const auto wav = parseWav(*source))
        return openWavReader(std::move(source), *wav);
    else if (wav.error().code != CodecErrc::BadFile)
        return wav.error(); // the device failed, not the format
    auto mp3 = openMp3Reader(source);
    if (!mp3 || *mp3)
        return mp3;
    return openFfmpegReader(std::move(source));
}

} // namespace sr::codec
