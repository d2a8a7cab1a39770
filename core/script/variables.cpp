// SPDX-License-Identifier: GPL-3.0-or-later
// Variables and the arithmetic on them.
#include "core/script/variables.h"

#include <charconv>

namespace sr::script {
namespace {

std::string_view bare(std::string_view name)
{
    name.remove_prefix(name.starts_with('$') ? 1 : 0);
    return name;
}

int hexOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool continues(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

} // namespace

Status Variables::set(std::string_view name, std::string value)
{
    name = bare(name);
    if (!isVariableName(name) || name.size() > m_limits.nameBytes)
        return fail(ScriptErrc::BadName, "a variable");
    if (value.size() > m_limits.valueBytes)
        return fail(ScriptErrc::ValueTooLong, "$" + std::string(name));
    const auto found = m_values.find(name);
    if (value.empty()) {
        if (found != m_values.end())
            m_values.erase(found);
    } else if (found != m_values.end()) {
        found->second = std::move(value);
    } else if (m_values.size() >= m_limits.variables) {
        return fail(ScriptErrc::VariableLimit, "$" + std::string(name));
    } else {
        m_values.emplace(name, std::move(value));
    }
    return {};
}

const std::string& Variables::value(std::string_view name) const
{
    static const std::string kNothing;
    const auto found = m_values.find(bare(name));
    return found == m_values.end() ? kNothing : found->second;
}

Result<std::string> Variables::expand(const Text& text) const
{
    std::string result;
    for (const Text::Piece& piece : text.pieces) {
        result += piece.variable ? value(piece.text) : piece.text;
        if (result.size() > m_limits.valueBytes)
            return fail(ScriptErrc::ValueTooLong, {});
    }
    return result;
}

Status Variables::preset(std::string_view query)
{
    Status first;
    query.remove_prefix(query.starts_with('?') ? 1 : 0);
    while (!query.empty()) {
        const std::string_view one = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(one.size() + 1, query.size()));
        const std::size_t equals = one.find('=');
        if (one.empty())
            continue;
        const std::string name = urlDecoded(one.substr(0, equals));
        const auto value = equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1);
        if (auto done = set(name, urlDecoded(value)); !done && first)
            first = done;
    }
    return first;
}

bool isTrue(std::string_view value)
{
    return !value.empty() && value != "0" && value != "false";
}

std::int64_t numberOf(std::string_view value)
{
    while (value.starts_with(' '))
        value.remove_prefix(1);
    while (value.ends_with(' '))
        value.remove_suffix(1);
    value.remove_prefix(value.starts_with('+') ? 1 : 0);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size() ? number : 0;
}

std::string urlEncoded(std::string_view text)
{
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~*";
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        if (kPlain.find(c) != std::string_view::npos) {
            result += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        result += '%';
        result += kHex[octet >> 4U];
        result += kHex[octet & 15U];
    }
    return result;
}

std::string urlDecoded(std::string_view text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && at + 2 < text.size() ? hexOf(text[at + 1]) : -1;
        const int low = high < 0 ? -1 : hexOf(text[at + 2]);
        if (low < 0) {
            result += text[at];
            continue;
        }
        result += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return result;
}

std::size_t lengthOf(std::string_view utf8)
{
    std::size_t count = 0;
    for (const char c : utf8)
        count += !continues(c) || count == 0 ? 1 : 0;
    return count;
}

std::string partOf(std::string_view utf8, std::int64_t pos, std::int64_t size)
{
    if (pos < 1 || size < 1)
        return {};
    std::string result;
    std::int64_t character = 0;
    for (const char c : utf8) {
        if (!continues(c) || character == 0)
            ++character;
        if (character < pos)
            continue;
        if (character - pos >= size)
            break;
        result += c;
    }
    return result;
}

} // namespace sr::script
