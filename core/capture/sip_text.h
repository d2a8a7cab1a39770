// SPDX-License-Identifier: GPL-3.0-or-later
// Cutting SIP text: blanks include the line breaks of folded headers (RFC 3261 §7.3.1). ASCII, no locale.
#pragma once

#include <cstddef>
#include <string_view>

namespace sr::capture {

inline bool isLws(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
inline std::string_view trimLws(std::string_view s) noexcept
{
    while (!s.empty() && isLws(s.front()))
        s.remove_prefix(1);
    while (!s.empty() && isLws(s.back()))
        s.remove_suffix(1);
    return s;
}
inline char lowerAscii(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline bool sameText(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lowerAscii(a[i]) != lowerAscii(b[i]))
            return false;
    }
    return true;
}
inline bool startsWithText(std::string_view s, std::string_view prefix) noexcept
{
    return s.size() >= prefix.size() && sameText(s.substr(0, prefix.size()), prefix);
}
/// Position of `wanted` outside quoted strings and, if asked, outside <...>; npos if there is none.
inline std::size_t findOutside(std::string_view s, char wanted, bool skipAngles) noexcept
{
    bool quoted = false;
    bool angles = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const char c = s[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
            continue;
        }
        if (c == wanted && !(skipAngles && angles))
            return i;
        if (c == '"' && !angles)
            quoted = true;
        else if (c == '<')
            angles = true;
        else if (c == '>')
            angles = false;
    }
    return std::string_view::npos;
}

} // namespace sr::capture
