// SPDX-License-Identifier: GPL-3.0-or-later
// The same formulas as in digest_credentials.cpp, from the other end.
#include "core/sip/digest_response.h"

#include "core/capture/sip_text.h"
#include "core/crypto/digest.h"
#include "core/sip/quoted_string.h"

#include <array>

namespace sr::sip {
namespace {

enum Known : std::size_t { Realm, Nonce, Opaque, Algorithm, Qop, Stale };
constexpr std::array<std::string_view, 6> kNames{"realm", "nonce", "opaque", "algorithm", "qop", "stale"};
constexpr std::string_view kSession = "-sess";
constexpr std::size_t kCnonceBytes = 16; // chosen

std::string hex8(std::uint32_t count)
{
    std::array<std::byte, sizeof count> octets{};
    storeBe(octets.data(), count);
    return toHex(octets);
}

/// Whether the list `auth,auth-int` names `auth`.
bool namesAuth(std::string_view list)
{
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (capture::sameText(capture::trimLws(list.substr(0, comma)), "auth"))
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

std::string hashedA1(const ReceivedChallenge& challenge, const DigestAccount& account,
                     std::string_view cnonce)
{
    const DigestSecret secret = digestSecret(account.user, challenge.realm, account.password.text());
    const std::string& a1 = challenge.algorithm == DigestAlgorithm::Md5 ? secret.md5 : secret.sha256;
    if (!challenge.isSession)
        return a1;
    return digestHash(challenge.algorithm, a1 + ":" + challenge.nonce + ":" + std::string(cnonce));
}

} // namespace

Result<ReceivedChallenge> parseDigestChallenge(std::string_view headerValue)
{
    std::array<std::optional<std::string>, kNames.size()> values;
    if (auto taken = takeDigestParameters(headerValue, kNames, values, SipErrc::BadChallenge); !taken)
        return taken.error();
    ReceivedChallenge challenge;
    auto& name = values[Algorithm];
    challenge.isSession = name && name->size() > kSession.size() &&
                          capture::sameText(name->substr(name->size() - kSession.size()), kSession);
    if (challenge.isSession)
        name->resize(name->size() - kSession.size());
    const auto algorithm = digestAlgorithmOf(name);
    if (!algorithm)
        return fail(SipErrc::UnknownAlgorithm, {});
    // An empty list is taken for none: some write qop="" and mean RFC 2069.
    challenge.hasQop = values[Qop] && !values[Qop]->empty();
    if (challenge.hasQop && !namesAuth(*values[Qop]))
        return fail(SipErrc::UnknownAlgorithm, "qop");
    if (!values[Realm] || !values[Nonce])
        return fail(SipErrc::BadChallenge, "realm or nonce is missing");
    challenge.algorithm = *algorithm;
    challenge.realm = *std::move(values[Realm]);
    challenge.nonce = *std::move(values[Nonce]);
    challenge.opaque = std::move(values[Opaque]).value_or("");
    challenge.isStale = capture::sameText(values[Stale].value_or(""), "true");
    return challenge;
}

std::optional<ReceivedChallenge> bestChallenge(const std::vector<std::string>& headerValues)
{
    std::optional<ReceivedChallenge> best;
    for (const std::string& value : headerValues) {
        auto challenge = parseDigestChallenge(value);
        if (challenge && (!best || challenge->algorithm > best->algorithm))
            best = *std::move(challenge);
    }
    return best;
}

std::string digestResponse(const ReceivedChallenge& challenge, const DigestAccount& account,
                           const DigestUse& use)
{
    const DigestAlgorithm algorithm = challenge.algorithm;
    const std::string count = hex8(use.count);
    std::string text = hashedA1(challenge, account, use.cnonce) + ":" + challenge.nonce + ":";
    if (challenge.hasQop)
        text.append(count).append(":").append(use.cnonce).append(":auth:");
    text += digestHash(algorithm, std::string(use.method) + ":" + std::string(use.uri));
    std::string value = "Digest username=" + quotedString(account.user) +
                        ", realm=" + quotedString(challenge.realm) +
                        ", nonce=" + quotedString(challenge.nonce) + ", uri=" + quotedString(use.uri) +
                        ", response=\"" + digestHash(algorithm, text) + "\", algorithm=";
    value.append(nameOf(algorithm)).append(challenge.isSession ? kSession : "");
    if (challenge.hasQop || challenge.isSession)
        value.append(", cnonce=").append(quotedString(use.cnonce));
    if (challenge.hasQop)
        value.append(", qop=auth, nc=").append(count);
    if (!challenge.opaque.empty())
        value.append(", opaque=").append(quotedString(challenge.opaque));
    return value;
}

DigestResponder::Verdict DigestResponder::take(const std::vector<std::string>& headerValues, bool hasAnswered)
{
    auto challenge = bestChallenge(headerValues);
    if (!challenge)
        return Verdict::Unknown;
    const bool isSameNonce = m_challenge && m_challenge->nonce == challenge->nonce;
    if (hasAnswered && (isSameNonce || !challenge->isStale))
        return Verdict::Refused;
    if (!isSameNonce) {
        m_uses = 0;
        m_cnonce = toHex(crypto::randomArray<kCnonceBytes>());
    }
    m_challenge = std::move(challenge);
    return Verdict::Answer;
}

std::string DigestResponder::answer(const DigestAccount& account, std::string_view method,
                                    std::string_view uri)
{
    return digestResponse(*m_challenge, account, {method, uri, m_cnonce, ++m_uses});
}

} // namespace sr::sip
