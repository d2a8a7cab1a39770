// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own SSL_shutdown() comes before OpenSSL's, which does the work.
#include "core/sip/tls_sessions.h"

#include <dlfcn.h>
#include <openssl/ssl.h>

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

} // namespace

extern "C" __attribute__((visibility("default"))) int SSL_shutdown(SSL* session)
{
    const int result = opensslShutdown() != nullptr ? opensslShutdown()(session) : -1;
    if (g_sofia != nullptr && moduleOf(__builtin_return_address(0)) == g_sofia)
        sr::sip::onShutdown(session);
    return result;
}

namespace sr::sip {

void comeBetween()
{
    g_sofia = moduleOf(dlsym(RTLD_DEFAULT, "su_init"));
}

} // namespace sr::sip
