// SPDX-License-Identifier: GPL-3.0-or-later
// The challenge of digest authentication (RFC 3261 §22.4, RFC 7616 §3.3, RFC 8760).
#pragma once

#include "core/sip/digest_secret.h"

namespace sr::sip {

/// The value of WWW-Authenticate or Proxy-Authenticate, with `qop="auth"`. Several algorithms are several
/// headers, the one liked best first (RFC 8760 §2). `stale`: the answer was right but its nonce is not good
/// any more, so that the phone answers anew without asking a person. Any thread.
std::string digestChallenge(std::string_view realm, std::string_view nonce, DigestAlgorithm algorithm,
                            bool stale);

} // namespace sr::sip
