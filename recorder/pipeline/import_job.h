// SPDX-License-Identifier: GPL-3.0-or-later
// Import: capture files in, sealed recordings out. Calls are decoded, encoded and committed by a small pool
// while reading goes on.
#pragma once

#include "core/archive/archive.h"
#include "core/capture/capture_reader.h"

#include <string>
#include <vector>

namespace sr::recorder {

enum class OutputFormat : std::uint8_t { Wav, Mp3, Mp3Mono, Mp3Internal, Mp3External, Pcap };
std::optional<OutputFormat> parseOutputFormat(std::string_view name); ///< `wav`, `mp3`, `mp3-mono`, ...

struct ImportOptions {
    OutputFormat format = OutputFormat::Wav;
    std::string internalPattern; ///< `*` and `?`; empty: decisions.md 2
    bool seal = false;
    bool alwaysG711 = false;
    std::vector<rtp::SrtpKey> srtpKeys;
    std::uint32_t maxCalls = capture::ReadOptions{}.maxCalls; ///< open at once
    std::uint32_t maxStreams = capture::ReadOptions{}.maxStreams;
    unsigned workers = 0; ///< 0: one per core, at most 8
};

/// A recorded call with packets that arrived but cannot be heard; counts of both parties together.
struct Undecoded {
    std::string uid;
    std::uint64_t packets = 0;
    std::uint64_t locked = 0;   ///< of these, encrypted ones that no key opens
    bool keptAsPackets = false; ///< a party could not be heard, so the packets themselves were archived
    std::string suite = {};     ///< of the locked ones, if it is none that we can decrypt
};

struct ImportReport {
    std::vector<archive::RecordingRow> recordings; ///< in the order of their ends
    std::vector<archive::RecordingRow> unanswered;
    std::vector<std::string> duplicates; ///< uids
    std::vector<Undecoded> undecoded;    ///< in the order of the recordings
    std::uint64_t earlyPackets = 0;      ///< RTP of unanswered calls, not kept
    std::vector<capture::FileError> errors;
    capture::CaptureStats stats;
};

/// Cancelled or disk full: the report holds what was done, `stopped` says why; running the same import again
/// completes it.
struct ImportOutcome {
    ImportReport report;
    std::optional<Error> stopped;
};
ImportOutcome importCaptures(archive::Archive& archive, const std::vector<Path>& files,
                             const ImportOptions& options, Progress& progress);

} // namespace sr::recorder
