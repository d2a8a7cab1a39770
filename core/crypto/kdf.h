// SPDX-License-Identifier: GPL-3.0-or-later
// Key derivation: HKDF-SHA-256 (RFC 5869) and scrypt (RFC 7914). Internal to core/crypto.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <string_view>

namespace sr::crypto {

Status hkdfSha256(ByteView inputKey, ByteView salt, ByteView info, std::span<std::byte> out);

/// Cost of one scrypt run. Memory is 128 * r * 2^logN octets, time grows with p as well.
struct ScryptCost {
    unsigned logN = 15; ///< chosen: 32 MiB, about a tenth of a second
    unsigned r = 8;
    unsigned p = 1;
};

inline constexpr std::uint64_t kMaxScryptWork = 256ULL * 1024 * 1024; ///< [octets] mixed: 128 * N * r * p

/// False for parameters that are no scrypt (RFC 7914 section 2) or cost more than `maxWork`.
bool acceptable(const ScryptCost& cost, std::uint64_t maxWork = kMaxScryptWork) noexcept;

Status scrypt(std::string_view password, ByteView salt, const ScryptCost& cost, std::span<std::byte> out);

} // namespace sr::crypto
