// SPDX-License-Identifier: GPL-3.0-or-later
// Start line, header lines and body of foreign SIP messages.
#include "core/capture/sip_message.h"

#include "core/capture/sip_text.h"

#include <algorithm>
#include <charconv>

namespace sr::capture {
namespace {

constexpr std::size_t kMaxLines = 256;

struct Name {
    std::string_view text;
    SipHeader kind;
};

// Compact forms: RFC 3261 §7.3.3, RFC 3515 (r), RFC 3892 (b).
constexpr std::array kNames{
    Name{"call-id", SipHeader::CallId},
    Name{"i", SipHeader::CallId},
    Name{"from", SipHeader::From},
    Name{"f", SipHeader::From},
    Name{"to", SipHeader::To},
    Name{"t", SipHeader::To},
    Name{"cseq", SipHeader::CSeq},
    Name{"via", SipHeader::Via},
    Name{"v", SipHeader::Via},
    Name{"contact", SipHeader::Contact},
    Name{"m", SipHeader::Contact},
    Name{"content-type", SipHeader::ContentType},
    Name{"c", SipHeader::ContentType},
    Name{"content-length", SipHeader::ContentLength},
    Name{"l", SipHeader::ContentLength},
    Name{"p-asserted-identity", SipHeader::AssertedIdentity},
    Name{"remote-party-id", SipHeader::RemotePartyId},
    Name{"refer-to", SipHeader::ReferTo},
    Name{"r", SipHeader::ReferTo},
    Name{"referred-by", SipHeader::ReferredBy},
    Name{"b", SipHeader::ReferredBy},
    Name{"replaces", SipHeader::Replaces},
    Name{"session-id", SipHeader::SessionId},
    Name{"switchroom-recording", SipHeader::Recording},
    Name{"h323-conf-id", SipHeader::ConferenceGuid},
    Name{"x-h323-conf-id", SipHeader::ConferenceGuid},
    Name{"cisco-guid", SipHeader::ConferenceGuid},
    Name{"x-cisco-guid", SipHeader::ConferenceGuid},
    Name{"conf-id", SipHeader::ConferenceGuid},
    Name{"x-conf-id", SipHeader::ConferenceGuid},
    Name{"switchroom-internal", SipHeader::InternalParty},
    Name{"switchroom-owner", SipHeader::OwnerParty},
    Name{"switchroom-alert", SipHeader::AlertSeconds},
};

/// Takes one line off `rest`: CR LF, LF or CR alone end it.
std::string_view takeLine(std::string_view& rest) noexcept
{
    const std::size_t end = rest.find_first_of("\r\n");
    const std::string_view line = rest.substr(0, end);
    if (end == std::string_view::npos) {
        rest = {};
        return line;
    }
    rest.remove_prefix(rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n' ? end + 2
                                                                                           : end + 1);
    return line;
}

template <typename T>
bool readNumber(std::string_view text, T& out) noexcept
{
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && error == std::errc{} && at == text.data() + text.size();
}

bool isMethod(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 64 && std::none_of(text.begin(), text.end(), [](char c) {
        return c <= ' ' || c == ':' || c == '<' || c == '"' || static_cast<unsigned char>(c) >= 0x7f;
    });
}

/// Content-Type `value` is `type`, whatever its parameters.
bool isType(std::string_view value, std::string_view type) noexcept
{
    return sameText(trimLws(value.substr(0, value.find(';'))), type);
}

std::string_view sdpIn(std::string_view contentType, std::string_view body, int depth) noexcept;

/// Headers of one part of a multipart body, then its content.
std::string_view sdpInPart(std::string_view part, int depth) noexcept
{
    std::string_view type;
    for (std::size_t n = 0; n < 32 && !part.empty(); ++n) {
        const std::string_view line = takeLine(part);
        if (line.empty())
            break;
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && (sameText(trimLws(line.substr(0, colon)), "content-type") ||
                                                sameText(trimLws(line.substr(0, colon)), "c")))
            type = trimLws(line.substr(colon + 1));
    }
    return sdpIn(type, part, depth + 1);
}

/// RFC 2046 §5.1.1.
std::string_view sdpInMultipart(std::string_view boundary, std::string_view body, int depth) noexcept
{
    constexpr std::size_t kMaxParts = 16;
    const auto delimiter = [&](std::size_t from) {
        for (std::size_t at = body.find("--", from); at != std::string_view::npos;
             at = body.find("--", at + 1)) {
            const bool lineStart = at == 0 || body[at - 1] == '\n' || body[at - 1] == '\r';
            if (lineStart && body.substr(at + 2, boundary.size()) == boundary)
                return at;
        }
        return std::string_view::npos;
    };
    std::size_t at = delimiter(0);
    for (std::size_t n = 0; n < kMaxParts && at != std::string_view::npos; ++n) {
        std::string_view rest = body.substr(at);
        takeLine(rest);
        const std::size_t start = body.size() - rest.size();
        const std::size_t next = delimiter(start);
        const std::string_view found = sdpInPart(body.substr(start, next - start), depth);
        if (!found.empty())
            return found;
        at = next;
    }
    return {};
}

std::string_view sdpIn(std::string_view contentType, std::string_view body, int depth) noexcept
{
    if (body.empty())
        return {};
    if (isType(contentType, "application/sdp") || (contentType.empty() && body.substr(0, 2) == "v="))
        return body;
    const std::string_view boundary = parameter(contentType, "boundary");
    if (depth < 2 && startsWithText(contentType, "multipart/") && !boundary.empty())
        return sdpInMultipart(boundary, body, depth);
    return {};
}

} // namespace

