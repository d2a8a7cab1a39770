// SPDX-License-Identifier: GPL-3.0-or-later
// Cutting `Digest name=value, ...` into its values.
#include "core/sip/digest_parameters.h"

#include "core/capture/sip_text.h"
#include "core/sip/quoted_string.h"

#include <algorithm>

namespace sr::sip {
namespace {

using capture::sameText;
using capture::trimLws;
using Names = std::span<const std::string_view>;
using Values = std::span<std::optional<std::string>>;

/// RFC 3261 §25.1
bool isTokenChar(char c) noexcept
{
    constexpr std::string_view kMarks = "-.!%*_+`'~";
    const char lower = capture::lowerAscii(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != kMarks.npos;
}

/// Takes the octets up to the first that `belongs` refuses off the front of `rest`.
template <typename Belongs>
std::string_view takeWhile(std::string_view& rest, Belongs belongs)
{
    const auto end = std::find_if_not(rest.begin(), rest.end(), belongs);
    const std::string_view part = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(part.size());
    return part;
}

/// The inside of a quoted-string, escapes undone; `rest` begins behind the opening quote.
Result<std::string> takeQuoted(std::string_view& rest, SipErrc malformed)
{
    const auto isPlain = [](char c) { return c != '"' && c != '\\' && !isControl(c); };
    std::string value(takeWhile(rest, isPlain)); // most have nothing else
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return value;
        }
        if (rest[i] == '\\' && ++i == rest.size())
            break;
        if (isControl(rest[i]))
            return fail(malformed, "control character");
        value.push_back(rest[i]);
    }
    return fail(malformed, "quote without end");
}

Result<std::string> takeValue(std::string_view& rest, SipErrc malformed)
{
    if (rest.starts_with('"')) {
        rest.remove_prefix(1);
        return takeQuoted(rest, malformed);
    }
    // Wider than a token: some leave out the quotes around a nonce or URI.
    const std::string_view value =
        takeWhile(rest, [](char c) { return !capture::isLws(c) && !isControl(c) && c != ',' && c != '"'; });
    if (value.empty())
        return fail(malformed, "parameter without value");
    return std::string(value);
}

/// Takes one `name = value` off the front of `rest`, up to the comma or end behind it.
Status takeParameter(std::string_view& rest, Names names, Values values, SipErrc malformed)
{
    const std::string_view name = takeWhile(rest, isTokenChar);
    rest = trimLws(rest);
    if (name.empty() || !rest.starts_with('='))
        return fail(malformed, "parameter without name or value");
    rest = trimLws(rest.substr(1));
    auto value = takeValue(rest, malformed);
    if (!value)
        return value.error();
    if (value->size() > kMaxCredentialValueBytes)
        return fail(BaseErrc::TooLarge, "parameter of digest authentication");
    rest = trimLws(rest);
    if (!rest.empty() && !rest.starts_with(','))
        return fail(malformed, "no comma behind a parameter");
    const auto known = std::find_if(names.begin(), names.end(),
                                    [name](std::string_view candidate) { return sameText(candidate, name); });
    if (known == names.end())
        return {};
    auto& slot = values[static_cast<std::size_t>(known - names.begin())];
    if (slot)
        return fail(malformed, std::string(*known) + " twice");
    slot = *std::move(value);
    return {};
}

} // namespace

Status takeDigestParameters(std::string_view headerValue, Names names, Values values, SipErrc malformed)
{
    if (headerValue.size() > kMaxCredentialBytes)
        return fail(BaseErrc::TooLarge, "digest authentication");
    std::string_view rest = trimLws(headerValue);
    if (!sameText(takeWhile(rest, [](char c) { return !capture::isLws(c); }), "Digest"))
        return fail(SipErrc::NotDigest, {});
    for (;;) {
        // Empty elements are skipped, as lists of HTTP have it (RFC 9110 §5.6.1.2): some end in a comma.
        takeWhile(rest, [](char c) { return c == ',' || capture::isLws(c); });
        if (rest.empty())
            return {};
        if (Status taken = takeParameter(rest, names, values, malformed); !taken)
            return taken;
    }
}

std::optional<DigestAlgorithm> digestAlgorithmOf(const std::optional<std::string>& name)
{
    for (const DigestAlgorithm algorithm : {DigestAlgorithm::Md5, DigestAlgorithm::Sha256}) {
        if (sameText(name.value_or("MD5"), nameOf(algorithm)))
            return algorithm;
    }
    return std::nullopt;
}

} // namespace sr::sip
