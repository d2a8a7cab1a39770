// SPDX-License-Identifier: GPL-3.0-or-later
// SIP message framing on streams.
#include "core/capture/sip_framer.h"

#include <algorithm>
#include <charconv>

namespace sr::capture {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxStartLine = 8192; // chosen: longer URIs are not met
constexpr std::size_t kMaxMethod = 64;      // RFC 4475 §3.1.1.2 has one of 45
constexpr std::size_t kMaxScheme = 32;
constexpr std::string_view kVersion = "SIP/2.0";

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equalNoCase(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool isAlnum(char c) noexcept
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool isToken(char c) noexcept // RFC 3261 §25.1
{
    return isAlnum(c) || (c != '\0' && std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos);
}

/// `METHOD scheme:` at the front, as far as it is there.
SipStart matchRequestFront(std::string_view text) noexcept
{
    std::size_t i = 0;
    while (i < text.size() && isToken(text[i]))
        ++i;
    if (i > kMaxMethod || (i == 0 && !text.empty()))
        return SipStart::No;
    if (i == text.size())
        return SipStart::Partial;
    if (text[i] != ' ')
        return SipStart::No;
    const std::size_t scheme = ++i;
    while (i < text.size() && (isAlnum(text[i]) || text[i] == '+' || text[i] == '-' || text[i] == '.'))
        ++i;
    if (i - scheme > kMaxScheme)
        return SipStart::No;
    if (i == text.size())
        return SipStart::Partial;
    return text[i] == ':' && i > scheme ? SipStart::Yes : SipStart::No;
}

/// Value of Content-Length or `l`; 0 without one (a datagram's habit; the body is then found as damage).
std::optional<std::size_t> contentLength(std::string_view header) noexcept
{
    while (!header.empty()) {
        const std::size_t end = std::min(header.find('\n'), header.size() - 1);
        std::string_view line = header.substr(0, end);
        header.remove_prefix(end + 1);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        std::string_view name = line.substr(0, colon);
        while (!name.empty() && (name.back() == ' ' || name.back() == '\t'))
            name.remove_suffix(1);
        if (!equalNoCase(name, "content-length") && !equalNoCase(name, "l"))
            continue;
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
            value.remove_prefix(1);
        std::size_t length = 0;
        const auto [stop, code] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (code != std::errc{} || length > SipFramer::kMaxBodyBytes)
            return std::nullopt;
        return length;
    }
    return 0;
}

} // namespace

SipStart matchSipStart(ByteView bytes) noexcept
{
    const std::string_view text = textOf(bytes.first(std::min(bytes.size(), kMaxStartLine)));
    const std::size_t common = std::min(text.size(), kVersion.size() + 1);
    const bool response =
        text.size() > 3 && equalNoCase(text.substr(0, common), "SIP/2.0 "sv.substr(0, common));
    if (!response) {
        if (const SipStart front = matchRequestFront(text); front != SipStart::Yes)
            return front;
    }
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos)
        return text.size() < kMaxStartLine ? SipStart::Partial : SipStart::No;
    if (response) {
        const bool digits = newline > 11 && text[8] >= '1' && text[8] <= '9' && text[9] >= '0' &&
                            text[9] <= '9' && text[10] >= '0' && text[10] <= '9';
        return digits ? SipStart::Yes : SipStart::No;
    }
    std::string_view line = text.substr(0, newline);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
        line.remove_suffix(1);
    return line.size() > kVersion.size() && equalNoCase(line.substr(line.size() - kVersion.size()), kVersion)
               ? SipStart::Yes
               : SipStart::No;
}

void SipFramer::reset(std::size_t at)
{
    m_at = at;
    m_scanned = at;
    m_whole = 0;
}

void SipFramer::discard(std::size_t count)
{
    m_garbage += count;
    reset(m_at + count);
}

void SipFramer::push(ByteView segment)
{
    if (m_at > 0) {
        m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_at));
        m_scanned -= m_at;
        m_at = 0;
    }
    if (m_buffer.empty() && m_buffer.capacity() > 64 * 1024)
        m_buffer.shrink_to_fit();
    m_segment = m_buffer.size();
    m_buffer.insert(m_buffer.end(), segment.begin(), segment.end());
}

void SipFramer::gap()
{
    discard(buffered());
    m_searching = true;
}

/// Moves to the next place that may be a start line: a line's or the latest segment's beginning.
bool SipFramer::findStart()
{
    std::size_t at = m_at;
    while (at < m_buffer.size()) {
        if (matchSipStart(ByteView(m_buffer).subspan(at)) != SipStart::No) {
            discard(at - m_at);
            return true;
        }
        const auto* from = m_buffer.data() + at;
        const auto* line = static_cast<const std::byte*>(std::memchr(from, '\n', m_buffer.size() - at));
        std::size_t following =
            line == nullptr ? m_buffer.size() : static_cast<std::size_t>(line - m_buffer.data()) + 1;
        if (m_segment > at && m_segment < following)
            following = m_segment;
        at = following;
    }
    discard(buffered());
    return false;
}

/// The message under way is damaged: on to the line after its first.
void SipFramer::lose()
{
    const std::string_view text = textOf(ByteView(m_buffer).subspan(m_at));
    discard(std::min(text.find('\n'), text.size() - 1) + 1);
    m_searching = true;
}

/// Place after the blank line; nothing if it is not there yet.
std::optional<std::size_t> SipFramer::headerEnd()
{
    std::size_t at = m_scanned;
    while (at < m_buffer.size()) {
        const auto* found =
            static_cast<const std::byte*>(std::memchr(m_buffer.data() + at, '\n', m_buffer.size() - at));
        if (found == nullptr)
            break;
        at = static_cast<std::size_t>(found - m_buffer.data()) + 1;
        if (at < m_buffer.size() && m_buffer[at] == std::byte{'\n'})
            return at + 1;
        if (at + 1 < m_buffer.size() && m_buffer[at] == std::byte{'\r'} &&
            m_buffer[at + 1] == std::byte{'\n'})
            return at + 2;
    }
    m_scanned = std::max(m_at, m_buffer.size() - std::min<std::size_t>(m_buffer.size(), 3));
    return std::nullopt;
}

std::optional<ByteView> SipFramer::next()
{
    while (m_at < m_buffer.size()) {
        if (m_whole == 0) {
            const auto c = std::to_integer<char>(m_buffer[m_at]);
            if (c == '\r' || c == '\n' || c == '\0') { // keep-alive, or NUL that some peers send as one
                reset(m_at + 1);
                continue;
            }
            if (m_searching && !findStart())
                return std::nullopt;
            const SipStart start = matchSipStart(ByteView(m_buffer).subspan(m_at));
            if (start == SipStart::Partial)
                return std::nullopt;
            if (start == SipStart::No) {
                m_searching = true;
                continue;
            }
            const auto end = headerEnd();
            if (!end && buffered() <= kMaxHeaderBytes)
                return std::nullopt;
            const auto body =
                end ? contentLength(textOf(ByteView(m_buffer).subspan(m_at, *end - m_at))) : std::nullopt;
            if (!body || *end - m_at > kMaxHeaderBytes) {
                lose();
                continue;
            }
            m_whole = *end - m_at + *body;
        }
        if (buffered() < m_whole)
            return std::nullopt;
        const ByteView message = ByteView(m_buffer).subspan(m_at, m_whole);
        reset(m_at + m_whole);
        m_searching = false;
        m_garbage = 0;
        ++m_messages;
        return message;
    }
    return std::nullopt;
}

} // namespace sr::capture
