// SPDX-License-Identifier: GPL-3.0-or-later
// Interfaces that come and go, packets that are lost, and the end of a live capture.
#include "core/capture/live_capture.h"
#include "tests/support/capture_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_network.h"

#include <QTest>

using namespace sr;
using namespace sr::capture;

namespace {

/// Turned by the test, read by the capture's threads.
class SharedClock final : public Clock {
public:
    UtcTime utcNow() const override { return UtcTime(microseconds(m_now.load())); }
    std::chrono::steady_clock::time_point steadyNow() const override
    {
        return std::chrono::steady_clock::now();
    }
    void set(UtcTime now) { m_now = now.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> m_now{test::usualCall().start.time_since_epoch().count()};
};

/// What the capture told, from its threads.
struct Heard {
    std::mutex mutex;
    std::vector<CapturedCall> calls;
    std::vector<std::string> began;
    std::vector<InterfaceState> changes;
    std::size_t count()
    {
        const std::scoped_lock lock(mutex);
        return calls.size();
    }
    std::size_t changed()
    {
        const std::scoped_lock lock(mutex);
        return changes.size();
    }
};

struct Desk {
    test::FakeNetwork network{{"eth0", "eth1"}};
    SharedClock clock;
    Heard heard;

    Result<std::unique_ptr<LiveCapture>> start(const std::vector<std::string>& names, bool wait = false,
                                               std::uint64_t inboxBytes = LiveOptions{}.inboxBytes)
    {
        LiveOptions options;
        for (const std::string& name : names) {
            DeviceOptions device;
            device.interface = name;
            options.devices.push_back(device);
        }
        options.waitForInterfaces = wait;
        options.inboxBytes = inboxBytes;
        options.retryEvery = milliseconds(1);
        return LiveCapture::start(std::move(options), network.opener(), clock,
                                  [this](CapturedCall&& call) {
                                      const std::scoped_lock lock(heard.mutex);
                                      heard.calls.push_back(std::move(call));
                                  },
                                  {[this](const InterfaceState& state) {
                                       const std::scoped_lock lock(heard.mutex);
                                       heard.changes.push_back(state);
                                   },
                                   [this](const OpenCall& call) {
                                       const std::scoped_lock lock(heard.mutex);
                                       heard.began.push_back(call.caller + ">" + call.callee);
                                   },
                                   {}});
    }
};

PacketBatch call(const std::string& id, UtcTime start, double talk = 2)
{
    test::CaptureBuilder builder;
    test::CallPlan plan = test::usualCall(start);
    plan.callId = id;
    plan.talkSeconds = talk;
    builder.addCall(plan);
    return test::batchOf(builder.pcap());
}

} // namespace

class TestLiveCapture : public QObject {
    Q_OBJECT
private slots:
    void callsAreShownHandedOutAndClosedAtTheEnd()
    {
        Desk desk;
        auto live = desk.start({"eth0", "eth1"});
        QVERIFY(live);
        const UtcTime start = test::usualCall().start;
        desk.network.give("eth0", call("first", start));
        desk.clock.set(start + seconds(120));
        QTRY_COMPARE_WITH_TIMEOUT(desk.heard.count(), std::size_t{1}, 10'000);
        PacketBatch whole = call("second", start + seconds(130), 30);
        PacketBatch part;
        for (std::size_t i = 0; i < whole.size() / 2; ++i)
            part.add(whole.timeOf(i), whole.packet(i).bytes, whole.packet(i).originalLength,
                     whole.packet(i).linkType);
        const UtcTime cut = part.timeOf(part.size() - 1);
        desk.network.give("eth1", std::move(part));
        desk.clock.set(cut + seconds(1));
        QTRY_COMPARE_WITH_TIMEOUT((*live)->state().calls.size(), std::size_t{1}, 10'000);
        (*live)->stop();
        QCOMPARE(desk.heard.count(), std::size_t{2});
        QCOMPARE(desk.heard.calls[1].callId, std::string("second"));
        QVERIFY(desk.heard.calls[0].endSeen);
        QVERIFY(!desk.heard.calls[1].endSeen);
        QVERIFY(desk.heard.calls[1].flow.back().kind == FlowKind::Lost);
        QVERIFY(desk.heard.calls[0].droppedPackets == 0U);
        QCOMPARE(desk.heard.calls[0].files, std::vector<std::string>{"eth0, eth1"});
        QVERIFY(std::ranges::find(desk.heard.began, "24>0703173009") != desk.heard.began.end());
    }

    void packetsOnTheirWayAtTheEndAreNotLost()
    {
        Desk desk;
        auto live = desk.start({"eth0"});
        desk.network.give("eth0", call("one", test::usualCall().start));
        desk.network.give("eth0", call("two", test::usualCall().start + seconds(20)));
        (*live)->stop();
        QCOMPARE(desk.heard.count(), std::size_t{2});
        QCOMPARE((*live)->state().interfaces[0].packets, (*live)->state().stats.packets);
    }

    void interfaceThatWentAwayIsCapturedAgain()
    {
        Desk desk;
        auto live = desk.start({"eth0"});
        const UtcTime start = test::usualCall().start;
        desk.network.give("eth0", call("before", start));
        desk.network.setUp("eth0", false);
        QTRY_COMPARE_WITH_TIMEOUT(desk.heard.changed(), std::size_t{1}, 10'000);
        const InterfaceState gone = (*live)->state().interfaces[0];
        QVERIFY(!gone.up);
        QVERIFY(gone.trouble->code == CaptureErrc::Gone || gone.trouble->code == CaptureErrc::NoInterface);
        desk.network.setUp("eth0", true);
        QTRY_COMPARE_WITH_TIMEOUT(desk.heard.changed(), std::size_t{2}, 10'000);
        QVERIFY((*live)->state().interfaces[0].up);
        desk.network.give("eth0", call("after", start + seconds(30)));
        desk.clock.set(start + seconds(300));
        QTRY_COMPARE_WITH_TIMEOUT(desk.heard.count(), std::size_t{2}, 10'000);
        QCOMPARE(desk.network.opened("eth0"), 2);
    }

    void missingInterfaceIsAnErrorOrWaitedFor()
    {
        Desk desk;
        desk.network.setUp("eth1", false);
        const auto refused = desk.start({"eth0", "eth1"});
        QVERIFY(!refused);
        QVERIFY(refused.error().code == CaptureErrc::NoInterface);
        QVERIFY(refused.error().text().find("eth1") != std::string::npos);
        auto live = desk.start({"eth0", "eth1"}, true);
        QVERIFY(live);
        QVERIFY(!(*live)->state().interfaces[1].up);
        desk.network.setUp("eth1", true);
        QTRY_VERIFY_WITH_TIMEOUT((*live)->state().interfaces[1].up, 10'000);
    }

    void lossesOfTheKernelAreToldToTheCallsTheyFellInto()
    {
        Desk desk;
        auto live = desk.start({"eth0"});
        const UtcTime start = test::usualCall().start;
        desk.clock.set(start + seconds(2));
        desk.network.give("eth0", call("quiet", start - seconds(60)));
        QTRY_VERIFY_WITH_TIMEOUT((*live)->state().interfaces[0].packets > 0, 10'000);
        desk.network.drop("eth0", 17);
        desk.clock.set(start + seconds(4)); // counted with the next batch, within [2, 4]
        desk.network.give("eth0", call("lossy", start + seconds(1)));
        QTRY_COMPARE_WITH_TIMEOUT((*live)->state().interfaces[0].dropped, std::uint64_t{17}, 10'000);
        desk.clock.set(start + seconds(200));
        QTRY_COMPARE_WITH_TIMEOUT(desk.heard.count(), std::size_t{2}, 10'000);
        for (const CapturedCall& one : desk.heard.calls)
            QVERIFY(one.droppedPackets == (one.callId == "lossy" ? 17U : 0U));
    }

    void whatFindsNoRoomIsCounted()
    {
        Desk desk;
        auto live = desk.start({"eth0"}, false, 1000);
        desk.network.give("eth0", call("big", test::usualCall().start));
        QTRY_VERIFY_WITH_TIMEOUT((*live)->state().interfaces[0].dropped > 0, 10'000);
        (*live)->stop();
        const LiveState state = (*live)->state();
        QCOMPARE(state.interfaces[0].dropped, state.interfaces[0].packets);
        QCOMPARE(state.stats.packets, std::uint64_t{0});
    }
};

QTEST_GUILESS_MAIN(TestLiveCapture)
#include "tst_live_capture.moc"
