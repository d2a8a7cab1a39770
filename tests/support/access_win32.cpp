// SPDX-License-Identifier: GPL-3.0-or-later
// Access lists: no entry lets in a group that everybody is in.
#include "tests/support/access.h"

#include <aclapi.h>
#include <sddl.h>
#include <windows.h>

namespace sr::test {

bool isPrivate(const Path& path)
{
    PACL list = nullptr;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (GetNamedSecurityInfoW(path.c_str(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr,
                              &list, nullptr, &descriptor) != ERROR_SUCCESS)
        return false;
    bool open = list == nullptr;
    for (DWORD i = 0; list != nullptr && i < list->AceCount; ++i) {
        void* entry = nullptr;
        if (!GetAce(list, i, &entry))
            continue;
        PSID const sid = &static_cast<ACCESS_ALLOWED_ACE*>(entry)->SidStart;
        for (const auto group : {WinWorldSid, WinAuthenticatedUserSid, WinBuiltinUsersSid})
            open = open || IsWellKnownSid(sid, group);
    }
    LocalFree(descriptor);
    return !open;
}

bool letOthersIn(const Path& path)
{
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:(A;;FA;;;BA)(A;;FR;;;WD)", SDDL_REVISION_1,
                                                              &descriptor, nullptr))
        return false;
    const bool done = SetFileSecurityW(path.c_str(), DACL_SECURITY_INFORMATION, descriptor) != FALSE;
    LocalFree(descriptor);
    return done;
}

} // namespace sr::test
