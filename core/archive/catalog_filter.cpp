// SPDX-License-Identifier: GPL-3.0-or-later
// From the player's criteria to SQL that always names its index: SQLite's planner has no figures to choose
// by, bounded counts give them to us.
#include "core/archive/catalog_filter.h"

#include "core/archive/catalog_key.h"

#include <algorithm>
#include <tuple>

namespace sr::archive {
namespace {

constexpr std::size_t kMaxPatternBytes = 256;
constexpr std::int64_t kCountCap = 100'000;  // chosen: 2-4 ms of counting
constexpr std::int64_t kMaxDifferent = 3000; // chosen: 3-6 ms of hopping
constexpr std::size_t kMaxListed = 500;
// Measured, [ns] per row: walking the table with a check; finding a row of the table from an index.
constexpr std::int64_t kWalkCost = 90;
constexpr std::int64_t kLookUpCost = 1900;

Condition conditionOf(std::string sql, std::vector<SqlValue> values)
{
    return {std::move(sql), std::move(values)};
}

void append(Condition& to, const Condition& more)
{
    if (more.sql.empty())
        return;
    to.sql += " AND " + more.sql;
    to.values.insert(to.values.end(), more.values.begin(), more.values.end());
}

std::int64_t msOfDate(int year, unsigned month, unsigned day)
{
    const std::chrono::sys_days date(std::chrono::year(year) / std::chrono::month(month) /
                                     std::chrono::day(day));
    return std::chrono::milliseconds(date.time_since_epoch()).count();
}

} // namespace

void bindAll(store::Statement& statement, const Condition& condition)
{
    for (const auto& value : condition.values) {
        if (const auto* number = std::get_if<std::int64_t>(&value))
            statement.bind(*number);
        else
            statement.bind(std::string_view(std::get<std::string>(value)));
    }
}

Result<CatalogFilter> CatalogFilter::of(const RecordingFilter& filter)
{
    for (const auto* pattern : {&filter.internal, &filter.external, &filter.owner, &filter.tan})
        if (pattern->size() > kMaxPatternBytes)
            return fail(BaseErrc::TooLarge, "filter of " + std::to_string(pattern->size()) + " octets");
    CatalogFilter made;
    made.m_answered = !filter.unanswered;
    made.setDates(filter);
    // The order is that of the checks on a row: the cheapest first.
    if (filter.format)
        made.addNumber("by_format", "format", static_cast<std::int64_t>(*filter.format));
    if (filter.direction)
        made.addNumber("by_direction", "direction", static_cast<std::int64_t>(*filter.direction));
    if (!filter.tan.empty()) {
        made.addExact("by_tan", "tan", filter.tan);
        made.m_terms.back().drive.sql += " AND tan<>''"; // lets SQLite use the partial index
    }
    for (const auto& [pattern, column, index] : {std::tuple(&filter.internal, "internal", "by_internal"),
                                                 std::tuple(&filter.owner, "owner", "by_owner")}) {
        if (matchesAll(*pattern))
            continue;
        if (!hasWildcard(*pattern)) {
            made.addExact(index, column, *pattern);
            continue;
        }
        made.addPattern(index, column, *pattern);
        if (Term& term = made.m_terms.back(); !term.rest.sql.empty()) {
            term.listed = column;
            term.pattern = *pattern;
        }
    }
    if (!matchesAll(filter.external)) {
        const std::string pattern = filter.external + "*"; // the reference: 36 has the same effect as 36*
        made.addPattern("by_external", "external", pattern);
        Term& term = made.m_terms.back();
        if (const auto marks = patternMarks(pattern); marks != 0 && !term.rest.sql.empty()) {
            term.check.sql.insert(0, "externalMarks&?=? AND ");
            term.check.values.insert(term.check.values.begin(), {marks, marks});
        }
    }
    return made;
}

void CatalogFilter::addExact(const char* index, const char* column, const std::string& value)
{
    const auto equal = conditionOf(std::string(column) + "=?", {value});
    m_terms.push_back({index, true, equal, {}, equal});
}

void CatalogFilter::addNumber(const char* index, const char* column, std::int64_t value)
{
    const auto equal = conditionOf(std::string(column) + "=?", {value});
    m_terms.push_back({index, true, equal, {}, equal});
}

void CatalogFilter::addPattern(const char* index, const char* column, const std::string& pattern)
{
    const std::string name(column);
    const std::string head(literalHead(pattern));
    Term term;
    if (!head.empty()) {
        term.index = index;
        term.drive = conditionOf(name + ">=? AND " + name + "<?", {head, afterPrefix(head)});
    }
    if (matchesAll(std::string_view(pattern).substr(head.size()))) {
        term.check = term.drive; // nothing but a prefix
    } else {
        term.rest = conditionOf(name + " GLOB ?", {globOf(pattern)});
        term.check = term.rest;
    }
    m_terms.push_back(std::move(term));
}

Status CatalogFilter::expand(store::Connection& connection)
{
    for (auto& term : m_terms)
        if (term.listed && !impossible())
            if (const auto done = resolve(connection, term); !done)
                return done.error();
    return {};
}

Status CatalogFilter::resolve(store::Connection& connection, Term& term)
{
    // Hops from each value to the next in the index instead of reading every row.
    const std::string column(term.listed);
    const std::string least =
        "SELECT min(" + column + ") FROM calls INDEXED BY by_" + column + " WHERE " + column;
    auto query = connection.prepare("WITH RECURSIVE v(x) AS (" + least + ">=? UNION ALL SELECT (" + least +
                                    ">v.x) FROM v WHERE v.x<? LIMIT ?)"
                                    " SELECT x, x GLOB ? FROM v WHERE x IS NOT NULL AND x<?");
    if (!query)
        return query.error();
    const std::string head(literalHead(term.pattern));
    const std::string above = head.empty() ? "\xf4\x8f\xbf\xbf" : afterPrefix(head);
    query->bind(std::string_view(head)).bind(std::string_view(above)).bind(kMaxDifferent);
    query->bind(std::string_view(globOf(term.pattern))).bind(std::string_view(above));
    Condition list;
    std::int64_t different = 0;
    for (;;) {
        const auto row = query->next();
        if (!row)
            return row.error();
        if (!*row)
            break;
        ++different;
        if (query->number(1) == 0)
            continue;
        list.sql += list.values.empty() ? "?" : ",?";
        list.values.emplace_back(query->text(0));
    }
    if (different + 1 >= kMaxDifferent || list.values.size() > kMaxListed)
        return {}; // too many to name: the pattern itself must do
    if (list.values.empty()) {
        m_range = {1, 0};
        return {};
    }
    term.index = column == "owner" ? "by_owner" : "by_internal";
    term.equality = list.values.size() == 1;
    list.sql = term.equality ? column + "=?" : column + " IN (" + list.sql + ")";
    term.drive = std::move(list);
    term.rest = {};
    if (term.equality)
        term.check = term.drive;
    return {};
}

void CatalogFilter::setDates(const RecordingFilter& filter)
{
    m_range = {1, kMaxKey};
    if (filter.year == 0)
        return;
    m_dated = true;
    m_oneDay = filter.month != 0 && filter.day != 0;
    const bool valid = filter.year >= 1900 && filter.year <= 2200 && filter.month >= 0 &&
                       filter.month <= 12 && (!m_oneDay || (filter.day >= 1 && filter.day <= 31));
    if (!valid) {
        m_range = {1, 0};
        return;
    }
    const auto month = static_cast<unsigned>(filter.month);
    std::int64_t first = 0, end = 0; // local midnights as if they were UTC [ms]
    if (filter.month == 0) {
        m_dates = {filter.year * 10'000LL, filter.year * 10'000LL + 9'999};
        first = msOfDate(filter.year, 1, 1);
        end = msOfDate(filter.year + 1, 1, 1);
    } else {
        const std::int64_t from = filter.year * 10'000LL + filter.month * 100LL;
        m_dates = m_oneDay ? KeyRange{from + filter.day, from + filter.day} : KeyRange{from, from + 99};
        first = msOfDate(filter.year, month, m_oneDay ? static_cast<unsigned>(filter.day) : 1);
        end = m_oneDay ? first + kMsPerDay
                       : msOfDate(filter.year + (month == 12 ? 1 : 0), month == 12 ? 1 : month + 1, 1);
    }
    // Local time is at most a day off UTC (localDate() sees to it).
    const auto keyOf = [](std::int64_t ms) {
        return std::clamp<std::int64_t>(ms, 0, kMaxMs + 1) << kSlotBits;
    };
    m_range = {std::max<std::int64_t>(1, keyOf(first - kMsPerDay)), keyOf(end + kMsPerDay) - 1};
    m_inner = {keyOf(first + kMsPerDay), keyOf(end - kMsPerDay) - 1};
}

Condition CatalogFilter::idRange(KeyRange range, const char* id) const
{
    return m_answered ? conditionOf(std::string(id) + " BETWEEN ? AND ?", {range.low, range.high})
                      : conditionOf(std::string(id) + " BETWEEN ? AND ?", {-range.high, -range.low});
}

Condition CatalogFilter::from(int driver, KeyRange range) const
{
    const Term* const driving = driver < 0 ? nullptr : &m_terms[static_cast<std::size_t>(driver)];
    Condition all = idRange(range, "id");
    std::string head = " FROM calls NOT INDEXED WHERE ";
    if (driving) {
        head = std::string(" FROM calls INDEXED BY ") + driving->index + " WHERE ";
        Condition first = driving->drive;
        append(first, all);
        append(first, driving->rest);
        all = std::move(first);
    }
    if (m_dated) {
        Condition date = conditionOf("date BETWEEN ? AND ?", {m_dates.low, m_dates.high});
        if (m_inner.low <= m_inner.high) {
            // Rows well inside need no look at the date, which an index does not have; `+` keeps SQLite from
            // making two searches of it.
            Condition either = idRange(m_inner, "+id");
            either.sql = "(" + either.sql + " OR " + date.sql + ")";
            either.values.insert(either.values.end(), date.values.begin(), date.values.end());
            date = std::move(either);
        }
        append(all, date);
    }
    for (const auto& term : m_terms)
        if (&term != driving)
            append(all, term.check);
    all.sql.insert(0, head);
    return all;
}

Result<std::int64_t> CatalogFilter::rowsInRange(store::Connection& connection) const
{
    auto query = connection.prepare("SELECT sum(n) FROM days WHERE answered=? AND day BETWEEN ? AND ?");
    if (!query)
        return query.error();
    query->bind(std::int64_t{m_answered}).bind(dayOfKey(m_range.low)).bind(dayOfKey(m_range.high));
    const auto row = query->next();
    if (!row)
        return row.error();
    return *row ? query->number(0) : std::int64_t{0};
}

Result<std::int64_t> CatalogFilter::countUpTo(store::Connection& connection, const Term& term,
                                              std::int64_t cap) const
{
    Condition bounded = term.drive;
    if (term.equality) // else the times lie mixed, and checking them could mean walking the whole index
        append(bounded, idRange(m_range, "id"));
    auto query = connection.prepare(std::string("SELECT count(*) FROM (SELECT 1 FROM calls INDEXED BY ") +
                                    term.index + " WHERE " + bounded.sql + " LIMIT ?)");
    if (!query)
        return query.error();
    bindAll(*query, bounded);
    query->bind(cap);
    const auto row = query->next();
    if (!row)
        return row.error();
    return *row ? query->number(0) : std::int64_t{0};
}

Result<int> CatalogFilter::driver(store::Connection& connection, Purpose purpose) const
{
    const bool alone = m_terms.size() == 1;
    if (alone && m_terms[0].index && (m_terms[0].equality || purpose == Purpose::Count))
        return 0; // the index alone answers, in time order where order matters
    int best = -1;
    std::int64_t rows = kCountCap;
    for (std::size_t i = 0; i < m_terms.size() && rows > 0; ++i) {
        if (!m_terms[i].index)
            continue;
        const auto found = countUpTo(connection, m_terms[i], rows);
        if (!found)
            return found.error();
        if (*found < rows) {
            rows = *found;
            best = static_cast<int>(i);
        }
    }
    if (best < 0 || alone)
        return best;
    const auto walk = rowsInRange(connection);
    if (!walk)
        return walk.error();
    return rows * kLookUpCost < *walk * kWalkCost ? best : -1;
}

} // namespace sr::archive
