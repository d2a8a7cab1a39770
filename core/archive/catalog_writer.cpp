// SPDX-License-Identifier: GPL-3.0-or-later
// Writing: finding each row's place in time, keeping counts and the revision that readers compare.
#include "core/archive/catalog_writer.h"

#include "core/archive/catalog_key.h"
#include "core/archive/catalog_schema.h"

#include <algorithm>
#include <limits>

namespace sr::archive {
namespace {

constexpr std::int64_t kEdgeStep = 64; // chosen: room for arrivals between two neighbours at a group's end

std::int64_t idOf(std::int64_t key, bool answered)
{
    return answered ? key : -key;
}

std::int64_t midpoint(std::int64_t low, std::int64_t high)
{
    return low + (high - low) / 2;
}

} // namespace

Status CatalogWriter::apply(const Catalog::Batch& batch, bool completes)
{
    for (const auto& uid : batch.removals)
        if (const auto done = remove(uid); !done)
            return done.error();
    for (const auto& row : batch.upserts)
        if (const auto done = upsert(row); !done)
            return done.error();
    for (const auto& [stem, uid] : batch.formerNames)
        if (const auto done = addName(stem, uid); !done)
            return done.error();
    for (const auto& [writer, position] : batch.positions)
        if (const auto done = setPosition(writer, position); !done)
            return done.error();
    if (const auto done = writeDays(); !done)
        return done.error();
    if (completes)
        if (const auto done = m_connection.run("UPDATE state SET value=1 WHERE key='complete'"); !done)
            return done.error();
    auto revision = m_connection.prepare("UPDATE state SET value=value+1 WHERE key='revision'");
    return revision ? revision->run() : Status(revision.error());
}

Result<std::optional<CatalogWriter::Place>> CatalogWriter::placeOf(const std::string& uid)
{
    auto query = m_connection.prepare("SELECT d.id, c.date, d.startUs FROM details d CROSS JOIN calls c"
                                      " ON c.id=d.id WHERE d.uid=?");
    if (!query)
        return query.error();
    const auto row = query->bind(uid).next();
    if (!row)
        return row.error();
    if (!*row)
        return std::optional<Place>();
    return std::optional(Place{query->number(0), query->number(1), query->number(2)});
}

Status CatalogWriter::upsert(const RecordingRow& row)
{
    if (row.uid.empty())
        return fail(BaseErrc::Malformed, "catalog: a row without uid, file " + row.file);
    const auto old = placeOf(row.uid);
    if (!old)
        return old.error();
    std::int64_t id = 0;
    if (*old) {
        countDay((*old)->id, (*old)->date, -1);
        const bool stays =
            (*old)->startUs == row.start.time_since_epoch().count() && ((*old)->id > 0) == row.answered;
        if (stays)
            id = (*old)->id;
        else if (const auto done = eraseRow(m_connection, (*old)->id); !done)
            return done.error();
    }
    if (id == 0) {
        auto key = freeKey(row);
        if (key && *key == 0) {
            if (const auto done = spread(sortMs(row.start), row.answered); !done)
                return done.error();
            key = freeKey(row);
        }
        if (!key)
            return key.error();
        id = idOf(*key, row.answered);
    }
    countDay(id, localDate(row.start, row.utcOffsetMinutes), 1);
    return insertRow(m_connection, id, row);
}

Status CatalogWriter::remove(const std::string& uid)
{
    const auto old = placeOf(uid);
    if (!old)
        return old.error();
    if (!*old)
        return {};
    countDay((*old)->id, (*old)->date, -1);
    if (const auto done = eraseRow(m_connection, (*old)->id); !done)
        return done.error();
    auto names = m_connection.prepare("DELETE FROM formerNames WHERE uid=?");
    return names ? names->bind(uid).run() : Status(names.error());
}

Status CatalogWriter::addName(const std::string& stem, const std::string& uid)
{
    auto insert = m_connection.prepare("INSERT OR REPLACE INTO formerNames VALUES(?,?)");
    return insert ? insert->bind(stem).bind(uid).run() : Status(insert.error());
}

Status CatalogWriter::setPosition(const std::string& writer, std::uint64_t position)
{
    auto insert = m_connection.prepare("INSERT OR REPLACE INTO journals VALUES(?,?)");
    if (!insert)
        return insert.error();
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    return insert->bind(writer).bind(static_cast<std::int64_t>(std::min(position, kMax))).run();
}

Result<std::optional<CatalogWriter::Neighbour>> CatalogWriter::firstFrom(std::int64_t low, std::int64_t high,
                                                                         bool answered)
{
    // In the negative list the smallest key has the greatest number.
    auto query = m_connection.prepare(
        answered ? "SELECT id, startUs, uid FROM details WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1"
                 : "SELECT id, startUs, uid FROM details WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
    if (!query)
        return query.error();
    query->bind(answered ? low : -high).bind(answered ? high : -low);
    const auto row = query->next();
    if (!row)
        return row.error();
    if (!*row)
        return std::optional<Neighbour>();
    return std::optional(Neighbour{std::abs(query->number(0)), query->number(1), query->text(2)});
}

Result<std::int64_t> CatalogWriter::freeKey(const RecordingRow& row)
{
    const std::int64_t hint = firstKey(row.start);
    const std::int64_t base = (hint >> kSlotBits) << kSlotBits;
    const std::int64_t startUs = row.start.time_since_epoch().count();
    // Binary search by key for the gap between the last row before this one and the first after it.
    std::int64_t before = base, after = base + kSlots;
    std::int64_t low = base + 1, high = base + kSlots - 1;
    bool first = true;
    while (low <= high) {
        const std::int64_t probe = first ? low : midpoint(low, high);
        const auto there = firstFrom(probe, high, row.answered);
        if (!there)
            return there.error();
        if (first && !*there)
            return hint; // nobody else in this millisecond: the usual case
        first = false;
        if (!*there) {
            high = probe - 1;
        } else if ((*there)->startUs < startUs || ((*there)->startUs == startUs && (*there)->uid > row.uid)) {
            before = (*there)->key;
            low = before + 1;
        } else {
            after = (*there)->key;
            high = probe - 1;
        }
    }
    if (after - before < 2)
        return std::int64_t{0};
    if (before < hint && hint < after)
        return hint;
    if (after == base + kSlots)
        return std::min(before + kEdgeStep, midpoint(before, after));
    if (before == base)
        return std::max(after - kEdgeStep, midpoint(before, after));
    return midpoint(before, after);
}

Status CatalogWriter::spread(std::int64_t ms, bool answered)
{
    const std::int64_t base = ms << kSlotBits;
    std::vector<std::int64_t> keys;
    {
        auto query = m_connection.prepare("SELECT id FROM details WHERE id BETWEEN ? AND ?");
        if (!query)
            return query.error();
        query->bind(answered ? base + 1 : -(base + kSlots - 1))
            .bind(answered ? base + kSlots - 1 : -(base + 1));
        for (;;) {
            const auto row = query->next();
            if (!row)
                return row.error();
            if (!*row)
                break;
            keys.push_back(std::abs(query->number(0)));
        }
    }
    std::sort(keys.begin(), keys.end());
    const auto gap = kSlots / static_cast<std::int64_t>(keys.size() + 1);
    if (gap < 3)
        return fail(BaseErrc::TooLarge, "catalog: over 300000 recordings within one millisecond");
    // Two steps through numbers that no row can have, because old and new places overlap.
    const std::int64_t away = answered ? kMaxKey : -kMaxKey;
    for (const char* table : {"calls", "details"}) {
        const std::string name(table);
        auto move = m_connection.prepare("UPDATE " + name + " SET id=? WHERE id=?");
        if (!move)
            return move.error();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::int64_t target = base + gap * static_cast<std::int64_t>(i + 1);
            const auto moved = move->bind(idOf(target, answered) + away).bind(idOf(keys[i], answered)).run();
            if (!moved)
                return moved.error();
        }
        auto back = m_connection.prepare(answered ? "UPDATE " + name + " SET id=id-? WHERE id>?"
                                                  : "UPDATE " + name + " SET id=id+? WHERE id<-?");
        if (!back)
            return back.error();
        if (const auto done = back->bind(kMaxKey).bind(kMaxKey).run(); !done)
            return done.error();
    }
    return {};
}

void CatalogWriter::countDay(std::int64_t id, std::int64_t date, std::int64_t change)
{
    m_days[{id > 0 ? 1 : 0, date / 100, dayOfKey(std::abs(id))}] += change;
}

Status CatalogWriter::writeDays()
{
    auto add = m_connection.prepare("INSERT INTO days VALUES(?,?,?,?)"
                                    " ON CONFLICT(answered, month, day) DO UPDATE SET n=n+excluded.n");
    if (!add)
        return add.error();
    bool shrinks = false;
    for (const auto& [where, change] : m_days) {
        const auto& [answered, month, day] = where;
        if (change == 0)
            continue;
        shrinks = shrinks || change < 0;
        add->bind(std::int64_t{answered}).bind(month).bind(day).bind(change);
        if (const auto done = add->run(); !done)
            return done.error();
    }
    return shrinks ? m_connection.run("DELETE FROM days WHERE n=0") : Status();
}

} // namespace sr::archive
