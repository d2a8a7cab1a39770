// SPDX-License-Identifier: GPL-3.0-or-later
// Hands on every new state of the users, whoever changed them.
#pragma once

#include "core/pbx/directory_store.h"

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace sr::pbx {

/// Asks the database four times a second, on a thread of its own, which is joined on destruction. Commits of
/// this program on other threads count as well.
class DirectoryWatch {
public:
    /// Both are called on the watch's thread and may not destroy the watch.
    using Changed = std::function<void(const std::shared_ptr<const Directory>&)>;
    using Complain = std::function<void(const Error&)>;

    /// Returns with the first snapshot read. `changed` gets the later ones; `complain` hears of a trouble
    /// once, and the last snapshot stays until it is over. Errors: as DirectoryStore::open() and read().
    static Result<std::unique_ptr<DirectoryWatch>>
    start(const Path& configDir, const crypto::MachineSecrets& secrets, Changed changed, Complain complain);
    ~DirectoryWatch();
    DirectoryWatch(const DirectoryWatch&) = delete;
    DirectoryWatch& operator=(const DirectoryWatch&) = delete;

    /// The last snapshot, never null. Any thread, waits for no disk.
    std::shared_ptr<const Directory> latest() const;

private:
    DirectoryWatch(Changed changed, Complain complain);
    void run(const Path& configDir, const crypto::MachineSecrets& secrets, std::promise<Status> first);
    Status look(const DirectoryStore& store, std::int64_t& known);
    void follow(const DirectoryStore& store, std::int64_t known);
    void publish(std::shared_ptr<const Directory> directory);

    Changed m_changed;
    Complain m_complain;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_stopping = false;                   ///< under m_mutex
    std::shared_ptr<const Directory> m_latest; ///< under m_mutex
    std::thread m_thread;
};

} // namespace sr::pbx
