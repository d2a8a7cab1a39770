// SPDX-License-Identifier: GPL-3.0-or-later
// Segments that rise in number, and the list of what is archived already.
#include "core/capture/live_log.h"

#include "core/capture/call_tracker.h"
#include "core/capture/live_log_done.h"
#include "core/capture/packet_decoder.h"
#include "core/capture/rtp_probe.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace sr::capture {
namespace {

constexpr std::string_view kSegmentName = "live-";
constexpr std::string_view kDoneName = "done-";
constexpr std::uint64_t kMostDoneBytes = 256 * 1024 * 1024;

/// A request or status line that ends in the version, or begins with it (RFC 3261 §7).
bool looksLikeSip(ByteView payload)
{
    const std::string_view text = textOf(payload.first(std::min<std::size_t>(payload.size(), 1024)));
    return text.substr(0, text.find('\n')).find("SIP/2.0") != std::string_view::npos;
}

bool isKept(const Datagram& datagram)
{
    return datagram.stream || looksOf(datagram.payload) == Looks::Rtp || looksLikeSip(datagram.payload);
}

Result<std::unique_ptr<File>> lockOf(const Path& dir)
{
    auto lock = File::open(dir / "lock", OpenMode::ReadWrite);
    if (!lock)
        return lock.error();
    if (auto held = (*lock)->lock(); !held)
        return held.error();
    return lock;
}

std::string numbered(std::uint64_t number)
{
    std::string digits = std::to_string(number);
    return std::string(12 - std::min<std::size_t>(digits.size(), 12), '0') + digits; // sorts as it counts
}

} // namespace

LiveLog::LiveLog(Path dir, std::unique_ptr<File> lock, std::uint64_t segmentBytes)
    : m_dir(std::move(dir))
    , m_segmentBytes(segmentBytes)
    , m_lock(std::move(lock))
{}

Result<std::unique_ptr<LiveLog>> LiveLog::create(const Path& parent, std::uint64_t segmentBytes)
{
    std::random_device random;
    const Path dir = parent / (std::to_string(random()) + "-" + std::to_string(random()));
    if (auto made = makeDirs(dir); !made)
        return made.error();
    auto lock = lockOf(dir);
    if (!lock)
        return lock.error();
    std::unique_ptr<LiveLog> log(new LiveLog(dir, std::move(*lock), segmentBytes));
    if (auto begun = log->newSegment(); !begun)
        return begun.error();
    return log;
}

LiveLog::~LiveLog()
{
    const bool whole = static_cast<bool>(sync(UtcTime::max()));
    m_lock.reset();
    if (whole && m_waiting.empty())
        (void)removeTree(m_dir);
}

Status LiveLog::newSegment()
{
    const std::uint64_t number =
        m_segments.empty()
            ? 1
            : std::stoull(utf8Of(m_segments.back().path.stem()).substr(kSegmentName.size())) + 1;
    const Path path = m_dir / (std::string(kSegmentName) + numbered(number) + ".pcap");
    const Path done = m_dir / (std::string(kDoneName) + numbered(number));
    auto file = File::open(path, OpenMode::CreateNew);
    if (!file)
        return file.error();
    auto doneFile = File::open(done, OpenMode::CreateNew);
    if (!doneFile)
        return doneFile.error();
    m_file = std::move(*file);
    m_doneFile = std::move(*doneFile);
    m_segments.push_back({path});
    m_done.push_back({done});
    m_written = 0;
    auto writer = PcapWriter::create(m_memory);
    if (!writer)
        return writer.error();
    m_writer = std::move(*writer);
    return syncDir(m_dir);
}

void LiveLog::add(std::span<const Datagram> datagrams)
{
    if (!m_status)
        return;
    Segment& segment = m_segments.back();
    for (const Datagram& one : datagrams) {
        // What is longer than a datagram is no message of a call that anybody could keep.
        if (!isKept(one) || !m_writer->add(one.time, one.from, one.to, one.payload))
            continue;
        segment.first = std::min(segment.first, one.time);
        segment.last = std::max(segment.last, one.time);
    }
}

void LiveLog::handedOut(const CapturedCall& call)
{
    const std::scoped_lock lock(m_mutex);
    m_waiting.insert(call.firstPacket);
}

