// SPDX-License-Identifier: GPL-3.0-or-later
// DTLS through OpenSSL: a BIO of our own keeps datagrams apart, which memory BIOs do not.
#include "core/relay/dtls_handshake.h"

#include "core/crypto/certificate.h"
#include "core/crypto/wipe.h"
#include "core/relay/relay_error.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdlib> // timeval, of which OpenSSL's interface is made
#include <ctime>   // the same on Windows

namespace sr::relay {
namespace {

/// Forward secrecy and an authenticated cipher, or what WebRTC of old had. Security level 1 still takes RSA
/// keys of 1024 bits, which some phones have: who they are the fingerprint tells, not the key.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:@SECLEVEL=1";
constexpr const char* kProfiles =
    "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";
constexpr const char* kLabel = "EXTRACTOR-dtls_srtp"; // RFC 5764 §4.2

/// Deviation: RFC 6347 §4.2.4.1 starts with a second, which is long for somebody who has said hello.
constexpr unsigned kFirstTimeout = 100'000;  // [us]
constexpr unsigned kMostTimeout = 3'000'000; // [us]

struct Profile {
    unsigned long id;
    const char* suite;
    std::size_t key;  // [octets]
    std::size_t salt; // [octets]
};
constexpr Profile kKnownProfiles[] = {
    // RFC 5764 §4.1.2, RFC 7714 §14.2
    {SRTP_AES128_CM_SHA1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14},
    {SRTP_AES128_CM_SHA1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14},
    {SRTP_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16, 12},
    {SRTP_AEAD_AES_256_GCM, "AEAD_AES_256_GCM", 32, 12},
};

struct Hash {
    const char* name;
    const EVP_MD* (*of)();
};
constexpr Hash kHashes[] = {
    // the strongest first
    {"sha-512", EVP_sha512}, {"sha-384", EVP_sha384}, {"sha-256", EVP_sha256},
    {"sha-224", EVP_sha224}, {"sha-1", EVP_sha1},
};

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL* session) const noexcept { SSL_free(session); }
    void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};
template <typename T>
using Handle = std::unique_ptr<T, Free>;

Error refused(const char* what)
{
    ERR_clear_error();
    return fail(RelayErrc::Dtls, what);
}

/// What a session's BIO reads and writes while one of the session's functions runs.
struct Way {
    ByteView in; ///< one datagram; empty: none
    const DtlsHandshake::Send* out = nullptr;
    std::vector<rtp::Fingerprint> peer;
};

Way& wayOf(BIO* bio)
{
    return *static_cast<Way*>(BIO_get_data(bio));
}

int readDatagram(BIO* bio, char* to, int room)
{
    BIO_clear_retry_flags(bio);
    Way& way = wayOf(bio);
    if (way.in.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t size = std::min(way.in.size(), static_cast<std::size_t>(std::max(room, 0)));
    std::copy_n(textOf(way.in).data(), size, to);
    way.in = {};
    return static_cast<int>(size);
}

int writeDatagram(BIO* bio, const char* from, int size)
{
    BIO_clear_retry_flags(bio);
    if (const auto* out = wayOf(bio).out)
        (*out)(bytesOf({from, static_cast<std::size_t>(size)}));
    return size;
}

long control(BIO*, int command, long, void*)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return static_cast<long>(DtlsHandshake::kDatagram);
    default:
        return 0;
    }
}

BIO_METHOD* datagrams()
{
    static const Handle<BIO_METHOD> method = [] {
        Handle<BIO_METHOD> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams"));
        if (made) {
            BIO_meth_set_read(made.get(), readDatagram);
            BIO_meth_set_write(made.get(), writeDatagram);
            BIO_meth_set_ctrl(made.get(), control);
        }
        return made;
    }();
    return method.get();
}

unsigned nextTimeout(SSL*, unsigned before)
{
    return before == 0 ? kFirstTimeout : std::min(2 * before, kMostTimeout);
}

