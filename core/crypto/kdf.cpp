// SPDX-License-Identifier: GPL-3.0-or-later
// HKDF and scrypt over OpenSSL's EVP.
#include "core/crypto/kdf.h"

#include "core/crypto/errors.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

namespace sr::crypto {
namespace {

struct FreeKdf {
    void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

/// The parameter list takes mutable pointers but only reads them.
OSSL_PARAM octets(const char* name, ByteView bytes)
{
    static const std::byte nothing{};
    const std::byte* data = bytes.empty() ? &nothing : bytes.data();
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(data), bytes.size());
}

bool derive(EVP_KDF* kdf, const OSSL_PARAM* parameters, std::span<std::byte> out)
{
    const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(kdf));
    return context && EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                     parameters) == 1;
}

} // namespace

Status hkdfSha256(ByteView inputKey, ByteView salt, ByteView info, std::span<std::byte> out)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, inputKey),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    // Every sealed file needs it, so it is looked up by name once only.
    static EVP_KDF* const hkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    if (!derive(hkdf, parameters, out))
        return fail(CryptoErrc::Library, "derive a key by HKDF");
    return {};
}

bool acceptable(const ScryptCost& cost, std::uint64_t maxWork) noexcept
{
    // RFC 7914 section 2: N is a power of two above 1 and under 2^(128 * r / 8). The upper bounds on the
    // single numbers keep the product in 64 bits.
    if (cost.logN < 1 || cost.logN > 30 || cost.r < 1 || cost.r > 1024 || cost.p < 1 || cost.p > 1024)
        return false;
    if (cost.logN >= 16 * cost.r)
        return false;
    return (std::uint64_t{128} << cost.logN) * cost.r * cost.p <= maxWork;
}

Status scrypt(std::string_view password, ByteView salt, const ScryptCost& cost, std::span<std::byte> out)
{
    if (!acceptable(cost))
        return fail(BaseErrc::Malformed, "scrypt parameters out of range");
    std::uint64_t n = std::uint64_t{1} << cost.logN;
    std::uint32_t r = cost.r;
    std::uint32_t p = cost.p;
    std::uint64_t memory = 2 * kMaxScryptWork; // acceptable() is the limit; this only must not be in the way
    const OSSL_PARAM parameters[] = {
        octets(OSSL_KDF_PARAM_PASSWORD, bytesOf(password)),
        octets(OSSL_KDF_PARAM_SALT, salt),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
        OSSL_PARAM_construct_end(),
    };
    static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "SCRYPT", nullptr);
    if (!derive(algorithm, parameters, out))
        return fail(CryptoErrc::Library, "derive a key by scrypt");
    return {};
}

} // namespace sr::crypto
