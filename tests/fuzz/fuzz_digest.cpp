// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as digest credentials: what was read reads the same when written again; nothing is made up.
// links: sr::core_sip
#include "core/sip/nonce_guard.h"
#include "core/sip/quoted_string.h"

#include <cstdlib>

namespace {

using namespace sr::sip;

std::string written(const DigestCredentials& credentials)
{
    std::string text = "Digest ";
    for (const auto& [name, value] :
         {std::pair("username=", &credentials.username), std::pair("realm=", &credentials.realm),
          std::pair("nonce=", &credentials.nonce), std::pair("uri=", &credentials.uri),
          std::pair("response=", &credentials.response), std::pair("cnonce=", &credentials.cnonce),
          std::pair("opaque=", &credentials.opaque)})
        text += name + quotedString(*value) + ",";
    text.append("algorithm=").append(nameOf(credentials.algorithm));
    if (credentials.qop == DigestQop::None)
        return text;
    std::array<std::byte, 4> count{};
    sr::storeBe(count.data(), credentials.nc);
    return text + (credentials.qop == DigestQop::Auth ? ",qop=auth" : ",qop=auth-int") +
           ",nc=" + sr::toHex(count);
}

void require(bool kept)
{
    if (!kept)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto sent = parseDigestCredentials(text);
    if (!sent)
        return 0;
    for (const std::string* value : {&sent->username, &sent->realm, &sent->nonce, &sent->uri, &sent->response,
                                     &sent->cnonce, &sent->opaque})
        require(value->size() <= kMaxCredentialValueBytes);
    const std::string again = written(*sent);
    if (again.size() <= kMaxCredentialBytes) { // escapes may have made it longer
        const auto read = parseDigestCredentials(again);
        require(read && *read == *sent);
    }
    static const DigestSecret secret = digestSecret("bob", "biloxi.com", "a password that no seed knows");
    require(!answers(*sent, "REGISTER", secret, text) && !answers(*sent, "REGISTER", DigestSecret{}, text));
    static const sr::SystemClock clock;
    static NonceGuard guard(*sr::crypto::Secret::random(), clock);
    require(guard.take(*sent) == NonceGuard::Verdict::Foreign && guard.tracked() == 0);
    return 0;
}
