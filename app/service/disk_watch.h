// SPDX-License-Identifier: GPL-3.0-or-later
// Looks after the room that is left where the archive is, on a thread of its own: a share that is away may
// let wait for minutes.
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace sr::service {

/// Starts on construction, which waits for the first look; stops on destruction.
class DiskWatch {
public:
    using Say = std::function<void(const std::string&)>;
    /// `clock` outlives it. Trouble and its end go to `say`, once each, from the watch's thread.
    DiskWatch(Path folder, const Clock& clock, Say say);
    ~DiskWatch();
    DiskWatch(const DiskWatch&) = delete;
    DiskWatch& operator=(const DiskWatch&) = delete;

    /// A tenth or more is free, and the disk has said so lately. Any thread, never waits.
    bool good() const;

private:
    void look();
    void run();
    const Path m_folder;
    const Clock& m_clock;
    const Say m_say;
    std::atomic<bool> m_room{true};
    std::atomic<std::chrono::steady_clock::rep> m_looked{0};
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::thread m_thread; // last: everything it uses stands above
};

} // namespace sr::service
