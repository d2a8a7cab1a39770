// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a digest challenge: what was read is answered so that our own end accepts it.
// links: sr::core_sip
#include "core/sip/digest_credentials.h"
#include "core/sip/digest_response.h"

#include <cstdlib>

namespace {

using namespace sr::sip;

void require(bool kept)
{
    if (!kept)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto challenge = parseDigestChallenge(text);
    const std::vector<std::string> headers{std::string(text)};
    DigestResponder responder;
    require((responder.take(headers, false) == DigestResponder::Verdict::Answer) == bool(challenge));
    if (!challenge)
        return 0;
    require(challenge->realm.size() <= kMaxCredentialValueBytes &&
            challenge->nonce.size() <= kMaxCredentialValueBytes &&
            challenge->opaque.size() <= kMaxCredentialValueBytes);
    static const DigestAccount account{"trunk", Password("a password that no seed knows")};
    const std::string value = responder.answer(account, "REGISTER", "sip:provider.example");
    require(value.find('\r') == value.npos && value.find('\n') == value.npos);
    const auto sent = parseDigestCredentials(value);
    if (challenge->isSession || !sent) { // our own end does not know sessions, and escapes make it longer
        require(challenge->isSession || value.size() > kMaxCredentialBytes);
        return 0;
    }
    require(sent->realm == challenge->realm && sent->nonce == challenge->nonce &&
            sent->opaque == challenge->opaque && sent->algorithm == challenge->algorithm);
    require(answers(*sent, "REGISTER", digestSecret(account.user, challenge->realm, account.password.text()),
                    {}));
    require(responder.take(headers, true) == DigestResponder::Verdict::Refused);
    return 0;
}
