// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of a live capture reach the archive as they end, with their losses, and again after it was full.
#include "recorder/pipeline/capture_job.h"
#include "tests/support/capture_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_network.h"
#include "tests/unit/archive/archive_fixture.h"

#include <QTest>

using namespace sr;
using namespace sr::recorder;

namespace {

capture::PacketBatch call(const std::string& id, UtcTime start)
{
    test::CaptureBuilder builder;
    test::CallPlan plan = test::usualCall(start);
    plan.callId = id;
    plan.talkSeconds = 2;
    builder.addCall(plan);
    return test::batchOf(builder.pcap());
}

CaptureOptions options()
{
    CaptureOptions options;
    options.devices.resize(1);
    options.devices[0].interface = "eth0";
    options.retryEvery = milliseconds(1);
    return options;
}

struct Heard {
    std::atomic<int> recorded{0};
    std::atomic<int> failed{0};
    CaptureEvents events()
    {
        CaptureEvents events;
        events.recorded = [this](const CallOutcome&) { ++recorded; };
        events.failed = [this](const Error&) { ++failed; };
        return events;
    }
};

} // namespace

class TestCaptureJob : public QObject {
    Q_OBJECT
private slots:
    void callsAreArchivedWithWhereTheyCameFromAndWhatWasLost()
    {
        archive::test::Place place;
        auto archive = place.open();
        test::FakeNetwork network({"eth0"});
        const test::FakeClock clock(test::usualCall().start + seconds(300));
        Heard heard;
        auto job = CaptureJob::start(*archive, options(), network.opener(), clock, heard.events());
        QVERIFY(job);
        network.give("eth0", call("one", test::usualCall().start));
        network.give("eth0", call("two", test::usualCall().start + seconds(20)));
        QTRY_COMPARE_WITH_TIMEOUT(heard.recorded.load(), 2, 20'000);
        (*job)->stop();
        const CaptureState state = (*job)->state();
        QCOMPARE(state.recorded, std::uint64_t{2});
        QCOMPARE(state.waiting, std::uint64_t{0});
        QCOMPARE(state.unrecorded, std::uint64_t{0});
        const auto rows = archive->page({}, 0, 10);
        QCOMPARE(rows->size(), std::size_t{2});
        for (const archive::RecordingRow& row : *rows) {
            const auto recording = archive->recording(row.uid);
            QCOMPARE(recording->source, std::string("eth0"));
            QVERIFY(recording->droppedPackets == std::uint64_t{0});
            QVERIFY(archive->checkIntegrity(row.uid).valueOr(archive::Integrity::Unknown) ==
                    archive::Integrity::Original);
        }
    }

    void fullArchiveIsTriedAgain()
    {
        archive::test::Place place;
        std::atomic<int> refusals{7};
        auto archive =
            place.open(0, {[&](std::string_view) -> Status {
                           return refusals-- > 0 ? Status{fail(BaseErrc::DiskFull, "test")} : Status{};
                       }});
        refusals = 7;
        test::FakeNetwork network({"eth0"});
        const test::FakeClock clock(test::usualCall().start + seconds(300));
        Heard heard;
        auto job = CaptureJob::start(*archive, options(), network.opener(), clock, heard.events());
        network.give("eth0", call("one", test::usualCall().start));
        network.give("eth0", call("two", test::usualCall().start + seconds(20)));
        QTRY_COMPARE_WITH_TIMEOUT(heard.recorded.load(), 2, 20'000);
        QVERIFY(heard.failed.load() >= 1);
        (*job)->stop();
        QCOMPARE((*job)->state().unrecorded, std::uint64_t{0});
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{2});
        QVERIFY2(archive::test::findingsOf(*archive).empty(),
                 archive::test::told(archive::test::findingsOf(*archive)));
    }

    void whatAFullArchiveRefusedAtTheEndIsArchivedByTheNextCapture()
    {
        archive::test::Place place;
        std::atomic<bool> full{false};
        auto archive = place.open(0, {[&](std::string_view) -> Status {
                                      return full ? Status{fail(BaseErrc::DiskFull, "test")} : Status{};
                                  }});
        test::FakeNetwork network({"eth0"});
        const test::FakeClock clock(test::usualCall().start + seconds(300));
        Heard heard;
        CaptureOptions logged = options();
        logged.logDir = capture::liveLogDir(place.config(), archive->id());
        {
            auto job = CaptureJob::start(*archive, logged, network.opener(), clock, heard.events());
            network.give("eth0", call("archived", test::usualCall().start));
            QTRY_COMPARE_WITH_TIMEOUT(heard.recorded.load(), 1, 20'000);
            full = true;
            network.give("eth0", call("refused", test::usualCall().start + seconds(20)));
            (*job)->stop();
            QCOMPARE((*job)->state().unrecorded, std::uint64_t{1});
        }
        full = false;
        QCOMPARE(capture::deadLiveLogs(logged.logDir).size(), std::size_t{1});
        {
            auto job = CaptureJob::start(*archive, logged, network.opener(), clock, heard.events());
            QTRY_COMPARE_WITH_TIMEOUT(heard.recorded.load(), 2, 20'000);
            (*job)->stop();
            QCOMPARE((*job)->state().duplicates, std::uint64_t{0});
        }
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{2});
        QVERIFY(capture::deadLiveLogs(logged.logDir).empty());
        QVERIFY2(archive::test::findingsOf(*archive).empty(),
                 archive::test::told(archive::test::findingsOf(*archive)));
    }

    void endWithAFullArchiveSaysWhatIsLost_data()
    {
        QTest::addColumn<QByteArray>("from"); // the step from which on the disk is full
        QTest::addColumn<int>("completed");
        QTest::newRow("nothing begun") << QByteArray("job") << 0;
        QTest::newRow("begun, and completed by the last try") << QByteArray("sidecar") << 1;
    }
    void endWithAFullArchiveSaysWhatIsLost()
    {
        QFETCH(QByteArray, from);
        QFETCH(int, completed);
        archive::test::Place place;
        std::atomic<bool> full{false};
        auto archive = place.open(0, {[&](std::string_view step) -> Status {
                                      return full && step == std::string_view(from.constData())
                                                 ? Status{fail(BaseErrc::DiskFull, "test")}
                                                 : Status{};
                                  }});
        full = true;
        test::FakeNetwork network({"eth0"});
        const test::FakeClock clock(test::usualCall().start + seconds(300));
        Heard heard;
        auto job = CaptureJob::start(*archive, options(), network.opener(), clock, heard.events());
        network.give("eth0", call("one", test::usualCall().start));
        (*job)->stop();
        QCOMPARE((*job)->state().unrecorded, std::uint64_t(1 - completed));
        QVERIFY(heard.failed.load() >= 1);
        full = false;
        QVERIFY(archive::test::put(*archive, archive::test::callOf("next", test::usualCall().start)));
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t(1 + completed));
        archive.reset();
        archive = place.open();
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t(1 + completed));
        QVERIFY2(archive::test::findingsOf(*archive).empty(),
                 archive::test::told(archive::test::findingsOf(*archive)));
    }
};

QTEST_GUILESS_MAIN(TestCaptureJob)
#include "tst_capture_job.moc"
