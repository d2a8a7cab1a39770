// SPDX-License-Identifier: GPL-3.0-or-later
// Changes of objects that telephones order, done on a thread that may wait for the disk.
#pragma once

#include "core/pbx/directory_store.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sr::pbx {

/// Its end finishes what was ordered.
class DirectoryWriter {
public:
    using Change = std::function<Status(DirectoryStore&)>;
    using Done = std::function<void(const Status&)>; ///< on the writer's thread
    static constexpr std::size_t kMostWaiting = 256; ///< more are refused with StoreErrc::Busy, at once

    DirectoryWriter(const Path& configDir, const crypto::MachineSecrets& secrets);
    ~DirectoryWriter();
    DirectoryWriter(const DirectoryWriter&) = delete;
    DirectoryWriter& operator=(const DirectoryWriter&) = delete;

    /// One after the other. Any thread, does not wait. `done` hears the change's word, or why the database
    /// cannot be opened.
    void write(Change change, Done done);

private:
    void run(const Path& configDir, const crypto::MachineSecrets& secrets);

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::pair<Change, Done>> m_waiting; ///< under m_mutex
    bool m_stopping = false;                       ///< under m_mutex
    std::thread m_thread;
};

} // namespace sr::pbx
