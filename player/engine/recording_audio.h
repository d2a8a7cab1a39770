// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the sound of an archived recording whatever it is kept as: WAV, MP3 or packets, sealed or clear.
#pragma once

#include "core/archive/archive.h"
#include "core/codec/audio_file.h"

#include <memory>
#include <string>

namespace sr::player {

struct RecordingAudio {
    std::unique_ptr<codec::AudioReader> reader;
    archive::ChannelLayout layout = archive::ChannelLayout::Stereo;
};

/// Worker, may block. Errors: PlayErrc::NoAudio and those of archive, crypto, capture and codec.
Result<RecordingAudio> openRecordingAudio(archive::Archive& archive, const std::string& uid);

} // namespace sr::player
