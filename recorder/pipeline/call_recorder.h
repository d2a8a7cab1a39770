// SPDX-License-Identifier: GPL-3.0-or-later
// One captured call becomes what the archive keeps of it: recordings of at most four hours each, or a call
// record.
#pragma once

#include "recorder/pipeline/import_job.h"

namespace sr::recorder {

/// What became of a call. `duplicates` names recordings that were there already.
struct CallOutcome {
    std::vector<archive::RecordingRow> recordings;
    std::vector<archive::RecordingRow> unanswered;
    std::vector<std::string> duplicates;
    std::optional<Undecoded> undecoded;
    std::uint64_t earlyPackets = 0; ///< of an unanswered call: a recording starts at the answer
};

/// Any thread; one call at a time each. Nothing of a failed or cancelled part stays behind.
Result<CallOutcome> recordCall(archive::Archive& archive, const capture::CapturedCall& call,
                               const ImportOptions& options, const Progress& progress);

} // namespace sr::recorder
