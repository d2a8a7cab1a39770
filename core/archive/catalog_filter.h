// SPDX-License-Identifier: GPL-3.0-or-later
// A filter as SQL over `calls`: which range of keys, which conditions, which index drives.
#pragma once

#include "core/archive/recording.h"
#include "core/store/database.h"

#include <string>
#include <variant>
#include <vector>

namespace sr::archive {

using SqlValue = std::variant<std::int64_t, std::string>;

struct Condition {
    std::string sql; ///< empty: always true
    std::vector<SqlValue> values;
};

/// Keys (see catalog_key.h), both ends included; empty if low > high.
struct KeyRange {
    std::int64_t low = 0;
    std::int64_t high = 0;
};

/// One criterion that is not a date.
struct Term {
    const char* index = nullptr;  ///< that can find it; nullptr: none
    bool equality = false;        ///< the index then yields time order
    Condition drive;              ///< bounds the index
    Condition rest;               ///< what else to check on the index's own column
    Condition check;              ///< the whole criterion on a row of the table
    const char* listed = nullptr; ///< column of few different values, whose pattern expand() may resolve
    std::string pattern = {};     ///< for expand()
};

enum class Purpose { Page, Count };

/// A filter prepared for SQL. Const functions from any thread; those that take a connection on its thread.
class CatalogFilter {
public:
    /// BaseErrc::TooLarge for a pattern over 256 octets.
    static Result<CatalogFilter> of(const RecordingFilter& filter);
    /// Resolves patterns over internal numbers and owners, of which a house has hundreds, to the values there
    /// are now: an index then finds them. Holds until the data change.
    Status expand(store::Connection& connection);

    bool answered() const { return m_answered; }
    bool impossible() const { return m_range.low > m_range.high; } ///< no date is like that
    /// Only year and month or nothing at all: `days` knows the counts.
    bool countedByDays() const { return m_terms.empty() && !m_oneDay; }
    KeyRange range() const { return m_range; }
    KeyRange months() const { return {m_dates.low / 100, m_dates.high / 100}; } ///< yyyymm

    /// The quickest way for this data: index of the driving term in terms, or -1 to walk the table in time
    /// order.
    Result<int> driver(store::Connection& connection, Purpose purpose) const;
    /// ` FROM calls ... WHERE ...` restricted to `range`, with its values.
    Condition from(int driver, KeyRange range) const;

private:
    void addExact(const char* index, const char* column, const std::string& value);
    void addNumber(const char* index, const char* column, std::int64_t value);
    void addPattern(const char* index, const char* column, const std::string& pattern);
    void setDates(const RecordingFilter& filter);
    Status resolve(store::Connection& connection, Term& term);
    Result<std::int64_t> rowsInRange(store::Connection& connection) const;
    Result<std::int64_t> countUpTo(store::Connection& connection, const Term& term, std::int64_t cap) const;
    Condition idRange(KeyRange range, const char* id) const;

    bool m_answered = true;
    bool m_oneDay = false;
    KeyRange m_range;                ///< keys that can match
    KeyRange m_inner{1, 0};          ///< keys whose local date surely matches
    KeyRange m_dates{0, 99'999'999}; ///< local dates yyyymmdd
    bool m_dated = false;
    std::vector<Term> m_terms;
};

/// Binds in order.
void bindAll(store::Statement& statement, const Condition& condition);

} // namespace sr::archive
