// SPDX-License-Identifier: GPL-3.0-or-later
// Remembers whose session Sofia has shut down. When the next one is, and nobody has freed it by then, nobody
// will.
#include "core/sip/tls_sessions.h"

#include <openssl/ssl.h>

#include <mutex>
#include <utility>

namespace sr::sip {
namespace {

/// The session that a thread of Sofia's has shut down last. tls_free() gives back a share of the BIO that is
/// the session's, and one of the context for each connection as if that were a listener; these are ours
/// instead. Nothing of it happens while a thread ends: OpenSSL's part of that may be gone before.
class LastSession {
public:
    void remember(SSL* session, BIO* bio)
    {
        freeForgotten();
        m_session = session;
        m_bio = bio;
        m_context = SSL_get_SSL_CTX(session);
        (void)BIO_up_ref(m_bio);
        (void)SSL_CTX_up_ref(m_context);
    }
    /// Its owner frees it after all, as later versions do.
    void onFree(const SSL* session)
    {
        if (session != m_session)
            return;
        m_session = nullptr;
        BIO_free(m_bio);
        SSL_CTX_free(m_context);
    }
    void freeForgotten() { SSL_free(std::exchange(m_session, nullptr)); }

private:
    SSL* m_session = nullptr;
    BIO* m_bio = nullptr;
    SSL_CTX* m_context = nullptr;
};
thread_local LastSession t_last;

void onFree(void* session, void* /*data*/, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*number*/,
            void* /*argument*/)
{
    t_last.onFree(static_cast<const SSL*>(session));
}

} // namespace

void onShutdown(SSL* session)
{
    BIO* const bio = SSL_get_rbio(session);
    if (bio != nullptr && BIO_method_type(bio) == BIO_TYPE_SOCKET)
        t_last.remember(session, bio);
}

void freeLastTlsSession()
{
    t_last.freeForgotten();
}

void freeTlsSessions()
{
    static std::once_flag once;
    std::call_once(once, [] {
        (void)CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, onFree);
    });
}

} // namespace sr::sip
