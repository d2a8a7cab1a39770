// SPDX-License-Identifier: GPL-3.0-or-later
// What a catalog learnt about recent filters while nothing changed: exact counts, the prepared filter with
// its quickest index, and places in the list from which the next page goes on instead of walking from its
// top.
#pragma once

#include "core/archive/catalog_filter.h"
#include "core/base/mutex.h"

#include <list>
#include <map>
#include <memory>

namespace sr::archive {

/// Row `offset - 1` of the list has `key`; the page at `offset` begins right after it.
struct Anchor {
    std::uint64_t offset = 0;
    std::int64_t key = 0; ///< 0: top of the list
};

/// Any thread. Holds for one revision of the data; a newer one empties it.
class CatalogMemory {
public:
    std::optional<std::uint64_t> count(const RecordingFilter& filter, std::int64_t revision);
    /// The nearest place at or before `offset` of the list read in that order.
    Anchor anchor(const RecordingFilter& filter, std::int64_t revision, bool oldestFirst,
                  std::uint64_t offset);
    using Prepared = std::shared_ptr<const CatalogFilter>;
    Prepared prepared(const RecordingFilter& filter, std::int64_t revision); ///< null: not known
    void keepPrepared(const RecordingFilter& filter, std::int64_t revision, Prepared prepared);
    std::optional<int> driver(const RecordingFilter& filter, std::int64_t revision); ///< of pages
    void keepDriver(const RecordingFilter& filter, std::int64_t revision, int driver);
    void keepCount(const RecordingFilter& filter, std::int64_t revision, std::uint64_t count);
    void keepAnchor(const RecordingFilter& filter, std::int64_t revision, bool oldestFirst, Anchor anchor);

private:
    struct Entry {
        RecordingFilter filter; ///< with oldestFirst = false
        std::optional<std::uint64_t> count;
        Prepared prepared;
        std::optional<int> driver;
        std::map<std::uint64_t, std::int64_t> anchors[2]; ///< [oldestFirst], offset to key
    };
    Entry& entry(const RecordingFilter& filter, std::int64_t revision);

    // entry() is called with the lock held, which the analysis cannot be told without one more macro in base;
    // so these two carry no SR_GUARDED_BY.
    Mutex m_mutex;
    std::int64_t m_revision = -1;
    std::list<Entry> m_entries; ///< the last used first
};

} // namespace sr::archive
