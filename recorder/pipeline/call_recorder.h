// SPDX-License-Identifier: GPL-3.0-or-later
// One captured call becomes what the archive keeps of it: recordings of at most four hours each, or a call
// record.
#pragma once

#include "recorder/pipeline/import_job.h"

#include <array>

namespace sr::recorder {

/// What became of a call. `duplicates` names recordings that were there already.
struct CallOutcome {
    std::vector<archive::RecordingRow> recordings;
    std::vector<archive::RecordingRow> unanswered;
    std::vector<std::string> duplicates;
    std::optional<Undecoded> undecoded;
    std::uint64_t earlyPackets = 0; ///< of an unanswered call: a recording starts at the answer
};

/// Any thread. Nothing of a failed or cancelled part stays behind.
Result<CallOutcome> recordCall(archive::Archive& archive, const capture::CapturedCall& call,
                               const ImportOptions& options, const Progress& progress);

/// The same for two calls, in less time than one after the other (Draft::finishWith). What goes wrong with
/// one leaves the other alone.
std::array<Result<CallOutcome>, 2> recordTwoCalls(archive::Archive& archive,
                                                  const std::array<const capture::CapturedCall*, 2>& calls,
                                                  const ImportOptions& options, const Progress& progress);

} // namespace sr::recorder
