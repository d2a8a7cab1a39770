// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory the machine has, and how threads share it.
#pragma once

#include <cstdint>

namespace sr {

/// [octets]; any thread.
std::uint64_t physicalMemory();

/// Before any thread is started: all of them allocate from one heap, where the system would give each its
/// own. glibc makes the further ones larger page by page, with a system call each: thirteen for a short
/// telephone call.
void useOneHeap();

} // namespace sr
