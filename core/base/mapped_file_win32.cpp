// SPDX-License-Identifier: GPL-3.0-or-later
// Mapped scratch files on Win32.
#include "core/base/mapped_file.h"
#include "core/base/win32_access.h"
#include "core/base/win32_error.h"
#include "core/base/win32_handle.h"
#include "core/base/win32_path.h"

namespace sr {
namespace {

HANDLE handleOf(std::intptr_t handle)
{
    return reinterpret_cast<HANDLE>(handle);
}

/// A longer file has its clusters on the disk from then on: only sparse files do not. Win32 error, 0 if done.
DWORD setSize(HANDLE file, std::uint64_t bytes)
{
    FILE_END_OF_FILE_INFO end{};
    end.EndOfFile.QuadPart = static_cast<LONGLONG>(bytes);
    return SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof end) ? ERROR_SUCCESS
                                                                                 : GetLastError();
}

} // namespace

MappedFile::MappedFile(Path path, std::intptr_t handle, std::size_t segmentBytes)
    : m_path(std::move(path))
    , m_handle(handle)
    , m_segmentBytes(segmentBytes)
{}

MappedFile::~MappedFile()
{
    unmap();
    CloseHandle(handleOf(m_handle));
}

Result<std::unique_ptr<MappedFile>> MappedFile::create(const Path& path, std::size_t segmentBytes)
{
    // The system deletes it with the handle, whoever closes that.
    const HANDLE handle = CreateFileW(systemPath(path).c_str(), GENERIC_READ | GENERIC_WRITE | DELETE,
                                      FILE_SHARE_READ, privateAccess(), CREATE_NEW,
                                      FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
    if (handle == INVALID_HANDLE_VALUE)
        return systemError(GetLastError(), "create", path);
    return std::unique_ptr<MappedFile>(
        new MappedFile(path, reinterpret_cast<std::intptr_t>(handle), segmentBytes));
}

Result<std::byte*> MappedFile::addSegment()
{
    const std::uint64_t offset = std::uint64_t{m_segments.size()} * m_segmentBytes;
    const std::uint64_t end = offset + m_segmentBytes;
    if (const DWORD code = setSize(handleOf(m_handle), end))
        return systemError(code, "reserve space in", m_path);
    const Win32Handle mapping(CreateFileMappingW(handleOf(m_handle), nullptr, PAGE_READWRITE,
                                                 static_cast<DWORD>(end >> 32U), static_cast<DWORD>(end),
                                                 nullptr));
    void* const at = mapping ? MapViewOfFile(mapping.get(), FILE_MAP_WRITE, static_cast<DWORD>(offset >> 32U),
                                             static_cast<DWORD>(offset), m_segmentBytes)
                             : nullptr;
    if (at == nullptr)
        return systemError(GetLastError(), "map", m_path);
    m_segments.push_back(static_cast<std::byte*>(at)); // the view keeps the mapping
    m_guards.emplace_back(at, m_segmentBytes, m_damaged);
    return m_segments.back();
}

void MappedFile::unmap()
{
    m_guards.clear();
    for (std::byte* const segment : m_segments)
        UnmapViewOfFile(segment);
    m_segments.clear();
}

Status MappedFile::status() const
{
    return m_damaged.load() ? fail(BaseErrc::Io, "read back " + utf8Of(m_path)) : Status{};
}

Status MappedFile::clear()
{
    unmap();
    if (const DWORD code = setSize(handleOf(m_handle), 0))
        return systemError(code, "truncate", m_path);
    return {};
}

} // namespace sr
