// SPDX-License-Identifier: GPL-3.0-or-later
// SDES lines of offers and answers, read strictly: what we could not follow is not chosen.
#include "core/sdp/crypto_attribute.h"

#include "core/base/bytes.h"
#include "core/crypto/digest.h"
#include "core/sdp/crypto_line.h"
#include "core/sdp/session_description.h"
#include "core/sdp/text.h"

#include <algorithm>
#include <array>

namespace sr::sdp {
namespace {

constexpr std::array<std::string_view, 5> kSuites{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
                                                  "AES_256_CM_HMAC_SHA1_80", "AEAD_AES_128_GCM",
                                                  "AEAD_AES_256_GCM"};

bool isOurs(std::string_view suite)
{
    return std::find(kSuites.begin(), kSuites.end(), suite) != kSuites.end();
}

/// RFC 4568 §6.3: whether the stream stays as it is without the parameter.
bool mayBeIgnored(std::string_view parameter)
{
    return parameter.front() == '-' || startsNoCase(parameter, "WSH=") ||
           equalsNoCase(parameter, "FEC_ORDER=FEC_SRTP"); // the default
}

std::string toBase64(std::string_view octets)
{
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : octets) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (have += 8; have >= 6; have -= 6)
            out.push_back(kDigits[(bits >> (have - 6)) & 0x3fU]);
    }
    if (have > 0)
        out.push_back(kDigits[(bits << (6 - have)) & 0x3fU]);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

/// Big-endian octets as the decimal number that a=crypto wants.
std::string toDecimal(std::string octets)
{
    std::string digits;
    while (std::any_of(octets.begin(), octets.end(), [](char c) { return c != 0; })) {
        unsigned rest = 0;
        for (char& c : octets) {
            rest = rest * 256 + static_cast<unsigned char>(c);
            c = static_cast<char>(rest / 10);
            rest %= 10;
        }
        digits.push_back(static_cast<char>('0' + rest));
    }
    std::reverse(digits.begin(), digits.end());
    return digits.empty() ? "0" : digits;
}

} // namespace

std::span<const std::string_view> suites() noexcept
{
    return kSuites;
}

std::optional<CryptoAttribute> parseCryptoAttribute(std::string_view value)
{
    std::vector<rtp::SrtpKey> keys = parseCrypto(value);
    const auto tag = number<std::uint32_t>(nextToken(value));
    nextToken(value); // suite
    const std::string_view params = nextToken(value);
    if (!tag || keys.size() != 1 || keys[0].keySalt.empty() || !isOurs(keys[0].suite) ||
        params.find(';') != std::string_view::npos) // several keys, told apart by their MKI
        return std::nullopt;
    for (std::string_view one = nextToken(value); !one.empty(); one = nextToken(value)) {
        if (!mayBeIgnored(one))
            return std::nullopt;
    }
    return CryptoAttribute{*tag, std::move(keys[0])};
}

std::string toString(const CryptoAttribute& attribute)
{
    const rtp::SrtpKey& key = attribute.key;
    std::string text = std::to_string(attribute.tag) + ' ' + key.suite + " inline:" + toBase64(key.keySalt);
    if (!key.mki.empty())
        text += '|' + toDecimal(key.mki) + ':' + std::to_string(key.mki.size());
    return text;
}

Result<rtp::SrtpKey> newKey(std::string_view suite)
{
    if (!isOurs(suite))
        return fail(SdpErrc::UnknownSuite, std::string(suite));
    rtp::SrtpKey key{.suite = std::string(suite), .keySalt = std::string(keySaltOctets(suite), '\0')};
    if (Status status = crypto::randomBytes(std::as_writable_bytes(std::span(key.keySalt))); !status)
        return status.error();
    return key;
}

const CryptoAttribute* chosen(std::span<const CryptoAttribute> offer) noexcept
{
    return offer.empty() ? nullptr : offer.data();
}

const CryptoAttribute* taken(std::span<const CryptoAttribute> answer,
                             std::span<const CryptoAttribute> offer) noexcept
{
    for (const CryptoAttribute& one : answer) {
        for (const CryptoAttribute& offered : offer) {
            if (offered.tag == one.tag && offered.key.suite == one.key.suite)
                return &one;
        }
    }
    return nullptr;
}

} // namespace sr::sdp
