// SPDX-License-Identifier: GPL-3.0-or-later
// A capture dies at any moment: what was not archived comes back, what was archived does not, and the disk
// holds little more than the calls that run.
#include "core/capture/live_log.h"
#include "core/capture/live_log_done.h"
#include "core/capture/live_pass.h"
#include "tests/support/capture_builder.h"
#include "tests/support/fake_network.h"

#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <random>

using namespace sr;
using namespace sr::capture;

namespace {

constexpr int kCalls = 30;

Path in(const QTemporaryDir& dir, const char* name)
{
    return pathOf(dir.path().toStdString()) / name;
}

/// Calls that overlap; every third has no signalling.
PacketBatch scene()
{
    test::CaptureBuilder builder;
    for (int i = 0; i < kCalls; ++i) {
        test::CallPlan plan = test::usualCall(test::usualCall().start + seconds(4 * i));
        plan.callId = "log-" + std::to_string(i);
        plan.talkSeconds = 3 + i % 7 * 4;
        plan.caller.media.port = static_cast<std::uint16_t>(4000 + 2 * (i % 8)); // ports come again
        plan.callee.media.port = static_cast<std::uint16_t>(20'000 + 2 * i);
        test::CaptureBuilder one;
        one.addCall(plan);
        one.visit([&](UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload) {
            if (i % 3 != 2 || from.port != plan.caller.sip.port)
                builder.add(time, from, to, payload);
        });
    }
    return test::batchOf(builder.pcap());
}

/// What tells a call, and how much of it there is.
std::string nameOf(const CapturedCall& call)
{
    std::string name = call.callId;
    for (const CallStream& stream : call.streams)
        if (call.callId.empty())
            name += stream.rtp.from.toString() + ">" + stream.rtp.to.toString() + "/" +
                    std::to_string(stream.rtp.first.time_since_epoch().count());
    return name;
}

std::uint64_t packetsOf(const CapturedCall& call)
{
    std::uint64_t packets = 0;
    for (const CallStream& stream : call.streams)
        packets += stream.rtp.packets;
    return packets;
}

using Calls = std::map<std::string, std::uint64_t>; ///< packets by name

LivePass::Options optionsWith(LiveLog* log)
{
    LivePass::Options options;
    options.source = "eth0";
    options.log = log;
    return options;
}

/// Captures the first `count` packets, a second of them at a time, and dies. `archive` says whether a call
/// that ends is archived at once.
void captureSome(const PacketBatch& all, std::size_t count, LiveLog& log, Calls& archived,
                 const std::function<bool()>& archive)
{
    LivePass pass(optionsWith(&log), [&](CapturedCall&& call) {
        log.handedOut(call);
        if (!archive())
            return;
        archived[nameOf(call)] = packetsOf(call);
        log.archived(call);
    });
    PacketBatch some;
    for (std::size_t i = 0; i < count; ++i) {
        const CapturedPacket packet = all.packet(i);
        some.add(packet.time, packet.bytes, packet.originalLength, packet.linkType);
        if (i + 1 < count && all.timeOf(i + 1) - some.timeOf(0) < seconds(1))
            continue;
        pass.add(0, std::exchange(some, PacketBatch{}));
        pass.advance(packet.time);
    }
}

Calls recovered(const Path& dir)
{
    Calls calls;
    const Status read = recoverLiveLog(dir, {}, [&](CapturedCall&& call) {
        QVERIFY(!calls.contains(nameOf(call)));
        calls[nameOf(call)] = packetsOf(call);
    });
    if (!read)
        qFatal("%s", read.error().text().c_str());
    return calls;
}

Calls imported(const PacketBatch& all, std::size_t count)
{
    Calls calls;
    LivePass pass(optionsWith(nullptr), [&](CapturedCall&& call) { calls[nameOf(call)] = packetsOf(call); });
    PacketBatch some;
    for (std::size_t i = 0; i < count; ++i)
        some.add(all.timeOf(i), all.packet(i).bytes, all.packet(i).originalLength, all.packet(i).linkType);
    pass.add(0, std::move(some));
    pass.advance(all.timeOf(count - 1));
    pass.finish();
    return calls;
}

std::size_t segmentsIn(const Path& dir)
{
    std::size_t count = 0;
    for (const DirEntry& entry : listDir(dir).valueOr({}))
        count += entry.name.starts_with("live-") ? 1 : 0;
    return count;
}

} // namespace

class TestLiveLog : public QObject {
    Q_OBJECT
private slots:
    void deathAtAnyMomentLosesNoCallAndBringsNoneTwice_data()
    {
        QTest::addColumn<int>("segment"); // [octets]
        QTest::addColumn<int>("refused"); // one of so many calls is not archived at once
        QTest::newRow("one segment, all archived") << 1'000'000'000 << 0;
        QTest::newRow("small segments, all archived") << 40'000 << 0;
        QTest::newRow("small segments, every second call archived") << 40'000 << 2;
    }
    void deathAtAnyMomentLosesNoCallAndBringsNoneTwice()
    {
        QFETCH(int, segment);
        QFETCH(int, refused);
        const PacketBatch all = scene();
        std::mt19937 random(11);
        std::size_t trimmed = 0;
        for (int trial = 0; trial < 10; ++trial) {
            const std::size_t count = 200 + random() % (all.size() - 200);
            const QTemporaryDir dir;
            Calls archived;
            int ended = 0;
            auto log = LiveLog::create(in(dir, "logs"), std::uint64_t(segment));
            QVERIFY(log);
            captureSome(all, count, **log, archived, [&] { return refused == 0 || ++ended % refused != 0; });
            QVERIFY(deadLiveLogs(in(dir, "logs")).empty()); // it lives
            std::filesystem::copy(in(dir, "logs"), in(dir, "dead"), std::filesystem::copy_options::recursive);
            const auto dead = deadLiveLogs(in(dir, "dead"));
            QCOMPARE(dead.size(), std::size_t{1});
            trimmed += fileExists(dead[0] / "live-000000000001.pcap") ? 0 : 1;
            Calls both = recovered(dead[0]);
            std::size_t again = 0;
            for (const auto& [name, packets] : archived) {
                const bool fresh = both.emplace(name, packets).second;
                QVERIFY2(fresh || both[name] == packets, (name + " came back in part").c_str());
                again += fresh ? 0 : 1;
            }
            QVERIFY(again <= 2); // archived in the last second; whole, so that it is known as a duplicate
            QVERIFY(both == imported(all, count));
        }
        QCOMPARE(trimmed > 1, segment < 1'000'000 && refused == 0);
    }