/// Whether a certificate is one of those; a hash that is stronger than others counts alone (RFC 8122 §5).
bool isOneOf(X509* certificate, const std::vector<rtp::Fingerprint>& peer)
{
    for (const Hash& hash : kHashes) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned size = 0;
        bool isNamed = false;
        bool fits = false;
        for (const rtp::Fingerprint& one : peer) {
            if (one.hash != hash.name)
                continue;
            if (!isNamed && X509_digest(certificate, hash.of(), digest.data(), &size) != 1)
                return false;
            isNamed = true;
            fits = equalConstantTime(std::as_bytes(std::span(digest).first(size)), one.octets) || fits;
        }
        if (isNamed)
            return fits;
    }
    return false;
}

/// In the place of the way to a root, which a certificate of a phone does not have.
int verify(X509_STORE_CTX* store, void*)
{
    auto* session =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    X509* certificate = X509_STORE_CTX_get0_cert(store);
    const bool fits = certificate != nullptr && isOneOf(certificate, wayOf(SSL_get_rbio(session)).peer);
    X509_STORE_CTX_set_error(store, fits ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
    return fits ? 1 : 0;
}

bool use(SSL_CTX* context, const crypto::CertificateAndKey& own)
{
    const auto reader = [](const std::string& pem) {
        return Handle<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    };
    const Handle<X509> certificate(
        PEM_read_bio_X509(reader(own.certificate).get(), nullptr, nullptr, nullptr));
    const Handle<EVP_PKEY> key(PEM_read_bio_PrivateKey(reader(own.key).get(), nullptr, nullptr, nullptr));
    return certificate && key && SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
           SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

bool configure(SSL_CTX* context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify, nullptr);
    // Of use_srtp alone 0 is good.
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(context, kProfiles) == 0;
}

} // namespace

struct DtlsIdentity::Impl {
    Handle<SSL_CTX> context;
};

DtlsIdentity::DtlsIdentity()
    : m_impl(std::make_unique<Impl>())
{}

DtlsIdentity::~DtlsIdentity() = default;

Result<std::shared_ptr<const DtlsIdentity>> DtlsIdentity::make(UtcTime now)
{
    auto own = crypto::makeCertificate({}, now);
    if (!own)
        return own.error();
    const auto facts = crypto::readCertificate(own->certificate);
    if (!facts)
        return facts.error();
    const std::shared_ptr<DtlsIdentity> identity(new DtlsIdentity());
    identity->m_impl->context.reset(SSL_CTX_new(DTLS_method()));
    SSL_CTX* const context = identity->m_impl->context.get();
    const bool isReady = context != nullptr && configure(context) && use(context, *own);
    crypto::wipe(own->key);
    if (!isReady)
        return refused("certificate of the media");
    identity->m_fingerprint = "sha-256 " + facts->fingerprint;
    return std::shared_ptr<const DtlsIdentity>(identity);
}

struct DtlsHandshake::Impl {
    std::shared_ptr<const DtlsIdentity> identity;
    Handle<SSL> session;
    Way way;
    DtlsRole role = DtlsRole::Server;
    State state = State::UnderWay;

    State proceed(ByteView datagram, const Send& send)
    {
        if (state == State::Failed)
            return state;
        way.in = datagram;
        way.out = &send;
        ERR_clear_error();
        const int result = state == State::UnderWay ? SSL_do_handshake(session.get()) : listen();
        note(result);
        way.out = nullptr;
        return state;
    }
    /// Behind the handshake: a peer that says its last words again is answered by OpenSSL.
    int listen()
    {
        std::array<char, kMostDatagram> nothing{};
        (void)SSL_read(session.get(), nothing.data(), static_cast<int>(nothing.size()));
        ERR_clear_error();
        return 1;
    }
    void note(int result)
    {
        if (state == State::Done)
            return;
        const int error = SSL_get_error(session.get(), result);
        ERR_clear_error();
        if (result == 1)
            state = State::Done;
        else if (error != SSL_ERROR_WANT_READ)
            state = State::Failed;
    }
};

