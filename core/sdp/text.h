// SPDX-License-Identifier: GPL-3.0-or-later
// Cutting lines into words without copying, as SDP needs it. ASCII only, no locale.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sr::sdp {

inline bool isBlank(char c) noexcept
{
    return c == ' ' || c == '\t';
}
inline char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline char upper(char c) noexcept
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}
inline bool isDigit(char c) noexcept
{
    return c >= '0' && c <= '9';
}
inline bool equalsNoCase(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}
inline bool startsNoCase(std::string_view text, std::string_view start) noexcept
{
    return equalsNoCase(text.substr(0, start.size()), start);
}
inline bool endsNoCase(std::string_view text, std::string_view end) noexcept
{
    return text.size() >= end.size() && equalsNoCase(text.substr(text.size() - end.size()), end);
}
inline std::string_view trim(std::string_view s) noexcept
{
    while (!s.empty() && isBlank(s.front()))
        s.remove_prefix(1);
    while (!s.empty() && isBlank(s.back()))
        s.remove_suffix(1);
    return s;
}
/// Takes what stands before `separator` off the front of `rest`, and the separator; all if there is none.
inline std::string_view cut(std::string_view& rest, char separator) noexcept
{
    const std::size_t at = rest.find(separator);
    const std::string_view part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return part;
}
/// Takes the next word, blanks around it dropped; empty at the end.
inline std::string_view nextToken(std::string_view& rest) noexcept
{
    rest = trim(rest);
    std::size_t end = 0;
    while (end < rest.size() && !isBlank(rest[end]))
        ++end;
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}
/// Takes the next line off the front of `rest`: up to CR or LF, whichever phones end theirs with. Empty ones
/// stay.
inline std::string_view nextLine(std::string_view& rest) noexcept
{
    const std::size_t end = rest.find_first_of("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return line;
}
/// Decimal number that fills the whole word.
template <typename T>
std::optional<T> number(std::string_view word) noexcept
{
    T value{};
    const char* end = word.data() + word.size();
    const auto [at, error] = std::from_chars(word.data(), end, value);
    if (word.empty() || error != std::errc{} || at != end)
        return std::nullopt;
    return value;
}

} // namespace sr::sdp
