// SPDX-License-Identifier: GPL-3.0-or-later
// How the allocator deals with the system; one file for each allocator, chosen by the build.
#pragma once

namespace sr::service {

/// Before any thread is started. Freed memory that threads keep at hand is bounded to 4 MiB together
/// (chosen): with the usual 32 MiB the service grows for some ten thousands of calls, until it is full. And
/// what is taken of the system is there in whole pieces: else each 4 KiB are a fault.
void settleHeap();

} // namespace sr::service
