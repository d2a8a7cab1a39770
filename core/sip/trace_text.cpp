// SPDX-License-Identifier: GPL-3.0-or-later
// Line by line; what is not known to be harmless goes.
#include "core/sip/trace_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sr::sip {
namespace {

constexpr std::string_view kRedacted = "<redacted>";
constexpr std::array<std::string_view, 3> kCredentials{"authorization", "proxy-authorization",
                                                       "authentication-info"};
constexpr std::array<std::string_view, 7> kHarmless{"username", "realm",     "uri", "nonce",
                                                    "nc",       "algorithm", "qop"};
constexpr std::array<std::string_view, 4> kSdpSecrets{"a=crypto", "a=ice-pwd", "a=key-mgmt", "k="};
/// Bodies that are keys somebody presses: card numbers, PINs.
constexpr std::array<std::string_view, 4> kKeyTypes{"application/dtmf", "application/kpml-response",
                                                    "application/vnd.nortelnetworks.digits",
                                                    "audio/telephone-event"};
/// The one body of INFO that is known to have none (RFC 5168).
constexpr std::string_view kMediaControl = "application/media_control+xml";

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Up to the next comma outside of quotes, which goes too.
std::string_view takePart(std::string_view& list)
{
    bool quoted = false;
    std::size_t end = 0;
    for (; end < list.size() && (quoted || list[end] != ','); ++end) {
        if (quoted && list[end] == '\\' && end + 1 < list.size())
            ++end;
        else if (list[end] == '"')
            quoted = !quoted;
    }
    const std::string_view part = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    return part;
}

/// One that is known, and whole: an open quote could have others in it.
bool isHarmless(std::string_view part)
{
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos ||
        !std::ranges::count(kHarmless, lower(trimmed(part.substr(0, equals)))))
        return false;
    const std::string_view value = trimmed(part.substr(equals + 1));
    if (!value.starts_with('"'))
        return value.find_first_of("\"= \t") == std::string_view::npos;
    std::size_t end = 1;
    while (end < value.size() && value[end] != '"')
        end += value[end] == '\\' ? 2 : 1;
    return end + 1 == value.size();
}

std::string harmlessParameters(std::string_view list)
{
    std::string out;
    while (!list.empty()) {
        const std::string_view part = trimmed(takePart(list));
        out += out.empty() ? "" : ", ";
        out += isHarmless(part) ? part : kRedacted;
    }
    return out;
}

std::string credentials(std::string_view line, std::size_t colon, bool isInfo)
{
    const std::string_view value = trimmed(line.substr(colon + 1));
    const std::string head(line.substr(0, colon + 1));
    if (isInfo)
        return head + " " + harmlessParameters(value);
    const std::size_t blank = std::min(value.find_first_of(" \t"), value.size());
    const std::string_view scheme = value.substr(0, blank);
    if (lower(scheme) != "digest") // what another scheme has in it, nobody knows
        return head + " " + std::string(kRedacted);
    return head + " " + std::string(scheme) + " " + harmlessParameters(value.substr(blank));
}

std::string nameOf(std::string_view line)
{
    return lower(trimmed(line.substr(0, line.find(':'))));
}

bool isTypeHeader(std::string_view line)
{
    const std::string name = nameOf(line);
    return line.find(':') != line.npos && (name == "content-type" || name == "c"); // RFC 3261 7.3.3
}

/// The media type in lower case, without the blanks that may stand around its slash (RFC 3261 25.1).
std::string typeIn(std::string_view line)
{
    std::string type = lower(line.substr(line.find(':') + 1));
    type.resize(std::min(type.find(';'), type.size()));
    std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
    return type;
}

bool isKeyType(std::string_view type)
{
    return std::ranges::any_of(kKeyTypes, [&](std::string_view one) { return type.starts_with(one); });
}

std::string harmless(std::string_view line)
{
    const std::string_view text = trimmed(line);
    for (const std::string_view secret : kSdpSecrets)
        if (lower(text.substr(0, secret.size())) == secret)
            return std::string(text.substr(0, secret.size())) + " " + std::string(kRedacted);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return std::string(line);
    const std::string name = nameOf(line);
    return std::ranges::count(kCredentials, name) ? credentials(line, colon, name == kCredentials.back())
                                                  : std::string(line);
}

/// Without its end, which goes too.
std::string_view takeLine(std::string_view& text)
{
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (text.starts_with('\r'))
        text.remove_prefix(1);
    if (text.starts_with('\n'))
        text.remove_prefix(1);
    return line;
}

bool isFolded(std::string_view text)
{
    return text.starts_with(' ') || text.starts_with('\t');
}

} // namespace

std::string withoutSecrets(std::string_view message)
{
    std::string out;
    bool isHeader = true;
    // Keys may come in an INFO that says no type or another one.
    const bool isInfo = message.starts_with("INFO ");
    bool hasKeys = false;
    bool isSecretBody = isInfo;
    while (!message.empty()) {
        std::string line(takeLine(message));
        isHeader = isHeader && !line.empty();
        // RFC 3261 7.3.1; credentials and types may stand in a body, too (message/sipfrag, multipart).
        const bool folds =
            isHeader || isTypeHeader(line) || std::ranges::count(kCredentials, nameOf(line)) > 0;
        while (folds && isFolded(message))
            line += " " + std::string(trimmed(takeLine(message)));
        if (isTypeHeader(line)) {
            hasKeys = hasKeys || isKeyType(typeIn(line));
            isSecretBody = hasKeys || (isInfo && typeIn(line) != kMediaControl);
        }
        out += harmless(line) + "\n";
        if (line.empty() && isSecretBody && !message.empty()) { // of several parts those behind it as well
            out.append(kRedacted).append("\n");
            break;
        }
    }
    std::ranges::replace_if(
        out,
        [](char c) {
            const auto code = static_cast<unsigned char>(c);
            return (code < 0x20 && c != '\n' && c != '\t') || code == 0x7f;
        },
        '?');
    return out;
}

} // namespace sr::sip
