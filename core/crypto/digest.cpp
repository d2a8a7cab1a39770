// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256, HMAC and Ed25519 over OpenSSL's EVP. These fail only when memory ends or the library is broken;
// going on with a zero digest would be worse than stopping, so they stop.
#include "core/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>

namespace sr::crypto {
namespace {

struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free>;

void require(bool done) noexcept
{
    if (!done)
        std::abort();
}

/// Fetched once: looking it up by name takes longer than hashing a short text.
const EVP_MD* sha256Algorithm()
{
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr); // lives with the program
    require(algorithm != nullptr);
    return algorithm;
}

/// Without a key, to be copied, for the same reason.
const EVP_MAC_CTX* hmacContext()
{
    static const EVP_MAC_CTX* const context = [] {
        EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        EVP_MAC_CTX* const made = EVP_MAC_CTX_new(hmac);
        EVP_MAC_free(hmac); // the context holds it
        char digest[] = "SHA256";
        const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                         OSSL_PARAM_construct_end()};
        require(made != nullptr && EVP_MAC_CTX_set_params(made, parameters) == 1);
        return made; // lives with the program
    }();
    return context;
}

unsigned char* raw(std::byte* p) noexcept
{
    return reinterpret_cast<unsigned char*>(p);
}
const unsigned char* raw(const std::byte* p) noexcept
{
    return reinterpret_cast<const unsigned char*>(p);
}

} // namespace

struct Sha256Hasher::Impl {
    DigestContext context{EVP_MD_CTX_new()};
};

Sha256Hasher::Sha256Hasher()
    : m_impl(std::make_unique<Impl>())
{
    require(m_impl->context && EVP_DigestInit_ex2(m_impl->context.get(), sha256Algorithm(), nullptr) == 1);
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
    require(EVP_Digest(bytes.data(), bytes.size(), raw(digest.data()), nullptr, sha256Algorithm(), nullptr) ==
            1);
    return digest;
}

struct HmacSha256::Impl {
    std::unique_ptr<EVP_MAC_CTX, Free> context{EVP_MAC_CTX_dup(hmacContext())};
};

HmacSha256::HmacSha256(const Secret& key)
    : m_impl(std::make_unique<Impl>())
{
    require(m_impl->context &&
            EVP_MAC_init(m_impl->context.get(), raw(key.bytes().data()), Secret::kBytes, nullptr) == 1);
}
HmacSha256::~HmacSha256() = default;

Sha256 HmacSha256::of(ByteView bytes)
{
    EVP_MAC_CTX* const context = m_impl->context.get();
    Sha256 mac{};
    std::size_t length = 0;
    require(EVP_MAC_init(context, nullptr, 0, nullptr) == 1 && // with the key that it has
            EVP_MAC_update(context, raw(bytes.data()), bytes.size()) == 1 &&
            EVP_MAC_final(context, raw(mac.data()), &length, mac.size()) == 1 && length == mac.size());
    return mac;
}

Sha256 hmacSha256(const Secret& key, ByteView bytes)
{
    return HmacSha256(key).of(bytes);
}

struct SigningKey::Impl {
    PrivateKey key;
};

SigningKey::SigningKey(const Secret& seed)
    : m_impl(new Impl{PrivateKey(
          EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.bytes().data()), Secret::kBytes))})
{
    std::size_t length = m_public.size();
    require(m_impl->key != nullptr &&
            EVP_PKEY_get_raw_public_key(m_impl->key.get(), raw(m_public.data()), &length) == 1 &&
            length == m_public.size());
}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;

Signature SigningKey::sign(ByteView message) const
{
    const DigestContext context(EVP_MD_CTX_new());
    Signature signature{};
    std::size_t length = signature.size();
    require(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_impl->key.get()) == 1 &&
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

namespace {

/// Of one thread: a call of RAND_bytes() takes 10 us, for 8 octets as for these. What was given away is
/// wiped.
struct RandomStock {
    std::array<std::byte, 1024> octets;
    std::size_t left = 0; ///< at the end of them
};
thread_local RandomStock t_stock;

Status freshRandom(std::span<std::byte> out)
{
    while (!out.empty()) {
        const std::size_t count = std::min<std::size_t>(out.size(), INT_MAX);
        if (RAND_bytes(raw(out.data()), static_cast<int>(count)) != 1)
            return fail(CryptoErrc::Library, "random numbers");
        out = out.subspan(count);
    }
    return {};
}

} // namespace

Status randomBytes(std::span<std::byte> out)
{
    RandomStock& stock = t_stock;
    if (out.size() > stock.octets.size() / 8)
        return freshRandom(out);
    if (out.size() > stock.left) {
        if (auto filled = freshRandom(stock.octets); !filled)
            return filled;
        stock.left = stock.octets.size();
    }
    std::byte* const from = stock.octets.data() + (stock.octets.size() - stock.left);
    std::copy_n(from, out.size(), out.data());
    OPENSSL_cleanse(from, out.size());
    stock.left -= out.size();
    return {};
}

} // namespace sr::crypto
