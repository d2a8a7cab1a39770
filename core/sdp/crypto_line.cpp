// SPDX-License-Identifier: GPL-3.0-or-later
// SDES keys: base64, the suites' lengths and the spellings that phones use for them.
#include "core/sdp/crypto_line.h"

#include "core/sdp/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace sr::sdp {
namespace {

struct Suite {
    std::string_view spelling;
    std::string_view name;  ///< as registered with IANA
    std::size_t keyAndSalt; ///< [octets]
};

constexpr std::array kSuites{
    Suite{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", 30}, // RFC 4568 §6.2
    Suite{"AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32", 30}, //
    Suite{"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", 38}, // RFC 6188 §4
    Suite{"AES_192_CM_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_32", 38}, //
    Suite{"AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", 46}, //
    Suite{"AES_256_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32", 46}, //
    Suite{"AES_CM_192_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_80", 38}, // seen in the wild
    Suite{"AES_CM_192_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_32", 38}, //
    Suite{"AES_CM_256_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", 46}, //
    Suite{"AES_CM_256_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32", 46}, //
    Suite{"AEAD_AES_128_GCM", "AEAD_AES_128_GCM", 28},               // RFC 7714 §14.2
    Suite{"AEAD_AES_256_GCM", "AEAD_AES_256_GCM", 44},               //
};

int base64Value(char c) noexcept
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/// Padding may be missing, as some phones leave it out.
std::optional<std::string> decodeBase64(std::string_view text)
{
    while (!text.empty() && text.back() == '=')
        text.remove_suffix(1);
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
        const int value = base64Value(c);
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out.push_back(static_cast<char>((bits >> have) & 0xffU));
        }
    }
    return have < 6 ? std::optional(out) : std::nullopt;
}

/// `1:4`, a decimal number and the octets it takes in every packet: big-endian octets, empty if it is no MKI.
std::string parseMki(std::string_view field)
{
    constexpr std::size_t kMaxOctets = 128; // RFC 4568 §9.2
    const std::string_view value = cut(field, ':');
    const auto length = number<std::size_t>(field);
    if (value.empty() || !length || *length == 0 || *length > kMaxOctets)
        return {};
    std::string mki(*length, '\0');
    for (const char c : value) {
        if (c < '0' || c > '9')
            return {};
        unsigned carry = static_cast<unsigned>(c - '0');
        for (std::size_t i = mki.size(); i-- > 0;) {
            carry += static_cast<unsigned char>(mki[i]) * 10U;
            mki[i] = static_cast<char>(carry & 0xffU);
            carry >>= 8;
        }
        if (carry != 0)
            return {}; // larger than it may be
    }
    return mki;
}

/// `lifetime|mki:length` behind the key, each of them optional (RFC 4568 §6.1).
std::string mkiOf(std::string_view fields)
{
    while (!fields.empty()) {
        const std::string_view field = cut(fields, '|');
        if (field.find(':') != std::string_view::npos)
            return parseMki(trim(field));
    }
    return {};
}

/// Fit to be shown: letters, digits, underscore.
bool isName(std::string_view word)
{
    constexpr std::size_t kLongest = 64;
    return !word.empty() && word.size() <= kLongest && std::all_of(word.begin(), word.end(), [](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

const Suite* suiteOf(std::string_view spelling) noexcept
{
    for (const Suite& suite : kSuites) {
        if (equalsNoCase(suite.spelling, spelling))
            return &suite;
    }
    return nullptr;
}

} // namespace

std::vector<rtp::SrtpKey> parseCrypto(std::string_view value)
{
    constexpr std::string_view kInline = "inline:";
    nextToken(value); // the tag, see parseCryptoAttribute()
    const std::string_view spelling = nextToken(value);
    const Suite* suite = suiteOf(spelling);
    std::vector<rtp::SrtpKey> keys;
    if (suite == nullptr) {
        if (isName(spelling))
            keys.push_back({.suite = std::string(spelling), .keySalt = {}});
        return keys;
    }
    std::string_view params = nextToken(value);
    while (!params.empty() && keys.size() < 4) {
        std::string_view one = cut(params, ';');
        if (!equalsNoCase(one.substr(0, kInline.size()), kInline))
            continue;
        one.remove_prefix(kInline.size());
        const auto raw = decodeBase64(cut(one, '|'));
        if (raw && raw->size() == suite->keyAndSalt)
            keys.push_back({.suite = std::string(suite->name), .keySalt = *raw, .mki = mkiOf(one)});
    }
    return keys;
}

std::size_t keySaltOctets(std::string_view suite) noexcept
{
    const Suite* known = suiteOf(suite);
    return known != nullptr ? known->keyAndSalt : 0;
}

} // namespace sr::sdp
