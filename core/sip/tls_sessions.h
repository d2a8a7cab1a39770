// SPDX-License-Identifier: GPL-3.0-or-later
// TLS sessions of connections that have ended. Internal to core/sip.
#pragma once

struct ssl_st;

namespace sr::sip {

/// Sofia 1.12.11 shuts the session of a connection that ends down, and forgets it: 60 to 80 kB, of which
/// anybody can make as many as he likes. From now on it is freed then.
void freeTlsSessions();
/// The last one of this thread, which waits for the next; before the thread ends.
void freeLastTlsSession();

/// Behind SSL_shutdown() of Sofia's, on its thread.
void onShutdown(ssl_st* session);

} // namespace sr::sip
