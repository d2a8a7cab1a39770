// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's sound output by Qt Multimedia.
#pragma once

#include "player/engine/audio_output.h"

#include <QByteArray>

namespace sr::player {

/// An output to the device with this id, or to the default one (empty, or when that device is gone).
std::unique_ptr<AudioOutput> makeQtAudioOutput(const QByteArray& deviceId);

} // namespace sr::player
