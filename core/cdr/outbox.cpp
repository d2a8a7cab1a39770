// SPDX-License-Identifier: GPL-3.0-or-later
// The writer's thread: what was added goes to the disk in batches.
#include "core/cdr/outbox.h"

#include "core/cdr/record_line.h"

#include <algorithm>

namespace sr::cdr {
namespace {

constexpr auto kGap = milliseconds(50);     ///< between two batches: one sync serves all that came meanwhile
constexpr auto kRetryAfter = seconds(1);    ///< what could not be written
constexpr auto kCallsEvery = seconds(1);    ///< the file of open calls, if they changed
constexpr auto kCallsAtLeast = seconds(10); ///< its moment, which a cut record ends with
constexpr std::size_t kFreshMost = 65536;   ///< records in memory while the disk is slow; chosen

constexpr std::size_t kUnwrittenMost = 64 * 1024 * 1024; ///< [octets] while the disk fails; chosen

} // namespace

Outbox::~Outbox()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    m_hurry.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void Outbox::add(SharedRecord record, Stored stored)
{
    bool room = false;
    {
        const std::scoped_lock lock(m_mutex);
        room = m_fresh.size() < kFreshMost;
        if (room)
            m_fresh.push_back({std::move(record), std::move(stored)});
        else
            ++m_refused;
    }
    m_wake.notify_one();
    if (!room && stored)
        stored(fail(CdrErrc::Full, "the disk is too slow"));
}

void Outbox::keepOpen(std::vector<SharedRecord> records)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_openFresh = std::move(records);
    }
    m_wake.notify_one();
}

void Outbox::flush()
{
    std::unique_lock lock(m_mutex);
    ++m_flushing;
    m_wake.notify_one();
    m_hurry.notify_one();
    m_idle.wait(lock, [&] { return !m_working && !hasWork(); });
    --m_flushing;
}

bool Outbox::hasWork() const
{
    return !m_fresh.empty() || m_openFresh || m_cursorsMoved;
}

void Outbox::run()
{
    const auto pause = [&]() -> Steady::duration {
        if (!m_frames.empty() || m_retry)
            return kRetryAfter;
        const auto due = m_openWritten + (m_open.changed() ? kCallsEvery : kCallsAtLeast) - Steady::now();
        return m_open.changed() || !m_open.empty() ? std::max<Steady::duration>(due, milliseconds(1))
                                                   : std::chrono::hours(1);
    };
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait_for(lock, pause(), [&] { return m_stop || hasWork(); });
        const bool stop = m_stop;
        m_working = true;
        Batch batch{std::exchange(m_fresh, {}),
                    std::exchange(m_openFresh, std::nullopt),
                    {},
                    std::exchange(m_refused, 0)};
        for (const auto& reader : m_readers)
            batch.cursors.push_back(reader->m_cursor);
        m_cursorsMoved = false;
        lock.unlock();
        work(std::move(batch), stop);
        lock.lock();
        m_working = false;
        m_idle.notify_all();
        if (stop && !hasWork())
            return;
        m_hurry.wait_for(lock, kGap, [&] { return m_stop || m_flushing > 0; });
    }
}

void Outbox::work(Batch batch, bool last)
{
    Status status;
    if (batch.open)
        m_open.replace(std::move(*batch.open));
    if (batch.refused > 0)
        status = fail(CdrErrc::Full, std::to_string(batch.refused) + " records came faster than the disk");
    bool wrote = false;
    const auto storeAll = [&] {
        wrote = true;
        auto stored = store();
        if (!stored)
            status = std::move(stored);
    };
    for (Pending& one : batch.fresh) {
        if (auto encoded = encode(one); !encoded)
            status = std::move(encoded);
        if (m_length + m_frames.size() >= m_options.segmentBytes && status)
            storeAll(); // a batch may be larger than a segment
    }
    if (!m_frames.empty())
        storeAll();
    if (last)
        for (const Stored& waiting : std::exchange(m_waiting, {}))
            if (waiting)
                waiting(status);
    m_retry = false;
    if (auto kept = keepCalls(last); !kept)
        status = std::move(kept);
    if (auto kept = keepCursors(batch.cursors); !kept)
        status = std::move(kept);
    if (!status || wrote)
        tell(status);
}

/// Once, until it goes well again.
void Outbox::tell(const Status& status)
{
    const bool first = !status && !m_failing;
    m_failing = !status;
    if (first && m_options.problem)
        m_options.problem(status.error());
}

