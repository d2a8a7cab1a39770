// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates through OpenSSL's X509 functions.
#include "core/crypto/certificate.h"

#include "core/base/bytes.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace sr::crypto {
namespace {

constexpr auto kLifetime = std::chrono::days(3652); // ten years
constexpr std::size_t kSerialBytes = 16;            // RFC 5280 4.1.2.2: at most 20 octets
constexpr std::size_t kMostCommonName = 64;         // RFC 5280 A.1, ub-common-name

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
    void operator()(BIGNUM* number) const noexcept { BN_free(number); }
};
template <typename T>
using Handle = std::unique_ptr<T, Free>;

Error refused(const char* what)
{
    ERR_clear_error();
    return fail(CryptoErrc::Library, what);
}

Handle<BIO> readerOf(std::string_view text)
{
    return Handle<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string textOf(BIO* bio)
{
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    return {text, static_cast<std::size_t>(std::max(size, 0L))};
}

/// The next certificate of a text; null behind the last one.
Handle<X509> nextOf(BIO* bio)
{
    return Handle<X509>(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
}

Result<std::string> pemOf(X509* certificate)
{
    const Handle<BIO> bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1)
        return refused("certificate");
    return textOf(bio.get());
}

Result<std::string> pemOf(EVP_PKEY* key)
{
    const Handle<BIO> bio(BIO_new(BIO_s_secmem()));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return refused("key of a certificate");
    return textOf(bio.get());
}

bool addExtension(X509* certificate, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Handle<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// As values, never as OpenSSL's configuration text, in which a name could say more than a name.
bool addNames(X509* certificate, const CertificateNames& names)
{
    const Handle<GENERAL_NAMES> all(sk_GENERAL_NAME_new_null());
    const auto add = [&](int kind, int type, const void* octets, std::size_t size) {
        GENERAL_NAME* name = GENERAL_NAME_new();
        ASN1_STRING* value = ASN1_STRING_type_new(type);
        if (name == nullptr || value == nullptr ||
            ASN1_STRING_set(value, octets, static_cast<int>(size)) != 1) {
            GENERAL_NAME_free(name);
            ASN1_STRING_free(value);
            return false;
        }
        GENERAL_NAME_set0_value(name, kind, value);
        return sk_GENERAL_NAME_push(all.get(), name) > 0;
    };
    bool isGood = all != nullptr;
    for (const std::string& host : names.hosts)
        isGood = isGood && add(GEN_DNS, V_ASN1_IA5STRING, host.data(), host.size());
    for (const IpAddress& address : names.addresses) {
        const std::size_t skip = address.isV4() ? 12 : 0; // RFC 5280 4.2.1.6: 4 or 16 octets
        isGood = isGood && add(GEN_IPADD, V_ASN1_OCTET_STRING, address.octets.data() + skip, 16 - skip);
    }
    return isGood && X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, 0) == 1;
}

bool setSerial(X509* certificate)
{
    std::array<unsigned char, kSerialBytes> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
        return false;
    octets[0] = static_cast<unsigned char>((octets[0] & 0x7fU) | 0x40U); // positive, and of full length
    const Handle<BIGNUM> number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool setName(X509* certificate, const std::string& commonName)
{
    X509_NAME* name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(commonName.data()),
                                      static_cast<int>(commonName.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

std::time_t secondsOf(UtcTime time)
{
    return std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
}

std::string commonNameOf(const CertificateNames& names)
{
    const std::string name = !names.hosts.empty()       ? names.hosts.front()
                             : !names.addresses.empty() ? names.addresses.front().toString()
                                                        : std::string("switchroom");
    return name.substr(0, kMostCommonName);
}

UtcTime timeOf(const ASN1_TIME* time)
{
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return {};
    const auto day = std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
    return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) +
           std::chrono::minutes(parts.tm_min) + seconds(parts.tm_sec);
}

CertificateNames namesOf(const X509* certificate)
{
    CertificateNames names;
    const Handle<GENERAL_NAMES> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        int kind = 0;
        const auto* value = static_cast<const ASN1_STRING*>(
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &kind));
        const unsigned char* octets =
            kind == GEN_DNS || kind == GEN_IPADD ? ASN1_STRING_get0_data(value) : nullptr;
        const auto size = octets != nullptr ? static_cast<std::size_t>(ASN1_STRING_length(value)) : 0;
        if (kind == GEN_DNS)
            names.hosts.emplace_back(reinterpret_cast<const char*>(octets), size);
        else if (size == 4)
            names.addresses.push_back(
                IpAddress::v4(loadBe<std::uint32_t>(reinterpret_cast<const std::byte*>(octets))));
        else if (size == 16)
            std::copy_n(octets, size, names.addresses.emplace_back().octets.begin());
    }
    return names;
}

} // namespace

