// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a challenge in the spelling that phones are used to: algorithm and stale bare, all else quoted.
#include "core/sip/digest_challenge.h"

#include "core/sip/quoted_string.h"

namespace sr::sip {

std::string digestChallenge(std::string_view realm, std::string_view nonce, DigestAlgorithm algorithm,
                            bool stale)
{
    std::string value =
        "Digest realm=" + quotedString(realm) + ", nonce=" + quotedString(nonce) + ", algorithm=";
    value.append(nameOf(algorithm)).append(", qop=\"auth\"");
    if (stale)
        value += ", stale=true";
    return value;
}

} // namespace sr::sip
