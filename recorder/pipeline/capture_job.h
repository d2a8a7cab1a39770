// SPDX-License-Identifier: GPL-3.0-or-later
// Live capture into the archive: each call is recorded by a pool as it ends, and tried again where the
// archive cannot take it.
#pragma once

#include "core/capture/live_capture.h"
#include "recorder/pipeline/call_recorder.h"

#include <functional>
#include <memory>

namespace sr::recorder {

struct CaptureOptions {
    std::vector<capture::DeviceOptions> devices;
    ImportOptions record; ///< what to keep, as of an import
    bool waitForInterfaces = false;
    bool isExchange = false; ///< it may be told that a call is not to be kept; nobody else may
    /// Where calls are kept until they are archived, so that a crash loses none; what a former capture left
    /// there is archived first. Local to the machine. Empty: nowhere.
    Path logDir;
    Path copyTo;                                         ///< all that was captured, as pcapng; empty: no copy
    milliseconds linger = capture::ReadOptions{}.linger; ///< after the end of a call, for what comes late
    milliseconds retryEvery{5000}; ///< a call that the archive refused (decisions.md 11)
};

struct CaptureState {
    std::vector<capture::InterfaceState> interfaces;
    std::vector<capture::OpenCall> calls; ///< running now
    capture::CaptureStats stats;
    std::uint64_t recorded = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t waiting = 0;    ///< ended, not in the archive yet
    std::uint64_t unrecorded = 0; ///< given up; each was told by CaptureEvents::failed
};

/// Told from threads of the job, several at once. Any of them may be empty.
struct CaptureEvents {
    std::function<void(const CallOutcome&)> recorded;
    std::function<void(const capture::OpenCall&)> callBegan;
    std::function<void(const capture::InterfaceState&)> interfaceChanged;
    std::function<void(const Error&)> failed; ///< the context names the call; it is tried again, or given up
};

/// Any thread but for stop().
class CaptureJob {
public:
    /// `archive`, `clock` outlive it. Errors: as capture::LiveCapture::start().
    static Result<std::unique_ptr<CaptureJob>> start(archive::Archive& archive, CaptureOptions options,
                                                     const capture::DeviceOpener& opener, const Clock& clock,
                                                     CaptureEvents events);
    ~CaptureJob();
    CaptureJob(const CaptureJob&) = delete;
    CaptureJob& operator=(const CaptureJob&) = delete;

    CaptureState state() const;
    /// Closes the calls that run, records what is left and returns. Once more for what the archive refuses,
    /// then such calls are given up. Idempotent; one thread.
    void stop();

private:
    class Impl;
    explicit CaptureJob(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::recorder
