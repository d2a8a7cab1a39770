// SPDX-License-Identifier: GPL-3.0-or-later
// A scratch file used as memory: segments of equal size that the system may write out when memory is short.
#pragma once

#include "core/base/file.h"
#include "core/base/page_guard.h"

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

namespace sr {

/// One thread at a time; the octets of a segment are the caller's to share. A full disk is an error of
/// addSegment(), never of using what it gave.
class MappedFile {
public:
    /// The file must not exist. Its name is removed at once (on Windows with the object), so that nothing
    /// stays behind however the process ends. `segmentBytes`: a multiple of 64 KiB, which suits every
    /// system's pages.
    static Result<std::unique_ptr<MappedFile>> create(const Path& path, std::size_t segmentBytes);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    /// The next segment, zeros, with its disk space reserved. It stays in place until clear().
    Result<std::byte*> addSegment();
    std::size_t segments() const { return m_segments.size(); }
    /// Io once a page could not be read back: its octets show as zeros. Any thread.
    Status status() const;
    /// Forgets all segments and gives their disk space back.
    Status clear();

private:
    MappedFile(Path path, std::intptr_t handle, std::size_t segmentBytes);
    void unmap();

    Path m_path;
    std::intptr_t m_handle; ///< file descriptor or HANDLE
    std::size_t m_segmentBytes;
    std::vector<std::byte*> m_segments;
    std::atomic<bool> m_damaged{false};
    std::deque<PageGuard> m_guards; ///< one a segment
};

} // namespace sr
