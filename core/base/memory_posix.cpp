// SPDX-License-Identifier: GPL-3.0-or-later
// Memory on Linux.
#include "core/base/memory.h"

#include <unistd.h>

namespace sr {

std::uint64_t physicalMemory()
{
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long pageBytes = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && pageBytes > 0
               ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(pageBytes)
               : 0;
}

} // namespace sr
