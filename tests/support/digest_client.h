// SPDX-License-Identifier: GPL-3.0-or-later
// The phone's side of digest authentication (RFC 7616 3.4), to test ours.
#pragma once

#include "core/sip/digest_secret.h"

#include <string>

namespace sr::test {

/// The value of a parameter of a challenge, without quotes; empty if it is not there.
inline std::string parameterOf(const std::string& challenge, const std::string& name)
{
    const auto at = challenge.find(name + "=");
    if (at == std::string::npos)
        return {};
    std::string value = challenge.substr(at + name.size() + 1);
    if (value.starts_with('"'))
        return value.substr(1, value.find('"', 1) - 1);
    return value.substr(0, value.find(','));
}

struct DigestClient {
    std::string user;
    std::string password;
    unsigned nc = 1; ///< of the next answer

    /// The value of Authorization for one challenge.
    std::string answer(const std::string& challenge, const std::string& method, const std::string& uri)
    {
        const bool sha = parameterOf(challenge, "algorithm") == "SHA-256";
        const auto algorithm = sha ? sip::DigestAlgorithm::Sha256 : sip::DigestAlgorithm::Md5;
        const std::string realm = parameterOf(challenge, "realm");
        const std::string nonce = parameterOf(challenge, "nonce");
        const sip::DigestSecret secret = sip::digestSecret(user, realm, password);
        std::string count = std::to_string(nc++);
        count.insert(0, 8 - count.size(), '0');
        const std::string response =
            sip::digestHash(algorithm, (sha ? secret.sha256 : secret.md5) + ":" + nonce + ":" + count +
                                           ":c0ffee:auth:" + sip::digestHash(algorithm, method + ":" + uri));
        return "Digest username=\"" + user + "\", realm=\"" + realm + "\", nonce=\"" + nonce + "\", uri=\"" +
               uri + "\", response=\"" + response + "\", algorithm=" + std::string(sip::nameOf(algorithm)) +
               ", qop=auth, nc=" + count + ", cnonce=\"c0ffee\"";
    }
};

} // namespace sr::test
