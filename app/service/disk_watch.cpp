// SPDX-License-Identifier: GPL-3.0-or-later
// The reporting alarm's limit (features.md C10) is the disk lamp's too: 10 % left.
#include "app/service/disk_watch.h"

namespace sr::service {
namespace {

constexpr seconds kLookEvery(5); // decisions.md 11: one poll interval everywhere
constexpr seconds kStale(30);    // chosen: some looks late is a slow share, this is a dead one
constexpr std::uintmax_t kLeastPart = 10;

} // namespace

DiskWatch::DiskWatch(Path folder, const Clock& clock, Say say)
    : m_folder(std::move(folder))
    , m_clock(clock)
    , m_say(std::move(say))
{
    look();
    m_thread = std::thread([this] { run(); });
}

DiskWatch::~DiskWatch()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

bool DiskWatch::good() const
{
    const auto age = m_clock.steadyNow().time_since_epoch() - std::chrono::steady_clock::duration(m_looked);
    return m_room && age < kStale;
}

void DiskWatch::look()
{
    std::error_code code;
    const auto space = std::filesystem::space(m_folder, code);
    const bool there = !code && isFolder(m_folder); // Windows also tells the room beside a missing folder
    // Of what this user may use, as df(1) counts: some octets are kept for root.
    const std::uintmax_t usable = space.capacity - space.free + space.available;
    const bool room = there && space.available >= usable / kLeastPart;
    if (room != m_room)
        m_say(utf8Of(m_folder) + (room    ? ": there is room again"
                                  : there ? ": less than 10 % of the disk is free"
                                          : ": the room that is left cannot be told"));
    m_room = room;
    m_looked = m_clock.steadyNow().time_since_epoch().count();
}

void DiskWatch::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_wake.wait_for(lock, kLookEvery, [this] { return m_stopping; })) {
        lock.unlock();
        look();
        lock.lock();
    }
}

} // namespace sr::service
