// SPDX-License-Identifier: GPL-3.0-or-later
// Calls from interfaces while they run: a reading thread for each interface, one that tracks calls.
//
//   each interface: DeviceReader ---> PacketInbox ---> PacketMerger --> PacketDecoder --> CallTracker -->
//   sink
//                   (a thread each)                   (LivePass, on the tracking thread)
#pragma once

#include "core/capture/call_tracker.h"
#include "core/capture/device_reader.h"
#include "core/capture/live_log.h"

namespace sr::capture {

struct LiveOptions {
    std::vector<DeviceOptions> devices;
    ReadOptions read;
    bool waitForInterfaces = false; ///< one that is not there at the start is waited for, not an error
    LiveLog* log = nullptr;         ///< outlives the capture; null: a crash loses the calls that run
    Path copyTo;                    ///< everything that was captured, as pcap; empty: no copy
    std::uint64_t inboxBytes = 256U * 1024 * 1024; ///< of packets that the tracker has not looked at
    milliseconds retryEvery{1000};                 ///< how soon an interface that went away is looked for
};

struct LiveState {
    std::vector<InterfaceState> interfaces;
    std::vector<OpenCall> calls;
    CaptureStats stats;
};

/// What happens beside calls; from threads of the capture. Any of them may be empty.
struct LiveEvents {
    DeviceReader::Changed interfaceChanged;
    std::function<void(const OpenCall&)> callBegan;
    std::function<void(const Error&)> failed; ///< media is missing, or the copy ends; the capture goes on
};

/// Starts on construction of it by start(). Any thread.
class LiveCapture {
public:
    /// `sink` is called on the tracking thread, which must not wait long: what is captured meanwhile takes
    /// memory. Errors: all of CaptureErrc, with the interface's name, and those of the copy.
    static Result<std::unique_ptr<LiveCapture>> start(LiveOptions options, const DeviceOpener& opener,
                                                      const Clock& clock, CallSink sink, LiveEvents events);
    ~LiveCapture();
    LiveCapture(const LiveCapture&) = delete;
    LiveCapture& operator=(const LiveCapture&) = delete;

    LiveState state() const;
    /// Hands out the calls that are still open, marked as such, and ends. Idempotent.
    void stop();

private:
    class Impl;
    explicit LiveCapture(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::capture
