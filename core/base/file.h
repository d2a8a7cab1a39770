// SPDX-License-Identifier: GPL-3.0-or-later
// Files and folders on POSIX and Win32. Every archive file opens through File, so that rename, replace and
// delete work while players have it open (FILE_SHARE_DELETE on Windows). Paths: any script, over 260
// characters.
#pragma once

#include "core/base/io.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace sr {

using Path = std::filesystem::path;

/// UTF-8 to path and back, on every platform.
Path pathOf(std::string_view utf8);
std::string utf8Of(const Path& path);

enum class OpenMode {
    Read,      ///< must exist
    CreateNew, ///< must not exist (BaseErrc::Exists), read and write
    ReadWrite, ///< created if missing, kept if there
    Append,    ///< created if missing, every write goes to the end in one call
};

/// One open file. Errors: NotFound, Exists, Denied, DiskFull, Io. Any one thread at a time; readAt() from any
/// thread.
class File final : public ByteSource, public ByteSink {
public:
    static Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode);
    ~File() override;
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    std::uint64_t size() const override;
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override;
    Status write(ByteView bytes) override;                ///< at the current end of what was written
    Status writeAt(std::uint64_t offset, ByteView bytes); ///< position of write() stays
    Status truncate(std::uint64_t bytes);
    Status sync(); ///< to the disk (fsync, FlushFileBuffers)
    /// Exclusive lock on the whole file, held until the object dies or the process ends, however it ends.
    /// Never waits: BaseErrc::Locked if another process or File holds it.
    Status lock();
    const Path& path() const { return m_path; }

private:
    File(Path path, std::intptr_t handle, bool append);
    Path m_path;
    std::intptr_t m_handle; ///< file descriptor or HANDLE
    std::uint64_t m_writeAt = 0;
    bool m_append;
};

/// What stands in a folder.
struct DirEntry {
    std::string name; ///< UTF-8, no path
    bool isDirectory = false;
    std::uint64_t bytes = 0;
};

Result<std::vector<DirEntry>> listDir(const Path& dir);
bool fileExists(const Path& path);
Status makeDirs(const Path& dir); ///< new folders are private to the user (0700) and durable
Status syncDir(const Path& dir);  ///< makes renames in it durable; nothing to do on Windows
Status renameReplace(const Path& from, const Path& to); ///< atomic, replaces `to`
Status renameNew(const Path& from, const Path& to);     ///< atomic, BaseErrc::Exists if `to` is there
Status removeFile(const Path& path);                    ///< fine if it is not there
Status removeTree(const Path& dir);
bool isFolder(const Path& path); ///< links followed
Path realPath(const Path& path); ///< absolute, links followed; as given where nothing stands there
/// Takes away what others than the owner (on Windows also the system and its administrators) may do with a
/// file or folder; 0600 and 0700 on POSIX.
Status makePrivate(const Path& path);
Result<std::uint64_t> freeBytes(const Path& dir);              ///< [octets] for this user
Result<Bytes> readFile(const Path& path, std::uint64_t limit); ///< BaseErrc::TooLarge above limit
/// Writes beside, syncs, renames over, syncs the folder: readers see the old bytes or the new, never half.
/// `secret` gives mode 0600 whatever the umask.
Status writeFileAtomic(const Path& path, ByteView bytes, bool secret = false);

} // namespace sr
