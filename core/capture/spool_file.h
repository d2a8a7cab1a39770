// SPDX-License-Identifier: GPL-3.0-or-later
// The spool's file: a log of segments that fill in order and are used again once nothing in them lives.
#pragma once

#include "core/base/file.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace sr::capture {

/// Part of the file that belongs to one stream.
struct SpoolExtent {
    std::uint64_t offset = 0;
    std::uint32_t bytes = 0;
};

/// Not thread-safe but for readAt(): the spool's lock guards the rest. The name is removed at once, so that
/// nothing stays behind however the process ends.
class SpoolFile {
public:
    static constexpr std::uint64_t kSegmentBytes = 4 * 1024 * 1024;
    static constexpr std::size_t kBufferBytes = 256 * 1024; ///< gathered before a write; longest extent

    static Result<std::unique_ptr<SpoolFile>> create(const Path& dir);

    /// Copies into the write buffer and says where it will stand. Error: the disk's; then nothing of what was
    /// added since the last flush() is in the file.
    Result<SpoolExtent> add(std::span<const ByteView> parts);
    Status flush();
    void free(const SpoolExtent& extent);
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out)
    {
        return m_file->readAt(offset, out);
    }
    std::uint64_t bytes() const { return m_live.size() * kSegmentBytes; } ///< length of the file, at most

private:
    explicit SpoolFile(std::unique_ptr<File> file);
    void nextSegment();

    std::unique_ptr<File> m_file;
    std::vector<std::uint32_t> m_live; ///< octets in use by segment
    std::vector<std::uint32_t> m_free; ///< empty segments; the last freed is used first, it is still cached
    std::uint32_t m_current = UINT32_MAX;
    std::uint64_t m_used = kSegmentBytes; ///< of the current segment
    Bytes m_buffer;
    std::uint64_t m_bufferAt = 0;
};

} // namespace sr::capture
