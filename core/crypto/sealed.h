// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed files: our preamble, then the wire format of Tink's AES-GCM-HKDF streaming encryption (AES-256,
// HKDF-SHA-256, segments of 64 KiB). Seekable, authenticated per segment. Layout and a way to decrypt by
// hand: README.md beside this.
#pragma once

#include "core/base/file.h"
#include "core/base/io.h"
#include "core/crypto/key_ring.h"

#include <memory>

namespace sr::crypto {

enum class ContentType : std::uint8_t {
    Audio = 1,
    Sidecar = 2,
    Note = 3,
    Settings = 4,
    Journal = 5,
    Central = 6
};

/// Preamble in clear; keyId and the wrapped key may be rewritten, the rest is associated data of every
/// segment.
struct SealedHeader {
    KeyId keyId{};
    ContentType content = ContentType::Audio;
    std::string uid; ///< of the recording, at most 255 octets
};

/// True when the bytes start with the magic `SRSEAL1\n`.
bool isSealed(ByteView start) noexcept;

/// Octets in a sealed file for `clearBytes` octets within.
std::uint64_t sealedSize(std::uint64_t clearBytes, std::size_t uidBytes) noexcept;

/// Seals what is written to it into `out`. finish() writes the last segment; without it the file stays
/// unreadable.
class SealingSink final : public ByteSink {
public:
    /// `out` outlives the sink. A fresh data key per file, wrapped by `archiveKey` (RFC 3394).
    static Result<std::unique_ptr<SealingSink>> create(ByteSink& out, const Key& archiveKey,
                                                       ContentType content, std::string_view uid);
    ~SealingSink() override;
    Status write(ByteView clear) override;
    Status finish();

private:
    struct Impl;
    explicit SealingSink(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Clear bytes of a sealed source, at any offset. Errors: NotSealed, UnknownKey, WrongKey, Altered,
/// NewerVersion. size() is derived from the sealed length; that the last segment is really the last is
/// checked when it is read.
class UnsealingSource final : public ByteSource {
public:
    static Result<std::unique_ptr<UnsealingSource>> open(std::unique_ptr<ByteSource> sealed,
                                                         const KeyRing& ring);
    ~UnsealingSource() override;
    std::uint64_t size() const override;
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override;
    const SealedHeader& header() const;

private:
    struct Impl;
    explicit UnsealingSource(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

Result<SealedHeader> readSealedHeader(ByteSource& sealed);

/// Wraps the file's data key by `newKey` and rewrites key id and wrapped key in place, in one write, synced.
Status rewrap(File& sealed, const KeyRing& ring, const Key& newKey);

/// Whole small things at once: sidecars, notes, settings.
Result<Bytes> seal(ByteView clear, const Key& archiveKey, ContentType content, std::string_view uid);
Result<Bytes> unseal(ByteView sealed, const KeyRing& ring, ContentType expected,
                     std::string_view expectedUid);

} // namespace sr::crypto
