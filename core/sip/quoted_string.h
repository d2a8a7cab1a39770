// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a quoted-string (RFC 3261 §25.1), and the characters that we neither take nor write in one.
#pragma once

#include <string>
#include <string_view>

namespace sr::sip {

/// All but the tab. The grammar allows some, yet they would end a header or lie in a log.
inline bool isControl(char c) noexcept
{
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && c != '\t') || octet == 0x7f;
}

/// With the quotes around it; control characters are left out. Any thread.
inline std::string quotedString(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.push_back('\\');
        if (!isControl(c))
            out.push_back(c);
    }
    out.push_back('"');
    return out;
}

} // namespace sr::sip
