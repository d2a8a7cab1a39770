// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog over an embedded database: opening, setting aside what cannot be used, look-ups. Lists are in
// catalog_reader, changes in catalog_writer.
#include "core/archive/catalog.h"

#include "core/archive/catalog_key.h"
#include "core/archive/catalog_reader.h"
#include "core/archive/catalog_schema.h"
#include "core/archive/catalog_writer.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace sr::archive {
namespace {

using store::StoreErrc;
using store::Transaction;

constexpr seconds kOpenPatience{20}; // chosen: making and migrating takes well under one

/// Held while a program opens the file, so that two never set aside or make it at once.
Result<std::unique_ptr<File>> lockForOpening(const Path& file)
{
    auto lock = File::open(file, OpenMode::ReadWrite);
    if (!lock)
        return lock.error();
    const auto end = std::chrono::steady_clock::now() + kOpenPatience;
    for (;;) {
        const auto done = (*lock)->lock();
        if (done)
            return lock;
        if (done.error().code != BaseErrc::Locked || std::chrono::steady_clock::now() > end)
            return done.error();
        std::this_thread::sleep_for(milliseconds(10));
    }
}

Path withEnding(const Path& file, const std::string& ending)
{
    Path longer = file;
    longer += ending;
    return longer;
}

/// Moves the database and its companions to `<name>.<why>`; only the last one of a kind is kept.
Status setAside(const Path& file, const std::string& why)
{
    // The log first: a database without it is whole, a log without its database would spoil the new one.
    for (const char* part : {"-wal", "-shm", ""}) {
        const Path from = withEnding(file, part);
        if (!fileExists(from))
            continue;
        if (const auto done = renameReplace(from, withEnding(file, "." + why + part)); !done)
            return done.error();
    }
    return {};
}

struct Usable {
    std::unique_ptr<store::Database> database;
    bool complete = false;
};

/// Opens or makes the file; StoreErrc::Corrupt also if it has the right marks but not our tables.
Result<Usable> openUsable(const Path& file)
{
    auto database = store::Database::open(catalogOptions(file));
    if (!database)
        return database.error();
    const auto connection = (*database)->connection();
    if (!connection)
        return connection.error();
    const auto complete = (*connection)->number("SELECT value FROM state WHERE key='complete'");
    if (!complete)
        return complete.error().code == StoreErrc::Failed ? fail(StoreErrc::Corrupt, complete.error().context)
                                                          : complete.error();
    return Usable{std::move(*database), *complete != 0};
}

/// The uid at the end of a stem in any spelling: after the last `_`, before a TAN.
std::string_view uidTail(std::string_view stem)
{
    constexpr std::size_t kTanTail = 8; // _T and six digits
    if (stem.size() > kTanTail) {
        const auto tail = stem.substr(stem.size() - kTanTail);
        if (tail.starts_with("_T") && tail.find_first_not_of("0123456789", 2) == std::string_view::npos)
            stem.remove_suffix(kTanTail);
    }
    const auto mark = stem.rfind('_');
    return mark == std::string_view::npos ? stem : stem.substr(mark + 1);
}

/// The stem of what a link or a person gives: folders and a known extension fall away.
std::string_view stemOf(std::string_view name)
{
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    for (const std::string_view extension : {".wav", ".mp3", ".pcap", ".xml", ".txt"})
        if (name.ends_with(extension)) {
            name.remove_suffix(extension.size());
            break;
        }
    return name;
}

/// n of `guid-n`, 1 of `guid` itself, 0 of anything else.
std::uint64_t partOf(std::string_view uid, std::string_view guid)
{
    if (uid == guid)
        return 1;
    if (uid.size() < guid.size() + 2 || uid.size() > guid.size() + 10 || !uid.starts_with(guid) ||
        uid[guid.size()] != '-')
        return 0;
    const auto digits = uid.substr(guid.size() + 1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos || digits[0] == '0')
        return 0;
    return std::stoull(std::string(digits));
}

class SqlCatalog final : public Catalog {
public:
    SqlCatalog(std::unique_ptr<store::Database> database, Path damagedMark, std::string notice, bool rebuild)
        : m_database(std::move(database))
        , m_damagedMark(std::move(damagedMark))
        , m_notice(std::move(notice))
        , m_mustRebuild(rebuild)
    {}

    bool mustRebuild() const override { return m_mustRebuild; }
    const std::string& notice() const override { return m_notice; }

