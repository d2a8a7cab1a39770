// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms of the real thread: each comes once, in time, unless it is cancelled.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/alarms.h"

#include <QTest>

#include <deque>
#include <mutex>

using namespace sr;
using namespace sr::pbx;

class TestAlarms : public QObject {
    Q_OBJECT

private slots:
    void theFirstOneWakesTheThread();
    void inTheirOrder();

private:
    struct Scene {
        Scene()
            : alarms([this](std::function<void()> what) {
                const std::scoped_lock lock(mutex);
                posted.push_back(std::move(what));
            })
        {}
        /// Runs what was posted, and tells what has come so far.
        QString told()
        {
            for (;;) {
                std::function<void()> what;
                {
                    const std::scoped_lock lock(mutex);
                    if (posted.empty())
                        return log;
                    what = std::move(posted.front());
                    posted.pop_front();
                }
                what();
            }
        }
        Alarms::Id after(int ms, QChar name)
        {
            return alarms.after(milliseconds(ms), [this, name] { log += name; });
        }
        std::mutex mutex;
        std::deque<std::function<void()>> posted;
        QString log;
        AlarmThread alarms;
    };
};

/// There was none before, and no other comes.
void TestAlarms::theFirstOneWakesTheThread()
{
    Scene scene;
    for (const QString& sofar : {QStringLiteral("a"), QStringLiteral("aa")}) {
        scene.after(1, u'a');
        QTRY_COMPARE(scene.told(), sofar);
    }
}

void TestAlarms::inTheirOrder()
{
    Scene scene;
    scene.after(3'600'000, u'z');
    scene.after(1000, u'b'); // further off than the machine stands still
    const Alarms::Id gone = scene.after(30, u'x');
    scene.after(1, u'a');
    scene.alarms.cancel(gone);
    scene.alarms.cancel(0);
    QTRY_COMPARE(scene.told(), QStringLiteral("ab"));
}

QTEST_GUILESS_MAIN(TestAlarms)
#include "tst_alarms.moc"
