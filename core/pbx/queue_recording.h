// SPDX-License-Identifier: GPL-3.0-or-later
// Announcements of a queue are part of the recording of who gets the call (decisions.md 7), even if the queue
// itself wants none: so it has to be known beforehand who that may be.
#pragma once

#include "core/pbx/directory.h"

namespace sr::pbx {

/// Whether an operator has recording on, or a switch for it, or who is reached by the keys of the queue or
/// by forwards.
bool leadsToRecorded(const Object& queue, const Directory& directory);

} // namespace sr::pbx
