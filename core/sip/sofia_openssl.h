// SPDX-License-Identifier: GPL-3.0-or-later
// What comes between Sofia and OpenSSL, for what one takes from the other and forgets. Internal to core/sip.
#pragma once

namespace sr::sip {

/// From now on Sofia's SSL_shutdown() and X509V3_EXT_get() are followed by onShutdown() (tls_sessions.h) and
/// by namesOf() (tls_names.h).
void comeBetweenSofiaAndOpenssl();

} // namespace sr::sip
