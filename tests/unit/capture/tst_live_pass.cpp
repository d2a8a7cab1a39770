// SPDX-License-Identifier: GPL-3.0-or-later
// A live capture gives what an import of the same packets gives, and time goes on where packets are silent.
#include "core/capture/live_pass.h"
#include "tests/support/capture_builder.h"
#include "tests/support/fake_network.h"

#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace sr;
using namespace sr::capture;

namespace {

Path folder(const QTemporaryDir& dir)
{
    return pathOf(dir.path().toStdString());
}

/// Everything of a call that recording uses.
struct Told {
    std::string callId;
    std::vector<UtcTime> times;
    std::vector<std::string> flow;
    Bytes media;
    bool operator==(const Told&) const = default;
};

Told toldOf(const CapturedCall& call)
{
    Told told{call.callId,
              {call.firstPacket, call.answered.value_or(UtcTime{}), call.ended},
              {call.caller.number, call.callee.number, std::to_string(call.endSeen)},
              {}};
    for (const FlowEvent& event : call.flow)
        told.flow.push_back(std::to_string(int(event.kind)) + event.detail);
    for (const CallStream& stream : call.streams) {
        told.flow.push_back(std::to_string(int(stream.speaker)));
        (void)stream.rtp.source->visit([&](UtcTime time, ByteView datagram) {
            told.times.push_back(time);
            told.media.insert(told.media.end(), datagram.begin(), datagram.end());
        });
    }
    return told;
}

/// Calls of all kinds, one of them still running at the end.
test::CaptureBuilder scene()
{
    test::CaptureBuilder builder;
    for (int i = 0; i < 12; ++i) {
        test::CallPlan plan = test::usualCall(test::usualCall().start + milliseconds(i * 7100));
        plan.callId = "live-" + std::to_string(i) + "@test";
        plan.talkSeconds = i == 11 ? 60 : 3 + i;
        plan.answered = i % 4 != 3;
        plan.authenticate = i % 3 == 0;
        plan.caller.media.port = static_cast<std::uint16_t>(4000 + 2 * i);
        plan.callee.media.port = static_cast<std::uint16_t>(20'000 + 2 * i);
        plan.caller.loseEvery = i % 5 == 1 ? 7 : 0;
        plan.callee.doubled = i == 5;
        builder.addCall(plan);
    }
    return builder;
}

/// The first part of a capture: what came before `until`.
PacketBatch before(const PacketBatch& all, UtcTime until)
{
    PacketBatch some;
    for (std::size_t i = 0; i < all.size() && all.timeOf(i) < until; ++i)
        some.add(all.timeOf(i), all.packet(i).bytes, all.packet(i).originalLength, all.packet(i).linkType);
    return some;
}

std::vector<Told> imported(const PacketBatch& packets, const QTemporaryDir& dir)
{
    const Path file = folder(dir) / "all.pcapng";
    auto copy = CaptureCopy::create(file);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const CapturedPacket packet = packets.packet(i);
        (*copy)->add(std::span(&packet, 1));
    }
    (void)(*copy)->flush();
    std::vector<Told> calls;
    std::vector<FileError> errors;
    Progress silent;
    (void)readCaptures(
        {file}, {}, silent, [&](CapturedCall&& call) { calls.push_back(toldOf(call)); }, errors);
    return calls;
}

LivePass::Options optionsFor(std::size_t interfaces)
{
    LivePass::Options options;
    options.interfaces = interfaces;
    options.source = "eth0";
    return options;
}

} // namespace

class TestLivePass : public QObject {
    Q_OBJECT
private slots:
    void givesWhatAnImportGives_data()
    {
        QTest::addColumn<int>("interfaces");
        for (const int count : {1, 2, 3})
            QTest::addRow("%d interfaces", count) << count;
    }
    void givesWhatAnImportGives()
    {
        QFETCH(int, interfaces);
        const QTemporaryDir dir;
        const UtcTime end = test::usualCall().start + seconds(100);
        const PacketBatch all = before(test::batchOf(scene().pcap()), end);
        const std::vector<Told> expected = imported(all, dir);
        QCOMPARE(expected.size(), std::size_t{12});

        std::mt19937 random(7);
        std::vector<Told> calls;
        LivePass pass(optionsFor(std::size_t(interfaces)),
                      [&](CapturedCall&& call) { calls.push_back(toldOf(call)); });
        // Each interface brings its packets late by up to a kernel's block, in batches of any size.
        std::vector<PacketBatch> waiting(std::size_t(interfaces), PacketBatch{});
        UtcTime now{};
        for (std::size_t i = 0; i < all.size(); ++i) {
            const CapturedPacket packet = all.packet(i);
            // By sender, so that the parties of a call come on different interfaces.
            const std::size_t at = std::to_integer<std::size_t>(packet.bytes[29]) % std::size_t(interfaces);
            waiting[at].add(packet.time, packet.bytes, packet.originalLength, packet.linkType);
            now = packet.time;
            for (std::size_t k = 0; k < waiting.size(); ++k)
                if (!waiting[k].empty() &&
                    (waiting[k].timeOf(0) < now - milliseconds(150) || random() % 9 == 0))
                    pass.add(k, std::exchange(waiting[k], PacketBatch{}));
            pass.advance(now);
        }
        for (std::size_t k = 0; k < waiting.size(); ++k)
            pass.add(k, std::move(waiting[k]));
        QCOMPARE(pass.openCalls().size(), std::size_t{1});
        pass.finish();
        QVERIFY(calls == expected);
        QCOMPARE(pass.stats().packets, std::uint64_t(all.size()));
    }

