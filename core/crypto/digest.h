// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256, HMAC-SHA-256, Ed25519 and scrypt password hashes over OpenSSL 3.
#pragma once

#include "core/crypto/key_ring.h"

#include <array>
#include <cstdlib>
#include <memory>

namespace sr::crypto {

using Sha256 = std::array<std::byte, 32>;

/// Incremental SHA-256. One thread at a time.
class Sha256Hasher {
public:
    Sha256Hasher();
    ~Sha256Hasher();
    Sha256Hasher(Sha256Hasher&&) noexcept;
    void add(ByteView bytes);
    Sha256 finish(); ///< once

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

Sha256 sha256(ByteView bytes);
Sha256 hmacSha256(const Secret& key, ByteView bytes);

/// The same of many texts: keeps the key as OpenSSL has it. One thread at a time.
class HmacSha256 {
public:
    explicit HmacSha256(const Secret& key);
    ~HmacSha256();
    HmacSha256(const HmacSha256&) = delete;
    HmacSha256& operator=(const HmacSha256&) = delete;
    Sha256 of(ByteView bytes);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

/// Ed25519 (RFC 8032) from a 32-octet seed. Making one costs as much as a signature. Any thread.
class SigningKey {
public:
    explicit SigningKey(const Secret& seed);
    ~SigningKey();
    SigningKey(SigningKey&&) noexcept;
    const PublicKey& publicKey() const { return m_public; }
    Signature sign(ByteView message) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
    PublicKey m_public{};
};
bool verifySignature(const PublicKey& key, ByteView message, const Signature& signature);

/// Hash of a console or window password: `scrypt$N$r$p$<salt>$<hash>`, hex.
Result<std::string> hashPassword(std::string_view password);
bool checkPassword(std::string_view password, std::string_view hash);

Status randomBytes(std::span<std::byte> out);
/// Where nothing could go on without: the program ends if the system has no randomness.
template <std::size_t Size>
std::array<std::byte, Size> randomArray()
{
    std::array<std::byte, Size> out;
    if (!randomBytes(out))
        std::abort();
    return out;
}

} // namespace sr::crypto
