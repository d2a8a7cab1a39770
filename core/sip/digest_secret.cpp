// SPDX-License-Identifier: GPL-3.0-or-later
// MD5 and SHA-256 of OpenSSL. MD5 is what most phones can; whoever wants better forbids it per listener.
#include "core/sip/digest_secret.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace sr::sip {

std::string_view nameOf(DigestAlgorithm algorithm)
{
    return algorithm == DigestAlgorithm::Md5 ? "MD5" : "SHA-256";
}

std::string digestHash(DigestAlgorithm algorithm, std::string_view text)
{
    // Fetched once: looking it up by name takes longer than hashing a short text.
    static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                   algorithm == DigestAlgorithm::Md5 ? md5 : sha256, nullptr) != 1)
        std::abort();
    return toHex(ByteView(digest).first(size));
}

DigestSecret digestSecret(std::string_view user, std::string_view realm, std::string_view password)
{
    std::string a1(user);
    a1.append(":").append(realm).append(":").append(password);
    DigestSecret secret{digestHash(DigestAlgorithm::Md5, a1), digestHash(DigestAlgorithm::Sha256, a1)};
    OPENSSL_cleanse(a1.data(), a1.size());
    return secret;
}

} // namespace sr::sip
