// SPDX-License-Identifier: GPL-3.0-or-later
// Mapped files for reading on POSIX.
#include "core/base/mapped_source.h"
#include "core/base/posix_error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sr {

MappedSource::MappedSource(Path path, ByteView bytes)
    : m_path(std::move(path))
    , m_bytes(bytes)
    , m_guard(bytes.data(), bytes.size(), m_damaged)
{}

MappedSource::~MappedSource()
{
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

Result<std::shared_ptr<MappedSource>> MappedSource::open(const Path& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return systemError(errno, "open", path);
    struct stat about = {};
    const bool regular = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    const auto bytes = static_cast<std::size_t>(about.st_size);
    void* at = nullptr;
    int code = 0;
    if (regular && bytes > 0) {
        at = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
        code = at == MAP_FAILED ? errno : 0;
    }
    ::close(fd); // the mapping stays
    if (!regular)
        return fail(BaseErrc::Malformed, utf8Of(path) + " is not a plain file");
    if (code != 0)
        return systemError(code, "map", path);
    return std::shared_ptr<MappedSource>(new MappedSource(path, {static_cast<const std::byte*>(at), bytes}));
}

Result<std::size_t> MappedSource::readAt(std::uint64_t offset, std::span<std::byte> out)
{
    auto read = MemorySource(m_bytes).readAt(offset, out);
    if (auto good = status(); !good)
        return good.error();
    return read;
}

void MappedSource::expect(std::uint64_t offset, std::uint64_t bytes) const
{
#ifdef MADV_POPULATE_READ
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t from = std::min<std::uint64_t>(offset, m_bytes.size()) / page * page;
    const std::uint64_t to = std::min<std::uint64_t>(offset + bytes, m_bytes.size());
    auto* const at = const_cast<std::byte*>(m_bytes.data()) + from;
    if (to > from) // where it is refused (Linux before 5.14), the pages come one by one
        static_cast<void>(::madvise(at, to - from, MADV_POPULATE_READ));
#else
    ByteSource::expect(offset, bytes);
#endif
}

Status MappedSource::status() const
{
    return m_damaged.load()
               ? fail(BaseErrc::Io, "read " + utf8Of(m_path) + ": the disk failed or the file was cut")
               : Status{};
}

} // namespace sr
