// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences of playback errors.
#include "player/engine/audio_output.h"

namespace sr::player {

const std::error_category& playCategory() noexcept
{
    static const EnumCategory<PlayErrc> category("player", [](PlayErrc code) noexcept -> const char* {
        switch (code) {
        case PlayErrc::NoDevice:
            return "this machine has no sound output";
        case PlayErrc::DeviceFailed:
            return "the sound output cannot be opened";
        case PlayErrc::NoAudio:
            return "this call has no audio";
        }
        return "unknown playback error";
    });
    return category;
}

} // namespace sr::player
