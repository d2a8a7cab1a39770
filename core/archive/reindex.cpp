// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog anew from the tree: sidecars first, then audio that has none.
#include "core/archive/folder_archive.h"
#include "core/archive/original.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace sr::archive {
namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::uint64_t kTail = 1ULL << 20; ///< of each journal, read again for commits under way meanwhile

Status applyAndEmpty(Catalog& catalog, Catalog::Batch& batch)
{
    auto applied = catalog.apply(batch);
    batch = {};
    return applied;
}

} // namespace

bool isMonthFolder(std::string_view name)
{
    if (name.size() != 7 || name[4] != '_')
        return false;
    for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U})
        if (name[at] < '0' || name[at] > '9')
            return false;
    return true;
}

RecordingRow rowFromName(const RecordingName& name, const std::string& file, MediaFormat format,
                         std::uint64_t bytes, const Zone& zone)
{
    RecordingRow row;
    row.uid = name.uid;
    row.file = file;
    row.internal = name.internal;
    row.external = name.external;
    row.direction = name.direction;
    row.answerSeconds = name.answerSeconds;
    row.owner = name.internal;
    row.tan = name.tan;
    row.format = format;
    row.hasSidecar = false;
    row.fileBytes = bytes;
    // The name has no offset: the first of two possible hours in the night the clock goes back.
    const auto local =
        std::chrono::sys_days(std::chrono::year_month_day{
            std::chrono::year(name.year), std::chrono::month(static_cast<unsigned>(name.month)),
            std::chrono::day(static_cast<unsigned>(name.day))}) +
        std::chrono::hours(name.hour) + std::chrono::minutes(name.minute);
    row.utcOffsetMinutes = zone.offsetMinutes(local - std::chrono::hours(15)); // before any change that day
    const auto first = UtcTime(local - std::chrono::minutes(row.utcOffsetMinutes));
    if (const int there = zone.offsetMinutes(first); there != row.utcOffsetMinutes)
        row.utcOffsetMinutes = there;
    row.start = UtcTime(local - std::chrono::minutes(row.utcOffsetMinutes));
    return row;
}

Status FolderArchive::indexMonth(const std::string& folder, Catalog::Batch& batch, std::uint64_t& found)
{
    auto entries = m_store->list(folder);
    if (!entries)
        return entries.error();
    std::map<std::string, std::vector<const StoreEntry*>> stems;
    for (const auto& entry : *entries)
        if (!entry.isFolder && !splitFile(entry.name).second.empty())
            stems[splitFile(entry.name).first].push_back(&entry);
    std::vector<RecordingRow> lone;
    for (const auto& [stem, files] : stems) {
        bool listed = false;
        for (const auto* file : files) {
            if (splitFile(file->name).second != "xml")
                continue;
            auto read = readSidecarFile(*m_store, file->name, m_secrets.ring);
            if (!read && (read.error().code == BaseErrc::Io || read.error().code == BaseErrc::Denied))
                return read.error();
            if (!read || read->sidecar.recording.name.toString() != stem)
                continue;
            const auto& r = read->sidecar.recording;
            for (const auto& former : r.formerNames)
                batch.formerNames.emplace_back(former, r.uid);
            batch.upserts.push_back(rowOf(r));
            listed = true;
        }
        const auto name =
            listed ? Result<RecordingName>(fail(BaseErrc::Exists, "")) : parseRecordingName(stem);
        for (const auto* file : files) {
            const auto format = formatOfExtension(splitFile(file->name).second);
            if (listed || !name || !format)
                continue;
            lone.push_back(rowFromName(*name, file->name, *format, file->bytes, *m_zone));
            listed = true;
        }
        found += listed ? 1 : 0;
        if (batch.upserts.size() >= kBatch)
            if (auto applied = applyAndEmpty(*m_catalog, batch); !applied)
                return applied;
    }
    if (lone.empty())
        return {};
    if (auto applied = applyAndEmpty(*m_catalog, batch); !applied)
        return applied;
    for (auto& row : lone) {
        const auto known = m_catalog->byUid(row.uid);
        if (!known)
            return known.error();
        if (!*known || !(*known)->hasSidecar) // a stray copy never hides the recording itself
            batch.upserts.push_back(std::move(row));
    }
    return {};
}

Result<std::uint64_t> FolderArchive::reindex(Progress& progress)
{
    if (auto flushed = flushRows(); !flushed)
        return flushed.error();
    // Where the journals stand before the tree is read; what comes later is caught up at the end.
    JournalPositions positions;
    if (const auto journals = listDir(m_root / pathOf(kJournalFolder)))
        for (const auto& entry : *journals)
            if (!entry.isDirectory && !entry.name.ends_with(".lock"))
                positions[entry.name] = entry.bytes > kTail ? entry.bytes - kTail : 0;
    auto folders = m_store->list("");
    if (!folders)
        return folders.error();
    std::erase_if(*folders, [](const StoreEntry& e) { return !e.isFolder || !isMonthFolder(e.name); });
    if (auto cleared = m_catalog->clear(); !cleared)
        return cleared.error();
    std::uint64_t found = 0;
    std::uint64_t done = 0;
    Catalog::Batch batch;
    for (const auto& folder : *folders) {
        if (progress.cancelled())
            return fail(BaseErrc::Cancelled, "reindex");
        if (auto indexed = indexMonth(folder.name, batch, found); !indexed)
            return indexed.error();
        progress.report(++done, folders->size());
    }
    if (m_foreign)
        positions[std::string(kTreeMark)] = markOfTree(m_root).valueOr(0);
    batch.positions = positions;
    batch.complete = true;
    if (auto written = applied(batch); !written)
        return written.error();
    {
        const std::lock_guard guard(m_followMutex);
        m_positions = std::move(positions);
    }
    if (auto caught = catchUp(); !caught)
        return caught.error();
    return found;
}

} // namespace sr::archive
