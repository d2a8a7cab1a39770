// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own SSL_shutdown() comes before OpenSSL's, which does the work, and remembers whose session
// Sofia has shut down. When the next one is, and nobody has freed it by then, nobody will.
#include "core/sip/tls_sessions.h"

#include <dlfcn.h>
#include <openssl/ssl.h>

#include <mutex>
#include <utility>

namespace {

using Shutdown = int (*)(SSL*);

const void* g_sofia = nullptr; ///< where it was loaded

const void* moduleOf(const void* code)
{
    Dl_info info{};
    return code != nullptr && dladdr(code, &info) != 0 ? info.dli_fbase : nullptr;
}

Shutdown opensslShutdown()
{
    static const auto found = reinterpret_cast<Shutdown>(dlsym(RTLD_NEXT, "SSL_shutdown"));
    return found;
}

/// The session that a thread of Sofia's has shut down last. tls_free() gives back a share of the BIO that is
/// the session's, and one of the context for each connection as if that were a listener; these are ours
/// instead.
class LastSession {
public:
    ~LastSession() { freeForgotten(); }
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

private:
    void freeForgotten() { SSL_free(std::exchange(m_session, nullptr)); }

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

extern "C" __attribute__((visibility("default"))) int SSL_shutdown(SSL* session)
{
    const int result = opensslShutdown() != nullptr ? opensslShutdown()(session) : -1;
    BIO* const bio = SSL_get_rbio(session);
    if (g_sofia != nullptr && moduleOf(__builtin_return_address(0)) == g_sofia && bio != nullptr &&
        BIO_method_type(bio) == BIO_TYPE_SOCKET)
        t_last.remember(session, bio);
    return result;
}

namespace sr::sip {

void freeTlsSessions()
{
    static std::once_flag once;
    std::call_once(once, [] {
        (void)CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, onFree);
        g_sofia = moduleOf(dlsym(RTLD_DEFAULT, "su_init"));
    });
}

} // namespace sr::sip
