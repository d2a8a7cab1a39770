// SPDX-License-Identifier: GPL-3.0-or-later
// Access control lists: made for what is new, narrowed for what was copied here.
#include "core/base/win32_access.h"

#include "core/base/win32_error.h"
#include "core/base/win32_handle.h"
#include "core/base/win32_path.h"

#include <aclapi.h>
#include <sddl.h>

#include <array>
#include <memory>
#include <string>

namespace sr {
namespace {

struct FreeLocal {
    void operator()(void* memory) const { LocalFree(memory); }
};
template <typename T>
using Local = std::unique_ptr<T, FreeLocal>;

/// `S-1-5-21-...`; empty if the system does not say.
std::wstring sidOfUser()
{
    HANDLE token = nullptr;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return {};
    const Win32Handle owned(token);
    alignas(TOKEN_USER) std::array<std::byte, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> buffer;
    DWORD bytes = 0;
    if (!GetTokenInformation(token, TokenUser, buffer.data(), static_cast<DWORD>(buffer.size()), &bytes))
        return {};
    wchar_t* text = nullptr;
    if (!ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER*>(buffer.data())->User.Sid, &text))
        return {};
    const Local<wchar_t> freed(text);
    return text;
}

/// Those whom a folder lets in that was made for everybody.
bool isBroad(PSID sid)
{
    for (const auto group : {WinWorldSid, WinAuthenticatedUserSid, WinBuiltinUsersSid, WinBuiltinGuestsSid,
                             WinInteractiveSid, WinNetworkSid, WinAnonymousSid, WinBuiltinPowerUsersSid})
        if (IsWellKnownSid(sid, group))
            return true;
    return false;
}

/// Takes the entries of broad groups out; how many there were.
DWORD removeBroad(PACL list)
{
    DWORD removed = 0;
    for (DWORD i = list->AceCount; i-- > 0;) {
        void* entry = nullptr;
        if (!GetAce(list, i, &entry))
            continue;
        auto* const allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
        if (allowed->Header.AceType == ACCESS_ALLOWED_ACE_TYPE && isBroad(&allowed->SidStart))
            removed += DeleteAce(list, i) ? 1 : 0;
        else // what stays is its own from now on
            allowed->Header.AceFlags &= static_cast<BYTE>(~INHERITED_ACE);
    }
    return removed;
}

/// The list that new files get; null if there is none.
PACL privateList()
{
    BOOL present = FALSE;
    BOOL byDefault = FALSE;
    PACL list = nullptr;
    if (const SECURITY_ATTRIBUTES* access = privateAccess())
        GetSecurityDescriptorDacl(access->lpSecurityDescriptor, &present, &list, &byDefault);
    return list;
}

} // namespace

SECURITY_ATTRIBUTES* privateAccess()
{
    static SECURITY_ATTRIBUTES attributes{sizeof attributes, nullptr, FALSE};
    static const bool made = [] {
        const std::wstring user = sidOfUser();
        if (user.empty())
            return false;
        // D:P is a list that nothing is inherited into; FA is all access, OICI goes on to what is inside.
        const std::wstring text = L"D:P(A;OICI;FA;;;" + user + L")(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
        return ConvertStringSecurityDescriptorToSecurityDescriptorW(
                   text.c_str(), SDDL_REVISION_1, &attributes.lpSecurityDescriptor, nullptr) != FALSE;
    }();
    return made ? &attributes : nullptr;
}

Status makePrivate(const Path& path)
{
    constexpr DWORD kWhole = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    const Win32Handle handle(CreateFileW(systemPath(path).c_str(), READ_CONTROL | WRITE_DAC, kWhole, nullptr,
                                         OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    if (!handle)
        return systemError(GetLastError(), "protect", path);
    PACL list = nullptr;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    DWORD code = GetSecurityInfo(handle.get(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr,
                                 &list, nullptr, &descriptor);
    if (code != ERROR_SUCCESS)
        return systemError(code, "protect", path);
    const Local<void> freed(descriptor);
    if (list != nullptr && removeBroad(list) == 0)
        return {};
    if (list == nullptr || list->AceCount == 0) // everybody's, or nobody's now
        list = privateList();
    code = SetSecurityInfo(handle.get(), SE_FILE_OBJECT,
                           DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, nullptr, nullptr,
                           list, nullptr);
    return code == ERROR_SUCCESS ? Status{} : Status{systemError(code, "protect", path)};
}

} // namespace sr
