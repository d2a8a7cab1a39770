// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate authority for tests: certificates that are good, for somebody else, or over.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace sr::test {

struct Issued {
    std::string certificate; ///< PEM
    std::string key;         ///< PEM
};

/// P-256. What OpenSSL cannot do here ends the test.
class TestCa {
public:
    explicit TestCa(const char* name = "Test CA")
        : m_key(newKey())
        , m_root(make(name, m_key.get(), -1, 365, nullptr))
    {}
    std::string root() const { return pem(m_root.get()); }
    /// `names` as openssl.cnf has them, such as `IP:127.0.0.1`; days from now; `common`: name in the subject.
    Issued issue(const char* names, int fromDays = -1, int untilDays = 1, const char* common = "leaf") const
    {
        const KeyPtr key = newKey();
        return {pem(make(common, key.get(), fromDays, untilDays, names).get()), pem(key.get())};
    }

private:
    using KeyPtr = std::shared_ptr<EVP_PKEY>;
    using CertificatePtr = std::shared_ptr<X509>;

    static KeyPtr newKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

    /// Signed by the root; without `names` it is the root.
    CertificatePtr make(const char* name, EVP_PKEY* key, int fromDays, int untilDays, const char* names) const
    {
        static long serial = 0;
        CertificatePtr made(X509_new(), &X509_free);
        X509* const x = made.get();
        X509_set_version(x, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(x), fromDays * 86400L);
        X509_gmtime_adj(X509_getm_notAfter(x), untilDays * 86400L);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
        X509* const issuer = names == nullptr ? x : m_root.get();
        X509_set_issuer_name(x, X509_get_subject_name(issuer));
        X509_set_pubkey(x, key);
        add(x, issuer, NID_basic_constraints, names == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
        if (names != nullptr)
            add(x, issuer, NID_subject_alt_name, names);
        if (X509_sign(x, m_key.get(), EVP_sha256()) == 0)
            std::abort();
        return made;
    }
    static void add(X509* to, X509* issuer, int nid, const char* value)
    {
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
        if (extension == nullptr || X509_add_ext(to, extension, -1) == 0)
            std::abort();
        X509_EXTENSION_free(extension);
    }
    template <typename Write>
    static std::string pemBy(Write write)
    {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
        write(out.get());
        char* data = nullptr;
        const long length = BIO_get_mem_data(out.get(), &data);
        return {data, static_cast<std::size_t>(length)};
    }
    static std::string pem(X509* certificate)
    {
        return pemBy([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
    }
    static std::string pem(EVP_PKEY* key)
    {
        return pemBy([&](BIO* out) {
            PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    const KeyPtr m_key;
    const CertificatePtr m_root;
};

} // namespace sr::test
