// SPDX-License-Identifier: GPL-3.0-or-later
// What a program that was killed left half written at the end of its journal and its twin.
#include "core/archive/journal_writer.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace sr::archive {
namespace {

constexpr std::uint64_t kTwinTail = 1ULL << 20; ///< of the journal; a kill leaves a few records at most
constexpr std::size_t kChunk = 1U << 20U;

/// Sequence numbers of `writer` above `floor` that the twin knows, and whether it ends in a whole line.
struct TwinKnows {
    std::set<std::uint64_t> seqs;
    bool endsInLine = true;
    std::string tail; ///< what stands after the last line end
};

Result<TwinKnows> readTwin(const Path& root, const std::string& writer, std::uint64_t floor)
{
    TwinKnows knows;
    auto file = File::open(root / pathOf(kTwinFile), OpenMode::Read);
    if (!file)
        return file.error().code == BaseErrc::NotFound ? Result<TwinKnows>(knows) : file.error();
    const std::string mark = "[" + writer + "#";
    std::string buffer;
    for (std::uint64_t at = 0;;) {
        const std::size_t kept = buffer.size();
        buffer.resize(kept + kChunk);
        auto got = (*file)->readAt(at, std::as_writable_bytes(std::span(buffer)).subspan(kept));
        if (!got)
            return got.error();
        buffer.resize(kept + *got);
        at += *got;
        const auto lineEnd = buffer.rfind('\n');
        const std::string_view whole =
            std::string_view(buffer).substr(0, lineEnd == std::string::npos ? 0 : lineEnd + 1);
        for (auto found = whole.find(mark); found != std::string_view::npos;
             found = whole.find(mark, found + 1)) {
            std::uint64_t seq = 0;
            const auto* digits = whole.data() + found + mark.size();
            std::from_chars(digits, whole.data() + whole.size(), seq);
            if (seq > floor)
                knows.seqs.insert(seq);
        }
        buffer.erase(0, whole.size());
        if (*got == 0 || buffer.size() > kChunk) {
            knows.endsInLine = buffer.empty();
            knows.tail = std::move(buffer);
            return knows;
        }
    }
}

/// Zeros that a file system puts where data did not arrive before the power went.
bool isZeroTail(ByteSource& journal, std::uint64_t from)
{
    const std::uint64_t size = journal.size();
    Bytes tail(static_cast<std::size_t>(std::min<std::uint64_t>(size - from, kChunk)));
    const auto got = journal.readAt(from, tail);
    if (!got || size - from > kChunk)
        return false;
    const auto zero = std::find(tail.begin(), tail.end(), std::byte{0});
    return zero != tail.end() &&
           std::all_of(zero, tail.end(), [](std::byte each) { return each == std::byte{0}; });
}

Status cutTail(const Path& root, const std::string& writer, const crypto::KeyRing& ring, File& journal)
{
    const auto scan = scanJournal(journal, writer, ring, [](const JournalRecord&, const ChainValue&) {});
    if (!scan)
        return scan.error();
    if (scan->goodBytes == scan->totalBytes || scan->lastSeq == 0)
        return {};
    if (scan->problem && !isZeroTail(journal, scan->goodBytes))
        return {};
    // The twin is written after the journal is safe: what it knows was acknowledged, so it is no torn tail.
    const auto twin = readTwin(root, writer, scan->lastSeq);
    if (!twin)
        return twin.error();
    if (!twin->seqs.empty())
        return {};
    if (auto cut = journal.truncate(scan->goodBytes); !cut)
        return cut;
    return journal.sync();
}

} // namespace

Status completeTwin(const Path& root, const std::string& writer, ByteSource& journal)
{
    const std::uint64_t size = journal.size();
    std::uint64_t from = 0;
    if (size > kTwinTail) { // start at a line
        from = size - kTwinTail;
        Bytes part(kJournalLineMax + 1);
        auto got = journal.readAt(from, part);
        if (!got)
            return got.error();
        const auto lineEnd = textOf(ByteView(part).first(*got)).find('\n');
        from = lineEnd == std::string_view::npos ? size : from + lineEnd + 1;
    }
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    auto read = followJournal(journal, from, [&](const JournalRecord& record, std::uint64_t start) {
        // The mac stands at the end of the line, which renderRecord() gives back.
        const auto covered = renderRecord(record);
        Bytes mac(16);
        if (covered && journal.readAt(start + covered->size() + 1, mac))
            lines.emplace_back(record.seq, twinLine(writer, record, textOf(mac)));
        return true;
    });
    if (!read)
        return read.error();
    if (lines.empty())
        return {};
    const auto twin = readTwin(root, writer, lines.front().first - 1);
    if (!twin)
        return twin.error();
    std::string missing;
    for (const auto& [seq, line] : lines)
        if (!twin->seqs.contains(seq) && line != twin->tail + "\n") // else only its end is missing
            missing += line;
    if (missing.empty() && twin->endsInLine)
        return {};
    auto file = File::open(root / pathOf(kTwinFile), OpenMode::Append);
    if (!file)
        return file.error();
    return (*file)->write(bytesOf((twin->endsInLine ? "" : "\n") + missing));
}

Status repairJournal(const Path& root, const std::string& writer, const crypto::KeyRing& ring)
{
    const Path path = root / pathOf(kJournalFolder) / pathOf(writer);
    if (!fileExists(path))
        return {};
    auto lock = File::open(Path(path) += ".lock", OpenMode::ReadWrite);
    if (!lock)
        return lock.error();
    if (auto held = (*lock)->lock(); !held)
        return held.error().code == BaseErrc::Locked ? Status{} : held;
    auto journal = File::open(path, OpenMode::ReadWrite);
    if (!journal)
        return journal.error();
    if (auto cut = cutTail(root, writer, ring, **journal); !cut)
        return cut;
    return completeTwin(root, writer, **journal);
}

} // namespace sr::archive
