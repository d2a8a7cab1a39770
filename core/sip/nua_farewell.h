// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a call whose session is gone, where the BYE may be challenged: Sofia sends one for a handle that
// is destroyed, but does not stay for the answer. Internal to core/sip.
#pragma once

#include "core/sip/nua_digest.h"
#include "core/sip/nua_owner.h"

namespace sr::sip {

/// Sends BYE and takes the handle over until its answer is there. `ticket` is for a first challenge.
void sayGoodBye(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket);

} // namespace sr::sip
