// SPDX-License-Identifier: GPL-3.0-or-later
// One octet of version, a drawn nonce, ciphertext and tag.
#include "core/crypto/sealed_field.h"

#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/kdf.h"
#include "core/crypto/wipe.h"

#include <algorithm>

namespace sr::crypto {
namespace {

constexpr std::byte kVersion{1};
constexpr std::size_t kNonceAt = 1;
constexpr std::size_t kCipherAt = kNonceAt + kNonceBytes;

/// The uid stands last, so its length needs no place.
Bytes associatedData(std::string_view uid)
{
    Bytes data(1 + uid.size(), kVersion);
    std::ranges::copy(bytesOf(uid), data.begin() + 1);
    return data;
}

} // namespace

Result<FieldSeal> FieldSeal::create(const Secret& machineKey, std::string_view purpose)
{
    const std::string info = "switchroom field " + std::string(purpose);
    std::array<std::byte, Secret::kBytes> derived{};
    const auto made = hkdfSha256(machineKey.bytes(), {}, bytesOf(info), derived);
    const Secret key{derived};
    wipe(derived);
    if (!made)
        return made.error();
    return FieldSeal(key);
}

Result<Bytes> FieldSeal::seal(ByteView clear, std::string_view uid) const
{
    auto cipher = GcmCipher::create(GcmCipher::Direction::Seal, m_key);
    if (!cipher)
        return cipher.error();
    Nonce nonce{};
    if (auto drawn = randomBytes(nonce); !drawn)
        return drawn.error();
    Bytes sealed(kCipherAt + clear.size() + kTagBytes);
    sealed[0] = kVersion;
    std::ranges::copy(nonce, sealed.begin() + kNonceAt);
    if (!cipher->seal(nonce, associatedData(uid), clear, sealed.data() + kCipherAt))
        return fail(CryptoErrc::Library, "seal a field");
    return sealed;
}

Result<Bytes> FieldSeal::open(ByteView sealed, std::string_view uid) const
{
    if (!sealed.empty() && sealed[0] > kVersion)
        return fail(CryptoErrc::NewerVersion, "field of version " + std::to_string(int(sealed[0])));
    if (sealed.size() < kCipherAt + kTagBytes || sealed[0] != kVersion)
        return fail(CryptoErrc::Altered, "field of " + std::to_string(sealed.size()) + " octets");
    auto cipher = GcmCipher::create(GcmCipher::Direction::Open, m_key);
    if (!cipher)
        return cipher.error();
    Nonce nonce{};
    std::ranges::copy(sealed.subspan(kNonceAt, kNonceBytes), nonce.begin());
    Bytes clear(sealed.size() - kCipherAt - kTagBytes);
    if (!cipher->open(nonce, associatedData(uid), sealed.subspan(kCipherAt), clear.data()))
        return fail(CryptoErrc::Altered, "field");
    return clear;
}

} // namespace sr::crypto
