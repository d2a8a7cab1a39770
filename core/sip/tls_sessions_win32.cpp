// SPDX-License-Identifier: GPL-3.0-or-later
// A DLL calls the function that it was linked to.
#include "core/sip/tls_sessions.h"

namespace sr::sip {

void freeTlsSessions() {}

} // namespace sr::sip
