// SPDX-License-Identifier: GPL-3.0-or-later
// Answers without a dialog, to a request that Sofia has kept for us. Internal to core/sip.
#pragma once

#include "core/sip/event_types.h"

#include <sofia-sip/nua.h>

namespace sr::sip {

/// Answers and lets go of `request`, which nua_save_event() has filled. `accept`: what a 415 names.
void respondTo(nua_handle_t* handle, nua_saved_event_t* request, const RegisterAnswer& answer,
               const char* accept);

} // namespace sr::sip
