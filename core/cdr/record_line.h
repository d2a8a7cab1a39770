// SPDX-License-Identifier: GPL-3.0-or-later
// How a record stands in our own files: behind what its times count from, for which XML has no place.
// Internal to core/cdr.
#pragma once

#include "core/cdr/call_data_record.h"

namespace sr::cdr {

struct RecordLine {
    std::int64_t base = 0; ///< CallDataRecord::base; 0 in files of former programs: utc
    std::string_view xml = {};
};

std::string lineOf(const CallDataRecord& record);
/// `xml` is a view into `line`, and may be none.
RecordLine readLine(std::string_view line);

} // namespace sr::cdr
