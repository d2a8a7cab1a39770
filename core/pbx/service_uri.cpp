// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing of service URIs.
#include "core/pbx/service_uri.h"

#include "core/base/bytes.h"

namespace sr::pbx {
namespace {

constexpr std::string_view kScheme = "service:";
const std::string kNone;

/// RFC 3986 2.3.
bool isUnreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::optional<std::string> unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto octet = fromHex(text.substr(i + 1, 2));
        if (!octet || octet->size() != 1)
            return std::nullopt;
        out += static_cast<char>(octet->front());
        i += 2;
    }
    return out;
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char& c : text)
        out += isUnreserved(c) ? std::string(1, c) : '%' + toHex(bytesOf({&c, 1}));
    return out;
}

/// The part before `mark`; `text` becomes what is behind it.
std::string_view cut(std::string_view& text, char mark)
{
    const std::size_t at = text.find(mark);
    const std::string_view part = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return part;
}

} // namespace

bool isServiceUri(std::string_view text)
{
    return text.starts_with(kScheme);
}

std::optional<ServiceUri> ServiceUri::parse(std::string_view text)
{
    if (!isServiceUri(text) || text.size() > kMaxServiceUri)
        return std::nullopt;
    text.remove_prefix(kScheme.size());
    ServiceUri uri;
    auto name = unescaped(cut(text, '?'));
    if (!name || name->empty())
        return std::nullopt;
    uri.name = std::move(*name);
    while (!text.empty()) {
        std::string_view pair = cut(text, '&');
        auto key = unescaped(cut(pair, '='));
        auto value = unescaped(pair);
        if (!key || !value)
            return std::nullopt;
        if (!key->empty())
            uri.parameters.emplace(std::move(*key), std::move(*value));
    }
    return uri;
}

std::string ServiceUri::toString() const
{
    std::string out = std::string(kScheme) + escaped(name);
    char mark = '?';
    for (const auto& [key, value] : parameters) {
        out += mark + escaped(key) + '=' + escaped(value);
        mark = '&';
    }
    return out;
}

const std::string& ServiceUri::operator[](const std::string& key) const
{
    const auto found = parameters.find(key);
    return found == parameters.end() ? kNone : found->second;
}

} // namespace sr::pbx
