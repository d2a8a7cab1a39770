// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia is linked into the program, and the linker leads its SSL_shutdown() here (--wrap, see
// CMakeLists.txt).
#include "core/sip/tls_sessions.h"

#include <openssl/ssl.h>

extern "C" int __real_SSL_shutdown(SSL* session);

extern "C" int __wrap_SSL_shutdown(SSL* session)
{
    const int result = __real_SSL_shutdown(session);
    sr::sip::onShutdown(session);
    return result;
}

namespace sr::sip {

void comeBetween() {}

} // namespace sr::sip
