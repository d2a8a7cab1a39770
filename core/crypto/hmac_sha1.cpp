// SPDX-License-Identifier: GPL-3.0-or-later
// Over OpenSSL's plain SHA-1: the EVP interface allocates for every text.
#define OPENSSL_SUPPRESS_DEPRECATED // the plain functions stay for as long as OpenSSL 3 does
#include "core/crypto/hmac_sha1.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

namespace sr::crypto {
namespace {

constexpr std::size_t kBlock = 64; // of SHA-1 [octets]
using Block = std::array<std::byte, kBlock>;

class Hasher {
public:
    Hasher() noexcept { SHA1_Init(&m_state); }
    ~Hasher() { OPENSSL_cleanse(&m_state, sizeof m_state); }
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    void add(ByteView bytes) noexcept { SHA1_Update(&m_state, bytes.data(), bytes.size()); }
    Sha1 finish() noexcept
    {
        Sha1 out{};
        SHA1_Final(reinterpret_cast<unsigned char*>(out.data()), &m_state);
        return out;
    }

private:
    SHA_CTX m_state{};
};

Block padded(Block key, std::byte pad) noexcept
{
    for (std::byte& octet : key)
        octet ^= pad;
    return key;
}

} // namespace

Sha1 hmacSha1(ByteView key, std::initializer_list<ByteView> parts) noexcept
{
    Block block{};
    if (key.size() <= kBlock) {
        std::ranges::copy(key, block.begin());
    } else {
        Hasher shortened;
        shortened.add(key);
        std::ranges::copy(shortened.finish(), block.begin());
    }
    Block inner = padded(block, std::byte{0x36});
    Hasher first;
    first.add(inner);
    for (const ByteView part : parts)
        first.add(part);
    const Sha1 digest = first.finish();
    Block outer = padded(block, std::byte{0x5c});
    Hasher second;
    second.add(outer);
    second.add(digest);
    for (Block* secret : {&block, &inner, &outer})
        OPENSSL_cleanse(secret->data(), secret->size());
    return second.finish();
}

} // namespace sr::crypto
