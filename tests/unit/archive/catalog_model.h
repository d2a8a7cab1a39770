// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog's counterpart in tests: plain rows in a vector, every filter evaluated by hand.
#pragma once

#include "core/archive/recording.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>

namespace sr::test {

using archive::RecordingFilter;
using archive::RecordingRow;

/// `*` any run, `?` one character (ASCII data), everything else literal.
inline bool wildMatch(std::string_view text, std::string_view pattern)
{
    if (pattern.empty())
        return text.empty();
    if (pattern[0] == '*')
        return wildMatch(text, pattern.substr(1)) || (!text.empty() && wildMatch(text.substr(1), pattern));
    return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
           wildMatch(text.substr(1), pattern.substr(1));
}

inline bool matchesDate(const RecordingRow& row, const RecordingFilter& filter)
{
    if (filter.year == 0)
        return true;
    const std::chrono::year_month_day local(
        std::chrono::floor<std::chrono::days>(row.start + std::chrono::minutes(row.utcOffsetMinutes)));
    const auto is = [](auto part, int wanted) {
        return static_cast<int>(static_cast<unsigned>(part)) == wanted;
    };
    return static_cast<int>(local.year()) == filter.year &&
           (filter.month == 0 ||
            (is(local.month(), filter.month) && (filter.day == 0 || is(local.day(), filter.day))));
}

inline bool matches(const RecordingRow& row, const RecordingFilter& filter)
{
    return row.answered != filter.unanswered && (!filter.direction || *filter.direction == row.direction) &&
           (filter.tan.empty() || filter.tan == row.tan) &&
           (!filter.format || *filter.format == row.format) && matchesDate(row, filter) &&
           (filter.internal.empty() || wildMatch(row.internal, filter.internal)) &&
           (filter.external.empty() || wildMatch(row.external, filter.external + "*")) &&
           (filter.owner.empty() || wildMatch(row.owner, filter.owner));
}

using RowList = std::vector<const RecordingRow*>;

/// The list as the catalog must give it; points into `rows`.
inline RowList listOf(const std::vector<RecordingRow>& rows, const RecordingFilter& filter)
{
    RowList list;
    for (const auto& row : rows)
        if (matches(row, filter))
            list.push_back(&row);
    std::sort(list.begin(), list.end(), [](const RecordingRow* a, const RecordingRow* b) {
        return a->start != b->start ? a->start > b->start : a->uid < b->uid;
    });
    if (filter.oldestFirst)
        std::reverse(list.begin(), list.end());
    return list;
}

/// Rows made to collide: few numbers, few moments, month ends, odd offsets, special characters.
class RowMaker {
public:
    explicit RowMaker(unsigned seed)
        : m_random(seed)
    {}
    int below(int n) { return static_cast<int>(m_random() % static_cast<unsigned>(n)); }
    template <typename T>
    const T& oneOf(const std::vector<T>& list)
    {
        return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
    }
    std::string digits(int count)
    {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += static_cast<char>('0' + below(10));
        return text;
    }
    std::string uid()
    {
        char text[33];
        std::snprintf(text, sizeof text, "%08x%08x%08x%08x", next(), next(), next(), next());
        return text;
    }
    UtcTime moment()
    {
        using namespace std::chrono;
        const sys_days day = sys_days(year(2022) / below(14) / 1) + days(below(3) - 1);
        UtcTime time = day + seconds(below(4) == 0 ? below(3) * 60 : below(86'400));
        if (below(3) == 0)
            time += microseconds(below(4) * 400);
        return time;
    }
    std::string number()
    {
        static const std::vector<std::string> odd = {"unknown",  "a[b]c", "*99", "x^y",
                                                     "+3904711", "0703?", "A1"};
        return below(8) == 0 ? oneOf(odd) : (below(2) == 0 ? "0703" : "0") + digits(1 + below(5));
    }
    RecordingRow row()
    {
        RecordingRow row;
        row.uid = uid();
        row.internal = below(10) == 0 ? number() : std::to_string(20 + below(30));
        row.external = number();
        row.owner = below(3) == 0 ? "Ann [day]" : row.internal;
        row.direction = below(3) == 0 ? archive::CallDirection::Out : archive::CallDirection::In;
        row.answered = below(6) != 0;
        row.format = !row.answered    ? archive::MediaFormat::None
                     : below(20) == 0 ? archive::MediaFormat::Pcap
                                      : archive::MediaFormat::Wav;
        row.start = moment();
        row.utcOffsetMinutes = oneOf(std::vector<int>{60, 120, 0, -570, 840, -720});
        row.tan = below(15) == 0 ? "00001" + digits(1) : "";
        row.file = "2022_01/" + row.uid;
        row.internalName = below(2) == 0 ? "Zo\xc3\xab" : "";
        row.durationMs = static_cast<std::uint64_t>(below(1'000'000));
        row.answerSeconds = static_cast<std::uint32_t>(below(60));
        row.dtmf = below(5) == 0 ? "12#" : "";
        row.codecs = {"PCMA", "G722"};
        row.lostPackets = {0, static_cast<std::uint64_t>(below(9))};
        row.sealed = below(2) == 0;
        row.hasSidecar = below(9) != 0;
        row.fileBytes = row.durationMs * 16;
        row.fingerprint = uid();
        return row;
    }
    std::string pattern(const std::string& number)
    {
        switch (below(10)) {
        case 0:
            return number.substr(0, static_cast<std::size_t>(below(4)));
        case 1:
            return number.substr(0, 2) + "*";
        case 2:
            return "*" + number.substr(number.size() / 2);
        case 3:
            return "*" + number.substr(1, 3) + "?" + digits(1) + "*";
        case 4: {
            std::string changed = number;
            changed[static_cast<std::size_t>(below(static_cast<int>(changed.size())))] = '?';
            return changed;
        }
        case 5:
            return "*" + digits(1) + "*" + digits(1) + "*";
        case 6:
            return "*[" + digits(1) + "*";
        case 7:
            return "**";
        case 8:
            return "?";
        default:
            return number;
        }
    }
    RecordingFilter filter(const std::vector<RecordingRow>& rows)
    {
        RecordingFilter filter;
        const RecordingRow& like = oneOf(rows);
        if (below(3) == 0) {
            filter.year = 2021 + below(4);
            filter.month = below(14);
            filter.day = filter.month != 0 ? below(33) : 0;
            if (below(2) == 0)
                filter.day = 0;
        }
        if (below(4) == 0)
            filter.internal = below(2) == 0 ? like.internal : pattern(like.internal);
        if (below(3) == 0)
            filter.external = pattern(like.external);
        if (below(6) == 0)
            filter.owner = below(2) == 0 ? like.owner : pattern(like.owner);
        if (below(5) == 0)
            filter.direction = like.direction;
        if (below(12) == 0)
            filter.tan = like.tan.empty() ? "000013" : like.tan;
        if (below(8) == 0)
            filter.format = like.format;
        filter.oldestFirst = below(2) == 0;
        filter.unanswered = below(6) == 0;
        return filter;
    }

private:
    unsigned next() { return static_cast<unsigned>(m_random()); }
    std::mt19937 m_random;
};

} // namespace sr::test
