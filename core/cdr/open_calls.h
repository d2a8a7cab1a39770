// SPDX-License-Identifier: GPL-3.0-or-later
// Records of calls that are not over, kept on the disk so that a crash does not lose them.
//
//   <dir>/open   "<moment of writing [s] since 1970>\n", then a record on each line, behind what the times of
//                its events count from [s] since 1970 and a blank
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/cdr/call_data_record.h"

#include <memory>
#include <set>
#include <unordered_map>

namespace sr::cdr {

using SharedRecord = std::shared_ptr<const CallDataRecord>;

/// What an earlier program left in such a file, closed: `rel-to` with cause 41 (temporary failure) at the
/// moment when the file was written last, and the attribute `cut="true"`, for when it really ended is not
/// known. Nothing if there is no file, or none that can be read.
std::vector<SharedRecord> cutRecords(const Path& file);

/// The file. One thread at a time.
class OpenCalls {
public:
    explicit OpenCalls(Path file)
        : m_file(std::move(file))
    {}
    void replace(std::vector<SharedRecord> records);
    void remove(const std::set<std::string>& ids);
    bool empty() const { return m_records.empty(); }
    bool changed() const { return m_changed; }
    /// Atomically; no file if there are no records. Errors as writeFileAtomic().
    Status write(UtcTime now);

private:
    Path m_file;
    std::vector<SharedRecord> m_records;
    std::unordered_map<SharedRecord, std::string> m_xml; ///< of those that were written last
    bool m_changed = true;                               ///< the file of an earlier program may lie there
};

} // namespace sr::cdr
