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

std::int64_t gramMarks(std::string_view text)
{
    constexpr unsigned kSingles = 14,
                       kPairs = 33; // ten digits and four classes of others; the rest for pairs
    std::int64_t marks = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned here = static_cast<unsigned char>(text[i]);
        marks |= std::int64_t{1} << (here >= '0' && here <= '9' ? here - '0' : 10 + here % 4);
        if (i + 1 == text.size())
            break;
        const unsigned pair = here << 8 | static_cast<unsigned char>(text[i + 1]);
        const std::uint32_t mixed = pair * 2'654'435'761U; // Knuth's multiplicative hash
        marks |= std::int64_t{1} << (kSingles + (mixed >> 8) % kPairs);
    }
    return marks;
}

std::int64_t patternMarks(std::string_view pattern)
{
    std::int64_t marks = 0;
    while (!pattern.empty()) {
        const auto run = literalHead(pattern);
        marks |= gramMarks(run);
        pattern.remove_prefix(std::min(run.size() + 1, pattern.size()));
    }
    return marks;
}

} // namespace sr::archive
