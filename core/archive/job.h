// SPDX-License-Identifier: GPL-3.0-or-later
// A job record in REC/<instance>: what was about to be done, so that whoever comes next can finish it.
#pragma once

#include "core/archive/sidecar.h"
#include "core/base/file.h"

#include <set>

namespace sr::archive {

enum class JobKind : std::uint8_t {
    Commit,  ///< a new recording or call record
    Convert, ///< new audio for an old recording
    Revise,  ///< a new sidecar for audio that stays
    Ring,    ///< keyring.sealed
};

struct Job {
    JobKind kind = JobKind::Commit;
    std::string uid;    ///< empty for Ring
    std::string staged; ///< finished audio beside the job; empty if none
    Bytes content;      ///< the sidecar, sealed, its place in the journal still open; or the sealed ring
};

std::string jobFile(const std::string& uid); ///< `<uid>.job`, `_ring.job` for none
/// Whole and on the disk, or not at all.
Status writeJob(const Path& instanceDir, const Job& job);
Result<Job> readJob(const Path& file); ///< BaseErrc::Malformed

/// uids with unfinished work in any instance folder.
std::set<std::string> openJobs(const Path& recDir);

} // namespace sr::archive