Status Outbox::encode(Pending& pending)
{
    const std::string line = lineOf(*pending.record);
    Status status;
    if (const std::size_t octets = readLine(line).xml.size(); octets > kXmlBytesMost)
        status = fail(CdrErrc::TooLarge, std::to_string(octets) + " octets");
    else if (m_frames.size() > kUnwrittenMost || !makeRoom(kFrameHeaderBytes + line.size()))
        status = fail(CdrErrc::Full, utf8Of(m_dir));
    if (!status) {
        if (pending.stored)
            pending.stored(status);
        return status;
    }
    appendFrame(m_frames, ++m_last, bytesOf(line));
    m_waiting.push_back(std::move(pending.stored));
    m_ids.insert(pending.record->id);
    return {};
}

bool Outbox::makeRoom(std::uint64_t bytes)
{
    for (;;) {
        std::uint64_t oldest = 0;
        {
            const std::scoped_lock lock(m_mutex);
            std::uint64_t total = m_asideBytes + m_frames.size() + bytes;
            for (const Segment& segment : m_segments)
                total += segment.bytes;
            if (total <= m_options.bytesMost)
                return true;
            if (!m_options.keepNewest || m_segments.size() < 2)
                return false;
            oldest = m_segments.front().first;
            m_segments.pop_front();
            for (const auto& reader : m_readers)
                reader->m_cursor = std::max(reader->m_cursor, m_segments.front().first - 1);
            m_cursorsMoved = true;
        }
        (void)removeFile(pathOfSegment(oldest)); // else it is found at the next start, and goes then
    }
}

/// What could not be written stays, and the next try begins at the same place.
Status Outbox::store()
{
    if (!m_file || m_length >= m_options.segmentBytes)
        if (auto opened = openSegment(); !opened)
            return opened;
    auto written =
        m_options.write ? m_options.write(*m_file, m_length, m_frames) : m_file->writeAt(m_length, m_frames);
    if (written)
        written = m_file->sync();
    if (!written)
        return written;
    m_length += m_frames.size();
    {
        const std::scoped_lock lock(m_mutex);
        m_segments.back().bytes = m_length;
    }
    m_frames.clear();
    m_open.remove(std::exchange(m_ids, {}));
    for (const Stored& stored : std::exchange(m_waiting, {}))
        if (stored)
            stored({});
    for (const auto& reader : m_readers)
        reader->tell();
    return {};
}

Status Outbox::openSegment()
{
    const std::uint64_t first = m_last - m_waiting.size() + 1;
    auto file = File::open(pathOfSegment(first), OpenMode::ReadWrite);
    if (!file)
        return file.error();
    if (auto synced = syncDir(m_dir); !synced)
        return synced;
    m_file = std::move(*file);
    m_length = 0;
    const std::scoped_lock lock(m_mutex);
    m_segments.push_back({first, 0});
    return {};
}

Status Outbox::keepCalls(bool now)
{
    const auto since = Steady::now() - m_openWritten;
    const bool due =
        m_open.changed() ? now || since >= kCallsEvery : !m_open.empty() && since >= kCallsAtLeast;
    if (!due)
        return {};
    m_openWritten = Steady::now();
    auto written = m_open.write(m_clock.utcNow());
    m_retry = m_retry || !written;
    return written;
}

/// Segments that are delivered go. The next start looks there for records that the file of open calls still
/// has, so that one comes first.
Status Outbox::keepCursors(const std::vector<std::uint64_t>& cursors)
{
    Status kept;
    bool moved = false;
    for (std::size_t i = 0; i < cursors.size() && kept; ++i) {
        OutboxReader& reader = *m_readers[i];
        if (cursors[i] == reader.m_cursorWritten)
            continue;
        if (!std::exchange(moved, true))
            kept = keepCalls(true);
        if (kept)
            kept = writeFileAtomic(pathOfCursor(reader.m_interface),
                                   bytesOf(std::to_string(cursors[i]) + "\n"), true);
        if (kept)
            reader.m_cursorWritten = cursors[i];
    }
    if (!kept) {
        m_retry = true;
        return kept;
    }
    if (moved)
        removeDelivered(*std::ranges::min_element(cursors));
    return {};
}

void Outbox::removeDelivered(std::uint64_t cursor)
{
    const bool all = m_length >= m_options.segmentBytes && cursor >= m_last - m_waiting.size();
    if (all) {
        m_file.reset();
        m_length = 0;
    }
    for (;;) {
        std::uint64_t done = 0;
        {
            const std::scoped_lock lock(m_mutex);
            const bool front =
                m_segments.size() > 1 ? m_segments[1].first <= cursor + 1 : all && !m_segments.empty();
            if (!front)
                return;
            done = m_segments.front().first;
            m_segments.pop_front();
        }
        (void)removeFile(pathOfSegment(done));
    }
}

} // namespace sr::cdr
