// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a call whose session is gone, where Sofia does not stay for it: a BYE may be challenged, and an
// answer may cross the CANCEL. Internal to core/sip.
#pragma once

#include "core/sip/nua_digest.h"
#include "core/sip/nua_owner.h"

namespace sr::sip {

/// Sends BYE and takes the handle over until its answer is there. `ticket` is for a first challenge, null:
/// there is none.
void sayGoodBye(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket);
/// Sends CANCEL and takes the handle over until the INVITE has its answer. A 2xx is one all the same (RFC
/// 3261 9.1), and gets ACK and BYE on the way of the call. Sofia alone sends both to the Contact, or neither.
void callOff(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket);
/// A second has passed: who was called off and then said nothing more is let go.
void countCallOffs();
/// Nobody stays for what is still called off on this thread, which may take minutes.
void forgetCallOffs();

} // namespace sr::sip
