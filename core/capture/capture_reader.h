// SPDX-License-Identifier: GPL-3.0-or-later
// From capture files to calls: reading, link layers, reassembly, SIP tracking, RTP collection behind one
// function.
#pragma once

#include "core/base/file.h"
#include "core/base/progress.h"
#include "core/capture/captured_call.h"

#include <functional>
#include <string>
#include <vector>

namespace sr::capture {

/// A file that could not be read to its end; what came before was used.
struct FileError {
    std::string file;
    std::uint64_t offset = 0; ///< [octets] where reading stopped
    Error error;
};

struct CaptureStats {
    std::uint64_t packets = 0;
    std::uint64_t sipMessages = 0;
    std::uint64_t rtpPackets = 0;
    std::uint64_t rtcpPackets = 0;
    std::uint64_t ignored = 0;        ///< of protocols we do not follow
    std::uint64_t refusedCalls = 0;   ///< not followed, because maxCalls were open; each counts once
    std::uint64_t refusedStreams = 0; ///< not kept, because maxStreams were open; each counts once
    std::uint64_t otherMedia = 0;     ///< RTP of video and the like of followed calls
    std::uint64_t lateRtp = 0;        ///< RTP that went on after the end of its call
    std::uint64_t strayRtp = 0;       ///< RTP of no call, too little to be one itself
    std::uint64_t misdated = 0;       ///< with a wrong time of capture, put in order
    std::uint64_t cut = 0;            ///< of which the capture kept only the beginning (snapshot length)
};

/// Sums of both.
CaptureStats& operator+=(CaptureStats& sum, const CaptureStats& more);

struct ReadOptions {
    Path spoolDir; ///< where media overflows to; must exist; empty: memory only (player)
    std::uint64_t spoolMemory = 64 * 1024 * 1024; ///< [octets] of media kept in memory before it overflows
    std::vector<rtp::SrtpKey> extraKeys;          ///< `--srtp-key`, tried after the SDP's own
    std::uint32_t maxCalls = 100'000;             ///< open at once; hostile captures are cut off, in words
    std::uint32_t maxStreams = 200'000;
    milliseconds linger{5000}; ///< how long after its end something of a call may come
};

/// Called as each call ends, in the order of their ends; streams stay readable while the call lives.
using CallSink = std::function<void(CapturedCall&&)>;

/// Reads the files in the order of their first packets, as one capture, so that one call may span several.
/// Progress counts octets of all files. A bad file goes to `errors` and the others are still read.
/// Cancelled: BaseErrc::Cancelled, after the calls that had ended were handed out.
Result<CaptureStats> readCaptures(const std::vector<Path>& files, const ReadOptions& options,
                                  Progress& progress, const CallSink& sink, std::vector<FileError>& errors);

/// The same for one pcap recording in memory or behind a seal; `name` serves messages and phone file names.
Result<CaptureStats> readCapture(ByteSource& source, const std::string& name, const ReadOptions& options,
                                 Progress& progress, const CallSink& sink, std::vector<FileError>& errors);

} // namespace sr::capture
