// SPDX-License-Identifier: GPL-3.0-or-later
// SRTP through libsrtp2: one library session per SSRC, so that each can be tried at other roll-over counts.
#include "core/rtp/srtp.h"

#include "core/rtp/packet.h"

#include <srtp2/srtp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <mutex>
#include <optional>

namespace sr::rtp {
namespace {

constexpr unsigned long kReplayWindow = 0x7fff; // the widest the library takes
constexpr int kFirstScans = 32;                 // failed packets worth a search for the roll-over count
constexpr int kUnmarked = 32;                   // failed packets that may lack the MKI that was announced

struct Suite {
    const char* name;
    std::size_t keySalt; // [octets]
    std::size_t tag;     // [octets]
    void (*set)(srtp_crypto_policy_t*);
    bool aead = false;
};

constexpr Suite kSuites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 30, 10, srtp_crypto_policy_set_rtp_default},
    {"AES_CM_128_HMAC_SHA1_32", 30, 4, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32},
    {"AES_192_CM_HMAC_SHA1_80", 38, 10, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80},
    {"AES_192_CM_HMAC_SHA1_32", 38, 4, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32},
    {"AES_256_CM_HMAC_SHA1_80", 46, 10, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    {"AES_256_CM_HMAC_SHA1_32", 46, 4, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32},
    // Spelling of drafts before RFC 6188, still sent by phones.
    {"AES_CM_192_HMAC_SHA1_80", 38, 10, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80},
    {"AES_CM_192_HMAC_SHA1_32", 38, 4, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32},
    {"AES_CM_256_HMAC_SHA1_80", 46, 10, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    {"AES_CM_256_HMAC_SHA1_32", 46, 4, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32},
    {"AEAD_AES_128_GCM", 28, 16, srtp_crypto_policy_set_aes_gcm_128_16_auth, true},
    {"AEAD_AES_256_GCM", 44, 16, srtp_crypto_policy_set_aes_gcm_256_16_auth, true},
    {"AEAD_AES_128_GCM_8", 28, 8, srtp_crypto_policy_set_aes_gcm_128_8_auth, true},
    {"AEAD_AES_256_GCM_8", 44, 8, srtp_crypto_policy_set_aes_gcm_256_8_auth, true},
};

const Suite* findSuite(std::string_view name)
{
    const auto same = [&](const Suite& suite) {
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

struct SessionDeleter {
    void operator()(srtp_t session) const { srtp_dealloc(session); }
};
using Session = std::unique_ptr<std::remove_pointer_t<srtp_t>, SessionDeleter>;

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
    const Session session(raw);
    int length = static_cast<int>(packet.size());
    return srtp_unprotect(raw, packet.data(), &length) == srtp_err_status_ok;
}

SrtpErrc mapped(srtp_err_status_t status)
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

} // namespace

struct SrtpReceiver::Impl {
    const Suite* suite = nullptr;
    std::vector<unsigned char> key;
    std::string mki;
    bool marked = false; // its MKI was seen on a packet that it opened
    int unmarkedLeft = kUnmarked;
    Bytes unmarked;
    std::map<std::uint32_t, Session> sessions; // SSRCs that authenticated at least once
    int scansLeft = kFirstScans;
    Bytes clear;

    ~Impl() { std::fill(key.begin(), key.end(), static_cast<unsigned char>(0)); }

    Session makeSession(std::uint32_t ssrc)
    {
        srtp_policy_t policy{};
        suite->set(&policy.rtp);
        suite->set(&policy.rtcp); // RFC 4568 §6.2: same transform; unused here, but the library insists
        policy.ssrc.type = ssrc_specific;
        policy.ssrc.value = ssrc;
        policy.key = key.data();
        policy.window_size = kReplayWindow;
        srtp_t raw = nullptr;
        return srtp_create(&raw, &policy) == srtp_err_status_ok ? Session(raw) : Session();
    }

    /// Decrypts a fresh copy of the datagram, for a failed try may leave half of it changed.
    Result<ByteView, SrtpErrc> attempt(srtp_t session, ByteView datagram)
    {
        if (clear.size() < datagram.size() + SRTP_MAX_TRAILER_LEN)
            clear.resize(datagram.size() + SRTP_MAX_TRAILER_LEN);
        std::copy(datagram.begin(), datagram.end(), clear.begin());
        int length = static_cast<int>(datagram.size());
        const auto status = srtp_unprotect(session, clear.data(), &length);
        if (status != srtp_err_status_ok)
            return mapped(status);
        return ByteView(clear).first(static_cast<std::size_t>(length));
    }

    /// The datagram without the MKI: before the tag (RFC 3711 §3.1), or behind it where the tag is part of
    /// the ciphertext (RFC 7714 §8.2). Nothing if another one stands there.
    std::optional<ByteView> withoutMki(ByteView datagram)
    {
        const std::size_t behind = suite->aead ? 0 : suite->tag;
        if (datagram.size() < kFixedHeaderBytes + suite->tag + mki.size())
            return std::nullopt;
        const std::size_t at = datagram.size() - behind - mki.size();
        if (textOf(datagram.subspan(at, mki.size())) != mki)
            return std::nullopt;
        unmarked.assign(datagram.begin(), datagram.end());
        const auto begin = unmarked.begin() + static_cast<std::ptrdiff_t>(at);
        unmarked.erase(begin, begin + static_cast<std::ptrdiff_t>(mki.size()));
        return ByteView(unmarked);
    }

    /// Some senders announce an MKI and leave it out.
    Result<ByteView, SrtpErrc> unprotectMarked(ByteView datagram)
    {
        if (const auto bare = withoutMki(datagram)) {
            auto result = unprotect(*bare);
            marked = marked || result;
            if (result || result.error() != SrtpErrc::Authentication)
                return result;
        }
        if (marked || unmarkedLeft == 0)
            return SrtpErrc::Authentication;
        auto result = unprotect(datagram);
        if (!result && result.error() == SrtpErrc::Authentication)
            --unmarkedLeft;
        return result;
    }

    Result<ByteView, SrtpErrc> unprotect(ByteView datagram)
    {
        const auto ssrc = loadBe<std::uint32_t>(datagram.data() + 8);
        const auto known = sessions.find(ssrc);
        if (known == sessions.end())
            return sessions.size() >= kMaxStreams ? SrtpErrc::TooManyStreams : attemptFresh(ssrc, datagram);
        auto result = attempt(known->second.get(), datagram);
        // A number far from the last one is more likely a restart or a long gap than a forgery.
        if (!result && (result.error() == SrtpErrc::Authentication || result.error() == SrtpErrc::TooOld)) {
            auto again = attemptFresh(ssrc, datagram);
            if (again)
                return again;
        }
        return result;
    }

    /// A stream not seen before, or one that began its numbers anew: count 0, then the others while we may.
    Result<ByteView, SrtpErrc> attemptFresh(std::uint32_t ssrc, ByteView datagram)
    {
        Session session = makeSession(ssrc);
        if (!session)
            return SrtpErrc::Library;
        const bool scan = scansLeft > 0;
        for (std::uint32_t rollover = 0; rollover <= (scan ? kMaxFirstRollover : 0U); ++rollover) {
            if (rollover > 0 && srtp_set_stream_roc(session.get(), ssrc, rollover) != srtp_err_status_ok)
                return SrtpErrc::Library;
            auto result = attempt(session.get(), datagram);
            if (result) {
                sessions.insert_or_assign(ssrc, std::move(session));
                return result;
            }
            if (result.error() != SrtpErrc::Authentication)
                return result;
        }
        if (scan)
            --scansLeft;
        return SrtpErrc::Authentication;
    }
};

SrtpReceiver::SrtpReceiver(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

SrtpReceiver::~SrtpReceiver() = default;

Result<std::unique_ptr<SrtpReceiver>> SrtpReceiver::open(const SrtpKey& key)
{
    const Suite* const suite = findSuite(key.suite);
    if (suite == nullptr)
        return fail(SrtpErrc::UnknownSuite, "SRTP suite " + key.suite.substr(0, 64));
    if (key.keySalt.size() != suite->keySalt)
        return fail(SrtpErrc::BadKeyLength,
                    "SRTP suite " + key.suite + " wants " + std::to_string(suite->keySalt) +
                        " octets of key and salt, got " + std::to_string(key.keySalt.size()));
    if (!libraryReady())
        return fail(SrtpErrc::Library, "start of libsrtp2");
    auto impl = std::make_unique<Impl>();
    impl->suite = suite;
    impl->key.assign(key.keySalt.begin(), key.keySalt.end());
    impl->mki = key.mki;
    // A suite the library was built without is found here and not at the first packet.
    if (!impl->makeSession(0) || (suite->keySalt == 38 && !aes192Works()))
        return fail(SrtpErrc::UnknownSuite, "libsrtp2 was built without " + key.suite);
    return std::unique_ptr<SrtpReceiver>(new SrtpReceiver(std::move(impl)));
}

Result<ByteView, SrtpErrc> SrtpReceiver::unprotect(ByteView datagram)
{
    if (datagram.size() < kFixedHeaderBytes + m_impl->suite->tag || datagram.size() > kMaxDatagram)
        return SrtpErrc::NotSrtp;
    if ((std::to_integer<unsigned>(datagram[0]) >> 6) != 2)
        return SrtpErrc::NotSrtp;
    return m_impl->mki.empty() ? m_impl->unprotect(datagram) : m_impl->unprotectMarked(datagram);
}

const char* text(SrtpErrc error) noexcept
{
    switch (error) {
    case SrtpErrc::UnknownSuite:
        return "SRTP suite is not supported";
    case SrtpErrc::BadKeyLength:
        return "SRTP key has the wrong length for its suite";
    case SrtpErrc::NotSrtp:
        return "not an SRTP packet";
    case SrtpErrc::Authentication:
        return "SRTP key is wrong, the packet was changed, or the capture starts too late in the call";
    case SrtpErrc::Duplicate:
        return "SRTP packet came twice";
    case SrtpErrc::TooOld:
        return "SRTP packet came too late";
    case SrtpErrc::TooManyStreams:
        return "too many SRTP streams under one key";
    case SrtpErrc::Library:
        return "libsrtp2 refused";
    case SrtpErrc::NoKey:
        return "SRTP, and no key was given";
    }
    return "SRTP error";
}

const std::error_category& srtpCategory() noexcept
{
    static const EnumCategory<SrtpErrc> category("srtp", text);
    return category;
}

} // namespace sr::rtp