    void timeGoesOnWithoutPackets()
    {
        test::CaptureBuilder builder;
        test::CallPlan plan = test::usualCall();
        plan.talkSeconds = 2;
        builder.addCall(plan);
        PacketBatch all = test::batchOf(builder.pcap());
        const UtcTime last = all.timeOf(all.size() - 1);
        std::vector<std::string> calls;
        LivePass pass(optionsFor(1), [&](CapturedCall&& call) { calls.push_back(call.callId); });
        pass.add(0, before(all, plan.start + seconds(3)));
        pass.advance(plan.start + seconds(3));
        const std::vector<OpenCall> open = pass.openCalls();
        QCOMPARE(open.size(), std::size_t{1});
        QCOMPARE(open[0].caller, plan.caller.number);
        QCOMPARE(open[0].callee, plan.callee.number);
        QVERIFY(open[0].answered);
        pass.add(0, std::move(all));
        pass.advance(last);
        QVERIFY(calls.empty()); // stragglers may come
        QVERIFY(pass.openCalls().empty());
        for (int s = 0; s < 60 && calls.empty(); ++s)
            pass.advance(last + seconds(s));
        QCOMPARE(calls, std::vector<std::string>{plan.callId});
    }

    void quietHoursAreNoWrongTimes()
    {
        test::CaptureBuilder builder;
        for (const int hour : {0, 1, 5}) {
            test::CallPlan plan = test::usualCall(test::usualCall().start + std::chrono::hours(hour));
            plan.callId = "hour-" + std::to_string(hour);
            plan.talkSeconds = 1;
            builder.addCall(plan);
        }
        const PacketBatch all = test::batchOf(builder.pcap());
        std::size_t calls = 0;
        LivePass pass(optionsFor(1), [&](CapturedCall&&) { ++calls; });
        UtcTime now = all.timeOf(0);
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (; now < all.timeOf(i); now += seconds(1))
                pass.advance(now);
            const CapturedPacket packet = all.packet(i);
            PacketBatch one;
            one.add(packet.time, packet.bytes, packet.originalLength, packet.linkType);
            pass.add(0, std::move(one));
            pass.advance(all.timeOf(i));
            if (i > 0 && all.timeOf(i) - all.timeOf(i - 1) > std::chrono::minutes(30))
                QCOMPARE(pass.openCalls().size(), std::size_t{1}); // the first INVITE shows it at once
        }
        pass.finish();
        QCOMPARE(calls, std::size_t{3});
        QCOMPARE(pass.stats().misdated, std::uint64_t{0});
    }

    void fullSpoolEndsOnlyWhatItHeld()
    {
        QTemporaryDir dir;
        LivePass::Options options = optionsFor(1);
        options.read.spoolDir = folder(dir) / "gone";
        options.read.spoolMemory = 1024 * 1024;
        int failures = 0;
        options.failed = [&](const Error&) { ++failures; };
        std::size_t calls = 0;
        LivePass pass(std::move(options), [&](CapturedCall&&) { ++calls; });
        QCOMPARE(failures, 1); // no such folder: told, and media waits in memory
        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        pass.add(0, test::batchOf(builder.pcap()));
        pass.advance(test::usualCall().start);
        pass.finish();
        QCOMPARE(calls, std::size_t{1});
    }

    void copyIsACaptureOfTheSame()
    {
        const QTemporaryDir dir;
        const PacketBatch all = test::batchOf(scene().pcap());
        const Path file = folder(dir) / "copy.pcapng";
        LivePass::Options options = optionsFor(1);
        auto copy = CaptureCopy::create(file);
        QVERIFY(copy);
        QVERIFY(CaptureCopy::create(file).error().code == BaseErrc::Exists);
        options.copy = std::move(*copy);
        LivePass pass(std::move(options), [](CapturedCall&&) {});
        PacketBatch given;
        for (std::size_t i = 0; i < all.size(); ++i)
            given.add(all.timeOf(i), all.packet(i).bytes, all.packet(i).originalLength,
                      all.packet(i).linkType);
        pass.add(0, std::move(given));
        pass.advance(all.timeOf(all.size() - 1));
        pass.finish();
        auto source = File::open(file, OpenMode::Read);
        auto reader = PacketReader::open(**source, "copy");
        QVERIFY(reader);
        CapturedPacket packet;
        std::size_t count = 0;
        for (; (*reader)->next(packet); ++count) {
            QVERIFY(packet.time == all.timeOf(count));
            QVERIFY(std::ranges::equal(packet.bytes, all.packet(count).bytes));
        }
        QVERIFY(!(*reader)->error());
        QCOMPARE(count, all.size());
    }
};

QTEST_GUILESS_MAIN(TestLivePass)
#include "tst_live_pass.moc"