    Result<std::vector<RecordingRow>> page(const RecordingFilter& filter, std::uint64_t offset,
                                           std::uint64_t limit) override
    {
        return reading(
            [&](store::Connection& c) { return CatalogReader(c, m_memory).page(filter, offset, limit); });
    }
    Result<std::uint64_t> count(const RecordingFilter& filter) override
    {
        return reading([&](store::Connection& c) { return CatalogReader(c, m_memory).count(filter); });
    }
    Result<std::vector<std::pair<int, int>>> months() override;
    Result<std::optional<RecordingRow>> byUid(const std::string& uid) override;
    Result<std::optional<RecordingRow>> byFile(const std::string& stem) override;
    Result<std::vector<RecordingRow>> byGuid(const std::string& guid) override;
    Status apply(const Batch& batch) override;
    Result<JournalPositions> positions() override;
    Status clear() override;

private:
    /// Runs `ask` in a read transaction of this thread's connection.
    template <typename Ask>
    auto reading(const Ask& ask) -> decltype(ask(std::declval<store::Connection&>()));
    template <typename Change>
    Status writing(const Change& change);
    Result<std::vector<RecordingRow>> select(store::Connection& connection, const std::string& where,
                                             const std::vector<SqlValue>& values);
    /// A damaged file serves no longer: the next open() sets it aside.
    Error noted(const Error& error);

    std::unique_ptr<store::Database> m_database;
    Path m_damagedMark;
    std::string m_notice;
    std::atomic<bool> m_mustRebuild;
    CatalogMemory m_memory;
};

Error SqlCatalog::noted(const Error& error)
{
    if (error.code == StoreErrc::Corrupt) {
        const auto mark = File::open(m_damagedMark, OpenMode::ReadWrite);
        return Error{error.code, "catalog, made anew at the next start" +
                                     std::string(mark ? ": " : " if you remove it: ") + error.context};
    }
    return error;
}

template <typename Ask>
auto SqlCatalog::reading(const Ask& ask) -> decltype(ask(std::declval<store::Connection&>()))
{
    const auto connection = m_database->connection();
    if (!connection)
        return noted(connection.error());
    auto transaction = Transaction::begin(**connection, Transaction::Mode::Read);
    if (!transaction)
        return noted(transaction.error());
    auto answer = ask(**connection);
    if (!answer)
        return noted(answer.error());
    if (const auto done = transaction->commit(); !done)
        return noted(done.error());
    return answer;
}

template <typename Change>
Status SqlCatalog::writing(const Change& change)
{
    const auto connection = m_database->connection();
    if (!connection)
        return noted(connection.error());
    auto transaction = Transaction::begin(**connection, Transaction::Mode::Write);
    if (!transaction)
        return noted(transaction.error());
    if (const auto done = change(**connection); !done)
        return noted(done.error());
    if (const auto done = transaction->commit(); !done)
        return noted(done.error());
    return {};
}

Result<std::vector<RecordingRow>> SqlCatalog::select(store::Connection& connection, const std::string& where,
                                                     const std::vector<SqlValue>& values)
{
    const Condition condition{"SELECT " + std::string(kRowColumns) +
                                  " FROM details d CROSS JOIN calls c ON c.id=d.id WHERE " + where,
                              values};
    auto query = connection.prepare(condition.sql);
    if (!query)
        return query.error();
    bindAll(*query, condition);
    std::vector<RecordingRow> rows;
    for (;;) {
        const auto row = query->next();
        if (!row)
            return row.error();
        if (!*row)
            return rows;
        rows.push_back(rowOf(*query));
    }
}

Result<std::vector<std::pair<int, int>>> SqlCatalog::months()
{
    using Months = std::vector<std::pair<int, int>>;
    return reading([](store::Connection& connection) -> Result<Months> {
        auto query = connection.prepare("SELECT DISTINCT month FROM days ORDER BY month DESC");
        if (!query)
            return query.error();
        Months months;
        for (;;) {
            const auto row = query->next();
            if (!row)
                return row.error();
            if (!*row)
                return months;
            const auto month = static_cast<int>(query->number(0));
            months.emplace_back(month / 100, month % 100);
        }
    });
}

Result<std::optional<RecordingRow>> SqlCatalog::byUid(const std::string& uid)
{
    auto rows = reading([&](store::Connection& c) { return select(c, "d.uid=?", {uid}); });
    if (!rows)
        return rows.error();
    return rows->empty() ? std::optional<RecordingRow>() : std::optional(std::move(rows->front()));
}

Result<std::optional<RecordingRow>> SqlCatalog::byFile(const std::string& stem)
{
    const std::string name(stemOf(stem));
    using Rows = std::vector<RecordingRow>;
    auto rows = reading([&](store::Connection& connection) -> Result<Rows> {
        // A name that links remember, first, because its tail may have been another uid once.
        auto former = select(connection, "d.uid=(SELECT uid FROM formerNames WHERE stem=?)", {name});
        if (!former || !former->empty())
            return former;
        return select(connection, "d.uid=?", {std::string(uidTail(name))});
    });
    if (!rows)
        return rows.error();
    return rows->empty() ? std::optional<RecordingRow>() : std::optional(std::move(rows->front()));
}

Result<std::vector<RecordingRow>> SqlCatalog::byGuid(const std::string& guid)
{
    const auto connection = m_database->connection();
    if (!connection)
        return noted(connection.error());
    // One statement is a snapshot by itself; every commit asks this. '.' is the octet after '-'.
    auto rows = select(**connection, "d.uid>=? AND d.uid<?", {guid, guid + "."});
    if (!rows)
        return noted(rows.error());
    std::erase_if(rows.value(), [&](const RecordingRow& row) { return partOf(row.uid, guid) == 0; });
    std::sort(rows->begin(), rows->end(), [&](const RecordingRow& a, const RecordingRow& b) {
        return partOf(a.uid, guid) < partOf(b.uid, guid);
    });
    return rows;
}

Status SqlCatalog::apply(const Batch& batch)
{
    // Positions of a program that merely follows along must not end another one's rebuild.
    const bool completes = batch.complete || (m_mustRebuild && !batch.positions.empty());
    const auto done = writing([&](store::Connection& c) { return CatalogWriter(c).apply(batch, completes); });
    if (done && completes)
        m_mustRebuild = false;
    return done;
}

Result<JournalPositions> SqlCatalog::positions()
{
    return reading([](store::Connection& connection) -> Result<JournalPositions> {
        auto query = connection.prepare("SELECT writer, position FROM journals");
        if (!query)
            return query.error();
        JournalPositions positions;
        for (;;) {
            const auto row = query->next();
            if (!row)
                return row.error();
            if (!*row)
                return positions;
            positions.emplace(query->text(0), static_cast<std::uint64_t>(query->number(1)));
        }
    });
}

Status SqlCatalog::clear()
{
    const auto done = writing([](store::Connection& connection) -> Status {
        for (const char* sql :
             {"DELETE FROM calls", "DELETE FROM details", "DELETE FROM formerNames", "DELETE FROM journals",
              "DELETE FROM days", "UPDATE state SET value=0 WHERE key='complete'",
              "UPDATE state SET value=value+1 WHERE key='revision'"})
            if (const auto ran = connection.run(sql); !ran)
                return ran.error();
        return {};
    });
    if (done)
        m_mustRebuild = true;
    return done;
}

} // namespace

