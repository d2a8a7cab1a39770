// SPDX-License-Identifier: GPL-3.0-or-later
// a=crypto lines of a live call (RFC 4568): choose one of an offer, find it in the answer, write our own.
#pragma once

#include "core/base/error.h"
#include "core/rtp/stream.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sr::sdp {

/// One a=crypto line: the key under which its sender sends.
struct CryptoAttribute {
    std::uint32_t tag = 0; ///< the answer names by it which line of the offer it takes (RFC 4568 §5.1.2)
    rtp::SrtpKey key;
    bool operator==(const CryptoAttribute&) const = default;
};

/// Suites that we offer and take, preferred first.
std::span<const std::string_view> suites() noexcept;

/// A line that we can follow: one of suites(), one key, and no session parameter that changes the stream
/// (RFC 4568 §6.3: KDR, UNENCRYPTED_SRTP, UNENCRYPTED_SRTCP, UNAUTHENTICATED_SRTP, FEC_ORDER=SRTP_FEC,
/// FEC_KEY, or one we do not know); nothing for others. Lifetimes are tolerated and not kept. WSH and
/// parameters marked with a dash may be ignored, and are.
std::optional<CryptoAttribute> parseCryptoAttribute(std::string_view value);

/// The value of its a=crypto line: `1 AES_CM_128_HMAC_SHA1_80 inline:...`, behind it the MKI if there is one.
std::string toString(const CryptoAttribute& attribute);

/// Fresh random key and salt for one of suites(). UnknownSuite; CryptoErrc::Library without randomness.
Result<rtp::SrtpKey> newKey(std::string_view suite);

/// The offer's line that the answer takes: the first, since an offer prefers what comes first (RFC 4568
/// §5.1.1). Null if there is none.
const CryptoAttribute* chosen(std::span<const CryptoAttribute> offer) noexcept;

/// The answer's line, if it takes one of the offer's by tag and suite (RFC 4568 §5.1.3); null otherwise.
const CryptoAttribute* taken(std::span<const CryptoAttribute> answer,
                             std::span<const CryptoAttribute> offer) noexcept;

} // namespace sr::sdp
