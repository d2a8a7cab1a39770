// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory the machine has.
#pragma once

#include <cstdint>

namespace sr {

/// [octets]; any thread.
std::uint64_t physicalMemory();

} // namespace sr
