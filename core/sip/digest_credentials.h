// SPDX-License-Identifier: GPL-3.0-or-later
// What a phone answers to a challenge of digest authentication (RFC 3261 §22.4, RFC 7616 §3.4, RFC 8760).
#pragma once

#include "core/sip/digest_parameters.h"

namespace sr::sip {

/// Quality of protection: what the response covers.
enum class DigestQop : std::uint8_t {
    None,   ///< not sent, as in RFC 2069: method and URI, and nothing counts the uses of a nonce
    Auth,   ///< method and URI
    AuthInt ///< the body as well
};

/// Parameters of one Authorization or Proxy-Authorization, quotes and escapes undone. They hold no control
/// character but the tab.
struct DigestCredentials {
    std::string username;
    std::string realm;
    std::string nonce;
    std::string uri; ///< as hashed; whether it means the Request-URI (RFC 7616 §3.4.6) is the caller's to ask
    std::string response; ///< hex; empty in the first REGISTER of an IMS phone
    std::string cnonce;   ///< counts only with qop
    std::string opaque;
    DigestAlgorithm algorithm = DigestAlgorithm::Md5;
    DigestQop qop = DigestQop::None;
    std::uint32_t nc = 0; ///< uses of the nonce, from 1; 0 without qop
    bool operator==(const DigestCredentials&) const = default;
};

/// Reads the value of the header, `Digest username="bob", ...`. Any parameter may be quoted or not, since
/// phones do either; names and `Digest` in any case; unknown parameters are skipped, known ones may stand
/// there once (RFC 3261 §7.3.1). Any thread.
///
/// Errors: every SipErrc; BaseErrc::TooLarge above the limits. None of them quotes what the peer wrote.
Result<DigestCredentials> parseDigestCredentials(std::string_view headerValue);

/// Whether the response proves that the sender knows the secret of this user and realm, which the caller has
/// looked up. Never for an empty one. Says nothing about the nonce: see NonceGuard. Any thread; the compare
/// takes equal time for every response.
bool answers(const DigestCredentials& credentials, std::string_view method, const DigestSecret& secret,
             std::string_view body);

} // namespace sr::sip
