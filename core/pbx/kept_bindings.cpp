// SPDX-License-Identifier: GPL-3.0-or-later
// Eleven words a line; the file is written anew as a whole, so a line that is none was made by a hand or a
// disk.
#include "core/pbx/kept_bindings.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sr::pbx {
namespace {

constexpr std::string_view kHead = "switchroom registrations 1";
constexpr std::size_t kWords = 11;
constexpr unsigned char kDelete = 0x7f;
constexpr std::int64_t kLastTime = 253'402'300'800'000'000; ///< [us] the year 10000: nothing overflows

bool isPlain(unsigned char c)
{
    return c > ' ' && c != '%' && c != kDelete;
}

std::string escaped(std::string_view text)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (isPlain(code))
            out += c;
        else
            out.append({'%', kDigits[code >> 4U], kDigits[code & 0xfU]});
    }
    return out;
}

/// Nothing for what escaped() does not make.
std::optional<std::string> unescaped(std::string_view word)
{
    std::string out;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word[i] != '%') {
            if (!isPlain(static_cast<unsigned char>(word[i])))
                return std::nullopt;
            out += word[i];
            continue;
        }
        unsigned code = 0;
        const std::string_view digits = word.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
            return std::nullopt;
        out += static_cast<char>(code);
        i += 2;
    }
    return out;
}

std::string lineOf(const KeptBinding& one)
{
    std::string line = escaped(one.user);
    for (const std::string& word : {one.proof, one.uri, one.instance, one.userAgent, one.callId, one.domain,
                                    std::to_string(one.cseq), one.device.toString(), one.listener.toString(),
                                    std::to_string(one.ends.time_since_epoch().count())})
        line.append(" ").append(escaped(word));
    return line;
}

/// Up to `end`, which goes too.
std::string_view take(std::string_view& text, char end)
{
    const std::string_view taken = text.substr(0, std::min(text.find(end), text.size()));
    text.remove_prefix(std::min(taken.size() + 1, text.size()));
    return taken;
}

std::optional<std::array<std::string, kWords>> wordsOf(std::string_view line)
{
    if (line.size() > kBindingLineMost || std::ranges::count(line, ' ') != kWords - 1)
        return std::nullopt;
    std::array<std::string, kWords> words;
    for (std::string& word : words) {
        auto read = unescaped(take(line, ' '));
        if (!read)
            return std::nullopt;
        word = std::move(*read);
    }
    return words;
}

template <typename Number>
std::optional<Number> numberOf(std::string_view word)
{
    Number value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

/// A request line is made of it.
bool isUri(std::string_view uri)
{
    return !uri.empty() && std::ranges::all_of(uri, [](unsigned char c) { return c > ' ' && c != kDelete; });
}

std::optional<KeptBinding> bindingOf(std::string_view line)
{
    auto words = wordsOf(line);
    if (!words)
        return std::nullopt;
    auto& [user, proof, uri, instance, userAgent, callId, domain, cseq, device, listener, ends] = *words;
    const auto number = numberOf<std::uint32_t>(cseq);
    const auto from = Endpoint::parse(device);
    const auto here = Endpoint::parse(listener);
    const auto time = numberOf<std::int64_t>(ends);
    if (user.empty() || !isUri(uri) || !number || !from || !here || !time || *time < 0 || *time > kLastTime)
        return std::nullopt;
    return KeptBinding{std::move(user),
                       std::move(proof),
                       std::move(uri),
                       std::move(instance),
                       std::move(userAgent),
                       std::move(callId),
                       std::move(domain),
                       *number,
                       *from,
                       *here,
                       UtcTime(microseconds(*time))};
}

} // namespace

std::string writeBindings(const std::vector<KeptBinding>& all)
{
    std::string text = std::string(kHead) + '\n';
    for (const KeptBinding& one : all) {
        const std::string line = lineOf(one);
        if (line.size() > kBindingLineMost)
            continue;
        if (text.size() + line.size() + 1 > kBindingFileMost)
            break;
        text.append(line).append("\n");
    }
    return text;
}

Result<KeptBindings> parseBindings(std::string_view text)
{
    if (text.size() > kBindingFileMost)
        return fail(BaseErrc::TooLarge, "registrations");
    if (take(text, '\n') != kHead)
        return fail(BaseErrc::Malformed, "registrations");
    KeptBindings kept;
    while (!text.empty()) {
        if (auto one = bindingOf(take(text, '\n')))
            kept.all.push_back(std::move(*one));
        else
            ++kept.unread;
    }
    return kept;
}

} // namespace sr::pbx
