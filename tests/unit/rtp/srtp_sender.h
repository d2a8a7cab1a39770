// SPDX-License-Identifier: GPL-3.0-or-later
// An SRTP sender written from RFC 3711 and RFC 7714 over bare AES, HMAC and GCM: a second opinion on
// libsrtp2.
#pragma once

#include "core/base/bytes.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

namespace sr::test {

inline Bytes aesCounter(ByteView key, std::array<std::byte, 16> iv, ByteView data)
{
    const EVP_CIPHER* cipher = key.size() == 16   ? EVP_aes_128_ctr()
                               : key.size() == 24 ? EVP_aes_192_ctr()
                                                  : EVP_aes_256_ctr();
    EVP_CIPHER_CTX* ctx = EVP_CIPHER_CTX_new();
    Bytes out(data.size());
    int length = 0;
    const auto u8 = [](const std::byte* p) { return reinterpret_cast<const unsigned char*>(p); };
    EVP_EncryptInit_ex(ctx, cipher, nullptr, u8(key.data()), u8(iv.data()));
    EVP_EncryptUpdate(ctx, reinterpret_cast<unsigned char*>(out.data()), &length, u8(data.data()),
                      static_cast<int>(data.size()));
    EVP_CIPHER_CTX_free(ctx);
    return out;
}

/// RFC 3711 §4.3.1 with key derivation rate 0; `salt` of 14 octets, shorter ones filled with zeros.
inline Bytes deriveKey(ByteView masterKey, ByteView masterSalt, std::uint8_t label, std::size_t octets)
{
    std::array<std::byte, 16> iv{};
    std::copy(masterSalt.begin(), masterSalt.end(), iv.begin());
    iv[7] ^= std::byte{label};
    return aesCounter(masterKey, iv, Bytes(octets));
}

class SrtpSender {
public:
    /// `mki`: octets that each packet carries (RFC 3711 §3.1).
    SrtpSender(const std::string& keySalt, std::size_t keyBytes, std::size_t tagBytes, bool gcm,
               const std::string& mki = {})
        : m_mki(bytesOf(mki).begin(), bytesOf(mki).end())
        , m_tagBytes(tagBytes)
        , m_gcm(gcm)
    {
        const ByteView all = bytesOf(keySalt);
        const ByteView key = all.first(keyBytes);
        const ByteView salt = all.subspan(keyBytes);
        m_key = deriveKey(key, salt, 0, keyBytes);
        m_auth = deriveKey(key, salt, 1, 20);
        m_salt = deriveKey(key, salt, 2, salt.size());
    }

    /// Header of 12 octets, payload encrypted, tag behind it.
    Bytes protect(std::uint16_t sequence, std::uint32_t rollover, std::uint32_t ssrc, ByteView payload) const
    {
        Bytes packet(12);
        packet[0] = std::byte{0x80};
        packet[1] = std::byte{0x08};
        storeBe(packet.data() + 2, sequence);
        storeBe(packet.data() + 4, std::uint32_t{sequence} * 160U);
        storeBe(packet.data() + 8, ssrc);
        return m_gcm ? sealed(std::move(packet), sequence, rollover, ssrc, payload)
                     : counted(std::move(packet), sequence, rollover, ssrc, payload);
    }

private:
    Bytes counted(Bytes packet, std::uint16_t sequence, std::uint32_t rollover, std::uint32_t ssrc,
                  ByteView payload) const
    {
        std::array<std::byte, 16> iv{}; // RFC 3711 §4.1.1
        std::copy(m_salt.begin(), m_salt.end(), iv.begin());
        std::array<std::byte, 16> index{};
        storeBe(index.data() + 4, ssrc);
        storeBe(index.data() + 8, rollover);
        storeBe(index.data() + 12, sequence);
        for (std::size_t i = 0; i < iv.size(); ++i)
            iv[i] ^= index[i];
        const Bytes cipher = aesCounter(m_key, iv, payload);
        packet.insert(packet.end(), cipher.begin(), cipher.end());
        Bytes authenticated = packet; // §4.2: packet and roll-over counter
        authenticated.resize(packet.size() + 4);
        storeBe(authenticated.data() + packet.size(), rollover);
        std::array<std::byte, 20> mac{};
        HMAC(EVP_sha1(), m_auth.data(), static_cast<int>(m_auth.size()),
             reinterpret_cast<const unsigned char*>(authenticated.data()), authenticated.size(),
             reinterpret_cast<unsigned char*>(mac.data()), nullptr);
        packet.insert(packet.end(), m_mki.begin(), m_mki.end()); // §3.1: not authenticated
        packet.insert(packet.end(), mac.begin(), mac.begin() + static_cast<std::ptrdiff_t>(m_tagBytes));
        return packet;
    }

    Bytes sealed(Bytes packet, std::uint16_t sequence, std::uint32_t rollover, std::uint32_t ssrc,
                 ByteView payload) const
    {
        std::array<std::byte, 12> iv{}; // RFC 7714 §8.1
        storeBe(iv.data() + 2, ssrc);
        storeBe(iv.data() + 6, rollover);
        storeBe(iv.data() + 10, sequence);
        for (std::size_t i = 0; i < iv.size(); ++i)
            iv[i] ^= m_salt[i];
        const auto u8 = [](const std::byte* p) { return reinterpret_cast<const unsigned char*>(p); };
        EVP_CIPHER_CTX* ctx = EVP_CIPHER_CTX_new();
        EVP_EncryptInit_ex(ctx, m_key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), nullptr,
                           u8(m_key.data()), u8(iv.data()));
        int length = 0;
        EVP_EncryptUpdate(ctx, nullptr, &length, u8(packet.data()), static_cast<int>(packet.size()));
        const std::size_t header = packet.size();
        packet.resize(header + payload.size() + m_tagBytes);
        auto* out = reinterpret_cast<unsigned char*>(packet.data());
        EVP_EncryptUpdate(ctx, out + header, &length, u8(payload.data()), static_cast<int>(payload.size()));
        EVP_EncryptFinal_ex(ctx, out + header + length, &length);
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, static_cast<int>(m_tagBytes),
                            out + header + payload.size());
        EVP_CIPHER_CTX_free(ctx);
        packet.insert(packet.end(), m_mki.begin(), m_mki.end()); // RFC 7714 §8.2: behind ciphertext and tag
        return packet;
    }

    Bytes m_key;
    Bytes m_auth;
    Bytes m_salt;
    Bytes m_mki;
    std::size_t m_tagBytes;
    bool m_gcm;
};

} // namespace sr::test
