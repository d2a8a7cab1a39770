// SPDX-License-Identifier: GPL-3.0-or-later
// Accounts on Win32: services run as SYSTEM, or carry the group SERVICE.
#include "core/base/account.h"

#include <windows.h>

#include <array>

namespace sr {

bool runsForMachine()
{
    for (const auto kind : {WinLocalSystemSid, WinServiceSid}) {
        std::array<unsigned char, SECURITY_MAX_SID_SIZE> sid{};
        auto bytes = static_cast<DWORD>(sid.size());
        BOOL member = FALSE;
        if (CreateWellKnownSid(kind, nullptr, sid.data(), &bytes) &&
            CheckTokenMembership(nullptr, sid.data(), &member) && member)
            return true;
    }
    return false;
}

} // namespace sr
