// SPDX-License-Identifier: GPL-3.0-or-later
// The delivering side of the outbox, once for each receiver.
#include "core/cdr/outbox.h"
#include "core/cdr/record_line.h"

#include <algorithm>

namespace sr::cdr {
namespace {

constexpr std::uint64_t kChunkBytes = 2 * (kPayloadBytesMost + kFrameHeaderBytes); ///< has a whole frame

} // namespace

OutboxReader& Outbox::reader(unsigned interface)
{
    return **std::ranges::find(m_readers, interface, &OutboxReader::m_interface);
}

void OutboxReader::setAvailable(std::function<void()> available)
{
    const std::scoped_lock lock(m_availableMutex);
    m_available = std::move(available);
}

void OutboxReader::tell()
{
    const std::scoped_lock lock(m_availableMutex);
    if (m_available)
        m_available();
}

std::optional<OutboxReader::Item> OutboxReader::next(std::size_t ahead)
{
    while (m_items.size() <= ahead)
        if (!load())
            return std::nullopt;
    return m_items[ahead];
}

void OutboxReader::delivered(const Item& item)
{
    if (m_items.empty() || m_items.front().sequence != item.sequence)
        return;
    m_items.pop_front();
    {
        const std::scoped_lock lock(m_box.m_mutex);
        m_cursor = std::max(m_cursor, item.sequence);
        m_box.m_cursorsMoved = true;
    }
    m_box.m_wake.notify_one();
}

Status OutboxReader::setAside(const Item& item)
{
    const Path path = m_box.pathOfAside(m_interface);
    const bool fresh = !fileExists(path);
    auto file = File::open(path, OpenMode::Append);
    if (!file)
        return file.error();
    auto written = (*file)->write(bytesOf(item.xml + "\n"));
    if (written)
        written = (*file)->sync();
    if (written && fresh)
        written = syncDir(m_box.m_dir);
    if (!written)
        return written;
    {
        const std::scoped_lock lock(m_box.m_mutex);
        m_box.m_asideBytes += item.xml.size() + 1;
    }
    delivered(item);
    return {};
}

/// The one in which there is more to read.
std::optional<OutboxReader::Segment> OutboxReader::segmentToRead()
{
    const std::scoped_lock lock(m_box.m_mutex);
    const auto& segments = m_box.m_segments;
    auto at = std::ranges::lower_bound(segments, m_readSegment, {}, &Segment::first);
    if (at == segments.end())
        return std::nullopt;
    if (at->first != m_readSegment)
        m_readAt = 0;
    for (; m_readAt >= at->bytes; m_readAt = 0)
        if (++at == segments.end())
            return std::nullopt;
    m_readSegment = at->first;
    return *at;
}

/// More into m_items. False if there is nothing, or it cannot be read now.
bool OutboxReader::load()
{
    const auto segment = segmentToRead();
    if (!segment)
        return false;
    const Path path = m_box.pathOfSegment(segment->first);
    auto file = File::open(path, OpenMode::Read);
    if (!file) {
        m_box.tellReading(file.error());
        return false;
    }
    Bytes chunk(static_cast<std::size_t>(std::min(kChunkBytes, segment->bytes - m_readAt)));
    const auto count = (*file)->readAt(m_readAt, chunk);
    if (!count || *count < chunk.size()) {
        m_box.tellReading(count ? fail(BaseErrc::Truncated, utf8Of(path)) : count.error());
        return false;
    }
    const FrameScan scan = scanFrames(chunk);
    const bool toTheEnd = m_readAt + chunk.size() == segment->bytes;
    if (scan.damaged > 0 || (toTheEnd && scan.end < chunk.size()))
        m_box.tellReading(fail(CdrErrc::Damaged, utf8Of(path)));
    m_readAt += toTheEnd ? chunk.size() : scan.end > 0 ? scan.end : chunk.size() / 2;
    std::uint64_t cursor = 0;
    {
        const std::scoped_lock lock(m_box.m_mutex);
        cursor = m_cursor;
    }
    for (const Frame& frame : scan.frames)
        if (frame.sequence > cursor) {
            const RecordLine line = readLine(textOf(frame.payload));
            m_items.push_back({frame.sequence, std::string(line.xml), line.base});
        }
    return true;
}

void Outbox::tellReading(const Error& error)
{
    if (m_options.problem)
        m_options.problem(error);
}

} // namespace sr::cdr
