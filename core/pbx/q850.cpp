// SPDX-License-Identifier: GPL-3.0-or-later
// Table of RFC 3398, and Reason headers.
#include "core/pbx/q850.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>

namespace sr::pbx::q850 {
namespace {

struct Row {
    int status;
    int cause;
};

constexpr Row kTable[] = {
    {400, 41},      {401, 21},    {402, 21},  {403, 21},  {404, 1},  {405, 63},  {406, 79},  {407, 21},
    {408, 18},      {410, 22},    {413, 127}, {414, 127}, {415, 79}, {416, 127}, {420, 127}, {421, 127},
    {423, 127},     {480, 18},    {481, 41},  {482, 25},  {483, 25}, {484, 28},  {485, 1},   {486, kBusy},
    {487, kNormal}, {488, 65},    {500, 41},  {501, 79},  {502, 38}, {503, 41},  {504, 102}, {505, 127},
    {513, 127},     {600, kBusy}, {603, 21},  {604, 1},   {606, 65},
};

constexpr Row kStatuses[] = {
    {404, 1},  {404, 2},  {404, 3},  {480, kNormal}, {486, kBusy}, {408, kNoResponse}, {480, 19},  {480, 20},
    {403, 21}, {410, 22}, {410, 23}, {404, 26},      {502, 27},    {484, 28},          {501, 29},  {480, 31},
    {503, 34}, {503, 38}, {503, 41}, {503, 42},      {503, 47},    {403, 55},          {403, 57},  {503, 58},
    {488, 65}, {488, 70}, {501, 79}, {403, 87},      {503, 88},    {504, 102},         {500, 111}, {500, 127},
};

/// What stands for a status that nobody has listed: that of its class's x00 (RFC 3261 8.1.3.2).
int causeOfClass(int status)
{
    return status >= 600 ? 21 : kTemporaryFailure;
}

bool equalAnyCase(std::string_view a, std::string_view b)
{
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    return first == text.npos ? std::string_view()
                              : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Takes what stands before the next `separator` outside quotes.
std::string_view take(std::string_view& rest, char separator)
{
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest.size() && (quoted || rest[end] != separator); ++end) {
        if (rest[end] == '"')
            quoted = !quoted;
        else if (quoted && rest[end] == '\\' && end + 1 < rest.size())
            ++end;
    }
    const auto part = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

std::optional<int> causeOfParameter(std::string_view parameter)
{
    const auto name = take(parameter, '=');
    const auto value = trimmed(parameter);
    int cause = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), cause);
    if (!equalAnyCase(name, "cause") || error != std::errc() || end != value.data() + value.size() ||
        cause < 0 || cause > 127)
        return std::nullopt;
    return cause;
}

} // namespace

int causeOfStatus(int status)
{
    const auto row = std::ranges::find(kTable, status, &Row::status);
    return row != std::end(kTable) ? row->cause : causeOfClass(status);
}

int statusOfCause(int cause)
{
    const auto* const row = std::ranges::find(kStatuses, cause, &Row::cause);
    return row == std::end(kStatuses) ? 500 : row->status;
}

std::optional<int> causeOfReason(std::string_view header)
{
    while (!header.empty()) {
        std::string_view reason = take(header, ',');
        if (!equalAnyCase(take(reason, ';'), "Q.850"))
            continue;
        while (!reason.empty())
            if (const auto cause = causeOfParameter(take(reason, ';')))
                return cause;
    }
    return std::nullopt;
}

} // namespace sr::pbx::q850
