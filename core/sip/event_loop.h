// SPDX-License-Identifier: GPL-3.0-or-later
// Runs Sofia's event loop, and lets messages come together while there are many. Internal to core/sip.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

extern "C" {
struct su_root_s;
}

namespace sr::sip {

/// Who is woken for each message wakes others for each answer, and between two of them Sofia, which waits in
/// whole milliseconds, turns round and round for what is left of one until the next timer. So while there are
/// many, the loop sleeps when it has read all of them, and what it sends leaves at once
/// (gathered_datagrams.h).
class EventLoop {
public:
    /// On the thread of `root`, which outlives it, and of the doors.
    explicit EventLoop(su_root_s* root)
        : m_root(root)
    {}

    /// Else it never does.
    void letSleep() { m_maySleep = true; }
    /// Runs `work` on the loop's thread, soon. Any thread. Lost if the loop ends first.
    void post(std::function<void()> work);
    /// From now on nothing is gathered: sockets are closed before the end.
    void beginToEnd();
    bool isEnding() const { return m_isEnding; }
    void run();                    ///< until end()
    void end() { m_ended = true; } ///< from within

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    bool isBusy();
    void takeAll();

    su_root_s* m_root;
    bool m_maySleep = false;
    bool m_isEnding = false;
    bool m_ended = false;
    TimePoint m_since{};         ///< when the messages were counted
    std::uint64_t m_counted = 0; ///< then
    bool m_isBusy = false;
    bool m_isLeft = false; ///< of what it sends
};

} // namespace sr::sip
