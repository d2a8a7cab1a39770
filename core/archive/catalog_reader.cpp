// SPDX-License-Identifier: GPL-3.0-or-later
// Deep pages never walk from the top: a place remembered from an earlier page, the day found by counts, or
// the list read from its other end, whichever leaves least to skip.
#include "core/archive/catalog_reader.h"

#include "core/archive/catalog_key.h"
#include "core/archive/catalog_schema.h"

#include <algorithm>

namespace sr::archive {
namespace {

constexpr std::uint64_t kShortSkip = 1000; // chosen: 0.1 ms, less than any cleverness costs

std::int64_t sqlNumber(std::uint64_t value)
{
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::uint64_t{1} << 62));
}

/// The part of `range` that comes after `key` in reading order.
void beginAfter(KeyRange& range, std::int64_t key, bool oldestFirst)
{
    if (key == 0)
        return;
    if (oldestFirst)
        range.low = std::max(range.low, key + 1);
    else
        range.high = std::min(range.high, key - 1);
}

} // namespace

Result<CatalogMemory::Prepared> CatalogReader::prepare(const RecordingFilter& filter)
{
    const auto revision = m_connection.number("SELECT value FROM state WHERE key='revision'");
    if (!revision)
        return revision.error();
    m_revision = *revision;
    if (auto known = m_memory.prepared(filter, m_revision))
        return known;
    auto made = CatalogFilter::of(filter);
    if (!made)
        return made.error();
    if (const auto done = made->expand(m_connection); !done)
        return done.error();
    CatalogMemory::Prepared prepared = std::make_shared<const CatalogFilter>(std::move(*made));
    m_memory.keepPrepared(filter, m_revision, prepared);
    return prepared;
}

Result<std::uint64_t> CatalogReader::count(const RecordingFilter& filter)
{
    const auto prepared = prepare(filter);
    if (!prepared)
        return prepared.error();
    if (const auto known = m_memory.count(filter, m_revision))
        return *known;
    const auto counted = countNow(**prepared);
    if (counted)
        m_memory.keepCount(filter, m_revision, *counted);
    return counted;
}

Result<std::uint64_t> CatalogReader::countNow(const CatalogFilter& prepared)
{
    if (prepared.impossible())
        return std::uint64_t{0};
    Condition from;
    if (prepared.countedByDays()) {
        from.sql = "SELECT sum(n) FROM days WHERE answered=? AND month BETWEEN ? AND ?";
        from.values = {std::int64_t{prepared.answered()}, prepared.months().low, prepared.months().high};
    } else {
        const auto driver = prepared.driver(m_connection, Purpose::Count);
        if (!driver)
            return driver.error();
        from = prepared.from(*driver, prepared.range());
        from.sql.insert(0, "SELECT count(*)");
    }
    auto query = m_connection.prepare(from.sql);
    if (!query)
        return query.error();
    bindAll(*query, from);
    const auto row = query->next();
    if (!row)
        return row.error();
    return *row ? static_cast<std::uint64_t>(query->number(0)) : std::uint64_t{0};
}

Result<std::vector<RecordingRow>> CatalogReader::page(const RecordingFilter& filter, std::uint64_t offset,
                                                      std::uint64_t limit)
{
    std::vector<RecordingRow> rows;
    const auto found = prepare(filter);
    if (!found)
        return found.error();
    const CatalogFilter& prepared = **found;
    if (prepared.impossible() || limit == 0)
        return rows;
    const auto known = m_memory.count(filter, m_revision);
    if (known) {
        if (offset >= *known)
            return rows;
        limit = std::min(limit, *known - offset);
    }
    auto stretch = stretchFor(filter, prepared, offset, limit, filter.oldestFirst);
    if (!stretch)
        return stretch.error();
    if (known && stretch->skip > kShortSkip) {
        auto reverse = stretchFor(filter, prepared, *known - offset - limit, limit, !filter.oldestFirst);
        if (!reverse)
            return reverse.error();
        if (reverse->skip < stretch->skip) {
            auto read = this->read(filter, prepared, *reverse);
            if (read)
                std::reverse(read.value().begin(), read.value().end());
            return read;
        }
    }
    auto read = this->read(filter, prepared, *stretch);
    // A short page shows where the list ends.
    if (read && read->size() < limit && (!read->empty() || offset == 0))
        m_memory.keepCount(filter, m_revision, offset + read->size());
    return read;
}