Result<std::unique_ptr<Catalog>> Catalog::open(const Path& configDir, const std::string& archiveId)
{
    // The id comes from archive.xml, which anybody may have written, and becomes a file name.
    const bool plain =
        !archiveId.empty() && archiveId.size() <= 64 &&
        std::all_of(archiveId.begin(), archiveId.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        });
    if (!plain)
        return fail(BaseErrc::Malformed, "archive id");
    const Path dir = configDir / "catalog";
    if (const auto made = makeDirs(dir); !made)
        return made.error();
    const Path file = dir / pathOf(archiveId + ".sqlite");
    const Path damagedMark = withEnding(file, ".damaged");
    const auto lock = lockForOpening(withEnding(file, ".lock"));
    if (!lock)
        return lock.error();
    std::string notice;
    const auto moveAway = [&](const std::string& why, const std::string& sentence) -> Status {
        notice = sentence + "; it was set aside as " + utf8Of(file.filename()) + "." + why +
                 " and is made anew from the archive";
        return setAside(file, why);
    };
    if (fileExists(damagedMark)) {
        if (const auto moved = moveAway("broken", "The catalog was damaged"); !moved)
            return moved.error();
        if (const auto removed = removeFile(damagedMark); !removed)
            return removed.error();
    }
    auto usable = openUsable(file);
    if (!usable) {
        const auto code = usable.error().code;
        if (code != StoreErrc::NewerVersion && code != StoreErrc::Corrupt && code != StoreErrc::Foreign)
            return usable.error();
        const auto moved =
            code == StoreErrc::NewerVersion
                ? moveAway("newer", "The catalog was written by a newer version of the program")
                : moveAway("broken", "The catalog could not be read");
        if (!moved)
            return moved.error();
        usable = openUsable(file);
        if (!usable)
            return usable.error();
    }
    return std::unique_ptr<Catalog>(
        new SqlCatalog(std::move(usable->database), damagedMark, std::move(notice), !usable->complete));
}

} // namespace sr::archive
