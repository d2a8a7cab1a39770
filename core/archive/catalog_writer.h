// SPDX-License-Identifier: GPL-3.0-or-later
// One batch of changes to the catalog, inside the caller's write transaction.
#pragma once

#include "core/archive/catalog.h"
#include "core/store/database.h"

#include <map>
#include <tuple>

namespace sr::archive {

/// One thread; lives within one write transaction.
class CatalogWriter {
public:
    explicit CatalogWriter(store::Connection& connection)
        : m_connection(connection)
    {}
    /// Removals first, then rows, former names and positions; then counts and the revision. `completes`: the
    /// catalog now holds everything.
    Status apply(const Catalog::Batch& batch, bool completes);

private:
    struct Place {
        std::int64_t id = 0;
        std::int64_t date = 0;
        std::int64_t startUs = 0;
    };
    struct Neighbour {
        std::int64_t key = 0;
        std::int64_t startUs = 0;
        std::string uid;
    };
    Result<std::optional<Place>> placeOf(const std::string& uid);
    Status upsert(const RecordingRow& row);
    Status remove(const std::string& uid);
    Status addName(const std::string& stem, const std::string& uid);
    Status setPosition(const std::string& writer, std::uint64_t position);
    /// A free key that keeps the order among rows of the same millisecond, or 0 if the gap is used up.
    Result<std::int64_t> freeKey(const RecordingRow& row);
    Result<std::optional<Neighbour>> firstFrom(std::int64_t low, std::int64_t high, bool answered);
    Status spread(std::int64_t ms, bool answered);
    void countDay(std::int64_t id, std::int64_t date, std::int64_t change);
    Status writeDays();

    store::Connection& m_connection;
    std::map<std::tuple<int, std::int64_t, std::int64_t>, std::int64_t> m_days; ///< changes of `days`
};

} // namespace sr::archive
