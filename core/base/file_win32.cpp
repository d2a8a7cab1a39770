// SPDX-License-Identifier: GPL-3.0-or-later
// One open file on Win32. Everybody may read, write, rename and delete what we hold open.
#include "core/base/file.h"
#include "core/base/win32_access.h"
#include "core/base/win32_error.h"
#include "core/base/win32_handle.h"
#include "core/base/win32_path.h"

#include <algorithm>

namespace sr {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr std::size_t kMostAtOnce = 1U << 30; ///< [octets] of one call, which takes 32 bits
/// Where lock() locks: beyond any data, because Windows keeps readers out of what is locked.
constexpr std::uint64_t kLockAt = 0x7fff'ffff'ffff'fffeULL;

DWORD accessOf(OpenMode mode)
{
    switch (mode) {
    case OpenMode::Read:
        return GENERIC_READ;
    case OpenMode::CreateNew:
    case OpenMode::ReadWrite:
        return GENERIC_READ | GENERIC_WRITE;
    case OpenMode::Append: // without FILE_WRITE_DATA the system itself puts each write at the end
        return FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE;
    }
    return GENERIC_READ;
}

DWORD dispositionOf(OpenMode mode)
{
    switch (mode) {
    case OpenMode::Read:
        return OPEN_EXISTING;
    case OpenMode::CreateNew:
        return CREATE_NEW;
    case OpenMode::ReadWrite:
    case OpenMode::Append:
        return OPEN_ALWAYS;
    }
    return OPEN_EXISTING;
}

HANDLE handleOf(std::intptr_t handle)
{
    return reinterpret_cast<HANDLE>(handle);
}

OVERLAPPED placeOf(std::uint64_t offset)
{
    OVERLAPPED place{};
    place.Offset = static_cast<DWORD>(offset);
    place.OffsetHigh = static_cast<DWORD>(offset >> 32U);
    return place;
}

DWORD atOnce(std::size_t bytes)
{
    return static_cast<DWORD>(std::min(bytes, kMostAtOnce));
}

} // namespace

File::File(Path path, std::intptr_t handle, bool append)
    : m_path(std::move(path))
    , m_handle(handle)
    , m_append(append)
{}

File::~File()
{
    CloseHandle(handleOf(m_handle));
}

Result<std::unique_ptr<File>> File::open(const Path& path, OpenMode mode)
{
    const HANDLE handle = CreateFileW(systemPath(path).c_str(), accessOf(mode), kShareAll,
                                      mode == OpenMode::Read ? nullptr : privateAccess(), dispositionOf(mode),
                                      FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle != INVALID_HANDLE_VALUE)
        return std::unique_ptr<File>(
            new File(path, reinterpret_cast<std::intptr_t>(handle), mode == OpenMode::Append));
    const DWORD code = GetLastError();
    if (code == ERROR_ACCESS_DENIED && isFolder(path))
        return fail(BaseErrc::NotFound, "a file at " + utf8Of(path) + " (there is a folder of that name)");
    return systemError(code, "open", path);
}

std::uint64_t File::size() const
{
    LARGE_INTEGER bytes{};
    return GetFileSizeEx(handleOf(m_handle), &bytes) ? static_cast<std::uint64_t>(bytes.QuadPart) : 0;
}

Result<std::size_t> File::readAt(std::uint64_t offset, std::span<std::byte> out)
{
    std::size_t done = 0;
    while (done < out.size()) {
        OVERLAPPED place = placeOf(offset + done);
        DWORD got = 0;
        if (!ReadFile(handleOf(m_handle), out.data() + done, atOnce(out.size() - done), &got, &place)) {
            const DWORD code = GetLastError();
            if (code == ERROR_HANDLE_EOF || code == ERROR_BROKEN_PIPE)
                break;
            return systemError(code, "read", m_path);
        }
        if (got == 0)
            break;
        done += got;
    }
    return done;
}

Status File::write(ByteView bytes)
{
    if (!m_append) {
        if (auto written = writeAt(m_writeAt, bytes); !written)
            return written;
        m_writeAt += bytes.size();
        return {};
    }
    while (!bytes.empty()) {
        DWORD put = 0;
        if (!WriteFile(handleOf(m_handle), bytes.data(), atOnce(bytes.size()), &put, nullptr))
            return systemError(GetLastError(), "write", m_path);
        bytes = bytes.subspan(put);
    }
    return {};
}

Status File::writeAt(std::uint64_t offset, ByteView bytes)
{
    while (!bytes.empty()) {
        OVERLAPPED place = placeOf(offset);
        DWORD put = 0;
        if (!WriteFile(handleOf(m_handle), bytes.data(), atOnce(bytes.size()), &put, &place))
            return systemError(GetLastError(), "write", m_path);
        bytes = bytes.subspan(put);
        offset += put;
    }
    return {};
}

Status File::truncate(std::uint64_t bytes)
{
    FILE_END_OF_FILE_INFO end{};
    end.EndOfFile.QuadPart = static_cast<LONGLONG>(bytes);
    if (!SetFileInformationByHandle(handleOf(m_handle), FileEndOfFileInfo, &end, sizeof end))
        return systemError(GetLastError(), "truncate", m_path);
    m_writeAt = std::min(m_writeAt, bytes);
    return {};
}

Status File::sync()
{
    if (!FlushFileBuffers(handleOf(m_handle)))
        return systemError(GetLastError(), "sync", m_path);
    return {};
}

Status File::lock()
{
    OVERLAPPED place = placeOf(kLockAt);
    if (!LockFileEx(handleOf(m_handle), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place))
        return systemError(GetLastError(), "lock", m_path);
    return {};
}

} // namespace sr
