// SPDX-License-Identifier: GPL-3.0-or-later
// `Signal=5` and `Duration=160`, a line each, or the key alone.
#include "core/pbx/key_info.h"

#include "core/rtp/telephone_event.h"

#include <algorithm>
#include <charconv>

namespace sr::pbx {
namespace {

constexpr std::chrono::milliseconds kLongest{60000};

std::string lowerCase(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<unsigned> numberOf(std::string_view text)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

/// The key itself, or its code in RFC 4733 where that has two digits: 10 to 16.
std::optional<char> symbolOf(std::string_view text)
{
    constexpr std::string_view kKeys = "0123456789*#ABCD!";
    if (text.size() == 1) {
        const char upper =
            text[0] >= 'a' && text[0] <= 'd' ? static_cast<char>(text[0] - 'a' + 'A') : text[0];
        return kKeys.find(upper) == std::string_view::npos ? std::nullopt : std::optional(upper);
    }
    const auto code = numberOf(text);
    const char symbol = code && *code <= 16 ? rtp::digitSymbol(static_cast<std::uint8_t>(*code)) : '\0';
    return symbol == '\0' ? std::nullopt : std::optional(symbol);
}

} // namespace

std::optional<KeyInfo> keyOfInfo(std::string_view contentType, std::string_view body)
{
    const std::string type = lowerCase(trimmed(contentType.substr(0, contentType.find(';'))));
    KeyInfo info;
    if (type == "application/dtmf") {
        const auto symbol = symbolOf(trimmed(body));
        info.symbol = symbol.value_or('\0');
        return symbol ? std::optional(info) : std::nullopt;
    }
    if (type != "application/dtmf-relay")
        return std::nullopt;
    std::optional<char> symbol;
    while (!body.empty()) {
        const std::size_t end = body.find('\n');
        const std::string_view line = body.substr(0, end);
        body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string key = lowerCase(trimmed(line.substr(0, equals)));
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (key == "signal")
            symbol = symbolOf(value);
        else if (const auto length = numberOf(value); key == "duration" && length && *length > 0)
            info.length = std::min(std::chrono::milliseconds(*length), kLongest);
    }
    info.symbol = symbol.value_or('\0');
    return symbol ? std::optional(info) : std::nullopt;
}

std::string bodyOfInfo(const KeyInfo& key)
{
    std::string body = "Signal=";
    body += key.symbol;
    body.append("\r\nDuration=").append(std::to_string(key.length.count())).append("\r\n");
    return body;
}

} // namespace sr::pbx
