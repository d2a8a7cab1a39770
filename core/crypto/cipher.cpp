// SPDX-License-Identifier: GPL-3.0-or-later
// AES-256-GCM and AES-256 key wrap over OpenSSL's EVP.
#include "core/crypto/cipher.h"

#include "core/crypto/wipe.h"

#include <openssl/evp.h>

#include <algorithm>
#include <climits>

namespace sr::crypto {
namespace {

const unsigned char* in(const std::byte* p) noexcept
{
    return reinterpret_cast<const unsigned char*>(p);
}
unsigned char* in(std::byte* p) noexcept
{
    return reinterpret_cast<unsigned char*>(p);
}

/// Fetched once: every file has ciphers of its own, and looking them up by name costs as much as a segment.
const EVP_CIPHER* gcmAlgorithm()
{
    static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return algorithm;
}
const EVP_CIPHER* wrapAlgorithm()
{
    static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr);
    return algorithm;
}

} // namespace

void GcmCipher::Free::operator()(evp_cipher_ctx_st* context) const noexcept
{
    EVP_CIPHER_CTX_free(context); // wipes the key schedule
}

Result<GcmCipher> GcmCipher::create(Direction direction, const Secret& key)
{
    Context context(EVP_CIPHER_CTX_new());
    if (!context || EVP_CipherInit_ex(context.get(), gcmAlgorithm(), nullptr, in(key.bytes().data()), nullptr,
                                      direction == Direction::Seal ? 1 : 0) != 1)
        return fail(CryptoErrc::Library, "set up AES-256-GCM");
    return GcmCipher(std::move(context));
}

bool GcmCipher::seal(const Nonce& nonce, ByteView associated, ByteView clear, std::byte* out) noexcept
{
    EVP_CIPHER_CTX* context = m_context.get();
    int length = 0;
    if (clear.size() > INT_MAX || associated.size() > INT_MAX ||
        EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, in(nonce.data())) != 1)
        return false;
    if (!associated.empty() && EVP_EncryptUpdate(context, nullptr, &length, in(associated.data()),
                                                 static_cast<int>(associated.size())) != 1)
        return false;
    if (!clear.empty() &&
        EVP_EncryptUpdate(context, in(out), &length, in(clear.data()), static_cast<int>(clear.size())) != 1)
        return false;
    std::byte* tag = out + clear.size();
    return EVP_EncryptFinal_ex(context, in(tag), &length) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, int{kTagBytes}, tag) == 1;
}

bool GcmCipher::open(const Nonce& nonce, ByteView associated, ByteView sealed, std::byte* out) noexcept
{
    EVP_CIPHER_CTX* context = m_context.get();
    if (sealed.size() < kTagBytes || sealed.size() > INT_MAX || associated.size() > INT_MAX)
        return false;
    const std::size_t clearBytes = sealed.size() - kTagBytes;
    std::array<std::byte, kTagBytes> tag{}; // the library wants it mutable
    std::copy_n(sealed.data() + clearBytes, kTagBytes, tag.begin());
    int length = 0;
    bool good = EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, in(nonce.data())) == 1;
    if (good && !associated.empty())
        good = EVP_DecryptUpdate(context, nullptr, &length, in(associated.data()),
                                 static_cast<int>(associated.size())) == 1;
    if (good && clearBytes > 0)
        good = EVP_DecryptUpdate(context, in(out), &length, in(sealed.data()),
                                 static_cast<int>(clearBytes)) == 1;
    unsigned char rest[16] = {}; // GCM leaves none, but the call needs a place
    good = good && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int{kTagBytes}, tag.data()) == 1 &&
           EVP_DecryptFinal_ex(context, rest, &length) == 1;
    if (!good)
        wipe(std::span(out, clearBytes)); // nobody may use what is not authentic
    return good;
}

namespace {

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

/// Context of AES-256 key wrap in one direction, or nothing.
std::unique_ptr<EVP_CIPHER_CTX, FreeContext> wrapContext(const Secret& key, int encrypt)
{
    std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
    if (!context)
        return nullptr;
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_CipherInit_ex(context.get(), wrapAlgorithm(), nullptr, in(key.bytes().data()), nullptr,
                          encrypt) != 1)
        return nullptr;
    return context;
}

} // namespace

Result<WrappedKey> wrapKey(const Secret& wrappingKey, const Secret& key)
{
    const auto context = wrapContext(wrappingKey, 1);
    WrappedKey wrapped{};
    int length = 0;
    if (!context ||
        EVP_EncryptUpdate(context.get(), in(wrapped.data()), &length, in(key.bytes().data()),
                          int{Secret::kBytes}) != 1 ||
        length != int{kWrappedKeyBytes})
        return fail(CryptoErrc::Library, "wrap a data key");
    return wrapped;
}

Result<Secret> unwrapKey(const Secret& wrappingKey, const WrappedKey& wrapped)
{
    const auto context = wrapContext(wrappingKey, 0);
    if (!context)
        return fail(CryptoErrc::Library, "unwrap a data key");
    std::array<std::byte, kWrappedKeyBytes> clear{}; // one block more than the key, as the library asks
    int length = 0;
    const bool good = EVP_DecryptUpdate(context.get(), in(clear.data()), &length, in(wrapped.data()),
                                        int{kWrappedKeyBytes}) == 1 &&
                      length == int{Secret::kBytes};
    const Secret key{std::span<const std::byte>(clear).first<Secret::kBytes>()};
    wipe(clear);
    if (!good)
        return fail(CryptoErrc::WrongKey, "unwrap a data key");
    return key;
}

} // namespace sr::crypto
