// SPDX-License-Identifier: GPL-3.0-or-later
// Mapped scratch files on POSIX.
#include "core/base/mapped_file.h"
#include "core/base/posix_error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sr {
MappedFile::MappedFile(Path path, std::intptr_t handle, std::size_t segmentBytes)
    : m_path(std::move(path))
    , m_handle(handle)
    , m_segmentBytes(segmentBytes)
{}

MappedFile::~MappedFile()
{
    unmap();
    ::close(static_cast<int>(m_handle));
}

Result<std::unique_ptr<MappedFile>> MappedFile::create(const Path& path, std::size_t segmentBytes)
{
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return systemError(errno, "create", path);
    std::unique_ptr<MappedFile> file(new MappedFile(path, fd, segmentBytes));
    if (auto removed = removeFile(path); !removed)
        return removed.error();
    return file;
}

Result<std::byte*> MappedFile::addSegment()
{
    const auto offset = static_cast<off_t>(m_segments.size() * m_segmentBytes);
    const int fd = static_cast<int>(m_handle);
    int code = EINTR;
    while (code == EINTR)
        code = ::posix_fallocate(fd, offset, static_cast<off_t>(m_segmentBytes));
    if (code != 0)
        return systemError(code, "reserve space in", m_path);
    void* const at = ::mmap(nullptr, m_segmentBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (at == MAP_FAILED)
        return systemError(errno, "map", m_path);
#ifdef MADV_POPULATE_WRITE
    // All pages at once cost a fraction of one fault each; older kernels do without.
    static_cast<void>(::madvise(at, m_segmentBytes, MADV_POPULATE_WRITE));
#endif
    m_segments.push_back(static_cast<std::byte*>(at));
    m_guards.emplace_back(at, m_segmentBytes, m_damaged);
    return m_segments.back();
}

void MappedFile::unmap()
{
    m_guards.clear();
    for (std::byte* const segment : m_segments)
        ::munmap(segment, m_segmentBytes);
    m_segments.clear();
}

Status MappedFile::status() const
{
    return m_damaged.load() ? fail(BaseErrc::Io, "read back " + utf8Of(m_path)) : Status{};
}

Status MappedFile::clear()
{
    unmap();
    if (::ftruncate(static_cast<int>(m_handle), 0) != 0)
        return systemError(errno, "truncate", m_path);
    return {};
}

} // namespace sr
