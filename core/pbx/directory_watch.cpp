// SPDX-License-Identifier: GPL-3.0-or-later
// The database is opened, read and closed on the watch's thread: versions compare within one connection only.
#include "core/pbx/directory_watch.h"

namespace sr::pbx {
namespace {

constexpr std::chrono::milliseconds kLookEvery(250); // chosen: a changed password works before it is retried

} // namespace

DirectoryWatch::DirectoryWatch(Changed changed, Complain complain)
    : m_changed(std::move(changed))
    , m_complain(std::move(complain))
{}

DirectoryWatch::~DirectoryWatch()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

Result<std::unique_ptr<DirectoryWatch>> DirectoryWatch::start(const Path& configDir,
                                                              const crypto::MachineSecrets& secrets,
                                                              Changed changed, Complain complain)
{
    std::unique_ptr<DirectoryWatch> watch(new DirectoryWatch(std::move(changed), std::move(complain)));
    std::promise<Status> promise;
    auto first = promise.get_future();
    // The thread uses `secrets` before it keeps the promise only.
    watch->m_thread =
        std::thread([raw = watch.get(), configDir, &secrets, promise = std::move(promise)]() mutable {
            raw->run(configDir, secrets, std::move(promise));
        });
    if (const Status read = first.get(); !read)
        return read.error();
    return watch;
}

std::shared_ptr<const Directory> DirectoryWatch::latest() const
{
    const std::scoped_lock lock(m_mutex);
    return m_latest;
}

void DirectoryWatch::publish(std::shared_ptr<const Directory> directory)
{
    const std::scoped_lock lock(m_mutex);
    m_latest.swap(directory); // the old one goes after the lock
}

void DirectoryWatch::run(const Path& configDir, const crypto::MachineSecrets& secrets,
                         std::promise<Status> first)
{
    const auto store = DirectoryStore::open(configDir, secrets);
    if (!store)
        return first.set_value(store.error());
    std::int64_t known = -1; // SQLite's versions are positive
    const Status read = look(**store, known);
    first.set_value(read);
    if (read)
        follow(**store, known);
}

/// Reads if anything changed. The version is asked first: a commit in between is read twice rather than
/// never.
Status DirectoryWatch::look(const DirectoryStore& store, std::int64_t& known)
{
    const auto version = store.version();
    if (!version)
        return version.error();
    if (*version == known)
        return {};
    auto directory = store.read();
    if (!directory)
        return directory.error();
    const bool first = known < 0;
    known = *version;
    publish(*directory);
    if (!first)
        m_changed(*directory);
    return {};
}

void DirectoryWatch::follow(const DirectoryStore& store, std::int64_t known)
{
    std::error_code last;
    std::unique_lock lock(m_mutex);
    while (!m_wake.wait_for(lock, kLookEvery, [this] { return m_stopping; })) {
        lock.unlock();
        const Status looked = look(store, known);
        const std::error_code now = looked ? std::error_code() : looked.error().code;
        if (now && now != last) // once per trouble, not once per round
            m_complain(looked.error());
        last = now;
        lock.lock();
    }
}

} // namespace sr::pbx
