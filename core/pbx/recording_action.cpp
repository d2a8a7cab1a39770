// SPDX-License-Identifier: GPL-3.0-or-later
// The names that the console has for them.
#include "core/pbx/recording_action.h"

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

constexpr std::array<std::string_view, 5> kNames{"pause", "resume", "mark", "start", "stop"};

} // namespace

std::optional<RecordingAction> recordingActionNamed(std::string_view name)
{
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end())
        return std::nullopt;
    return static_cast<RecordingAction>(found - kNames.begin());
}

} // namespace sr::pbx
