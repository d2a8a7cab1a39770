// SPDX-License-Identifier: GPL-3.0-or-later
// Where everything stands in a sealed file (README.md), and the keys of one. Internal to core/crypto.
#pragma once

#include "core/crypto/cipher.h"
#include "core/crypto/sealed.h"

namespace sr::crypto {

inline constexpr std::string_view kSealedMagic = "SRSEAL1\n";
inline constexpr std::size_t kKeyIdAt = 8;
inline constexpr std::size_t kWrappedKeyAt = 24;
inline constexpr std::size_t kFixedPreambleBytes = 66; ///< to the end of the uid's length octet
inline constexpr std::size_t kMaxUidBytes = 255;

// Tink's AesGcmHkdfStreaming with a 32-octet key, SHA-256 and 64 KiB ciphertext segments.
inline constexpr std::size_t kSegmentBytes = 64 * 1024;
inline constexpr std::size_t kSaltBytes = 32;
inline constexpr std::size_t kNoncePrefixBytes = 7;
inline constexpr std::size_t kStreamHeaderBytes = 1 + kSaltBytes + kNoncePrefixBytes;
inline constexpr std::size_t kClearPerSegment = kSegmentBytes - kTagBytes;
inline constexpr std::size_t kClearInFirst = kClearPerSegment - kStreamHeaderBytes;
inline constexpr std::uint64_t kMaxSegments = std::uint64_t{1} << 32;

struct Preamble {
    SealedHeader header;
    WrappedKey wrapped{};

    std::size_t size() const { return kFixedPreambleBytes + header.uid.size(); } ///< [octets]
    Bytes serialize() const;
    /// Magic, content type, uid: what rotation never touches.
    Bytes associatedData() const;
};

/// NotSealed, NewerVersion or Altered (cut within the preamble).
Result<Preamble> readPreamble(ByteSource& sealed);

/// Salt and nonce prefix of one stream.
struct StreamHeader {
    std::array<std::byte, kSaltBytes> salt{};
    std::array<std::byte, kNoncePrefixBytes> noncePrefix{};
};

/// prefix || segment number, big-endian || 1 for the last segment
Nonce segmentNonce(const StreamHeader& header, std::uint32_t segment, bool last) noexcept;

/// Cipher under the key that HKDF-SHA-256 derives from data key, salt and associated data.
Result<GcmCipher> streamCipher(GcmCipher::Direction direction, const Secret& dataKey,
                               const StreamHeader& header, ByteView associatedData);

} // namespace sr::crypto
