// SPDX-License-Identifier: GPL-3.0-or-later
// When calls of an object are recorded (voice-recorder, Manual/Transparent/Optional recording).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sr::pbx {

/// The numbers stand in the database.
enum class RecordMode : std::uint8_t {
    Off = 0,
    Transparent = 1, ///< from the answer to the end, whatever the user does
    Manual = 2,      ///< while the user has switched it on
    Optional = 3,    ///< while the user has not switched it off
};

/// As commands and XML say it.
std::string_view nameOf(RecordMode mode);
std::optional<RecordMode> recordModeNamed(std::string_view name);

/// The user has a switch.
constexpr bool isSwitched(RecordMode mode)
{
    return mode == RecordMode::Manual || mode == RecordMode::Optional;
}

/// As long as the user has said nothing.
constexpr bool isRecordedAtFirst(RecordMode mode)
{
    return mode == RecordMode::Transparent || mode == RecordMode::Optional;
}

} // namespace sr::pbx
