// SPDX-License-Identifier: GPL-3.0-or-later
// The names of the reference's phones.
#include "core/pbx/record_mode.h"

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

constexpr std::array<std::string_view, 4> kNames{"off", "transparent", "manual", "optional"};

} // namespace

std::string_view nameOf(RecordMode mode)
{
    return kNames.at(static_cast<std::size_t>(mode));
}

std::optional<RecordMode> recordModeNamed(std::string_view name)
{
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end())
        return std::nullopt;
    return static_cast<RecordMode>(found - kNames.begin());
}

} // namespace sr::pbx