Result<CatalogReader::Stretch> CatalogReader::stretchFor(const RecordingFilter& filter,
                                                         const CatalogFilter& prepared, std::uint64_t offset,
                                                         std::uint64_t limit, bool oldestFirst)
{
    Stretch stretch{prepared.range(), offset, offset, limit, oldestFirst};
    const Anchor anchor = m_memory.anchor(filter, m_revision, oldestFirst, offset);
    if (offset - anchor.offset > kShortSkip && prepared.countedByDays()) {
        if (const auto done = seekByDays(prepared, stretch); !done)
            return done.error();
    } else if (anchor.key != 0) {
        beginAfter(stretch.range, anchor.key, oldestFirst);
        stretch.skip = offset - anchor.offset;
    }
    return stretch;
}

Status CatalogReader::seekByDays(const CatalogFilter& prepared, Stretch& stretch)
{
    auto query = m_connection.prepare(
        std::string("SELECT day, sum(n) FROM days WHERE answered=? AND month BETWEEN ? AND ?"
                    " GROUP BY day ORDER BY day") +
        (stretch.oldestFirst ? "" : " DESC"));
    if (!query)
        return query.error();
    query->bind(std::int64_t{prepared.answered()}).bind(prepared.months().low).bind(prepared.months().high);
    for (;;) {
        const auto row = query->next();
        if (!row)
            return row.error();
        if (!*row) { // beyond the end
            stretch.range = {1, 0};
            return {};
        }
        const auto rows = static_cast<std::uint64_t>(query->number(1));
        if (rows > stretch.skip) {
            const std::int64_t first = (query->number(0) * kMsPerDay) << kSlotBits;
            if (stretch.oldestFirst)
                stretch.range.low = std::max(stretch.range.low, first);
            else
                stretch.range.high = std::min(stretch.range.high, first + (kMsPerDay << kSlotBits) - 1);
            return {};
        }
        stretch.skip -= rows;
    }
}

Result<std::vector<RecordingRow>> CatalogReader::read(const RecordingFilter& filter,
                                                      const CatalogFilter& prepared, const Stretch& stretch)
{
    std::vector<RecordingRow> rows;
    if (stretch.range.low > stretch.range.high)
        return rows;
    auto driver = m_memory.driver(filter, m_revision);
    if (!driver) {
        const auto chosen = prepared.driver(m_connection, Purpose::Page);
        if (!chosen)
            return chosen.error();
        driver = *chosen;
        m_memory.keepDriver(filter, m_revision, *driver);
    }
    // The other list has negative numbers, so its order is turned round.
    const std::string order = stretch.oldestFirst == prepared.answered() ? "ASC" : "DESC";
    Condition from = prepared.from(*driver, stretch.range);
    from.sql = std::string("SELECT ") + kRowColumns + " FROM (SELECT id" + from.sql + " ORDER BY id " +
               order +
               " LIMIT ? OFFSET ?) k CROSS JOIN calls c ON c.id=k.id CROSS JOIN details d ON d.id=k.id"
               " ORDER BY k.id " +
               order;
    auto query = m_connection.prepare(from.sql);
    if (!query)
        return query.error();
    bindAll(*query, from);
    query->bind(sqlNumber(stretch.limit)).bind(sqlNumber(stretch.skip));
    std::int64_t last = 0;
    for (;;) {
        const auto row = query->next();
        if (!row)
            return row.error();
        if (!*row)
            break;
        rows.push_back(rowOf(*query));
        last = std::abs(query->number(kIdColumn));
    }
    if (last != 0)
        m_memory.keepAnchor(filter, m_revision, stretch.oldestFirst, {stretch.offset + rows.size(), last});
    return rows;
}

} // namespace sr::archive
