// SPDX-License-Identifier: GPL-3.0-or-later
// A whole file as memory that is only read: views into it need no copies and last as long as the source.
#pragma once

#include "core/base/file.h"
#include "core/base/page_guard.h"

#include <atomic>
#include <memory>

namespace sr {

/// Any thread. What the file gains after open() is not seen.
class MappedSource final : public ByteSource {
public:
    /// Errors: NotFound, Denied, Io, and Malformed for what cannot be mapped (a pipe, a device).
    static Result<std::shared_ptr<MappedSource>> open(const Path& path);
    ~MappedSource() override;
    MappedSource(const MappedSource&) = delete;
    MappedSource& operator=(const MappedSource&) = delete;

    std::uint64_t size() const override { return m_bytes.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override;
    ByteView view() const override { return m_bytes; }
    /// Maps their pages at once, which costs less than a fault for every few of them.
    void expect(std::uint64_t offset, std::uint64_t bytes) const override;

    /// Io once a page could not be read: the disk failed or somebody cut the file. Its octets show as zeros.
    Status status() const;

private:
    MappedSource(Path path, ByteView bytes);

    Path m_path;
    ByteView m_bytes;
    std::atomic<bool> m_damaged{false};
    PageGuard m_guard;
};

} // namespace sr
