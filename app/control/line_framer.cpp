// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at each octet once.
#include "app/control/line_framer.h"

namespace sr::control {

std::size_t LineFramer::room() const
{
    const std::size_t full = m_most + 2; // and its "\r\n"
    return m_held.size() < full ? full - m_held.size() : 0;
}

void LineFramer::add(std::string_view octets)
{
    m_held.append(octets.substr(0, room()));
}

std::optional<std::string> LineFramer::next()
{
    const std::size_t end = m_held.find('\n', m_searched);
    if (end == std::string::npos) {
        m_searched = m_held.size();
        return std::nullopt;
    }
    const std::size_t length = end > 0 && m_held[end - 1] == '\r' ? end - 1 : end;
    if (length > m_most)
        return std::nullopt;
    std::string line = m_held.substr(0, length);
    m_held.erase(0, end + 1);
    m_searched = 0;
    return line;
}

bool LineFramer::tooLong() const
{
    const std::size_t end = m_held.find('\n', m_searched);
    const std::size_t length = end == std::string::npos ? m_held.size() : end;
    return length > m_most + 1 || (length == m_most + 1 && m_held[m_most] != '\r');
}

} // namespace sr::control
