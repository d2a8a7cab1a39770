// SPDX-License-Identifier: GPL-3.0-or-later
// Line by line; what is no line of direction stays as it is, to the octet.
#include "core/sdp/hold.h"

#include "core/sdp/text.h"

#include <algorithm>

namespace sr::sdp {
namespace {

/// With its end, off the front of `rest`.
std::string_view wholeLine(std::string_view& rest)
{
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    return line;
}

} // namespace

std::string withoutHold(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::string_view line = wholeLine(text);
        const std::string_view content = line.substr(0, line.find_last_not_of("\r\n") + 1);
        if (!content.starts_with("a=") || !directionNamed(trim(content.substr(2))))
            out += line;
    }
    return out;
}

std::string withDirection(std::string_view text, Direction direction)
{
    const std::string active = withoutHold(text);
    const std::string line = "a=" + std::string(toString(direction)) + "\r\n";
    std::string out;
    bool inMedia = false;
    for (std::string_view rest = active; !rest.empty();) {
        const std::string_view next = wholeLine(rest);
        const bool begins = next.starts_with("m=");
        if (begins && inMedia)
            out += line;
        inMedia = inMedia || begins;
        out += next;
    }
    if (!out.empty() && out.back() != '\n')
        out += "\r\n";
    return inMedia ? out + line : out;
}

} // namespace sr::sdp
