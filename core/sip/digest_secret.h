// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of a SIP password: its hash per algorithm of digest authentication, never the password.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sr::sip {

/// RFC 7616, as RFC 8760 brings it to SIP.
enum class DigestAlgorithm : std::uint8_t { Md5, Sha256 };

std::string_view nameOf(DigestAlgorithm algorithm); ///< `MD5`, `SHA-256`

/// H(A1) = H(user:realm:password) in lower-case hex. As good as the password on this realm: sealed on disk,
/// in no log.
struct DigestSecret {
    std::string md5;
    std::string sha256;
    bool empty() const { return md5.empty() && sha256.empty(); }
    bool operator==(const DigestSecret&) const = default;
};

/// Any thread.
DigestSecret digestSecret(std::string_view user, std::string_view realm, std::string_view password);

/// Hex of the hash of `text`. Aborts if the library has no such algorithm.
std::string digestHash(DigestAlgorithm algorithm, std::string_view text);

} // namespace sr::sip
