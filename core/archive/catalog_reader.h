// SPDX-License-Identifier: GPL-3.0-or-later
// Pages and counts of the catalog under a filter, each within one read transaction.
#pragma once

#include "core/archive/catalog_filter.h"
#include "core/archive/catalog_memory.h"

namespace sr::archive {

/// One thread; lives for one question. Opens no transaction itself: the caller holds one.
class CatalogReader {
public:
    CatalogReader(store::Connection& connection, CatalogMemory& memory)
        : m_connection(connection)
        , m_memory(memory)
    {}
    Result<std::vector<RecordingRow>> page(const RecordingFilter& filter, std::uint64_t offset,
                                           std::uint64_t limit);
    Result<std::uint64_t> count(const RecordingFilter& filter);

private:
    /// A stretch of the list: rows after `skip` within `range`, in this order.
    struct Stretch {
        KeyRange range;
        std::uint64_t offset = 0; ///< of its first row in the list
        std::uint64_t skip = 0;
        std::uint64_t limit = 0;
        bool oldestFirst = false;
    };
    /// Reads the revision, then the filter from memory or made anew.
    Result<CatalogMemory::Prepared> prepare(const RecordingFilter& filter);
    Result<std::uint64_t> countNow(const CatalogFilter& prepared);
    Result<Stretch> stretchFor(const RecordingFilter& filter, const CatalogFilter& prepared,
                               std::uint64_t offset, std::uint64_t limit, bool oldestFirst);
    Status seekByDays(const CatalogFilter& prepared, Stretch& stretch);
    Result<std::vector<RecordingRow>> read(const RecordingFilter& filter, const CatalogFilter& prepared,
                                           const Stretch& stretch);

    store::Connection& m_connection;
    CatalogMemory& m_memory;
    std::int64_t m_revision = 0;
};

} // namespace sr::archive
