// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog: a cache of all recordings for lists and filters, one per machine and archive id, never on a
// share. Rebuilt at will.
#pragma once

#include "core/archive/recording.h"
#include "core/base/file.h"

#include <map>
#include <memory>

namespace sr::archive {

/// How far the catalog has followed each journal: writer id to [octets].
using JournalPositions = std::map<std::string, std::uint64_t>;

/// SQLite on a local disk (WAL). Any thread: each call takes a connection of its thread. Several programs at
/// once.
class Catalog {
public:
    /// Opens or makes `<configDir>/catalog/<archiveId>.sqlite`. A newer or broken file is set aside and made
    /// anew (it is a cache): `mustRebuild()` then says so.
    static Result<std::unique_ptr<Catalog>> open(const Path& configDir, const std::string& archiveId);
    virtual ~Catalog() = default;
    /// The file is new, was set aside, or a rebuild never came to its end: no batch with positions or
    /// `complete` since open() or clear().
    virtual bool mustRebuild() const = 0;
    /// Why the former file was set aside, one English sentence; empty if it was not.
    virtual const std::string& notice() const = 0;

    /// Newest first by start (UTC), ties by uid ascending; oldestFirst is the exact reverse. Texts compare
    /// case-sensitively; years beyond 1970..2109 sort as these bounds. A page and its offset are of one
    /// moment.
    virtual Result<std::vector<RecordingRow>> page(const RecordingFilter& filter, std::uint64_t offset,
                                                   std::uint64_t limit) = 0;
    virtual Result<std::uint64_t> count(const RecordingFilter& filter) = 0; ///< exact
    virtual Result<std::vector<std::pair<int, int>>> months() = 0;          ///< (year, month), newest first
    virtual Result<std::optional<RecordingRow>> byUid(const std::string& uid) = 0;
    virtual Result<std::optional<RecordingRow>> byFile(const std::string& stem) = 0; ///< former names too
    virtual Result<std::vector<RecordingRow>>
    byGuid(const std::string& guid) = 0; ///< the uid and its `-n` suffixes

    /// All rows, removals, former names and positions in one transaction, durable on return.
    struct Batch {
        std::vector<RecordingRow> upserts;
        std::vector<std::pair<std::string, std::string>> formerNames; ///< former stem, uid
        std::vector<std::string> removals;                            ///< uids
        JournalPositions positions;
        bool complete = false; ///< the last batch of a reindex; so is any with positions while mustRebuild()
    };
    /// Removals first, so that a row which is also among the upserts stays.
    virtual Status apply(const Batch& batch) = 0;
    virtual Result<JournalPositions> positions() = 0;
    virtual Status clear() = 0; ///< before a reindex
};

} // namespace sr::archive
