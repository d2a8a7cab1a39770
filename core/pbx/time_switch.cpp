// SPDX-License-Identifier: GPL-3.0-or-later
// Reading is strict: what is half understood would switch a telephone at the wrong hour.
#include "core/pbx/time_switch.h"

#include "core/pbx/pbx_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace sr::pbx {
namespace {

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char at)
{
    std::vector<std::string_view> all;
    while (true) {
        const auto end = text.find(at);
        all.push_back(trimmed(text.substr(0, end)));
        if (end == std::string_view::npos)
            return all;
        text.remove_prefix(end + 1);
    }
}

std::optional<int> dayOf(std::string_view text)
{
    std::string low(text);
    std::ranges::transform(low, low.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto found = std::ranges::find(kDays, low);
    return found == kDays.end() ? std::nullopt : std::optional(static_cast<int>(found - kDays.begin()));
}

/// `Mon`, `Mon-Fri` or several of them behind commas, as bits.
std::optional<unsigned> daysOf(std::string_view text)
{
    unsigned days = 0;
    for (const std::string_view piece : split(text, ',')) {
        const auto ends = split(piece, '-');
        const auto first = dayOf(ends.front());
        const auto last = dayOf(ends.back());
        if (!first || !last || ends.size() > 2)
            return std::nullopt;
        for (int day = *first;; day = (day + 1) % 7) {
            days |= 1U << day;
            if (day == *last)
                break;
        }
    }
    return days;
}

/// `HH:MM` as minutes of the day.
std::optional<int> minuteOf(std::string_view text)
{
    const auto parts = split(text, ':');
    if (parts.size() != 2 || parts[0].size() > 2 || parts[1].size() != 2)
        return std::nullopt;
    int values[2]{};
    for (std::size_t i = 0; i < 2; ++i) {
        const char* end = parts[i].data() + parts[i].size();
        const auto [at, error] = std::from_chars(parts[i].data(), end, values[i]);
        if (error != std::errc() || at != end || values[i] < 0)
            return std::nullopt;
    }
    const int minute = values[0] * 60 + values[1];
    return values[1] < 60 && minute <= TimeSwitch::kMinutesOfDay ? std::optional(minute) : std::nullopt;
}

} // namespace

Result<TimeSwitch> TimeSwitch::parse(std::string_view text)
{
    TimeSwitch out;
    if (trimmed(text).empty())
        return out;
    for (const std::string_view piece : split(text, ';')) {
        const auto bad = [&] {
            return fail(PbxErrc::BadSetting,
                        "has `" + std::string(piece) + "`, which is not like `Mon-Fri 08:00-17:30`");
        };
        const auto space = piece.rfind(' ');
        if (space == std::string_view::npos)
            return bad();
        const auto days = daysOf(trimmed(piece.substr(0, space)));
        const auto ends = split(piece.substr(space + 1), '-');
        const auto from = minuteOf(ends.front());
        const auto to = minuteOf(ends.back());
        if (!days || ends.size() != 2 || !from || !to || *from == *to)
            return bad();
        if (out.m_spans.size() == kMostSpans)
            return fail(PbxErrc::BadSetting, "has more than " + std::to_string(kMostSpans) + " times");
        out.m_spans.push_back({*days, *from, *to > *from ? *to : *to + kMinutesOfDay});
    }
    return out;
}

bool TimeSwitch::isOn(int day, int minute) const
{
    const int before = (day + 6) % 7;
    return std::ranges::any_of(m_spans, [&](const Span& span) {
        const bool today = (span.days >> day & 1U) != 0 && minute >= span.from && minute < span.to;
        const bool sinceYesterday = (span.days >> before & 1U) != 0 && minute + kMinutesOfDay < span.to;
        return today || sinceYesterday;
    });
}

} // namespace sr::pbx