void LiveLog::archived(const CapturedCall& call)
{
    const std::scoped_lock lock(m_mutex);
    if (const auto found = m_waiting.find(call.firstPacket); found != m_waiting.end())
        m_waiting.erase(found);
    m_news += doneLine(call);
    m_newsLast = std::max(m_newsLast, lastOf(call));
}

UtcTime LiveLog::oldestWaiting() const
{
    const std::scoped_lock lock(m_mutex);
    return m_waiting.empty() ? UtcTime::max() : *m_waiting.begin();
}

Status LiveLog::writeDone()
{
    std::string lines;
    {
        const std::scoped_lock lock(m_mutex);
        lines.swap(m_news);
        m_done.back().last = std::max(m_done.back().last, std::exchange(m_newsLast, UtcTime::min()));
    }
    return lines.empty() ? Status{} : m_doneFile->write(bytesOf(lines));
}

/// Segments go from the front, so that what is left has no gap.
Status LiveLog::trim(UtcTime oldest)
{
    for (; m_segments.size() > 1 && m_segments.front().last < oldest; m_segments.pop_front())
        if (auto removed = removeFile(m_segments.front().path); !removed)
            return removed;
    const UtcTime known = m_segments.front().first - DoneFilter::kStragglers;
    for (; m_done.size() > 1 && m_done.front().last < known; m_done.pop_front())
        if (auto removed = removeFile(m_done.front().path); !removed)
            return removed;
    return {};
}

Status LiveLog::write()
{
    const Bytes packets = m_memory.take();
    m_written += packets.size();
    if (m_status && !packets.empty())
        m_status = m_file->write(packets);
    m_unsynced = m_unsynced || !packets.empty();
    return m_status;
}

Status LiveLog::sync(UtcTime oldest)
{
    const auto keep = [&]() -> Status {
        const UtcTime waiting = oldestWaiting(); // before the done ones are written, so that none is missed
        if (m_unsynced)
            if (auto synced = m_file->sync(); !synced)
                return synced;
        m_unsynced = false;
        if (auto done = writeDone(); !done)
            return done;
        if (m_written >= m_segmentBytes)
            if (auto next = newSegment(); !next)
                return next;
        return trim(std::min(oldest, waiting));
    };
    if (write())
        m_status = keep();
    return m_status;
}

std::vector<Path> deadLiveLogs(const Path& parent)
{
    std::vector<Path> dead;
    const auto entries = listDir(parent);
    if (!entries)
        return dead;
    for (const DirEntry& entry : *entries)
        if (entry.isDirectory && lockOf(parent / pathOf(entry.name)))
            dead.push_back(parent / pathOf(entry.name));
    return dead;
}

Status recoverLiveLog(const Path& dir, const ReadOptions& options, const CallSink& sink)
{
    const auto lock = lockOf(dir);
    if (!lock)
        return lock.error();
    const auto entries = listDir(dir);
    if (!entries)
        return entries.error();
    std::vector<std::string> segments;
    for (const DirEntry& entry : *entries)
        if (entry.name.starts_with(kSegmentName))
            segments.push_back(entry.name);
    std::ranges::sort(segments);
    auto spool = Spool::create(options.spoolDir, options.spoolMemory);
    if (!spool)
        return spool.error();
    CallTracker tracker(**spool, options, sink);
    tracker.beginFile("recovered");
    DoneFilter filter(tracker);
    for (const DirEntry& entry : *entries) {
        if (!entry.name.starts_with(kDoneName))
            continue;
        const auto lines = readFile(dir / pathOf(entry.name), kMostDoneBytes);
        if (!lines)
            return lines.error();
        filter.add(textOf(*lines));
    }
    for (const std::string& name : segments) {
        auto file = File::open(dir / pathOf(name), OpenMode::Read);
        if (!file)
            return file.error();
        auto reader = PacketReader::open(**file, name);
        if (!reader)
            continue; // not even its header was written
        PacketDecoder decoder(filter);
        std::array<CapturedPacket, 32> packets;
        while (const std::size_t count = (*reader)->nextSome(packets)) // the last one may be cut
            decoder.takeAll(std::span(packets).first(count));
    }
    return tracker.finish();
}

} // namespace sr::capture
