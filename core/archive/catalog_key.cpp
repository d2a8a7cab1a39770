// SPDX-License-Identifier: GPL-3.0-or-later
// Sort keys, local dates, and patterns as SQL and as marks.
#include "core/archive/catalog_key.h"

#include <algorithm>

namespace sr::archive {

using std::chrono::days;
using std::chrono::floor;

std::int64_t sortMs(UtcTime start)
{
    return std::clamp<std::int64_t>(floor<milliseconds>(start).time_since_epoch().count(), 0, kMaxMs);
}

std::int64_t firstKey(UtcTime start)
{
    const std::int64_t ms = sortMs(start);
    const std::int64_t within =
        std::clamp<std::int64_t>(start.time_since_epoch().count() - ms * 1000, 0, 999);
    return (ms << kSlotBits) + within * (kSlots / 1000) + kSlots / 2000;
}

std::int64_t localDate(UtcTime start, int utcOffsetMinutes)
{
    const std::chrono::minutes offset(std::clamp(utcOffsetMinutes, -1440, 1440));
    const std::chrono::sys_time<milliseconds> local(milliseconds(sortMs(start)) + offset);
    const std::chrono::year_month_day date(floor<days>(local));
    return std::int64_t{static_cast<int>(date.year())} * 10'000 +
           std::int64_t{static_cast<unsigned>(date.month())} * 100 +
           std::int64_t{static_cast<unsigned>(date.day())};
}

bool hasWildcard(std::string_view pattern)
{
    return pattern.find_first_of("*?") != std::string_view::npos;
}

bool matchesAll(std::string_view pattern)
{
    return pattern.find_first_not_of('*') == std::string_view::npos;
}

std::string globOf(std::string_view pattern)
{
    std::string glob;
    glob.reserve(pattern.size() + 2);
    for (const char c : pattern) {
        if (c == '*' && !glob.empty() && glob.back() == '*')
            continue; // runs of stars mean the same and cost SQLite exponential time
        if (c == '[')
            glob += "[[]";
        else
            glob += c;
    }
    return glob;
}

std::string_view literalHead(std::string_view pattern)
{
    return pattern.substr(0, pattern.find_first_of("*?"));
}

std::string afterPrefix(std::string_view head)
{
    std::string above(head);
    if (static_cast<unsigned char>(above.back()) < 0x7f)
        ++above.back();
    else
        above += "\xf4\x8f\xbf\xbf"; // U+10FFFF, which no text holds: stays valid UTF-8
    return above;
}

std::int64_t gramMarks(std::string_view text, unsigned salt)
{
    std::int64_t marks = 0;
    const auto set = [&](std::uint32_t gram) {
        const std::uint32_t mixed = (gram ^ (salt << 25)) * 2'654'435'761U; // Knuth's multiplicative hash
        marks |= std::int64_t{1} << ((mixed >> 8) % 62);
    };
    const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        set(at(i) << 8 | at(i + 1));
        if (i + 2 < text.size())
            set(1U << 24 | at(i) << 16 | at(i + 1) << 8 | at(i + 2));
    }
    return marks;
}

std::int64_t patternMarks(std::string_view pattern, unsigned salt)
{
    std::int64_t marks = 0;
    while (!pattern.empty()) {
        const auto run = literalHead(pattern);
        marks |= gramMarks(run, salt);
        pattern.remove_prefix(std::min(run.size() + 1, pattern.size()));
    }
    return marks;
}

} // namespace sr::archive
