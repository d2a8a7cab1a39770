// SPDX-License-Identifier: GPL-3.0-or-later
// A bounded queue in front of a few threads: reading waits when recording cannot follow, so memory stays
// bounded. No Qt.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sr::recorder {

/// Jobs start in the order given and run in parallel. push() and drain() from one thread; jobs must not
/// throw.
class WorkQueue {
public:
    using Job = std::function<void()>;

    WorkQueue(unsigned threads, std::size_t capacity)
        : m_capacity(capacity)
    {
        for (unsigned i = 0; i < threads; ++i)
            m_threads.emplace_back([this] { run(); });
    }
    ~WorkQueue() { drain(); }
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    /// Waits while the queue is full.
    void push(Job job)
    {
        std::unique_lock lock(m_mutex);
        m_room.wait(lock, [this] { return m_jobs.size() < m_capacity; });
        m_jobs.push_back(std::move(job));
        m_work.notify_one();
    }

    /// Runs what is left and stops the threads. Idempotent.
    void drain()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_closed = true;
        }
        m_work.notify_all();
        m_threads.clear(); // joins
    }

private:
    void run()
    {
        for (;;) {
            Job job;
            {
                std::unique_lock lock(m_mutex);
                m_work.wait(lock, [this] { return m_closed || !m_jobs.empty(); });
                if (m_jobs.empty())
                    return;
                job = std::move(m_jobs.front());
                m_jobs.pop_front();
                m_room.notify_one();
            }
            job();
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_work;
    std::condition_variable m_room;
    std::deque<Job> m_jobs;
    std::size_t m_capacity;
    bool m_closed = false;
    std::vector<std::jthread> m_threads; // last: joined before the members above die
};

} // namespace sr::recorder
