// SPDX-License-Identifier: GPL-3.0-or-later
// Timers for what runs on the control thread, finer than its second.
#pragma once

#include "core/base/clock.h"
#include "core/media/port.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace sr::pbx {

/// Control thread.
class Alarms {
public:
    using Id = std::uint64_t; ///< 0: none

    virtual ~Alarms() = default;
    /// `what` runs on the control thread, once.
    virtual Id after(milliseconds delay, std::function<void()> what) = 0;
    /// It does not run any more. One that has run, or 0, is fine.
    virtual void cancel(Id id) = 0;
};

/// A thread that sleeps until the next one is due.
class AlarmThread final : public Alarms {
public:
    /// `post`: onto the control thread.
    explicit AlarmThread(media::Executor post);
    ~AlarmThread() override; ///< those that wait are forgotten
    AlarmThread(const AlarmThread&) = delete;
    AlarmThread& operator=(const AlarmThread&) = delete;

    Id after(milliseconds delay, std::function<void()> what) override;
    void cancel(Id id) override;

private:
    using Time = std::chrono::steady_clock::time_point;
    using Waiting = std::unordered_map<Id, std::function<void()>>;
    void run();

    media::Executor m_post;
    std::shared_ptr<Waiting> m_waiting = std::make_shared<Waiting>(); ///< the control thread's
    Id m_last = 0;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::multimap<Time, Id> m_due;          ///< under m_mutex
    std::unordered_map<Id, Time> m_times{}; ///< under m_mutex
    bool m_stopping = false;                ///< under m_mutex
    std::thread m_thread;
};

} // namespace sr::pbx
