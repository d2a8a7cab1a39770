// SPDX-License-Identifier: GPL-3.0-or-later
// Memory on Win32, where threads share a heap anyway.
#include "core/base/memory.h"

#include <windows.h>

namespace sr {

std::uint64_t physicalMemory()
{
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    return GlobalMemoryStatusEx(&status) ? std::uint64_t{status.ullTotalPhys} : 0;
}

} // namespace sr
