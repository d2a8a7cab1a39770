// SPDX-License-Identifier: GPL-3.0-or-later
// A named thread that does jobs in order and hands each result back to the thread that asked.
#pragma once

#include <QObject>
#include <QPointer>
#include <QThread>

#include <functional>
#include <memory>
#include <type_traits>

namespace sr::player {

/// Lives on the main thread. Destroyed: the job at hand ends, the others never start, no answer arrives any
/// more.
class Worker {
public:
    explicit Worker(const QString& name);
    ~Worker();
    Q_DISABLE_COPY_MOVE(Worker)

    /// Main thread. `job` runs on the worker; `done(result)` on the main thread, unless `context` died.
    template <typename Job, typename Done>
    void run(QObject* context, Job job, Done done)
    {
        using Value = std::invoke_result_t<Job>;
        QPointer<QObject> alive(context);
        auto task = [this, alive, job = std::move(job), done = std::move(done)]() mutable {
            auto value = std::make_shared<Value>(job());
            QMetaObject::invokeMethod(
                &m_home,
                [alive, value, done = std::move(done)]() mutable {
                    if (alive)
                        done(std::move(*value));
                },
                Qt::QueuedConnection);
        };
        QMetaObject::invokeMethod(m_there.get(), std::move(task), Qt::QueuedConnection);
    }

private:
    QObject m_home; ///< answers arrive here, so that a context is only ever touched by its own thread
    QThread m_thread;
    std::unique_ptr<QObject> m_there;
};

} // namespace sr::player
