// SPDX-License-Identifier: GPL-3.0-or-later
// Walks a byte source, in big reads unless it stands in memory, and shows any few octets of it in one piece,
// so that records need neither copies nor allocations.
#pragma once

#include "core/base/io.h"

#include <memory>
#include <optional>

namespace sr::capture {

/// One thread. Views live until the next peek().
class BlockBuffer {
public:
    /// Chosen: the middle of the plateau measured for read() from the page cache (256 KiB to 2 MiB).
    static constexpr std::size_t kBlockBytes = 1024 * 1024;

    explicit BlockBuffer(ByteSource& source)
        : m_source(&source)
        , m_bytes(source.view().data())
        , m_end(source.view().size())
        , m_whole(m_end > 0)
    {}

    /// The next `count` octets in one piece; nullptr if the source ends or fails before, see error().
    const std::byte* peek(std::size_t count) { return m_end - m_at >= count ? m_bytes + m_at : fill(count); }
    /// Forward by any distance, beyond the buffer and the end of the source too.
    void skip(std::uint64_t count) noexcept
    {
        if (count <= m_end - m_at) {
            m_at += static_cast<std::size_t>(count);
            return;
        }
        m_base += m_at + count;
        m_at = 0;
        m_end = 0;
    }
    /// What peek() can show without the source.
    ByteView rest() const noexcept { return {m_bytes + m_at, m_end - m_at}; }
    std::uint64_t position() const noexcept { return m_base + m_at; } ///< [octets]
    std::size_t buffered() const noexcept { return m_end - m_at; } ///< readable without the source [octets]
    const std::optional<Error>& error() const noexcept { return m_error; }

private:
    const std::byte* fill(std::size_t count);

    ByteSource* m_source;
    std::unique_ptr<std::byte[]> m_data;
    std::size_t m_capacity = 0;
    const std::byte* m_bytes; ///< m_data, or all of the source where it stands in memory
    std::size_t m_at = 0;
    std::size_t m_end;
    bool m_whole;
    std::uint64_t m_base = 0; ///< place of m_bytes[0] in the source
    std::optional<Error> m_error;
};

} // namespace sr::capture
