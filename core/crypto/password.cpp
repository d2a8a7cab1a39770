// SPDX-License-Identifier: GPL-3.0-or-later
// Hashes of console and window passwords: scrypt with its cost and salt written beside.
#include "core/crypto/digest.h"
#include "core/crypto/kdf.h"

#include <charconv>

namespace sr::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint64_t kMaxHashWork = 128ULL * 1024 * 1024; // a login may not cost more than four of ours

struct StoredHash {
    ScryptCost cost;
    Bytes salt;
    Bytes hash;
};

/// The part up to the next `$`, taken off the front.
std::string_view nextField(std::string_view& rest)
{
    const std::size_t end = rest.find('$');
    const std::string_view field = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return field;
}

std::optional<unsigned> number(std::string_view text)
{
    unsigned value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<StoredHash> parseHash(std::string_view text)
{
    if (text.size() > 512 || nextField(text) != "scrypt")
        return std::nullopt;
    const auto n = number(nextField(text));
    const auto r = number(nextField(text));
    const auto p = number(nextField(text));
    auto salt = fromHex(nextField(text));
    auto hash = fromHex(nextField(text));
    if (!n || !r || !p || !salt || !hash || !text.empty())
        return std::nullopt;
    if (*n == 0 || (*n & (*n - 1)) != 0 || salt->size() < 8 || hash->size() != kHashBytes)
        return std::nullopt;
    unsigned logN = 0;
    for (unsigned value = *n; value > 1; value >>= 1)
        ++logN;
    return StoredHash{{logN, *r, *p}, std::move(*salt), std::move(*hash)};
}

} // namespace

Result<std::string> hashPassword(std::string_view password)
{
    const ScryptCost cost;
    std::array<std::byte, kSaltBytes> salt{};
    std::array<std::byte, kHashBytes> hash{};
    if (auto made = randomBytes(salt); !made)
        return made.error();
    if (auto made = scrypt(password, salt, cost, hash); !made)
        return made.error();
    return "scrypt$" + std::to_string(1U << cost.logN) + "$" + std::to_string(cost.r) + "$" +
           std::to_string(cost.p) + "$" + toHex(salt) + "$" + toHex(hash);
}

bool checkPassword(std::string_view password, std::string_view hash)
{
    const auto stored = parseHash(hash);
    if (!stored || !acceptable(stored->cost, kMaxHashWork))
        return false;
    std::array<std::byte, kHashBytes> candidate{};
    return scrypt(password, stored->salt, stored->cost, candidate) &&
           equalConstantTime(candidate, stored->hash);
}

} // namespace sr::crypto
