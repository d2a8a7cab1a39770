// SPDX-License-Identifier: GPL-3.0-or-later
// The names of a certificate that Sofia forgets are freed, once.
#include "core/sip/tls_names.h"

#include <QTest>

#include <openssl/x509v3.h>

#include <cstdlib>
#include <memory>
#include <vector>

using namespace sr::sip;

namespace {

std::atomic<int> g_blocks = 0; ///< of OpenSSL's memory, in use

void* take(std::size_t size, const char* /*file*/, int /*line*/)
{
    void* const block = std::malloc(size);
    g_blocks += block != nullptr ? 1 : 0;
    return block;
}

void* takeMore(void* old, std::size_t size, const char* /*file*/, int /*line*/)
{
    g_blocks += old == nullptr ? 1 : 0;
    return std::realloc(old, size);
}

void giveBack(void* block, const char* /*file*/, int /*line*/)
{
    g_blocks -= block != nullptr ? 1 : 0;
    std::free(block);
}

/// Before OpenSSL takes any.
const bool g_isCounting = CRYPTO_set_mem_functions(take, takeMore, giveBack) == 1;

using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;

Extension extension(int nid, const char* value)
{
    return {X509V3_EXT_conf_nid(nullptr, nullptr, nid, value), X509_EXTENSION_free};
}

/// As tls_post_connection_check() does it.
std::vector<std::string> read(X509_EXTENSION* extension)
{
    const X509V3_EXT_METHOD* const method = namesOf(X509V3_EXT_get(extension));
    const STACK_OF(CONF_VALUE)* const texts = method->i2v(method, X509V3_EXT_d2i(extension), nullptr);
    std::vector<std::string> names;
    for (int i = 0; i < sk_CONF_VALUE_num(texts); ++i)
        names.emplace_back(sk_CONF_VALUE_value(texts, i)->value);
    return names;
}

} // namespace

class TlsNamesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(g_isCounting); }
    void cleanup() { freeLastCertificateNames(); }

    void theyAreFreedByTheNext()
    {
        const Extension names = extension(NID_subject_alt_name, "DNS:sip.example, IP:127.0.0.1");
        QVERIFY(names != nullptr);
        const std::vector<std::string> both{"sip.example", "127.0.0.1"};
        QCOMPARE(read(names.get()), both);
        freeLastCertificateNames();
        const int before = g_blocks;
        QCOMPARE(read(names.get()), both);
        const int once = g_blocks;
        QVERIFY(once > before);
        for (int i = 0; i < 5; ++i) {
            QCOMPARE(read(names.get()), both);
            QCOMPARE(g_blocks.load(), once);
        }
        freeLastCertificateNames();
        QCOMPARE(g_blocks.load(), before);
        freeLastCertificateNames();
        QCOMPARE(g_blocks.load(), before);
    }
    void otherExtensionsAreLeft()
    {
        const Extension usage = extension(NID_key_usage, "digitalSignature");
        QVERIFY(usage != nullptr);
        const X509V3_EXT_METHOD* const method = X509V3_EXT_get(usage.get());
        QCOMPARE(namesOf(method), method);
        QCOMPARE(namesOf(nullptr), nullptr);
    }
};

QTEST_GUILESS_MAIN(TlsNamesTest)
#include "tst_tls_names.moc"
