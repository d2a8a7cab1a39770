// SPDX-License-Identifier: GPL-3.0-or-later
// The sound of one call into one archive file: WAV untouched, or MP3 stereo, mono or one party (features R5).
#pragma once

#include "core/archive/recording.h"
#include "core/base/progress.h"
#include "core/codec/call_audio.h"
#include "recorder/pipeline/import_job.h"

namespace sr::recorder {

archive::MediaFormat mediaFormatOf(OutputFormat format);
archive::ChannelLayout layoutOf(OutputFormat format);

/// What the file turned out to be: copied into the sidecar.
struct WrittenAudio {
    std::string coding; ///< pcma, pcmu, pcm16, mp3
    std::uint32_t sampleRate = 0;
    std::uint64_t frames = 0;
};

/// Writes `frames` frames from where `audio` stands as WAV or MP3 (not Pcap). BaseErrc::Cancelled when
/// stopped.
Result<WrittenAudio> writeCallAudio(codec::CallAudio& audio, std::uint64_t frames, OutputFormat format,
                                    ByteSink& out, const Progress& progress);

/// The same from decoded audio of an existing recording (stereo in, or mono for mono formats).
Result<WrittenAudio> writeDecodedAudio(codec::AudioReader& audio, OutputFormat format, ByteSink& out,
                                       const Progress& progress);

} // namespace sr::recorder
