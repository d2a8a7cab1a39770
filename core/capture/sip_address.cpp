// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses inside SIP headers: display names, URIs, parameters and escapes (RFC 3261 §19.1, §20.10).
#include "core/capture/sip_message.h"
#include "core/capture/sip_text.h"

#include <algorithm>
#include <charconv>

namespace sr::capture {
namespace {

int hexDigit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char l = lowerAscii(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// `[v6]:port`, `host:port` or `host`.
void hostPort(std::string_view text, SipUri& uri) noexcept
{
    std::size_t end = 0;
    if (!text.empty() && text.front() == '[') {
        end = text.find(']');
        uri.host = text.substr(1, end == std::string_view::npos ? end : end - 1);
        end = end == std::string_view::npos ? text.size() : end + 1;
    } else {
        end = std::min(text.find(':'), text.size());
        uri.host = trimLws(text.substr(0, end));
    }
    if (end < text.size() && text[end] == ':') {
        const std::string_view port = trimLws(text.substr(end + 1));
        std::from_chars(port.data(), port.data() + port.size(), uri.port);
    }
}

bool isScheme(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
        return (lowerAscii(c) >= 'a' && lowerAscii(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '-' || c == '.';
    });
}

std::string_view unquoted(std::string_view text) noexcept
{
    text = trimLws(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return text;
}

} // namespace

std::optional<SipUri> parseUri(std::string_view text) noexcept
{
    text = trimLws(text);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !isScheme(text.substr(0, colon)))
        return std::nullopt;
    SipUri uri;
    uri.scheme = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 1);
    if (sameText(uri.scheme, "tel")) {
        const std::size_t semicolon = std::min(rest.find(';'), rest.size());
        uri.user = trimLws(rest.substr(0, semicolon));
        uri.params = rest.substr(semicolon);
        return uri;
    }
    // The user part may hold ; and ? (RFC 3261 §25.1), so that the last @ before the headers divides.
    const std::size_t at = rest.find('@');
    if (at != std::string_view::npos) {
        const std::string_view user = rest.substr(0, at);
        uri.user = trimLws(user.substr(0, user.find_first_of(";:")));
        rest = rest.substr(at + 1);
    }
    const std::size_t question = rest.find('?');
    if (question != std::string_view::npos) {
        uri.headers = rest.substr(question + 1);
        rest = rest.substr(0, question);
    }
    const std::size_t semicolon = std::min(rest.find(';'), rest.size());
    uri.params = rest.substr(semicolon);
    hostPort(trimLws(rest.substr(0, semicolon)), uri);
    return uri;
}

std::optional<SipAddress> parseAddress(std::string_view value, std::string_view* rest) noexcept
{
    const std::size_t comma = findOutside(value, ',', true);
    if (rest != nullptr)
        *rest = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    value = trimLws(value.substr(0, comma));
    SipAddress address;
    std::optional<SipUri> uri;
    if (const std::size_t open = findOutside(value, '<', false); open != std::string_view::npos) {
        const std::size_t close = value.find('>', open);
        address.display = unquoted(value.substr(0, open));
        uri = parseUri(value.substr(open + 1, close == std::string_view::npos ? close : close - open - 1));
        address.params = close == std::string_view::npos ? std::string_view{} : value.substr(close + 1);
    } else {
        // Without <> every parameter belongs to the header (RFC 3261 §20.10).
        const std::size_t at = value.find('@');
        const std::size_t semicolon = value.find(';', at == std::string_view::npos ? 0 : at);
        uri = parseUri(value.substr(0, semicolon));
        if (semicolon != std::string_view::npos)
            address.params = value.substr(semicolon);
    }
    if (!uri)
        return std::nullopt;
    address.uri = *uri;
    return address;
}

std::string_view parameter(std::string_view params, std::string_view name) noexcept
{
    while (!params.empty()) {
        const std::size_t end = std::min(findOutside(params, ';', false), params.size());
        const std::string_view one = trimLws(params.substr(0, end));
        params.remove_prefix(std::min(end + 1, params.size()));
        const std::size_t equals = std::min(one.find('='), one.size());
        if (sameText(trimLws(one.substr(0, equals)), name) && !one.empty())
            return equals == one.size() ? one.substr(one.size()) : unquoted(one.substr(equals + 1));
    }
    return {};
}

std::string unescape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::string displayText(std::string_view quoted)
{
    std::string out;
    out.reserve(quoted.size());
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        if (quoted[i] == '\\' && i + 1 < quoted.size())
            out.push_back(quoted[++i]);
        else if (!isLws(quoted[i]))
            out.push_back(quoted[i]);
        else if (!out.empty() && out.back() != ' ')
            out.push_back(' ');
    }
    return out;
}

} // namespace sr::capture
