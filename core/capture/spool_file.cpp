// SPDX-License-Identifier: GPL-3.0-or-later
// Log segments of the spool file.
#include "core/capture/spool_file.h"

#include <array>
#include <random>

namespace sr::capture {
namespace {

// An empty file is not cut below this: growing it again costs many times more than writing over it.
constexpr std::uint64_t kKeptBytes = 64 * 1024 * 1024;

} // namespace

SpoolFile::SpoolFile(std::unique_ptr<File> file)
    : m_file(std::move(file))
{
    m_buffer.reserve(kBufferBytes);
}

Result<std::unique_ptr<SpoolFile>> SpoolFile::create(const Path& dir)
{
    std::random_device random;
    for (int attempt = 0;; ++attempt) {
        const std::uint64_t number = std::uint64_t{random()} << 32 | random();
        std::array<std::byte, 8> raw{};
        storeBe(raw.data(), number);
        const Path path = dir / pathOf("spool-" + toHex(raw));
        auto file = File::open(path, OpenMode::CreateNew);
        if (!file) {
            if (file.error().code == BaseErrc::Exists && attempt < 8)
                continue;
            return file.error();
        }
        if (auto removed = removeFile(path); !removed)
            return removed.error();
        return std::unique_ptr<SpoolFile>(new SpoolFile(std::move(file).value()));
    }
}

void SpoolFile::nextSegment()
{
    if (m_free.empty()) {
        m_free.push_back(static_cast<std::uint32_t>(m_live.size()));
        m_live.push_back(0);
    }
    m_current = m_free.back();
    m_free.pop_back();
    m_used = 0;
}

Result<SpoolExtent> SpoolFile::add(std::span<const ByteView> parts)
{
    std::size_t bytes = 0;
    for (const ByteView part : parts)
        bytes += part.size();
    if (m_buffer.size() + bytes > kBufferBytes || m_used + bytes > kSegmentBytes) {
        if (auto flushed = flush(); !flushed)
            return flushed.error();
        if (m_used + bytes > kSegmentBytes) {
            if (m_current != UINT32_MAX && m_live[m_current] == 0)
                m_used = 0; // all of it was freed meanwhile
            else
                nextSegment();
        }
        m_bufferAt = m_current * kSegmentBytes + m_used;
    }
    const SpoolExtent extent{m_bufferAt + m_buffer.size(), static_cast<std::uint32_t>(bytes)};
    for (const ByteView part : parts)
        m_buffer.insert(m_buffer.end(), part.begin(), part.end());
    m_used += bytes;
    m_live[m_current] += extent.bytes;
    return extent;
}

Status SpoolFile::flush()
{
    if (m_buffer.empty())
        return {};
    auto written = m_file->writeAt(m_bufferAt, m_buffer);
    m_bufferAt += m_buffer.size();
    m_buffer.clear();
    return written;
}

void SpoolFile::free(const SpoolExtent& extent)
{
    const auto segment = static_cast<std::uint32_t>(extent.offset / kSegmentBytes);
    m_live[segment] -= extent.bytes;
    if (m_live[segment] == 0 && segment != m_current)
        m_free.push_back(segment);
    const std::size_t empty = m_free.size() + (m_live[m_current] == 0 ? 1 : 0);
    if (empty == m_live.size() && m_buffer.empty() && bytes() > kKeptBytes) {
        // Nothing lives: give the space back. A failure only delays that to the file's end.
        m_live.clear();
        m_free.clear();
        m_current = UINT32_MAX;
        m_used = kSegmentBytes;
        static_cast<void>(m_file->truncate(0));
    }
}

} // namespace sr::capture
