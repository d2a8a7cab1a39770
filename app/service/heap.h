// SPDX-License-Identifier: GPL-3.0-or-later
// What the allocator keeps for itself; one file for each allocator, chosen by the build.
#pragma once

namespace sr::service {

/// Before any thread is started: freed memory that threads keep at hand is bounded to 4 MiB together
/// (chosen). With the usual 32 MiB the service grows for some ten thousands of calls, until it is full.
void boundHeapCaches();

} // namespace sr::service
