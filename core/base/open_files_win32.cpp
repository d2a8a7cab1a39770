// SPDX-License-Identifier: GPL-3.0-or-later
// Handles of Win32, of which a process may have 2^24 without asking.
#include "core/base/open_files.h"

namespace sr {

std::uint64_t allowOpenFiles()
{
    return std::uint64_t{1} << 24;
}

} // namespace sr
