// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia is linked into the program, and the linker leads its calls here (--wrap, see CMakeLists.txt).
#include "core/sip/sofia_openssl.h"
#include "core/sip/tls_names.h"
#include "core/sip/tls_sessions.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

extern "C" int __real_SSL_shutdown(SSL* session);
extern "C" const X509V3_EXT_METHOD* __real_X509V3_EXT_get(X509_EXTENSION* of);

extern "C" int __wrap_SSL_shutdown(SSL* session)
{
    const int result = __real_SSL_shutdown(session);
    sr::sip::onShutdown(session);
    return result;
}

extern "C" const X509V3_EXT_METHOD* __wrap_X509V3_EXT_get(X509_EXTENSION* of)
{
    return sr::sip::namesOf(__real_X509V3_EXT_get(of));
}

namespace sr::sip {

void comeBetweenSofiaAndOpenssl() {}

} // namespace sr::sip