Result<CertificateAndKey> makeCertificate(const CertificateNames& names, UtcTime now)
{
    const Handle<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const Handle<X509> certificate(X509_new());
    const std::time_t from = secondsOf(now - std::chrono::days(1)); // clocks of phones are late at times
    const std::time_t until = secondsOf(now + kLifetime);
    X509* const x = certificate.get();
    if (!key || !certificate || X509_set_version(x, X509_VERSION_3) != 1 || !setSerial(x) ||
        ASN1_TIME_set(X509_getm_notBefore(x), from) == nullptr ||
        ASN1_TIME_set(X509_getm_notAfter(x), until) == nullptr || X509_set_pubkey(x, key.get()) != 1 ||
        !setName(x, commonNameOf(names)) || !addExtension(x, NID_basic_constraints, "critical,CA:FALSE") ||
        !addExtension(x, NID_key_usage, "critical,digitalSignature") ||
        !addExtension(x, NID_ext_key_usage, "serverAuth,clientAuth") || !addNames(x, names) ||
        X509_sign(x, key.get(), EVP_sha256()) <= 0)
        return refused("making a certificate");
    auto certificatePem = pemOf(x);
    if (!certificatePem)
        return certificatePem.error();
    auto keyPem = pemOf(key.get());
    if (!keyPem)
        return keyPem.error();
    return CertificateAndKey{std::move(certificatePem).value(), std::move(keyPem).value()};
}

Result<CertificateFacts> readCertificate(std::string_view pem)
{
    const Handle<BIO> bio = readerOf(pem);
    const Handle<X509> certificate = nextOf(bio.get());
    ERR_clear_error();
    if (!certificate)
        return fail(CryptoErrc::BadCertificate, {});
    CertificateFacts facts;
    facts.names = namesOf(certificate.get());
    std::array<char, 4 * kMostCommonName + 1> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    facts.commonName = name.data();
    facts.from = timeOf(X509_get0_notBefore(certificate.get()));
    facts.until = timeOf(X509_get0_notAfter(certificate.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1)
        return refused("fingerprint of a certificate");
    for (unsigned i = 0; i < size; ++i) {
        constexpr const char* kHex = "0123456789ABCDEF";
        facts.fingerprint += i == 0 ? "" : ":";
        facts.fingerprint += {kHex[digest[i] >> 4U], kHex[digest[i] & 15U]};
    }
    return facts;
}

Result<std::vector<std::string>> splitCertificates(std::string_view pem)
{
    const Handle<BIO> bio = readerOf(pem);
    std::vector<std::string> all;
    while (const Handle<X509> certificate = nextOf(bio.get())) {
        auto one = pemOf(certificate.get());
        if (!one)
            return one.error();
        all.push_back(std::move(one).value());
    }
    const bool isAtEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (all.empty() || !isAtEnd)
        return fail(CryptoErrc::BadCertificate, {});
    return all;
}

Status checkKey(std::string_view certificate, std::string_view key)
{
    const Handle<BIO> certificateBio = readerOf(certificate);
    const Handle<X509> x = nextOf(certificateBio.get());
    const Handle<BIO> keyBio = readerOf(key);
    const auto noPassword = [](char*, int, int, void*) { return -1; }; // else OpenSSL asks on the terminal
    const Handle<EVP_PKEY> read(PEM_read_bio_PrivateKey(keyBio.get(), nullptr, noPassword, nullptr));
    const bool isOfIt = x && read && X509_check_private_key(x.get(), read.get()) == 1;
    ERR_clear_error();
    if (!x)
        return fail(CryptoErrc::BadCertificate, {});
    if (!read)
        return fail(CryptoErrc::BadKey, {});
    if (!isOfIt)
        return fail(CryptoErrc::KeyOfAnother, {});
    return {};
}

} // namespace sr::crypto
