// SPDX-License-Identifier: GPL-3.0-or-later
// `calls` holds what filters ask, narrow and in time order, so that even a full pass is quick; `details` the
// rest. `days` counts rows per list, local month and UTC day: exact totals and deep pages without walking.
#include "core/archive/catalog_schema.h"

#include "core/archive/catalog_key.h"

#include <algorithm>
#include <limits>

namespace sr::archive {
namespace {

constexpr std::int32_t kApplicationId = 0x53524331; // "SRC1"

Status createVersion1(store::Connection& connection)
{
    for (const char* sql : {
             "CREATE TABLE calls(id INTEGER PRIMARY KEY, externalMarks INTEGER NOT NULL,"
             " external TEXT NOT NULL, internal TEXT NOT NULL, owner TEXT NOT NULL, date INTEGER NOT NULL,"
             " direction INTEGER NOT NULL, format INTEGER NOT NULL, tan TEXT NOT NULL)",
             "CREATE INDEX by_external ON calls(external)",
             "CREATE INDEX by_internal ON calls(internal)",
             "CREATE INDEX by_owner ON calls(owner)",
             "CREATE INDEX by_direction ON calls(direction)",
             "CREATE INDEX by_format ON calls(format)",
             "CREATE INDEX by_tan ON calls(tan) WHERE tan<>''",
             "CREATE TABLE details(id INTEGER PRIMARY KEY, uid TEXT NOT NULL, file TEXT NOT NULL,"
             " internalName TEXT NOT NULL, externalName TEXT NOT NULL, startUs INTEGER NOT NULL,"
             " utcOffset INTEGER NOT NULL, answerSeconds INTEGER NOT NULL, durationMs INTEGER NOT NULL,"
             " dtmf TEXT NOT NULL, codecInternal TEXT NOT NULL, codecExternal TEXT NOT NULL,"
             " lostInternal INTEGER NOT NULL, lostExternal INTEGER NOT NULL, flags INTEGER NOT NULL,"
             " fileBytes INTEGER NOT NULL, fingerprint TEXT NOT NULL)",
             "CREATE UNIQUE INDEX by_uid ON details(uid)",
             "CREATE TABLE formerNames(stem TEXT PRIMARY KEY, uid TEXT NOT NULL) WITHOUT ROWID",
             "CREATE INDEX formerNames_by_uid ON formerNames(uid)",
             "CREATE TABLE journals(writer TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
             "CREATE TABLE days(answered INTEGER NOT NULL, month INTEGER NOT NULL, day INTEGER NOT NULL,"
             " n INTEGER NOT NULL, PRIMARY KEY(answered, month, day)) WITHOUT ROWID",
             "CREATE TABLE state(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
             "INSERT INTO state VALUES('revision', 0), ('complete', 0)",
         })
        if (const auto done = connection.run(sql); !done)
            return done.error();
    return {};
}

constexpr std::int64_t kSealed = 1, kHasSidecar = 2; // bits of details.flags

std::int64_t stored(std::uint64_t value)
{
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
}

std::uint64_t unsignedAt(const store::Statement& statement, int column)
{
    return static_cast<std::uint64_t>(statement.number(column));
}

} // namespace

store::DatabaseOptions catalogOptions(const Path& file)
{
    store::DatabaseOptions options;
    options.file = file;
    options.applicationId = kApplicationId;
    options.migrations = {&createVersion1};
    return options;
}

const char* const kRowColumns =
    "c.external, c.internal, c.owner, c.direction, c.format, c.tan, d.id, d.uid, d.file, d.internalName,"
    " d.externalName, d.startUs, d.utcOffset, d.answerSeconds, d.durationMs, d.dtmf, d.codecInternal,"
    " d.codecExternal, d.lostInternal, d.lostExternal, d.flags, d.fileBytes, d.fingerprint";

RecordingRow rowOf(const store::Statement& s)
{
    RecordingRow row;
    row.external = s.text(0);
    row.internal = s.text(1);
    row.owner = s.text(2);
    row.direction = static_cast<CallDirection>(s.number(3));
    row.format = static_cast<MediaFormat>(s.number(4));
    row.tan = s.text(5);
    row.answered = s.number(kIdColumn) > 0;
    row.uid = s.text(7);
    row.file = s.text(8);
    row.internalName = s.text(9);
    row.externalName = s.text(10);
    row.start = UtcTime(microseconds(s.number(11)));
    row.utcOffsetMinutes = static_cast<int>(s.number(12));
    row.answerSeconds = static_cast<std::uint32_t>(s.number(13));
    row.durationMs = unsignedAt(s, 14);
    row.dtmf = s.text(15);
    row.codecs = {s.text(16), s.text(17)};
    row.lostPackets = {unsignedAt(s, 18), unsignedAt(s, 19)};
    row.sealed = (s.number(20) & kSealed) != 0;
    row.hasSidecar = (s.number(20) & kHasSidecar) != 0;
    row.fileBytes = unsignedAt(s, 21);
    row.fingerprint = s.text(22);
    return row;
}

Status insertRow(store::Connection& connection, std::int64_t id, const RecordingRow& row)
{
    auto calls = connection.prepare("INSERT OR REPLACE INTO calls VALUES(?,?,?,?,?,?,?,?,?)");
    if (!calls)
        return calls.error();
    calls->bind(id)
        .bind(gramMarks(row.external))
        .bind(row.external)
        .bind(row.internal)
        .bind(row.owner)
        .bind(localDate(row.start, row.utcOffsetMinutes))
        .bind(static_cast<std::int64_t>(row.direction))
        .bind(static_cast<std::int64_t>(row.format))
        .bind(row.tan);
    if (const auto done = calls->run(); !done)
        return done.error();
    auto details =
        connection.prepare("INSERT OR REPLACE INTO details VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    if (!details)
        return details.error();
    details->bind(id)
        .bind(row.uid)
        .bind(row.file)
        .bind(row.internalName)
        .bind(row.externalName)
        .bind(std::int64_t{row.start.time_since_epoch().count()})
        .bind(std::int64_t{row.utcOffsetMinutes})
        .bind(std::int64_t{row.answerSeconds})
        .bind(stored(row.durationMs))
        .bind(row.dtmf)
        .bind(row.codecs[0])
        .bind(row.codecs[1])
        .bind(stored(row.lostPackets[0]))
        .bind(stored(row.lostPackets[1]))
        .bind((row.sealed ? kSealed : 0) | (row.hasSidecar ? kHasSidecar : 0))
        .bind(stored(row.fileBytes))
        .bind(row.fingerprint);
    return details->run();
}

Status eraseRow(store::Connection& connection, std::int64_t id)
{
    for (const char* sql : {"DELETE FROM calls WHERE id=?", "DELETE FROM details WHERE id=?"}) {
        auto statement = connection.prepare(sql);
        if (!statement)
            return statement.error();
        if (const auto done = statement->bind(id).run(); !done)
            return done.error();
    }
    return {};
}

} // namespace sr::archive
