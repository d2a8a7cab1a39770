// SPDX-License-Identifier: GPL-3.0-or-later
// AES-256-GCM with one key and many nonces, and the RFC 3394 key wrap. Internal to core/crypto.
#pragma once

#include "core/crypto/key_ring.h"

#include <array>
#include <memory>

struct evp_cipher_ctx_st; // OpenSSL's EVP_CIPHER_CTX

namespace sr::crypto {

inline constexpr std::size_t kTagBytes = 16;   ///< NIST SP 800-38D, full length
inline constexpr std::size_t kNonceBytes = 12; ///< NIST SP 800-38D, the length that needs no hashing
inline constexpr std::size_t kWrappedKeyBytes = 40;

using Nonce = std::array<std::byte, kNonceBytes>;
using WrappedKey = std::array<std::byte, kWrappedKeyBytes>;

/// One direction, one key schedule, reused for every segment. One thread at a time.
class GcmCipher {
public:
    enum class Direction { Seal, Open };
    static Result<GcmCipher> create(Direction direction, const Secret& key);

    /// `out` takes clear.size() + kTagBytes octets; it may not overlap `clear`. The caller never repeats a
    /// nonce under one key.
    bool seal(const Nonce& nonce, ByteView associated, ByteView clear, std::byte* out) noexcept;
    /// `out` takes sealed.size() - kTagBytes octets. False when the tag is wrong: `out` is zeroed then.
    bool open(const Nonce& nonce, ByteView associated, ByteView sealed, std::byte* out) noexcept;

private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const noexcept;
    };
    using Context = std::unique_ptr<evp_cipher_ctx_st, Free>;
    explicit GcmCipher(Context context)
        : m_context(std::move(context))
    {}
    Context m_context;
};

/// RFC 3394 with the default initial value; the wrap authenticates itself.
Result<WrappedKey> wrapKey(const Secret& wrappingKey, const Secret& key);
/// CryptoErrc::WrongKey when it does not open.
Result<Secret> unwrapKey(const Secret& wrappingKey, const WrappedKey& wrapped);

} // namespace sr::crypto
