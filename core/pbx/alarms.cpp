// SPDX-License-Identifier: GPL-3.0-or-later
// What shall run stays on the control thread; the thread that sleeps knows numbers and times only.
#include "core/pbx/alarms.h"

namespace sr::pbx {

AlarmThread::AlarmThread(media::Executor post)
    : m_post(std::move(post))
    , m_thread([this] { run(); })
{}

AlarmThread::~AlarmThread()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

Alarms::Id AlarmThread::after(milliseconds delay, std::function<void()> what)
{
    const Id id = ++m_last;
    m_waiting->emplace(id, std::move(what));
    const Time due = std::chrono::steady_clock::now() + delay;
    bool first = false;
    {
        const std::scoped_lock lock(m_mutex);
        const auto at = m_due.emplace(due, id); // by itself: begin() may be asked before it otherwise
        first = at == m_due.begin();
        m_times.emplace(id, due);
    }
    if (first)
        m_wake.notify_one();
    return id;
}

void AlarmThread::cancel(Id id)
{
    m_waiting->erase(id);
    const std::scoped_lock lock(m_mutex);
    const auto time = m_times.find(id);
    if (time == m_times.end())
        return;
    auto [at, end] = m_due.equal_range(time->second);
    at = std::find_if(at, end, [id](const auto& one) { return one.second == id; });
    if (at != end)
        m_due.erase(at);
    m_times.erase(time);
}

void AlarmThread::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_stopping) {
        if (m_due.empty()) {
            m_wake.wait(lock);
            continue;
        }
        const auto [due, id] = *m_due.begin();
        if (std::chrono::steady_clock::now() < due) {
            m_wake.wait_until(lock, due);
            continue;
        }
        m_due.erase(m_due.begin());
        m_times.erase(id);
        lock.unlock();
        m_post([weak = std::weak_ptr(m_waiting), id = id] {
            const auto waiting = weak.lock();
            if (!waiting)
                return;
            if (auto node = waiting->extract(id))
                node.mapped()();
        });
        lock.lock();
    }
}

} // namespace sr::pbx