DtlsHandshake::DtlsHandshake(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

DtlsHandshake::~DtlsHandshake() = default;

Result<std::unique_ptr<DtlsHandshake>> DtlsHandshake::open(std::shared_ptr<const DtlsIdentity> identity,
                                                           DtlsRole role, std::vector<rtp::Fingerprint> peer)
{
    auto impl = std::make_unique<Impl>();
    impl->role = role;
    impl->way.peer = std::move(peer);
    impl->session.reset(SSL_new(identity->m_impl->context.get()));
    impl->identity = std::move(identity);
    SSL* const session = impl->session.get();
    BIO* const bio = datagrams() != nullptr ? BIO_new(datagrams()) : nullptr;
    if (session == nullptr || bio == nullptr) {
        BIO_free(bio);
        return refused("a handshake");
    }
    BIO_set_data(bio, &impl->way);
    BIO_set_init(bio, 1);
    SSL_set_bio(session, bio, bio); // owns it
    DTLS_set_link_mtu(session, kDatagram);
    DTLS_set_timer_cb(session, nextTimeout);
    if (role == DtlsRole::Client)
        SSL_set_connect_state(session);
    else
        SSL_set_accept_state(session);
    return std::unique_ptr<DtlsHandshake>(new DtlsHandshake(std::move(impl)));
}

DtlsHandshake::State DtlsHandshake::start(const Send& send)
{
    return m_impl->role == DtlsRole::Client ? m_impl->proceed({}, send) : m_impl->state;
}

DtlsHandshake::State DtlsHandshake::take(ByteView datagram, const Send& send)
{
    if (datagram.empty() || datagram.size() > kMostDatagram)
        return m_impl->state;
    return m_impl->proceed(datagram, send);
}

DtlsHandshake::State DtlsHandshake::turn(const Send& send)
{
    if (m_impl->state != State::UnderWay)
        return m_impl->state;
    m_impl->way.out = &send;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(m_impl->session.get()) < 0)
        m_impl->state = State::Failed;
    ERR_clear_error();
    m_impl->way.out = nullptr;
    return m_impl->state;
}

std::optional<microseconds> DtlsHandshake::timeout() const
{
    timeval left{};
    if (m_impl->state != State::UnderWay || DTLSv1_get_timeout(m_impl->session.get(), &left) != 1)
        return std::nullopt;
    return seconds(left.tv_sec) + microseconds(left.tv_usec);
}

Result<DtlsKeys> DtlsHandshake::keys() const
{
    SSL* const session = m_impl->session.get();
    const SRTP_PROTECTION_PROFILE* const agreed =
        m_impl->state == State::Done ? SSL_get_selected_srtp_profile(session) : nullptr;
    const auto* const profile =
        std::ranges::find(kKnownProfiles, agreed != nullptr ? agreed->id : 0UL, &Profile::id);
    if (profile == std::end(kKnownProfiles))
        return refused("a handshake without keys for media");
    // Client's key, server's key, client's salt, server's salt (RFC 5764 §4.2).
    std::string all(2 * (profile->key + profile->salt), '\0');
    if (SSL_export_keying_material(session, reinterpret_cast<unsigned char*>(all.data()), all.size(), kLabel,
                                   std::char_traits<char>::length(kLabel), nullptr, 0, 0) != 1)
        return refused("keys of a handshake");
    const auto keyOf = [&](std::size_t party) {
        return rtp::SrtpKey{profile->suite,
                            all.substr(party * profile->key, profile->key) +
                                all.substr(2 * profile->key + party * profile->salt, profile->salt),
                            {}};
    };
    const bool isClient = m_impl->role == DtlsRole::Client;
    DtlsKeys keys{keyOf(isClient ? 0 : 1), keyOf(isClient ? 1 : 0)};
    crypto::wipe(all);
    return keys;
}

} // namespace sr::relay
