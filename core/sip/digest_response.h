// SPDX-License-Identifier: GPL-3.0-or-later
// Our side of digest authentication where somebody else asks who we are (RFC 3261 §22, RFC 7616, RFC 8760):
// MD5 and SHA-256, both with `-sess`; qop=auth, or none as in RFC 2069. Not auth-int.
#pragma once

#include "core/sip/digest_parameters.h"
#include "core/sip/password.h"

#include <vector>

namespace sr::sip {

/// The value of one WWW-Authenticate or Proxy-Authenticate, quotes and escapes undone.
struct ReceivedChallenge {
    std::string realm;
    std::string nonce;
    std::string opaque; ///< comes back as it is; empty where there is none
    DigestAlgorithm algorithm = DigestAlgorithm::Md5;
    bool isSession = false; ///< `-sess`: the first nonces of a session are hashed into the secret
    bool hasQop = false;    ///< `auth` is among what it takes; false: it names none
    bool isStale = false;   ///< the password was right and only the nonce too old
    bool operator==(const ReceivedChallenge&) const = default;
};

/// Reads it by the limits of takeDigestParameters(). Any thread.
///
/// Errors: SipErrc::NotDigest, BadChallenge, UnknownAlgorithm (of algorithm or qop); BaseErrc::TooLarge. None
/// of them quotes what the peer wrote.
Result<ReceivedChallenge> parseDigestChallenge(std::string_view headerValue);

/// Of several headers the first with the best algorithm that we know (RFC 8760 §2.4 lets the client choose);
/// nothing if none is of use.
std::optional<ReceivedChallenge> bestChallenge(const std::vector<std::string>& headerValues);

/// What belongs to one answer.
struct DigestUse {
    std::string_view method;
    std::string_view uri; ///< the Request-URI as it is sent
    std::string_view cnonce;
    std::uint32_t count = 1; ///< nc: uses of this nonce, from 1
};

/// The value of Authorization or Proxy-Authorization. Any thread.
std::string digestResponse(const ReceivedChallenge& challenge, const DigestAccount& account,
                           const DigestUse& use);

/// Answers the challenges of one realm, request by request. One thread.
class DigestResponder {
public:
    enum class Verdict : std::uint8_t {
        Answer,  ///< there is something new to say: send the request again
        Refused, ///< this very account was refused: asking again would not change it
        Unknown, ///< nothing in the challenges that we could answer
    };
    /// The challenges of one response. A nonce is answered once; a new one is Refused if the account has
    /// answered a challenge before in the same request, unless it is stale.
    Verdict take(const std::vector<std::string>& headerValues, bool hasAnswered);

    bool canAnswer() const { return m_challenge.has_value(); }
    /// With the next count of the last nonce. Only if canAnswer().
    std::string answer(const DigestAccount& account, std::string_view method, std::string_view uri);

private:
    std::optional<ReceivedChallenge> m_challenge;
    std::string m_cnonce;
    std::uint32_t m_uses = 0;
};

} // namespace sr::sip
