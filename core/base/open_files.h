// SPDX-License-Identifier: GPL-3.0-or-later
// How many files and sockets the program may have open at once.
#pragma once

#include <cstdint>

namespace sr {

/// Takes what the system lets this program take, up to 262,144 (chosen), where it starts with less: 1,024 on
/// many systems, enough for about 250 calls of four sockets each. Returns what may be open [files] from now
/// on. Any thread.
std::uint64_t allowOpenFiles();

} // namespace sr
