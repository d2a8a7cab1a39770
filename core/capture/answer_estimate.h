// SPDX-License-Identifier: GPL-3.0-or-later
// When a call was answered whose 2xx the capture lacks: what its ACK, its later requests and its media tell.
#pragma once

#include "core/capture/tracked_call.h"

namespace sr::capture {

/// Settles `call.out.answered` once the streams of the call are known, with a flow event that says how.
/// `recordedByPhone`: the device recorded media, so there was a conversation.
void settleAnswer(TrackedCall& call, bool recordedByPhone);

} // namespace sr::capture
