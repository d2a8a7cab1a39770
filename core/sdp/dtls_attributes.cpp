// SPDX-License-Identifier: GPL-3.0-or-later
// Read strictly: a fingerprint that is half understood would let nobody in, or anybody.
#include "core/sdp/dtls_attributes.h"

#include "core/sdp/text.h"

#include <algorithm>
#include <array>

namespace sr::sdp {
namespace {

constexpr std::array<std::string_view, 4> kSetups{"active", "passive", "actpass",
                                                  "holdconn"}; // in the order of Setup

struct Hash {
    std::string_view name;
    std::size_t octets;
};
constexpr Hash kHashes[] = {
    {"sha-1", 20}, {"sha-224", 28}, {"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}};

} // namespace

std::string_view toString(Setup setup) noexcept
{
    return kSetups[static_cast<std::size_t>(setup)];
}

std::optional<Setup> setupNamed(std::string_view word) noexcept
{
    for (std::size_t i = 0; i < kSetups.size(); ++i) {
        if (equalsNoCase(word, kSetups[i]))
            return static_cast<Setup>(i);
    }
    return std::nullopt;
}

std::optional<rtp::Fingerprint> parseFingerprint(std::string_view value)
{
    const std::string_view name = nextToken(value);
    const auto* const hash =
        std::ranges::find_if(kHashes, [&](const Hash& one) { return equalsNoCase(one.name, name); });
    value = trim(value);
    if (hash == std::end(kHashes) || value.size() != 3 * hash->octets - 1)
        return std::nullopt;
    std::string hex;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (i % 3 != 2)
            hex.push_back(value[i]);
        else if (value[i] != ':')
            return std::nullopt;
    }
    auto octets = fromHex(hex);
    if (!octets)
        return std::nullopt;
    return rtp::Fingerprint{std::string(hash->name), std::move(*octets)};
}

std::string dtlsLines(const OwnDtls& own)
{
    std::string lines = "a=fingerprint:" + own.fingerprint + "\r\na=setup:";
    return lines.append(toString(own.setup)).append("\r\n");
}

} // namespace sr::sdp