bool SipMessage::looksLike(std::string_view text) noexcept
{
    while (!text.empty() && (text.front() == '\r' || text.front() == '\n'))
        text.remove_prefix(1); // RFC 3261 §7.5: keep-alives before the start line
    if (text.size() < 20 || text.size() > kMaxOctets)
        return false;
    if (text.substr(0, 8) == "SIP/2.0 ")
        return true;
    // Methods are tokens (RFC 3261 §25.1); binary protocols mostly fail on their first octet.
    const bool token = text[0] > ' ' && static_cast<unsigned char>(text[0]) < 0x7f;
    if (!token)
        return false;
    const std::string_view line = text.substr(0, std::min<std::size_t>(text.find_first_of("\r\n"), 8192));
    return line.find(" SIP/2.0") != std::string_view::npos;
}

bool SipMessage::parseStartLine(std::string_view line) noexcept
{
    m_startLine = trimLws(line);
    const std::size_t blank = m_startLine.find(' ');
    if (blank == std::string_view::npos)
        return false;
    const std::string_view first = m_startLine.substr(0, blank);
    const std::string_view rest = trimLws(m_startLine.substr(blank));
    if (sameText(first, "SIP/2.0")) {
        m_statusText = rest;
        return rest.size() >= 3 && readNumber(rest.substr(0, 3), m_status) && m_status >= 100 &&
               m_status <= 699 && (rest.size() == 3 || rest[3] == ' ');
    }
    const std::size_t last = rest.rfind(' ');
    if (last == std::string_view::npos || !sameText(rest.substr(last + 1), "SIP/2.0"))
        return false;
    m_method = first;
    m_requestUri = trimLws(rest.substr(0, last));
    return isMethod(first) && !m_requestUri.empty();
}

void SipMessage::keepField(std::string_view name, std::string_view value) noexcept
{
    if (m_fieldCount >= m_fields.size())
        return;
    for (const Name& one : kNames) {
        if (sameText(one.text, name)) {
            m_fields[m_fieldCount++] = {one.kind, value};
            return;
        }
    }
}

/// The values that every message must have.
bool SipMessage::parseFields() noexcept
{
    m_callId = header(SipHeader::CallId);
    if (m_callId.empty() || m_callId.size() > 1024)
        return false;
    const std::string_view value = header(SipHeader::CSeq);
    const auto blank = std::find_if(value.begin(), value.end(), isLws);
    const auto digits = static_cast<std::size_t>(blank - value.begin());
    const std::string_view method = trimLws(value.substr(digits));
    if (!readNumber(value.substr(0, digits), m_cseq) || m_cseq > 0x7fffffffU || !isMethod(method))
        return false; // RFC 3261 §8.1.1.5
    if (isRequest() && method != m_method)
        return false;
    m_method = method;
    const auto tag = [this](SipHeader kind) {
        const auto address = parseAddress(header(kind));
        return address ? parameter(address->params, "tag") : std::string_view{};
    };
    m_fromTag = tag(SipHeader::From);
    m_toTag = tag(SipHeader::To);
    return true;
}

std::optional<SipMessage> SipMessage::parse(std::string_view text) noexcept
{
    if (!looksLike(text))
        return std::nullopt;
    while (text.front() == '\r' || text.front() == '\n')
        text.remove_prefix(1);
    SipMessage message;
    if (!message.parseStartLine(takeLine(text)))
        return std::nullopt;
    for (std::size_t n = 0; !text.empty(); ++n) {
        if (n >= kMaxLines)
            return std::nullopt;
        const std::string_view start = text;
        if (takeLine(text).empty())
            break;
        while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
            takeLine(text); // RFC 3261 §7.3.1: folded
        const std::string_view line = start.substr(0, start.size() - text.size());
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos)
            message.keepField(trimLws(line.substr(0, colon)), trimLws(line.substr(colon + 1)));
    }
    if (!message.parseFields())
        return std::nullopt;
    std::size_t length = text.size();
    if (std::size_t said = 0; readNumber(message.header(SipHeader::ContentLength), said))
        length = std::min(length, said); // RFC 3261 §18.3: octets beyond it do not count
    message.m_body = text.substr(0, length);
    return message;
}

std::string_view SipMessage::header(SipHeader kind, std::size_t n) const noexcept
{
    for (std::size_t i = 0; i < m_fieldCount; ++i) {
        if (m_fields[i].kind == kind && n-- == 0)
            return m_fields[i].value;
    }
    return {};
}

std::string_view SipMessage::sdp() const noexcept
{
    return sdpIn(header(SipHeader::ContentType), m_body, 0);
}

} // namespace sr::capture
