// SPDX-License-Identifier: GPL-3.0-or-later
// Mutex that clang's thread-safety analysis understands; members it protects carry SR_GUARDED_BY.
#pragma once

#include <mutex>

#if defined(__clang__)
#define SR_THREAD_ATTR(x) __attribute__((x))
#else
#define SR_THREAD_ATTR(x)
#endif
#define SR_CAPABILITY(x) SR_THREAD_ATTR(capability(x))
#define SR_SCOPED_CAPABILITY SR_THREAD_ATTR(scoped_lockable)
#define SR_GUARDED_BY(x) SR_THREAD_ATTR(guarded_by(x))
#define SR_ACQUIRE(...) SR_THREAD_ATTR(acquire_capability(__VA_ARGS__))
#define SR_RELEASE(...) SR_THREAD_ATTR(release_capability(__VA_ARGS__))

namespace sr {

class SR_CAPABILITY("mutex") Mutex {
public:
    void lock() SR_ACQUIRE() { m_mutex.lock(); }
    void unlock() SR_RELEASE() { m_mutex.unlock(); }

private:
    std::mutex m_mutex;
};

class SR_SCOPED_CAPABILITY MutexLock {
public:
    explicit MutexLock(Mutex& mutex) SR_ACQUIRE(mutex)
        : m_mutex(mutex)
    {
        m_mutex.lock();
    }
    ~MutexLock() SR_RELEASE() { m_mutex.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

private:
    Mutex& m_mutex;
};

} // namespace sr
