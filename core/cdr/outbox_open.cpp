// SPDX-License-Identifier: GPL-3.0-or-later
// What an outbox finds when it opens.
#include "core/cdr/outbox.h"
#include "core/cdr/record_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace sr::cdr {
namespace {

constexpr std::string_view kPrefix = "out-";
constexpr std::string_view kSuffix = ".cdr";
constexpr std::size_t kDigits = 20;
constexpr std::uint64_t kNewestBytes = 1024ULL * 1024 * 1024; ///< that wait for nobody; chosen
constexpr std::uint64_t kSegmentBytesMost = 1024ULL * 1024 * 1024;

std::optional<std::uint64_t> numberOf(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<std::uint64_t> segmentOf(std::string_view name)
{
    if (name.size() != kPrefix.size() + kDigits + kSuffix.size() || !name.starts_with(kPrefix) ||
        !name.ends_with(kSuffix))
        return std::nullopt;
    return numberOf(name.substr(kPrefix.size(), kDigits));
}

/// One that cannot be read is none: everything is delivered again, which receivers bear.
std::optional<std::uint64_t> readCursor(const Path& file)
{
    const auto bytes = readFile(file, 64);
    if (!bytes)
        return std::nullopt;
    const auto text = textOf(*bytes);
    return numberOf(text.substr(0, text.find('\n')));
}

std::string suffixOf(unsigned interface)
{
    return interface == 0 ? std::string() : "-" + std::to_string(interface);
}

} // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(const Path& dir, const Clock& clock, OutboxOptions options)
{
    if (auto made = makeDirs(dir); !made)
        return made.error();
    if (options.interfaces.empty() ||
        std::ranges::any_of(options.interfaces, [](unsigned one) { return one >= kInterfaces; }))
        return fail(BaseErrc::Malformed, "an interface of call data records that there is not");
    auto lock = File::open(dir / "lock", OpenMode::ReadWrite);
    if (!lock)
        return lock.error();
    if (auto held = (*lock)->lock(); !held)
        return held.error();
    if (options.bytesMost == 0)
        options.bytesMost = options.keepNewest ? kNewestBytes : std::numeric_limits<std::uint64_t>::max();
    options.segmentBytes = std::min(options.segmentBytes, options.bytesMost / 4);
    std::unique_ptr<Outbox> box(new Outbox(dir, clock, std::move(options), std::move(*lock)));
    if (auto recovered = box->recover(); !recovered)
        return recovered.error();
    box->m_thread = std::thread([raw = box.get()] { raw->run(); });
    return box;
}

Outbox::Outbox(Path dir, const Clock& clock, OutboxOptions options, std::unique_ptr<File> lock)
    : m_dir(std::move(dir))
    , m_clock(clock)
    , m_options(std::move(options))
    , m_lock(std::move(lock))
    , m_open(m_dir / "open")
{
    for (const unsigned interface : m_options.interfaces)
        m_readers.push_back(std::make_unique<OutboxReader>(*this, interface));
}

Path Outbox::pathOfSegment(std::uint64_t first) const
{
    const std::string digits = std::to_string(first);
    return m_dir / (std::string(kPrefix) + std::string(kDigits - digits.size(), '0') + digits +
                    std::string(kSuffix)); // sorts as it counts
}

Path Outbox::pathOfCursor(unsigned interface) const
{
    return m_dir / ("cursor" + suffixOf(interface));
}

Path Outbox::pathOfAside(unsigned interface) const
{
    return m_dir / ("undelivered" + suffixOf(interface) + ".xml");
}

/// Positions of interfaces that have no receiver now go, so that these do not keep records for nobody; but
/// the numbers go on behind all that were given.
Status Outbox::recoverCursors()
{
    std::array<std::optional<std::uint64_t>, kInterfaces> known;
    for (unsigned interface = 0; interface < kInterfaces; ++interface)
        known[interface] = readCursor(pathOfCursor(interface));
    std::optional<std::uint64_t> lowest;
    for (const auto& cursor : known) {
        m_last = std::max(m_last, cursor.value_or(0));
        if (cursor)
            lowest = std::min(*cursor, lowest.value_or(*cursor));
    }
    for (const auto& reader : m_readers) {
        const auto& own = known[reader->m_interface];
        reader->m_cursor = reader->m_cursorWritten = own.value_or(lowest.value_or(0));
        if (own || !lowest)
            continue;
        const std::string text = std::to_string(*lowest) + "\n";
        if (auto kept = writeFileAtomic(pathOfCursor(reader->m_interface), bytesOf(text), true); !kept)
            return kept;
    }
    for (unsigned interface = 0; interface < kInterfaces; ++interface)
        if (known[interface] && !std::ranges::count(m_options.interfaces, interface))
            (void)removeFile(pathOfCursor(interface)); // else it is passed over at the next start, too
    return {};
}

Status Outbox::recover()
{
    const auto entries = listDir(m_dir);
    if (!entries)
        return entries.error();
    for (const DirEntry& entry : *entries) {
        if (const auto first = segmentOf(entry.name))
            m_segments.push_back({*first, entry.bytes});
        else if (entry.name.starts_with("undelivered") && entry.name.ends_with(".xml"))
            m_asideBytes += entry.bytes;
    }
    std::ranges::sort(m_segments, {}, &Segment::first);
    if (auto cursors = recoverCursors(); !cursors)
        return cursors;
    if (auto last = recoverLast(); !last)
        return last;
    recoverCalls();
    return {};
}

/// Its torn end goes; the next batch stands there.
Status Outbox::recoverLast()
{
    if (m_segments.empty())
        return {};
    Segment& segment = m_segments.back();
    const Path path = pathOfSegment(segment.first);
    const auto bytes = readFile(path, kSegmentBytesMost);
    if (!bytes)
        return bytes.error();
    const FrameScan scan = scanFrames(*bytes);
    if (scan.damaged > 0)
        tell(fail(CdrErrc::Damaged, utf8Of(path)));
    auto file = File::open(path, OpenMode::ReadWrite);
    if (!file)
        return file.error();
    if (scan.end < bytes->size())
        if (auto cut = (*file)->truncate(scan.end); !cut)
            return cut;
    m_file = std::move(*file);
    m_length = segment.bytes = scan.end;
    m_last = std::max(m_last, segment.first - 1);
    for (const Frame& frame : scan.frames)
        m_last = std::max(m_last, frame.sequence);
    return {};
}

/// Of calls that ran when a program died. What is in a segment already was finished by then.
void Outbox::recoverCalls()
{
    auto records = cutRecords(m_dir / "open");
    if (records.empty())
        return;
    std::set<std::string> finished;
    for (const Segment& segment : m_segments) {
        const auto bytes = readFile(pathOfSegment(segment.first), kSegmentBytesMost);
        if (!bytes)
            continue;
        const FrameScan scan = scanFrames(*bytes);
        for (const Frame& frame : scan.frames)
            if (auto record = parse(readLine(textOf(frame.payload)).xml))
                finished.insert(std::move(record->id));
    }
    for (SharedRecord& record : records)
        if (!finished.contains(record->id))
            m_fresh.push_back({std::move(record), {}});
}

} // namespace sr::cdr
