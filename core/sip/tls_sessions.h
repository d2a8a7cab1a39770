// SPDX-License-Identifier: GPL-3.0-or-later
// TLS sessions of connections that have ended. Internal to core/sip.
#pragma once

namespace sr::sip {

/// Sofia 1.12.11 shuts the session of a connection that ends down, and forgets it: 60 to 80 kB, of which
/// anybody can make as many as he likes. From now on it is freed then. Not on Windows, where nothing can come
/// between the two.
void freeTlsSessions();

} // namespace sr::sip
