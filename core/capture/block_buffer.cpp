// SPDX-License-Identifier: GPL-3.0-or-later
// Refills the block buffer: what is left moves to the front, the next block follows.
#include "core/capture/block_buffer.h"

#include <cstring>

namespace sr::capture {

const std::byte* BlockBuffer::fill(std::size_t count)
{
    if (m_whole)
        return nullptr;
    const std::size_t rest = m_end - m_at;
    // Small files get small buffers; what a growing file has more than it said comes with the next call.
    const std::uint64_t size = m_source->size();
    const std::uint64_t left = size > position() ? size - position() : 0;
    const std::size_t full = count > kBlockBytes ? count + kBlockBytes : 2 * kBlockBytes;
    const std::size_t wanted = std::max(count, static_cast<std::size_t>(std::min<std::uint64_t>(full, left)));
    if (m_capacity < wanted) {
        auto grown = std::make_unique_for_overwrite<std::byte[]>(wanted);
        if (rest > 0)
            std::memcpy(grown.get(), m_data.get() + m_at, rest);
        m_data = std::move(grown);
        m_capacity = wanted;
    } else if (rest > 0) {
        std::memmove(m_data.get(), m_data.get() + m_at, rest);
    }
    m_base += m_at;
    m_at = 0;
    m_end = rest;
    while (m_end < count) {
        const std::size_t room = std::min(m_capacity - m_end, std::max(kBlockBytes, count - m_end));
        const auto got = m_source->readAt(m_base + m_end, {m_data.get() + m_end, room});
        if (!got) {
            m_error = got.error();
            return nullptr;
        }
        if (*got == 0)
            return nullptr;
        m_end += *got;
    }
    m_bytes = m_data.get();
    return m_bytes;
}

} // namespace sr::capture
