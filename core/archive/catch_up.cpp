// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog follows: own rows in batches, those of other programs from their journals.
#include "core/archive/folder_archive.h"

#include <map>

namespace sr::archive {
namespace {

constexpr std::size_t kRowsWaiting = 256;
constexpr std::size_t kRecordsAtOnce = 4096;

} // namespace

void FolderArchive::pushRow(const Recording& recording)
{
    bool many = false;
    {
        const std::lock_guard guard(m_rowsMutex);
        m_rows.push_back(rowOf(recording));
        for (const auto& former : recording.formerNames)
            m_formerNames.emplace_back(former, recording.uid);
        many = m_rows.size() >= kRowsWaiting;
    }
    if (many)
        (void)flushRows(); // the rows stay and are tried again with the next look
}

Status FolderArchive::flushRows()
{
    const std::lock_guard one(m_flushMutex);
    Catalog::Batch batch;
    {
        const std::lock_guard guard(m_rowsMutex);
        if (m_rows.empty())
            return {};
        batch.upserts = m_rows;
        batch.formerNames = m_formerNames;
        const std::lock_guard writerGuard(m_writerMutex);
        if (m_writer && m_ownFollowed.load())
            batch.positions[m_writer->id()] = m_inFlight.empty() ? m_writer->end() : *m_inFlight.begin();
    }
    if (auto done = applied(batch); !done)
        return done;
    const std::lock_guard guard(m_rowsMutex);
    m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(batch.upserts.size()));
    m_formerNames.erase(m_formerNames.begin(),
                        m_formerNames.begin() + static_cast<std::ptrdiff_t>(batch.formerNames.size()));
    return {};
}

Status FolderArchive::applied(const Catalog::Batch& batch)
{
    auto done = m_catalog->apply(batch);
    m_catalogChanges.fetch_add(1);
    return done;
}

Status FolderArchive::catchUp()
{
    auto flushed = flushRows();
    return flushed ? followOthers() : flushed;
}

Status FolderArchive::followOthers()
{
    const auto entries = listDir(m_root / pathOf(kJournalFolder));
    if (!entries)
        return entries.error().code == BaseErrc::NotFound ? Status{} : Status{entries.error()};
    std::string own;
    std::uint64_t ownBegin = 0;
    {
        const std::lock_guard guard(m_writerMutex);
        if (m_writer) {
            own = m_writer->id();
            ownBegin = m_writer->begin();
        }
    }
    const std::lock_guard guard(m_followMutex);
    for (const auto& entry : *entries) {
        if (entry.isDirectory || entry.name.ends_with(".lock"))
            continue;
        // A former life that was killed left rows in what is now our own journal.
        if (auto followed = follow(entry.name, entry.name == own ? ownBegin : entry.bytes); !followed)
            return followed;
        if (entry.name == own && m_positions[own] >= ownBegin)
            m_ownFollowed = true;
    }
    return {};
}

Status FolderArchive::follow(const std::string& writer, std::uint64_t size)
{
    std::uint64_t& position = m_positions[writer];
    if (position > size) // cut; verify will tell
        position = size;
    while (position < size) {
        auto file = File::open(m_root / pathOf(kJournalFolder) / pathOf(writer), OpenMode::Read);
        if (!file)
            return file.error().code == BaseErrc::NotFound ? Status{} : Status{file.error()};
        std::vector<std::pair<JournalRecord, std::uint64_t>> records;
        auto end = followJournal(**file, position, [&](const JournalRecord& record, std::uint64_t start) {
            if (start >= size)
                return false;
            records.emplace_back(record, start);
            return records.size() < kRecordsAtOnce;
        });
        if (!end)
            return end.error();
        // Asked after the records were read: whoever has no job by now has put the sidecar.
        const auto jobs = openJobs(recDir());
        std::uint64_t next = *end;
        Catalog::Batch batch;
        std::map<std::string, std::string> stems;
        for (const auto& [record, start] : records) {
            if (!record.uid.empty() && jobs.contains(record.uid)) {
                next = std::min(next, start);
                break;
            }
            if (record.uid.empty() || record.kind == JournalKind::Hold || record.kind == JournalKind::Note)
                continue;
            if (record.kind == JournalKind::Delete) {
                stems.erase(record.uid);
                batch.removals.push_back(record.uid);
            } else {
                stems[record.uid] = record.stem;
            }
        }
        for (const auto& [uid, stem] : stems) {
            std::vector<std::string> formerNames;
            if (auto row = rowOfStem(stem, &formerNames)) {
                for (auto& former : formerNames)
                    batch.formerNames.emplace_back(std::move(former), row->uid);
                batch.upserts.push_back(std::move(*row));
            }
        }
        if (next == position && batch.upserts.empty() && batch.removals.empty())
            return {};
        batch.positions[writer] = next;
        if (auto done = applied(batch); !done)
            return done;
        if (next == position)
            return {};
        position = next;
        if (records.size() < kRecordsAtOnce)
            return {};
    }
    return {};
}

std::optional<RecordingRow> FolderArchive::rowOfStem(const std::string& stem,
                                                     std::vector<std::string>* formerNames)
{
    const auto name = parseRecordingName(stem);
    if (!name)
        return std::nullopt;
    const auto base = name->monthFolder() + "/" + stem;
    auto read = readSidecarFile(*m_store, base + ".xml", m_secrets.ring);
    if (read && read->sidecar.recording.name.toString() == stem) {
        *formerNames = read->sidecar.recording.formerNames;
        return rowOf(read->sidecar.recording);
    }
    for (const auto format : {MediaFormat::Wav, MediaFormat::Mp3, MediaFormat::Pcap}) {
        const auto file = base + "." + std::string(extensionOf(format));
        if (auto source = m_store->openRange(file))
            return rowFromName(*name, file, format, (*source)->size(), *m_zone);
    }
    return std::nullopt;
}

} // namespace sr::archive
