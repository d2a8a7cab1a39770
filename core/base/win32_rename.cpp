// SPDX-License-Identifier: GPL-3.0-or-later
// POSIX semantics of Windows 10 (1709 and later, NTFS), and the way round where they are missing.
#include "core/base/win32_rename.h"

#include "core/base/win32_handle.h"

#include <atomic>
#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

namespace sr {
namespace {

constexpr std::wstring_view kGonePrefix = L".sr-gone-";
constexpr int kAttempts = 16;
// Windows knows them under these numbers, MinGW's headers not all of them.
constexpr auto kFileDispositionInfoEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
constexpr auto kFileRenameInfoEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
constexpr DWORD kRenameIgnoreReadOnly = 0x40; // FILE_RENAME_IGNORE_READONLY_ATTRIBUTE

bool isUnknownToSystem(DWORD code)
{
    return code == ERROR_INVALID_PARAMETER || code == ERROR_NOT_SUPPORTED || code == ERROR_INVALID_FUNCTION ||
           code == ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD renameBy(HANDLE file, FILE_INFO_BY_HANDLE_CLASS how, const std::wstring& to, DWORD flags)
{
    const std::size_t bytes = to.size() * sizeof(wchar_t);
    std::vector<std::byte> buffer(sizeof(FILE_RENAME_INFO) + bytes); // its one character is the final zero
    auto* const info = reinterpret_cast<FILE_RENAME_INFO*>(buffer.data());
    info->Flags = flags; // where there are no flags, the lowest octet says whether to replace
    info->FileNameLength = static_cast<DWORD>(bytes);
    std::memcpy(info->FileName, to.data(), bytes);
    return SetFileInformationByHandle(file, how, info, static_cast<DWORD>(buffer.size())) ? ERROR_SUCCESS
                                                                                          : GetLastError();
}

std::wstring goneName(const std::wstring& folder)
{
    static std::atomic<unsigned> counter{std::random_device{}()};
    wchar_t number[32];
    swprintf(number, std::size(number), L"%08lx-%08x", GetCurrentProcessId(), counter.fetch_add(1));
    return folder + L"\\" + std::wstring(kGonePrefix) + number;
}

std::wstring folderOf(const std::wstring& path)
{
    return path.substr(0, path.find_last_of(L'\\'));
}

DWORD markDeleted(HANDLE file)
{
    FILE_DISPOSITION_INFO plain{TRUE};
    return SetFileInformationByHandle(file, FileDispositionInfo, &plain, sizeof plain) ? ERROR_SUCCESS
                                                                                       : GetLastError();
}

/// Moves what stands at `to` aside, `file` there, and then deletes the old one.
DWORD replaceByWayRound(HANDLE file, const std::wstring& to)
{
    const Win32Handle old(openToMove(to));
    if (!old)
        return GetLastError();
    if (const DWORD code = renameBy(old.get(), FileRenameInfo, goneName(folderOf(to)), 0))
        return code;
    if (const DWORD code = renameBy(file, FileRenameInfo, to, TRUE)) {
        renameBy(old.get(), FileRenameInfo, to, 0); // refused if another one came first, which is newer
        return code;
    }
    markDeleted(old.get());
    return ERROR_SUCCESS;
}

} // namespace

HANDLE openToMove(const std::wstring& path, bool folders)
{
    return CreateFileW(path.c_str(), DELETE | SYNCHRONIZE,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                       FILE_FLAG_OPEN_REPARSE_POINT | (folders ? FILE_FLAG_BACKUP_SEMANTICS : 0), nullptr);
}

DWORD renameOpen(HANDLE file, const std::wstring& to, bool replace)
{
    DWORD code =
        renameBy(file, kFileRenameInfoEx, to,
                 FILE_RENAME_FLAG_POSIX_SEMANTICS |
                     (replace ? FILE_RENAME_FLAG_REPLACE_IF_EXISTS | kRenameIgnoreReadOnly : DWORD{0}));
    if (!isUnknownToSystem(code))
        return code;
    // Others may put a file there, open it or take it away meanwhile.
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        code = renameBy(file, FileRenameInfo, to, replace ? TRUE : FALSE);
        if (!replace || (code != ERROR_ACCESS_DENIED && code != ERROR_SHARING_VIOLATION))
            return code;
        code = replaceByWayRound(file, to);
        if (code == ERROR_SUCCESS)
            return code;
    }
    return code;
}

DWORD removeOpen(HANDLE file, const std::wstring& aside)
{
    FILE_DISPOSITION_INFO_EX posix{FILE_DISPOSITION_FLAG_DELETE | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS |
                                   FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE};
    if (SetFileInformationByHandle(file, kFileDispositionInfoEx, &posix, sizeof posix))
        return ERROR_SUCCESS;
    if (const DWORD code = GetLastError(); !isUnknownToSystem(code))
        return code;
    renameBy(file, FileRenameInfo, goneName(aside),
             0); // where that fails, the name goes with the last handle
    return markDeleted(file);
}

bool isGone(std::wstring_view name)
{
    return name.starts_with(kGonePrefix);
}

} // namespace sr
