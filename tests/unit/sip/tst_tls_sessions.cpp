// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions that Sofia forgets are freed once, and those that it frees itself are left to it.
#include "core/sip/tls_sessions.h"

#include <QTest>

#include <openssl/ssl.h>

#include <memory>
#include <thread>

using namespace sr::sip;

namespace {

int g_freed = 0;

void countFreed(void* /*session*/, void* /*data*/, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*number*/,
                void* /*argument*/)
{
    ++g_freed;
}

/// A context, and sessions of it as Sofia makes them for its connections.
struct Sofia {
    SSL* session(const BIO_METHOD* method = BIO_s_socket()) const
    {
        SSL* const made = SSL_new(context.get());
        BIO* const bio = BIO_new(method);
        SSL_set_bio(made, bio, bio);
        return made;
    }
    /// As tls_free() does it: the shares of what the session holds go, and the session does not.
    static void forget(SSL* session)
    {
        BIO* const bio = SSL_get_rbio(session);
        SSL_CTX* const its = SSL_get_SSL_CTX(session);
        onShutdown(session);
        BIO_free(bio);
        SSL_CTX_free(its);
    }
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
};

/// A thread has its own last session.
template <typename Act>
void onAThread(const Act& act)
{
    std::thread([&] {
        act();
        freeLastTlsSession();
    }).join();
}

} // namespace

class TlsSessionsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        freeTlsSessions();
        QVERIFY(CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, countFreed) > 0);
    }
    void init() { g_freed = 0; }

    void forgottenOnesAreFreedByTheNext()
    {
        const Sofia sofia;
        onAThread([&] {
            for (int i = 0; i < 5; ++i) {
                Sofia::forget(sofia.session());
                QCOMPARE(g_freed, i);
            }
        });
        QCOMPARE(g_freed, 5);
    }
    /// As later versions of Sofia do.
    void freedOnesAreLeft()
    {
        const Sofia sofia;
        onAThread([&] {
            for (int i = 0; i < 5; ++i) {
                SSL* const session = sofia.session();
                onShutdown(session);
                SSL_free(session);
                QCOMPARE(g_freed, i + 1);
            }
        });
        QCOMPARE(g_freed, 5);
    }
    /// Qt's sessions have BIOs in memory.
    void sessionsOfOthersAreLeft()
    {
        const Sofia sofia;
        onAThread([&] {
            SSL* const session = sofia.session(BIO_s_mem());
            onShutdown(session);
            onShutdown(session);
            QCOMPARE(g_freed, 0);
            SSL_free(session);
        });
        QCOMPARE(g_freed, 1);
    }
};

QTEST_GUILESS_MAIN(TlsSessionsTest)
#include "tst_tls_sessions.moc"
