// SPDX-License-Identifier: GPL-3.0-or-later
// What a person sees of a live capture: a line for what happens and, on a terminal, a last line that is
// redrawn.
#pragma once

#include "recorder/pipeline/capture_job.h"

#include <condition_variable>
#include <mutex>

namespace sr::ctl {

/// Any thread.
class CaptureScreen {
public:
    /// `json`: outcomes are kept and printed as one object at the end.
    explicit CaptureScreen(bool json);

    void callBegan(const capture::OpenCall& call);
    void recorded(const recorder::CallOutcome& outcome);
    void interfaceChanged(const capture::InterfaceState& state);
    void failed(const Error& error);

    /// Redraws once a second, and tells of packets that were dropped, until stop().
    void watch(const recorder::CaptureJob& job);
    void stop();
    void finish(const recorder::CaptureState& state);

    /// `eth0: 2 calls, 14 recorded, 120331 packets, 0 dropped`
    static std::string line(const recorder::CaptureState& state);

private:
    void tell(const std::string& text);
    void draw(const std::string& text);
    void tellDrops(const recorder::CaptureState& state);

    const bool m_json;
    const bool m_terminal;
    std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::string m_line; ///< the last line as drawn
    recorder::ImportReport m_report;
    std::vector<std::uint64_t> m_dropped; ///< as told, by interface
};

} // namespace sr::ctl
