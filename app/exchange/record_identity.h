// SPDX-License-Identifier: GPL-3.0-or-later
// How this exchange is called in its call data records, and by which clock on the wall.
#pragma once

#include "core/pbx/call_records.h"

namespace sr::exchange {

struct RecordNames {
    std::string system = {};   ///< `sys` of a record
    std::string name = {};     ///< `pbx` of a record
    std::string timeZone = {}; ///< of `local`, IANA; empty: the machine's
};

/// BaseErrc::Malformed: this machine does not know the zone. Where it does not know its own either, records
/// have UTC.
Result<pbx::CallRecords::Identity> identityOf(const RecordNames& names);

} // namespace sr::exchange
