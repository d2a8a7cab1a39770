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

/// Of a queue, as the exchange tells it; without an end it still runs.
capture::PacketBatch provisionalCall(const std::string& id, UtcTime start, bool kept, bool ends)
{
    test::CaptureBuilder plain;
    test::CallPlan plan = test::usualCall(start);
    plan.callId = id;
    plan.talkSeconds = 2;
    plan.caller.media.port = 4100;
    plan.callee.media.port = 20100;
    plain.addCall(plan);
    test::CaptureBuilder builder;
    plain.visit([&](UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload) {
        std::string text(textOf(payload));
        const auto say = [&](std::string_view method, std::string_view word) {
            if (text.starts_with(method))
                text.insert(text.find("\r\n"), "\r\nSwitchroom-Recording: " + std::string(word));
        };
        say("INVITE ", "provisional");
        if (kept)
            say("ACK ", "kept");
        if (ends || text.find(" BYE\r\n") == std::string::npos)
            builder.addText(time, from, to, text);
    });
    return test::batchOf(builder.pcap());
}

/// All that the capture has written so far.
std::string loggedIn(const Path& parent)
{
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(parent))
        if (entry.path().extension() == ".pcap")
            all += textOf(readFile(entry.path(), std::uint64_t{1} << 30U).valueOr({}));
    return all;
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

    /// By the exchange alone: a phone may not keep its calls from being recorded.
    void aProvisionalCallIsThrownAwayUnlessKept_data()
    {
        QTest::addColumn<bool>("isExchange");
        QTest::addColumn<bool>("kept");
        QTest::addColumn<int>("recorded");
        QTest::newRow("kept") << true << true << 2;
        QTest::newRow("not kept") << true << false << 1;
        QTest::newRow("of somebody else") << false << false << 2;
    }
    void aProvisionalCallIsThrownAwayUnlessKept()
    {
        QFETCH(bool, isExchange);
        QFETCH(bool, kept);
        QFETCH(int, recorded);
        archive::test::Place place;
        auto archive = place.open();
        test::FakeNetwork network({"eth0"});
        const test::FakeClock clock(test::usualCall().start + seconds(300));
        Heard heard;
        CaptureOptions logged = options();
        logged.isExchange = isExchange;
        logged.logDir = capture::liveLogDir(place.config(), archive->id());
        auto job = CaptureJob::start(*archive, logged, network.opener(), clock, heard.events());
        network.give("eth0", provisionalCall("waits", test::usualCall().start, kept, true));
        network.give("eth0", call("other", test::usualCall().start + seconds(20)));
        QTRY_COMPARE_WITH_TIMEOUT(heard.recorded.load(), recorded, 20'000);
        (*job)->stop();
        QCOMPARE(archive->count({}).valueOr(0), static_cast<std::uint64_t>(recorded));
        QCOMPARE((*job)->state().waiting, std::uint64_t{0});
        job->reset();
        QVERIFY(std::filesystem::is_empty(logged.logDir)); // nothing is left of it
    }

    void aProvisionalCallDoesNotComeBackAfterACrash_data()
    {
        QTest::addColumn<bool>("kept");
        QTest::addColumn<int>("recorded");
        QTest::newRow("kept") << true << 2;
        QTest::newRow("not kept") << false << 1;
    }
    void aProvisionalCallDoesNotComeBackAfterACrash()
    {
        QFETCH(bool, kept);
        QFETCH(int, recorded);
        archive::test::Place place;
        std::atomic<bool> full{false};
        auto archive = place.open(0, {[&](std::string_view) -> Status {
                                      return full ? Status{fail(BaseErrc::DiskFull, "test")} : Status{};
                                  }});
        test::FakeNetwork network({"eth0"});
        const test::FakeClock clock(test::usualCall().start + seconds(300));
        Heard heard;
        CaptureOptions logged = options();
        logged.isExchange = true;
        logged.logDir = place.config() / "log";
        auto job = CaptureJob::start(*archive, logged, network.opener(), clock, heard.events());
        full = true; // it dies before anything is archived
        network.give("eth0", provisionalCall("waits", test::usualCall().start, kept, false));
        network.give("eth0", call("other", test::usualCall().start + seconds(20)));
        QTRY_VERIFY_WITH_TIMEOUT(loggedIn(logged.logDir).find(" BYE\r\n") != std::string::npos, 20'000);
        const Path left = place.config() / "left"; // as a process that was killed leaves it
        std::filesystem::copy(logged.logDir, left, std::filesystem::copy_options::recursive);
        (*job)->stop();

        const archive::test::Place after;
        auto next = after.open();
        Heard again;
        logged.logDir = left;
        auto recovery = CaptureJob::start(*next, logged, network.opener(), clock, again.events());
        QTRY_COMPARE_WITH_TIMEOUT(again.recorded.load(), recorded, 20'000);
        (*recovery)->stop();
        QCOMPARE(next->count({}).valueOr(0), static_cast<std::uint64_t>(recorded));
        recovery->reset();
        QVERIFY(std::filesystem::is_empty(left));
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
