// SPDX-License-Identifier: GPL-3.0-or-later
// The table of suites for libsrtp2.
#include "core/rtp/srtp_suite.h"

#include <srtp2/srtp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>

namespace sr::rtp {
namespace {

constexpr unsigned long kReplayWindow = 0x7fff; // the widest the library takes

constexpr auto kCm128 = srtp_crypto_policy_set_rtp_default;
constexpr auto kCm192 = srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80;
constexpr auto kCm256 = srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80;
constexpr auto kGcm128 = srtp_crypto_policy_set_aes_gcm_128_16_auth;
constexpr auto kGcm256 = srtp_crypto_policy_set_aes_gcm_256_16_auth;

constexpr SrtpSuite kSuites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 30, 10, kCm128, 10, kCm128},
    {"AES_CM_128_HMAC_SHA1_32", 30, 4, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, 10, kCm128},
    {"AES_192_CM_HMAC_SHA1_80", 38, 10, kCm192, 10, kCm192},
    {"AES_192_CM_HMAC_SHA1_32", 38, 4, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32, 10, kCm192},
    {"AES_256_CM_HMAC_SHA1_80", 46, 10, kCm256, 10, kCm256},
    {"AES_256_CM_HMAC_SHA1_32", 46, 4, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32, 10, kCm256},
    // Spelling of drafts before RFC 6188, still sent by phones.
    {"AES_CM_192_HMAC_SHA1_80", 38, 10, kCm192, 10, kCm192},
    {"AES_CM_192_HMAC_SHA1_32", 38, 4, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32, 10, kCm192},
    {"AES_CM_256_HMAC_SHA1_80", 46, 10, kCm256, 10, kCm256},
    {"AES_CM_256_HMAC_SHA1_32", 46, 4, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32, 10, kCm256},
    {"AEAD_AES_128_GCM", 28, 16, kGcm128, 16, kGcm128, true},
    {"AEAD_AES_256_GCM", 44, 16, kGcm256, 16, kGcm256, true},
    {"AEAD_AES_128_GCM_8", 28, 8, srtp_crypto_policy_set_aes_gcm_128_8_auth, 16, kGcm128, true},
    {"AEAD_AES_256_GCM_8", 44, 8, srtp_crypto_policy_set_aes_gcm_256_8_auth, 16, kGcm256, true},
};

const SrtpSuite* findSuite(std::string_view name)
{
    const auto same = [&](const SrtpSuite& suite) {
        return std::ranges::equal(name, std::string_view(suite.name),
                                  [](unsigned char a, char b) { return std::toupper(a) == b; });
    };
    const auto* const found = std::ranges::find_if(kSuites, same);
    return found == std::end(kSuites) ? nullptr : found;
}

/// The library keeps tables of its own; it wants one call before all others.
bool libraryReady()
{
    static std::once_flag once;
    static bool ready = false;
    std::call_once(once, [] { ready = srtp_init() == srtp_err_status_ok; });
    return ready;
}

/// Some builds (libsrtp2 2.5 over NSS) take AES-192 and derive other keys than RFC 6188 says. One packet made
/// from the RFC tells; its key and salt are the octets 'k', 'k' + 7, 'k' + 14 and so on.
bool aes192Works()
{
    Bytes packet = *fromHex("80080001000000a0000000056fbbaba94d5792e30417b3bb3ebe0953"
                            "dab412556dc45094730e0a639a3e");
    std::array<unsigned char, 38> key{};
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<unsigned char>('k' + 7 * i);
    srtp_policy_t policy{};
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy.rtcp);
    policy.ssrc = {ssrc_specific, 5};
    policy.key = key.data();
    srtp_t raw = nullptr;
    if (srtp_create(&raw, &policy) != srtp_err_status_ok)
        return false;
    const SrtpSession session(raw);
    int length = static_cast<int>(packet.size());
    return srtp_unprotect(raw, packet.data(), &length) == srtp_err_status_ok;
}

} // namespace

void SrtpSessionDeleter::operator()(srtp_ctx_t_* session) const
{
    srtp_dealloc(session);
}

Result<SrtpMaster> SrtpMaster::of(const SrtpKey& key)
{
    const SrtpSuite* const suite = findSuite(key.suite);
    if (suite == nullptr)
        return fail(SrtpErrc::UnknownSuite, "SRTP suite " + key.suite.substr(0, 64));
    if (key.keySalt.size() != suite->keySalt)
        return fail(SrtpErrc::BadKeyLength,
                    "SRTP suite " + key.suite + " wants " + std::to_string(suite->keySalt) +
                        " octets of key and salt, got " + std::to_string(key.keySalt.size()));
    if (!libraryReady())
        return fail(SrtpErrc::Library, "start of libsrtp2");
    SrtpMaster master;
    master.m_suite = suite;
    master.m_key.assign(key.keySalt.begin(), key.keySalt.end());
    master.m_mki = key.mki;
    // A suite the library was built without is found here and not at the first packet.
    if (!master.newSession(0) || (suite->keySalt == 38 && !aes192Works()))
        return fail(SrtpErrc::UnknownSuite, "libsrtp2 was built without " + key.suite);
    return master;
}

SrtpMaster::~SrtpMaster()
{
    std::fill(m_key.begin(), m_key.end(), static_cast<unsigned char>(0));
}

SrtpSession SrtpMaster::newSession(std::uint32_t ssrc) const
{
    srtp_policy_t policy{};
    m_suite->set(&policy.rtp);
    m_suite->setRtcp(&policy.rtcp);
    policy.ssrc.type = ssrc_specific;
    policy.ssrc.value = ssrc;
    policy.key = const_cast<unsigned char*>(m_key.data()); // the library reads it only
    policy.window_size = kReplayWindow;
    srtp_t raw = nullptr;
    return srtp_create(&raw, &policy) == srtp_err_status_ok ? SrtpSession(raw) : SrtpSession();
}

SrtpErrc srtpErrorOf(int status) noexcept
{
    switch (status) {
    case srtp_err_status_auth_fail:
    case srtp_err_status_cipher_fail: // AEAD reports a bad tag through the cipher
        return SrtpErrc::Authentication;
    case srtp_err_status_replay_old:
        return SrtpErrc::TooOld;
    case srtp_err_status_replay_fail:
        return SrtpErrc::Duplicate;
    case srtp_err_status_parse_err:
    case srtp_err_status_bad_param:
        return SrtpErrc::NotSrtp;
    default:
        return SrtpErrc::Library;
    }
}

} // namespace sr::rtp
