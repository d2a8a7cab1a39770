// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own functions come before OpenSSL's of the same name, which do the work.
#include "core/sip/sofia_openssl.h"
#include "core/sip/tls_names.h"
#include "core/sip/tls_sessions.h"

#include <dlfcn.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace {

const void* g_sofia = nullptr; ///< where it was loaded

const void* moduleOf(const void* code)
{
    Dl_info info{};
    return code != nullptr && dladdr(code, &info) != 0 ? info.dli_fbase : nullptr;
}

bool isSofia(const void* caller)
{
    return g_sofia != nullptr && moduleOf(caller) == g_sofia;
}

template <typename Function>
Function* openssl(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" __attribute__((visibility("default"))) int SSL_shutdown(SSL* session)
{
    static const auto theirs = openssl<int(SSL*)>("SSL_shutdown");
    const int result = theirs != nullptr ? theirs(session) : -1;
    if (isSofia(__builtin_return_address(0)))
        sr::sip::onShutdown(session);
    return result;
}

extern "C" __attribute__((visibility("default"))) const X509V3_EXT_METHOD* X509V3_EXT_get(X509_EXTENSION* of)
{
    static const auto theirs = openssl<const X509V3_EXT_METHOD*(X509_EXTENSION*)>("X509V3_EXT_get");
    const X509V3_EXT_METHOD* const method = theirs != nullptr ? theirs(of) : nullptr;
    return isSofia(__builtin_return_address(0)) ? sr::sip::namesOf(method) : method;
}

namespace sr::sip {

void comeBetweenSofiaAndOpenssl()
{
    g_sofia = moduleOf(dlsym(RTLD_DEFAULT, "su_init"));
}

} // namespace sr::sip
