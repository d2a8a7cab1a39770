// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that sleeps is left alone: the log of a silent interface brings nothing to it.
#include "core/capture/live_log.h"
#include "tests/support/capture_builder.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::capture;

extern "C" long sr_fault_syncs(void); // tests/support/fault_preload.c, linked into this test

namespace {

const UtcTime kBegin{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};

void addMessage(LiveLog& log)
{
    static const std::string text = "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nContent-Length: 0\r\n\r\n";
    Datagram one;
    one.time = kBegin;
    one.from = *Endpoint::parse("192.0.2.1:5060");
    one.to = *Endpoint::parse("192.0.2.2:5060");
    one.payload = bytesOf(text);
    log.add(std::span(&one, 1));
}

long syncsOf(const std::function<Status()>& work)
{
    const long before = sr_fault_syncs();
    const Status done = work();
    return done ? sr_fault_syncs() - before : -1;
}

} // namespace

class TestLiveLogSyncs : public QObject {
    Q_OBJECT
private slots:
    void silence();
    void whatWasWritten();
    void newSegment();
};

void TestLiveLogSyncs::silence()
{
    const QTemporaryDir dir;
    const auto log = LiveLog::create(pathOf(dir.path().toStdString()) / "logs");
    QVERIFY(log);
    QCOMPARE(syncsOf([&] { return (*log)->sync(UtcTime::max()); }), 1L); // the header of the segment
    for (int second = 0; second < 100; ++second)
        QCOMPARE(syncsOf([&] { return (*log)->sync(UtcTime::max()); }), 0L);
}

/// By write() between two syncs or by the sync itself: once.
void TestLiveLogSyncs::whatWasWritten()
{
    const QTemporaryDir dir;
    const auto log = LiveLog::create(pathOf(dir.path().toStdString()) / "logs");
    QVERIFY(log && (*log)->sync(kBegin));
    addMessage(**log);
    QCOMPARE(syncsOf([&] { return (*log)->sync(kBegin); }), 1L);
    QCOMPARE(syncsOf([&] { return (*log)->sync(kBegin); }), 0L);
    addMessage(**log);
    QCOMPARE(syncsOf([&] { return (*log)->write(); }), 0L);
    QCOMPARE(syncsOf([&] { return (*log)->write(); }), 0L);
    QCOMPARE(syncsOf([&] { return (*log)->sync(kBegin); }), 1L);
    QCOMPARE(syncsOf([&] { return (*log)->sync(kBegin); }), 0L);
}

/// It is made and its header written, each brought to the disk.
void TestLiveLogSyncs::newSegment()
{
    const QTemporaryDir dir;
    const auto log = LiveLog::create(pathOf(dir.path().toStdString()) / "logs", 1);
    QVERIFY(log);
    QVERIFY(syncsOf([&] { return (*log)->sync(kBegin); }) > 1);
    QCOMPARE(syncsOf([&] { return (*log)->sync(kBegin); }) > 0, true);
}

QTEST_GUILESS_MAIN(TestLiveLogSyncs)
#include "tst_live_log_syncs.moc"
