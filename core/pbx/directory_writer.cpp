// SPDX-License-Identifier: GPL-3.0-or-later
// A queue and one thread, whose database connection opens with the first change.
#include "core/pbx/directory_writer.h"

#include "core/store/store_errors.h"

namespace sr::pbx {

DirectoryWriter::DirectoryWriter(const Path& configDir, const crypto::MachineSecrets& secrets)
    : m_thread([this, configDir, secrets] { run(configDir, secrets); })
{}

DirectoryWriter::~DirectoryWriter()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void DirectoryWriter::write(Change change, Done done)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_waiting.size() < kMostWaiting) {
            m_waiting.emplace_back(std::move(change), std::move(done));
            m_wake.notify_one();
            return;
        }
    }
    done(fail(store::StoreErrc::Busy, "too many changes at once"));
}

void DirectoryWriter::run(const Path& configDir, const crypto::MachineSecrets& secrets)
{
    std::unique_ptr<DirectoryStore> store;
    while (true) {
        std::unique_lock lock(m_mutex);
        m_wake.wait(lock, [&] { return m_stopping || !m_waiting.empty(); });
        if (m_waiting.empty())
            return;
        const auto [change, done] = std::move(m_waiting.front());
        m_waiting.pop_front();
        lock.unlock();
        if (store == nullptr) {
            auto opened = DirectoryStore::open(configDir, secrets);
            if (!opened) {
                done(opened.error());
                continue;
            }
            store = std::move(*opened);
        }
        done(change(*store));
    }
}

} // namespace sr::pbx
