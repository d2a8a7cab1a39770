// SPDX-License-Identifier: GPL-3.0-or-later
// ISO 8601 with milliseconds and offset, as sidecars and logs carry it.
#pragma once

#include "core/base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace sr::archive {

/// `2026-11-22T01:39:36.123+01:00`: the wall time `offsetMinutes` east of Greenwich.
std::string isoTime(UtcTime time, int offsetMinutes);

struct OffsetTime {
    UtcTime time{};
    int offsetMinutes = 0;
};
/// Reads exactly what isoTime() writes.
std::optional<OffsetTime> parseIsoTime(std::string_view text);

/// Whole milliseconds since 1970, rounded down.
std::int64_t millisecondsOf(UtcTime time);
UtcTime timeOfMilliseconds(std::int64_t ms);

} // namespace sr::archive
