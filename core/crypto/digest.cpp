// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256, HMAC and Ed25519 over OpenSSL's EVP. These fail only when memory ends or the library is broken;
// going on with a zero digest would be worse than stopping, so they stop.
#include "core/crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <climits>
#include <cstdlib>

namespace sr::crypto {
namespace {

struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free>;

void require(bool done) noexcept
{
    if (!done)
        std::abort();
}

unsigned char* raw(std::byte* p) noexcept
{
    return reinterpret_cast<unsigned char*>(p);
}
const unsigned char* raw(const std::byte* p) noexcept
{
    return reinterpret_cast<const unsigned char*>(p);
}

PrivateKey privateKeyOf(const Secret& seed)
{
    PrivateKey key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.bytes().data()), Secret::kBytes));
    require(key != nullptr);
    return key;
}

} // namespace

struct Sha256Hasher::Impl {
    DigestContext context{EVP_MD_CTX_new()};
};

Sha256Hasher::Sha256Hasher()
    : m_impl(std::make_unique<Impl>())
{
    require(m_impl->context && EVP_DigestInit_ex(m_impl->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::add(ByteView bytes)
{
    require(EVP_DigestUpdate(m_impl->context.get(), bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Hasher::finish()
{
    Sha256 digest{};
    require(EVP_DigestFinal_ex(m_impl->context.get(), raw(digest.data()), nullptr) == 1);
    return digest;
}

Sha256 sha256(ByteView bytes)
{
    Sha256 digest{};
    require(EVP_Digest(bytes.data(), bytes.size(), raw(digest.data()), nullptr, EVP_sha256(), nullptr) == 1);
    return digest;
}

Sha256 hmacSha256(const Secret& key, ByteView bytes)
{
    Sha256 mac{};
    unsigned length = 0;
    require(HMAC(EVP_sha256(), key.bytes().data(), int{Secret::kBytes}, raw(bytes.data()), bytes.size(),
                 raw(mac.data()), &length) != nullptr &&
            length == mac.size());
    return mac;
}

PublicKey publicKeyOf(const Secret& seed)
{
    const PrivateKey key = privateKeyOf(seed);
    PublicKey open{};
    std::size_t length = open.size();
    require(EVP_PKEY_get_raw_public_key(key.get(), raw(open.data()), &length) == 1 && length == open.size());
    return open;
}

Signature sign(const Secret& seed, ByteView message)
{
    const PrivateKey key = privateKeyOf(seed);
    const DigestContext context(EVP_MD_CTX_new());
    Signature signature{};
    std::size_t length = signature.size();
    require(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
            EVP_DigestSign(context.get(), raw(signature.data()), &length, raw(message.data()),
                           message.size()) == 1 &&
            length == signature.size());
    return signature;
}

bool verifySignature(const PublicKey& key, ByteView message, const Signature& signature)
{
    const PrivateKey open(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key.data()), key.size()));
    const DigestContext context(EVP_MD_CTX_new());
    return open && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, open.get()) == 1 &&
           EVP_DigestVerify(context.get(), raw(signature.data()), signature.size(), raw(message.data()),
                            message.size()) == 1;
}

Status randomBytes(std::span<std::byte> out)
{
    while (!out.empty()) {
        const std::size_t count = std::min<std::size_t>(out.size(), INT_MAX);
        if (RAND_bytes(raw(out.data()), static_cast<int>(count)) != 1)
            return fail(CryptoErrc::Library, "random numbers");
        out = out.subspan(count);
    }
    return {};
}

} // namespace sr::crypto
