// SPDX-License-Identifier: GPL-3.0-or-later
// The PCAP converter (features R21): brings recordings of an archive into another format, resumable at any
// moment.
#pragma once

#include "recorder/pipeline/import_job.h"

namespace sr::recorder {

struct ConvertReport {
    std::uint64_t converted = 0;
    std::uint64_t skipped = 0;                         ///< already in that format, or MP3 that shall be WAV
    std::vector<std::pair<std::string, Error>> failed; ///< uid and why
};

/// Sealed stays sealed; clear is sealed only if `seal`. Progress counts recordings. MP3 is never turned back
/// into WAV; packets that are gone do not come back, so Pcap fails for every recording that is not pcap. One
/// that is not what was recorded stays and has failed (ArchiveErrc::Altered, CryptoErrc::Altered).
Result<ConvertReport> convertArchive(archive::Archive& archive, OutputFormat to, bool seal,
                                     Progress& progress);

} // namespace sr::recorder
