// SPDX-License-Identifier: GPL-3.0-or-later
// ISO 8601 with milliseconds and offset.
#include "core/archive/iso_time.h"

#include <charconv>
#include <cstdio>

namespace sr::archive {
namespace {

constexpr std::size_t kLength = 29;

bool field(std::string_view text, std::size_t at, std::size_t length, int& out)
{
    const auto digits = text.substr(at, length);
    for (const char c : digits)
        if (c < '0' || c > '9')
            return false;
    return std::from_chars(digits.data(), digits.data() + digits.size(), out).ec == std::errc{};
}

} // namespace

std::int64_t millisecondsOf(UtcTime time)
{
    return std::chrono::floor<milliseconds>(time).time_since_epoch().count();
}

UtcTime timeOfMilliseconds(std::int64_t ms)
{
    return UtcTime(milliseconds(ms));
}

std::string isoTime(UtcTime time, int offsetMinutes)
{
    const auto local = std::chrono::floor<milliseconds>(time) + std::chrono::minutes(offsetMinutes);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{local - day};
    const int away = offsetMinutes < 0 ? -offsetMinutes : offsetMinutes;
    char text[96];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03d%c%02d:%02d", int{date.year()},
                  unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()), offsetMinutes < 0 ? '-' : '+', away / 60,
                  away % 60);
    return text;
}

std::optional<OffsetTime> parseIsoTime(std::string_view text)
{
    if (text.size() != kLength || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':' || text[19] != '.' || text[26] != ':' || (text[23] != '+' && text[23] != '-'))
        return std::nullopt;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, offHour = 0, offMinute = 0;
    if (!field(text, 0, 4, year) || !field(text, 5, 2, month) || !field(text, 8, 2, day) ||
        !field(text, 11, 2, hour) || !field(text, 14, 2, minute) || !field(text, 17, 2, second) ||
        !field(text, 20, 3, ms) || !field(text, 24, 2, offHour) || !field(text, 27, 2, offMinute))
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59 || offHour > 23 || offMinute > 59)
        return std::nullopt;
    const int offset = (text[23] == '-' ? -1 : 1) * (offHour * 60 + offMinute);
    const auto local = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                       seconds(second) + milliseconds(ms);
    return OffsetTime{UtcTime(local) - std::chrono::minutes(offset), offset};
}

} // namespace sr::archive
