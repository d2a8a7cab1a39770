// SPDX-License-Identifier: GPL-3.0-or-later
// Derived columns of the catalog: the sort key that is the row's number, local dates, marks for wildcards.
#pragma once

#include "core/archive/recording.h"

#include <string>
#include <string_view>

namespace sr::archive {

// The row's number is its place in time: milliseconds since 1970 times 2^20 plus a slot that orders what lies
// within one millisecond by (start, uid descending). Calls without audio carry the negative number. So every
// index of SQLite ends in time order by itself, and both lists are ranges of one table.
inline constexpr int kSlotBits = 20;
inline constexpr std::int64_t kSlots = std::int64_t{1} << kSlotBits;
inline constexpr std::int64_t kMaxMs = (std::int64_t{1} << 42) - 1; ///< the year 2109; later times sort as it
inline constexpr std::int64_t kMaxKey = ((kMaxMs + 1) << kSlotBits) - 1;
inline constexpr std::int64_t kMsPerDay = 86'400'000;

/// Start as sorted [ms since 1970], 0..kMaxMs.
std::int64_t sortMs(UtcTime start);
/// First guess of the key: the slot follows the microsecond.
std::int64_t firstKey(UtcTime start);
/// Local date as yyyymmdd. Offsets beyond a day count as a day.
std::int64_t localDate(UtcTime start, int utcOffsetMinutes);
/// Days since 1970 (UTC) of a key.
inline std::int64_t dayOfKey(std::int64_t key)
{
    return (key >> kSlotBits) / kMsPerDay;
}

bool hasWildcard(std::string_view pattern); ///< `*` or `?`
bool matchesAll(std::string_view pattern);  ///< empty or only `*`
/// Our pattern as SQL GLOB: `[` is literal for us, so it is bracketed.
std::string globOf(std::string_view pattern);
/// What stands before the first wildcard.
std::string_view literalHead(std::string_view pattern);
/// The least text above every text that begins with `head` (not empty), by octets.
std::string afterPrefix(std::string_view head);

/// A set of 47 bits: which characters and which pairs `text` holds. A text that contains a literal has all
/// the literal's bits, so comparing integers spares most calls of GLOB (measured: half the time of a full
/// pass); 47 bits, because SQLite stores up to six octets as they are.
std::int64_t gramMarks(std::string_view text);
/// The bits of all literal runs of a pattern.
std::int64_t patternMarks(std::string_view pattern);

} // namespace sr::archive
