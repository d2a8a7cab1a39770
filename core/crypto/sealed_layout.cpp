// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing of the preamble, nonces and stream keys of sealed files.
#include "core/crypto/sealed_layout.h"

#include "core/crypto/kdf.h"
#include "core/crypto/wipe.h"

#include <algorithm>

namespace sr::crypto {

Bytes Preamble::serialize() const
{
    Bytes out(size());
    std::copy_n(bytesOf(kSealedMagic).begin(), kSealedMagic.size(), out.begin());
    std::copy(header.keyId.begin(), header.keyId.end(), out.begin() + kKeyIdAt);
    std::copy(wrapped.begin(), wrapped.end(), out.begin() + kWrappedKeyAt);
    out[kFixedPreambleBytes - 2] = static_cast<std::byte>(header.content);
    out[kFixedPreambleBytes - 1] = static_cast<std::byte>(header.uid.size());
    std::copy_n(bytesOf(header.uid).begin(), header.uid.size(), out.begin() + kFixedPreambleBytes);
    return out;
}

Bytes Preamble::associatedData() const
{
    Bytes out;
    out.reserve(kSealedMagic.size() + 1 + header.uid.size());
    const auto put = [&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    put(bytesOf(kSealedMagic));
    out.push_back(static_cast<std::byte>(header.content));
    put(bytesOf(header.uid));
    return out;
}

Result<Preamble> readPreamble(ByteSource& sealed)
{
    std::array<std::byte, kFixedPreambleBytes + kMaxUidBytes> buffer{};
    const auto got = sealed.readAt(0, buffer);
    if (!got)
        return got.error();
    const ByteView bytes(buffer.data(), *got);
    if (!isSealed(bytes)) {
        const std::string_view start = textOf(bytes.first(std::min<std::size_t>(bytes.size(), 8)));
        if (start.size() == 8 && start.starts_with("SRSEAL") && start[6] > '1' && start[6] <= '9')
            return fail(CryptoErrc::NewerVersion, "sealed file");
        return fail(CryptoErrc::NotSealed, "no magic at offset 0");
    }
    const auto cut = [&] {
        return fail(CryptoErrc::Altered,
                    "cut within the preamble, at offset " + std::to_string(bytes.size()));
    };
    if (bytes.size() < kFixedPreambleBytes)
        return cut();
    Preamble preamble;
    std::copy_n(bytes.begin() + kKeyIdAt, preamble.header.keyId.size(), preamble.header.keyId.begin());
    std::copy_n(bytes.begin() + kWrappedKeyAt, preamble.wrapped.size(), preamble.wrapped.begin());
    preamble.header.content = static_cast<ContentType>(bytes[kFixedPreambleBytes - 2]);
    const auto uidBytes = std::to_integer<std::size_t>(bytes[kFixedPreambleBytes - 1]);
    if (bytes.size() < kFixedPreambleBytes + uidBytes)
        return cut();
    preamble.header.uid = textOf(bytes.subspan(kFixedPreambleBytes, uidBytes));
    return preamble;
}

Nonce segmentNonce(const StreamHeader& header, std::uint32_t segment, bool last) noexcept
{
    Nonce nonce{};
    std::copy(header.noncePrefix.begin(), header.noncePrefix.end(), nonce.begin());
    storeBe(nonce.data() + kNoncePrefixBytes, segment);
    nonce.back() = std::byte{last};
    return nonce;
}

Result<GcmCipher> streamCipher(GcmCipher::Direction direction, const Secret& dataKey,
                               const StreamHeader& header, ByteView associatedData)
{
    std::array<std::byte, Secret::kBytes> derived{};
    const WipeLater wiped(derived);
    if (auto made = hkdfSha256(dataKey.bytes(), header.salt, associatedData, derived); !made)
        return made.error();
    return GcmCipher::create(direction, Secret(derived));
}

bool isSealed(ByteView start) noexcept
{
    return start.size() >= kSealedMagic.size() &&
           std::equal(kSealedMagic.begin(), kSealedMagic.end(), textOf(start).begin());
}

std::uint64_t sealedSize(std::uint64_t clearBytes, std::size_t uidBytes) noexcept
{
    const std::uint64_t withHeader = clearBytes + kStreamHeaderBytes;
    // An empty stream has a segment too, and a full last one needs no empty one after it.
    const std::uint64_t segments =
        std::max<std::uint64_t>(1, (withHeader + kClearPerSegment - 1) / kClearPerSegment);
    return kFixedPreambleBytes + uidBytes + withHeader + segments * kTagBytes;
}

Result<SealedHeader> readSealedHeader(ByteSource& sealed)
{
    auto preamble = readPreamble(sealed);
    if (!preamble)
        return preamble.error();
    return std::move(preamble->header);
}

} // namespace sr::crypto
