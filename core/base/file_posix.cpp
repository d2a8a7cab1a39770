// SPDX-License-Identifier: GPL-3.0-or-later
// File and folder operations on POSIX.
#include "core/base/file.h"
#include "core/base/posix_error.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace sr {
namespace {

int flagsOf(OpenMode mode)
{
    switch (mode) {
    case OpenMode::Read:
        return O_RDONLY | O_CLOEXEC;
    case OpenMode::CreateNew:
        return O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    case OpenMode::ReadWrite:
        return O_RDWR | O_CREAT | O_CLOEXEC;
    case OpenMode::Append:
        return O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    }
    return O_RDONLY | O_CLOEXEC;
}

} // namespace

Path pathOf(std::string_view utf8)
{
    return Path(std::string(utf8));
}
std::string utf8Of(const Path& path)
{
    return path.native();
}

File::File(Path path, std::intptr_t handle, bool append)
    : m_path(std::move(path))
    , m_handle(handle)
    , m_append(append)
{}

File::~File()
{
    ::close(static_cast<int>(m_handle));
}

Result<std::unique_ptr<File>> File::open(const Path& path, OpenMode mode)
{
    const int fd = ::open(path.c_str(), flagsOf(mode), 0600);
    if (fd < 0)
        return systemError(errno, "open", path);
    struct stat status {}; // folders open for reading only
    if (mode == OpenMode::Read && ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        ::close(fd);
        return fail(BaseErrc::NotFound, "a file at " + utf8Of(path) + " (there is a folder of that name)");
    }
    return std::unique_ptr<File>(new File(path, fd, mode == OpenMode::Append));
}

std::uint64_t File::size() const
{
    struct stat status {};
    return ::fstat(static_cast<int>(m_handle), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<std::size_t> File::readAt(std::uint64_t offset, std::span<std::byte> out)
{
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t got = ::pread(static_cast<int>(m_handle), out.data() + done, out.size() - done,
                                    static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return systemError(errno, "read", m_path);
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
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
        const ssize_t put = ::write(static_cast<int>(m_handle), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return systemError(errno, "write", m_path);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Status File::writeAt(std::uint64_t offset, ByteView bytes)
{
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(static_cast<int>(m_handle), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return systemError(errno, "write", m_path);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return {};
}

Status File::truncate(std::uint64_t bytes)
{
    if (::ftruncate(static_cast<int>(m_handle), static_cast<off_t>(bytes)) != 0)
        return systemError(errno, "truncate", m_path);
    m_writeAt = std::min(m_writeAt, bytes);
    return {};
}

Status File::sync()
{
    if (::fsync(static_cast<int>(m_handle)) != 0)
        return systemError(errno, "sync", m_path);
    return {};
}

Status File::lock()
{
    if (::flock(static_cast<int>(m_handle), LOCK_EX | LOCK_NB) != 0)
        return systemError(errno, "lock", m_path);
    return {};
}

Result<std::vector<DirEntry>> listDir(const Path& dir)
{
    DIR* handle = ::opendir(dir.c_str());
    if (handle == nullptr)
        return systemError(errno, "list", dir);
    std::vector<DirEntry> entries;
    while (const dirent* entry = ::readdir(handle)) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        struct stat status {};
        if (::fstatat(::dirfd(handle), entry->d_name, &status, 0) != 0)
            continue; // gone since, or a broken link
        entries.push_back(
            {std::string(name), S_ISDIR(status.st_mode), static_cast<std::uint64_t>(status.st_size)});
    }
    ::closedir(handle);
    return entries;
}

bool fileExists(const Path& path)
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

Status makeDirs(const Path& dir)
{
    if (dir.empty() || fileExists(dir))
        return {};
    if (auto parent = makeDirs(dir.parent_path()); !parent)
        return parent;
    if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST)
        return systemError(errno, "make folder", dir);
    return syncDir(dir.has_parent_path() ? dir.parent_path() : Path("."));
}

Status syncDir(const Path& dir)
{
    const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return systemError(errno, "open folder", dir);
    const bool done = ::fsync(fd) == 0 || errno == EINVAL; // some network file systems have no folder sync
    const auto result = done ? Status{} : Status{systemError(errno, "sync folder", dir)};
    ::close(fd);
    return result;
}

Status renameReplace(const Path& from, const Path& to)
{
    if (::rename(from.c_str(), to.c_str()) != 0)
        return systemError(errno, "rename to", to);
    return {};
}

Status renameNew(const Path& from, const Path& to)
{
#ifdef RENAME_NOREPLACE
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return {};
    if (errno != EINVAL && errno != ENOSYS)
        return systemError(errno, "rename to", to);
#endif
    // A hard link refuses an existing name too, on file systems that lack the flag.
    if (::link(from.c_str(), to.c_str()) != 0)
        return systemError(errno, "rename to", to);
    if (::unlink(from.c_str()) != 0)
        return systemError(errno, "remove", from);
    return {};
}

Status removeFile(const Path& path)
{
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return systemError(errno, "remove", path);
    return {};
}

Status removeTree(const Path& dir)
{
    std::error_code code;
    std::filesystem::remove_all(dir, code);
    if (code)
        return fail(BaseErrc::Io, "remove " + utf8Of(dir) + " (" + code.message() + ")");
    return {};
}

bool isFolder(const Path& path)
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Path realPath(const Path& path)
{
    std::error_code code;
    const Path real = std::filesystem::canonical(path, code);
    return code ? path : real;
}

Status makePrivate(const Path& path)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return systemError(errno, "protect", path);
    const mode_t wanted = S_ISDIR(status.st_mode) ? 0700 : 0600;
    if ((status.st_mode & 0777) != wanted && ::chmod(path.c_str(), wanted) != 0)
        return systemError(errno, "protect", path);
    return {};
}

Result<std::uint64_t> freeBytes(const Path& dir)
{
    struct statvfs status {};
    if (::statvfs(dir.c_str(), &status) != 0)
        return systemError(errno, "free space of", dir);
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

} // namespace sr