    void diskHoldsLittleMoreThanTheCallsThatRun()
    {
        const PacketBatch all = scene();
        const QTemporaryDir dir;
        Calls archived;
        auto log = LiveLog::create(in(dir, "logs"), 40'000);
        captureSome(all, all.size(), **log, archived, [] { return true; });
        const Path folder = in(dir, "logs") / pathOf(listDir(in(dir, "logs"))->front().name);
        QVERIFY(archived.size() > kCalls / 2);
        std::string last;
        const auto entries = listDir(folder);
        for (const DirEntry& entry : *entries)
            last = entry.name.starts_with("live-") ? std::max(last, entry.name) : last;
        // A segment a second; what had no signalling is known to be over after a minute's silence.
        QVERIFY2(segmentsIn(folder) < std::stoul(last.substr(5)) * 9 / 10,
                 (std::to_string(segmentsIn(folder)) + " before " + last).c_str());
        std::uint64_t lists = 0;
        for (const DirEntry& entry : *entries)
            lists += entry.name.starts_with("done-")
                         ? readFile(folder / pathOf(entry.name), 1'000'000)->size()
                         : 0;
        QVERIFY2(lists > 0 && lists < 10'000, std::to_string(lists).c_str());
    }

    void folderGoesWithACleanEndOnly()
    {
        const PacketBatch all = scene();
        for (const bool archive : {true, false}) {
            const QTemporaryDir dir;
            {
                auto log = LiveLog::create(in(dir, "logs"));
                LivePass pass(optionsWith(log->get()), [&](CapturedCall&& call) {
                    (*log)->handedOut(call);
                    if (archive || call.callId != "log-4")
                        (*log)->archived(call);
                });
                PacketBatch whole;
                for (std::size_t i = 0; i < all.size(); ++i)
                    whole.add(all.timeOf(i), all.packet(i).bytes, all.packet(i).originalLength,
                              all.packet(i).linkType);
                pass.add(0, std::move(whole));
                pass.advance(all.timeOf(all.size() - 1));
                pass.finish();
            }
            const auto dead = deadLiveLogs(in(dir, "logs"));
            QCOMPARE(dead.size(), std::size_t(archive ? 0 : 1));
            if (!archive) {
                const Calls calls = recovered(dead[0]);
                QCOMPARE(calls.size(), std::size_t{1});
                QCOMPARE(calls.begin()->first, std::string("log-4"));
            }
        }
    }

    void damagedListIsPassedOver()
    {
        struct Count final : DatagramSink {
            void take(const Datagram&) override { ++count; }
            int count = 0;
        };
        CapturedCall call;
        call.callId = "a b\nc";
        call.ended = UtcTime(seconds(100));
        const std::string line = doneLine(call);
        const std::string invite = "INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: "
                                   "<sip:2@x>;tag=1\r\nTo: <sip:1@x>\r\nCall-ID: ";
        const auto passes = [&](const std::string& list, const std::string& id, int at) {
            Count count;
            DoneFilter filter(count);
            filter.add(list);
            const std::string text = invite + id + "\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
            Datagram datagram;
            datagram.time = UtcTime(seconds(at));
            datagram.payload = bytesOf(text);
            filter.take(datagram);
            return count.count == 1;
        };
        call.callId = "one@x";
        const std::string good = doneLine(call);
        QVERIFY(!passes(good, "one@x", 99));
        QVERIFY(!passes(good, "one@x", 160)); // a straggler
        QVERIFY(passes(good, "one@x", 170));  // the same Call-ID again
        QVERIFY(passes(good, "two@x", 99));
        QVERIFY(passes(good.substr(0, good.size() - 1), "one@x", 99)); // cut by a crash
        for (const std::string bad : {"", "\n", "C\n", "C x 3d\n", "C 1\n", "C 1 3\n", "D 1 3d\n",
                                      "C 1 3d 2\n", "C 1 3d 2 3 00 1 00 1 1\n"})
            QVERIFY2(!passes(bad + line + good, "one@x", 99), bad.c_str());
    }
};

QTEST_GUILESS_MAIN(TestLiveLog)
#include "tst_live_log.moc"
