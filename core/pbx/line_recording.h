// SPDX-License-Identifier: GPL-3.0-or-later
// Which calls of a trunk or gateway it asks to record, where not all are: by direction and by number (B4).
#pragma once

#include "core/pbx/destination.h"
#include "core/pbx/object.h"

namespace sr::pbx {

inline constexpr const char* kRecordWay = "record-way";         ///< setting: `in`, `out` or `both`
inline constexpr const char* kRecordNumbers = "record-numbers"; ///< setting: beginnings, parted by blanks

enum class LineWay : std::uint8_t {
    In, ///< the call comes by the line
    Out
};

/// Who is behind the line, who asks neither for the archive nor for "Record to" if the call goes another way
/// than `line` says, or the number behind it begins with nothing that it says. A number that is unknown or
/// withheld begins with nothing. What the other side asks for stays.
CallParty askingBy(const Object& line, LineWay way, CallParty party);

} // namespace sr::pbx
