// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody does to the recording of a call that runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sr::pbx {

enum class RecordingAction : std::uint8_t {
    Pause, ///< nothing that is said is kept, until it is resumed
    Resume,
    Mark,  ///< it is to be kept
    Start, ///< where the mode of the user leaves it to the user (RecordMode)
    Stop,
};

/// `pause`, `resume`, `mark`, `start`, `stop`.
std::optional<RecordingAction> recordingActionNamed(std::string_view name);

} // namespace sr::pbx
