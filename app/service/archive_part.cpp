// SPDX-License-Identifier: GPL-3.0-or-later
// Every few seconds the journals are followed, so that a person's list is fresh without asking the disk
// itself.
#include "app/service/archive_part.h"

namespace sr::service {
namespace {

constexpr seconds kFollowEvery(5); // decisions.md 11: one poll interval everywhere

} // namespace

ArchivePart::ArchivePart(archive::Archive& archive, Complain complain)
    : m_archive(archive)
    , m_complain(std::move(complain))
    , m_thread([this] { run(); })
{}

ArchivePart::~ArchivePart()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

void ArchivePart::run()
{
    std::error_code last;
    std::unique_lock lock(m_mutex);
    while (!m_stopping) {
        lock.unlock();
        const auto followed = m_archive.catchUp();
        const std::error_code now = followed ? std::error_code() : followed.error().code;
        if (now && now != last) // once per trouble, not once per round
            m_complain(followed.error());
        last = now;
        lock.lock();
        m_wake.wait_for(lock, kFollowEvery, [this] { return m_stopping; });
    }
}

} // namespace sr::service
