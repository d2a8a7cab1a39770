// SPDX-License-Identifier: GPL-3.0-or-later
// Folder operations on Win32.
#include "core/base/file.h"
#include "core/base/win32_access.h"
#include "core/base/win32_error.h"
#include "core/base/win32_handle.h"
#include "core/base/win32_path.h"
#include "core/base/win32_rename.h"

namespace sr {
namespace {

struct Found {
    std::wstring name;
    DWORD attributes = 0;
    std::uint64_t bytes = 0;
};

/// All entries, also those that are only there until somebody closes them. Win32 error, 0 if done.
DWORD findAll(const std::wstring& folder, std::vector<Found>& found)
{
    WIN32_FIND_DATAW data{};
    const HANDLE search = FindFirstFileExW((folder + L"\\*").c_str(), FindExInfoBasic, &data,
                                           FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH);
    if (search == INVALID_HANDLE_VALUE)
        return GetLastError();
    do {
        const std::wstring_view name = data.cFileName;
        if (name != L"." && name != L"..")
            found.push_back({std::wstring(name), data.dwFileAttributes,
                             std::uint64_t{data.nFileSizeHigh} << 32U | data.nFileSizeLow});
    } while (FindNextFileW(search, &data));
    const DWORD code = GetLastError();
    FindClose(search);
    return code == ERROR_NO_MORE_FILES ? ERROR_SUCCESS : code;
}

bool isThere(DWORD code)
{
    return code != ERROR_FILE_NOT_FOUND && code != ERROR_PATH_NOT_FOUND;
}

/// Files that somebody holds open go to `aside`, so that the folder itself can go.
DWORD removeAll(const std::wstring& dir, const std::wstring& aside)
{
    std::vector<Found> found;
    if (const DWORD code = findAll(dir, found))
        return isThere(code) ? code : ERROR_SUCCESS;
    for (const Found& entry : found) {
        const std::wstring path = dir + L"\\" + entry.name;
        const bool folder = (entry.attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        if (folder && (entry.attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) {
            if (const DWORD code = removeAll(path, aside))
                return code;
            continue;
        }
        const Win32Handle handle(openToMove(path, true));
        const DWORD code = handle ? removeOpen(handle.get(), aside) : GetLastError();
        if (code != ERROR_SUCCESS && isThere(code) && !isGone(entry.name))
            return code;
    }
    return RemoveDirectoryW(dir.c_str()) || !isThere(GetLastError()) ? ERROR_SUCCESS : GetLastError();
}

std::wstring parentOf(const std::wstring& path)
{
    return path.substr(0, path.find_last_of(L'\\'));
}

Status move(const Path& from, const Path& to, bool replace)
{
    const Win32Handle handle(openToMove(systemPath(from), true));
    if (!handle)
        return systemError(GetLastError(), "rename", from);
    if (const DWORD code = renameOpen(handle.get(), systemPath(to), replace))
        return systemError(code, "rename to", to);
    return {};
}

} // namespace

Result<std::vector<DirEntry>> listDir(const Path& dir)
{
    std::vector<Found> found;
    if (const DWORD code = findAll(systemPath(dir), found))
        return systemError(code, "list", dir);
    std::vector<DirEntry> entries;
    entries.reserve(found.size());
    for (const Found& entry : found)
        if (!isGone(entry.name))
            entries.push_back({utf8Of(std::wstring_view(entry.name)),
                               (entry.attributes & FILE_ATTRIBUTE_DIRECTORY) != 0, entry.bytes});
    return entries;
}

bool fileExists(const Path& path)
{
    return GetFileAttributesW(systemPath(path).c_str()) != INVALID_FILE_ATTRIBUTES;
}

bool isFolder(const Path& path)
{
    const DWORD attributes = GetFileAttributesW(systemPath(path).c_str());
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

Path realPath(const Path& path)
{
    const Win32Handle handle(CreateFileW(systemPath(path).c_str(), FILE_READ_ATTRIBUTES,
                                         FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                         OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    if (!handle)
        return path;
    std::wstring real(GetFinalPathNameByHandleW(handle.get(), nullptr, 0, 0), L'\0');
    if (real.empty()) // Wine 8 does not tell those of long paths
        return systemPath(path);
    real.resize(GetFinalPathNameByHandleW(handle.get(), real.data(), static_cast<DWORD>(real.size()), 0));
    return real;
}

Status makeDirs(const Path& dir)
{
    if (dir.empty() || fileExists(dir))
        return {};
    if (dir == dir.parent_path()) // a drive or server that is not there
        return systemError(ERROR_PATH_NOT_FOUND, "make folder", dir);
    if (auto parent = makeDirs(dir.parent_path()); !parent)
        return parent;
    if (!CreateDirectoryW(systemPath(dir).c_str(), privateAccess()) && GetLastError() != ERROR_ALREADY_EXISTS)
        return systemError(GetLastError(), "make folder", dir);
    return {};
}

Status syncDir(const Path& /*dir*/)
{
    return {}; // NTFS journals its folders; there is no call that waits for it
}

Status renameReplace(const Path& from, const Path& to)
{
    return move(from, to, true);
}

Status renameNew(const Path& from, const Path& to)
{
    return move(from, to, false);
}

Status removeFile(const Path& path)
{
    const std::wstring whole = systemPath(path);
    const Win32Handle handle(openToMove(whole));
    const DWORD code = handle ? removeOpen(handle.get(), parentOf(whole)) : GetLastError();
    return code == ERROR_SUCCESS || !isThere(code) ? Status{} : Status{systemError(code, "remove", path)};
}

Status removeTree(const Path& dir)
{
    std::wstring whole = systemPath(dir);
    while (whole.ends_with(L'\\'))
        whole.pop_back();
    if (const DWORD code = removeAll(whole, parentOf(whole)))
        return systemError(code, "remove", dir);
    return {};
}

Result<std::uint64_t> freeBytes(const Path& dir)
{
    ULARGE_INTEGER forUser{};
    if (!GetDiskFreeSpaceExW((systemPath(dir) + L"\\").c_str(), &forUser, nullptr, nullptr))
        return systemError(GetLastError(), "free space of", dir);
    return std::uint64_t{forUser.QuadPart};
}

} // namespace sr
