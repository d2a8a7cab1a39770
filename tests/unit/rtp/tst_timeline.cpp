// SPDX-License-Identifier: GPL-3.0-or-later
// The time line against simulated telephones whose true clocks are known: both parties in step, nothing lost.
#include "core/rtp/timeline_item.h"
#include "tests/unit/rtp/timeline_call.h"

#include <QTest>

#include <tuple>

using namespace sr::test;
using sr::rtp::planInSteps;
using sr::rtp::planPlainly;

namespace {

std::vector<std::uint32_t> positionsOf(const Call& call)
{
    std::vector<std::uint32_t> positions;
    for (const TimedPacket& packet : call.packets)
        positions.push_back(packet.position);
    return positions;
}

/// By party; of one party they rise anyway.
auto gapsOf(const Call& call)
{
    std::vector<std::tuple<unsigned, std::uint32_t, std::uint32_t, GapKind, std::uint32_t>> gaps;
    for (const Gap& gap : call.plan.gaps)
        gaps.emplace_back(gap.party, gap.frame, gap.frames, gap.kind, gap.noise);
    std::ranges::stable_sort(gaps, {}, [](const auto& one) { return std::get<0>(one); });
    return gaps;
}

} // namespace

class TimelineTest : public QObject {
    Q_OBJECT

private slots:
    void twoCleanPartiesStandAsSent()
    {
        Call call;
        call.add(0, talker(1, 10));
        call.add(1, talker(2, 10));
        call.run();
        QVERIFY(call.covers(0) && call.covers(1));
        QVERIFY(call.complete(0, 500) && call.complete(1, 500));
        QCOMPARE(call.worstStep(), 0.0);
        QCOMPARE(call.plan.frames, 80000U + 25U * 8U); // the first packet is captured after 25 ms
        QCOMPARE(call.plan.lost[0] + call.plan.lost[1], std::uint64_t{0});
    }

    void anHourStaysInStep_data()
    {
        QTest::addColumn<double>("left");
        QTest::addColumn<double>("right");
        QTest::addColumn<int>("jitterMs");
        QTest::addColumn<bool>("ordered");
        QTest::newRow("same clocks, no jitter") << 0.0 << 0.0 << 0 << false;
        QTest::newRow("left fast, right slow") << 300.0 << -300.0 << 0 << false;
        QTest::newRow("left slow, right fast, jitter 100 ms") << -300.0 << 300.0 << 100 << false;
        QTest::newRow("left fast, right slow, jitter 100 ms in order") << 300.0 << -300.0 << 100 << true;
        QTest::newRow("both fast, jitter 60 ms") << 300.0 << 280.0 << 60 << false;
        QTest::newRow("both slow, jitter 60 ms") << -300.0 << -280.0 << 60 << false;
        QTest::newRow("only right slow") << 0.0 << -300.0 << 40 << false;
    }
    void anHourStaysInStep()
    {
        QFETCH(double, left);
        QFETCH(double, right);
        QFETCH(int, jitterMs);
        QFETCH(bool, ordered);
        SimulatedSender a(7);
        SimulatedSender b(8);
        a.skewPpm = left;
        b.skewPpm = right;
        b.start = 3000;
        for (SimulatedSender* one : {&a, &b}) {
            one->jitter = std::int64_t{jitterMs} * 1000;
            one->ordered = ordered;
            one->talk(3600);
        }
        Call call;
        call.add(0, a);
        call.add(1, b);
        call.run();
        QVERIFY(call.covers(0) && call.covers(1));
        QVERIFY(call.complete(0, 180000) && call.complete(1, 180000));
        const double worst = call.worstStep();
        qInfo(
            "%s: at most %.1f ms apart, at the end %.1f ms, inserted %llu/%llu frames of skew in %zu places",
            QTest::currentDataTag(), worst, call.worstStep(3590 * kSecond),
            static_cast<unsigned long long>(call.inserted(0, GapKind::ClockSkew)),
            static_cast<unsigned long long>(call.inserted(1, GapKind::ClockSkew)), call.plan.gaps.size());
        QVERIFY2(worst < 20, qPrintable(QString::number(worst)));
        // Audio is inserted for the slower party only, and only as much as the clocks differ.
        const double seconds = (std::max(left, right) - std::min(left, right)) * 1e-6 * 3600;
        const auto fast = left > right ? 0U : 1U;
        QVERIFY(static_cast<double>(call.inserted(1 - fast, GapKind::ClockSkew)) < (seconds + 0.25) * 8000);
        QVERIFY(static_cast<double>(call.inserted(fast, GapKind::ClockSkew)) < 0.25 * 8000);
    }

    void numbersAndTimesWrap()
    {
        SimulatedSender a(1);
        a.sequence = 65000;
        a.timestamp = 0xffffff00U;
        a.talk(40);
        Call call;
        call.add(0, a);
        call.add(1, talker(2, 40));
        call.run();
        QVERIFY(call.covers(0) && call.complete(0, 2000));
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
        QCOMPARE(call.worstStep(), 0.0);
    }

    void everyPacketTwiceByAMirrorPort()
    {
        SimulatedSender a(3);
        a.jitter = 30000;
        a.talk(60);
        std::vector<SentPacket> doubled;
        for (const SentPacket& one : a.packets()) {
            doubled.push_back(one);
            doubled.push_back(one);
            doubled.back().captured += 7;
        }
        Call call;
        call.add(0, doubled, 1);
        call.add(1, talker(2, 60));
        call.run();
        QCOMPARE(call.plan.duplicates[0], std::uint64_t{3000});
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
        QVERIFY(call.covers(0) && call.complete(0, 3000));
        QVERIFY(call.worstStep() < 10);
    }

    void lossLeavesAHoleOfItsSize()
    {
        SimulatedSender a(3);
        a.talk(5);
        a.outage(0.2);
        a.talk(5);
        a.outage(70);
        a.talk(5);
        Call call;
        call.add(0, a);
        call.add(1, talker(2, 85.2));
        call.run();
        QVERIFY(call.covers(0) && call.complete(0, 750));
        QCOMPARE(call.plan.lost[0], std::uint64_t{10 + 3500});
        QCOMPARE(call.inserted(0, GapKind::Loss), std::uint64_t{1600 + 560000});
        QCOMPARE(call.worstStep(), 0.0);
    }

    void silenceSuppression_data()
    {
        QTest::addColumn<bool>("advances");
        QTest::addColumn<double>("pause");
        QTest::newRow("RTP time goes on in short pauses") << true << 0.3;
        QTest::newRow("RTP time goes on in long pauses") << true << 4.0;
        QTest::newRow("RTP time stands still in short pauses") << false << 0.3;
        QTest::newRow("RTP time stands still in long pauses") << false << 4.0;
    }
    void silenceSuppression()
    {
        QFETCH(bool, advances);
        QFETCH(double, pause);
        SimulatedSender a(4);
        a.jitter = 20000;
        a.ordered = true;
        std::size_t packets = 0;
        double seconds = 0;
        for (int i = 0; i < 40; ++i) {
            const double spurt = 0.1 + 0.1 * (i % 12);
            a.talk(spurt);
            a.pause(pause, advances);
            packets += static_cast<std::size_t>(spurt * 50 + 0.5);
            seconds += spurt + pause;
        }
        Call call;
        call.add(0, a);
        call.add(1, talker(2, seconds));
        call.run();
        QVERIFY(call.covers(0) && call.complete(0, packets));
        qInfo("%s: at most %.1f ms apart", QTest::currentDataTag(), call.worstStep());
        QVERIFY2(call.worstStep() < 20, qPrintable(QString::number(call.worstStep())));
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
        QVERIFY(call.longest(1, GapKind::Silence) <= 25 * 8);
        QVERIFY(call.inserted(0, GapKind::Silence) > static_cast<std::uint64_t>(38 * pause * 8000));
    }

    void holdOfAnyLength_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<int>(
            "resume"); // 0 RTP time went on, 1 stood still, 2 begins anywhere, 3 numbers too
        for (const double seconds : {16.0, 600.0}) {
            for (int resume = 0; resume < 4; ++resume) {
                const char* const how[] = {"goes on", "stood still", "begins anew", "and numbers begin anew"};
                QTest::addRow("%.0f s, then RTP time %s", seconds, how[resume]) << seconds << resume;
            }
        }
    }
    void holdOfAnyLength()
    {
        QFETCH(double, seconds);
        QFETCH(int, resume);
        SimulatedSender a(5);
        a.jitter = 20000;
        a.talk(20);
        a.pause(seconds, resume == 0);
        if (resume >= 2)
            a.timestamp = 0x87654321U;
        if (resume == 3)
            a.sequence = static_cast<std::uint16_t>(a.sequence - 12345);
        a.talk(20);
        Call call;
        call.add(0, a);
        call.add(1, talker(2, 40 + seconds));
        call.run();
        QVERIFY(call.covers(0) && call.complete(0, 2000));
        QVERIFY2(call.worstStep() < 20, qPrintable(QString::number(call.worstStep())));
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
        const auto silence = static_cast<double>(call.longest(0, GapKind::Silence));
        QVERIFY(std::abs(silence - seconds * 8000) < 20 * kFramesPerMs);
    }

    void restartWithinSpeech_data()
    {
        QTest::addColumn<bool>("numbers");
        QTest::addColumn<bool>("times");
        QTest::newRow("numbers begin anew") << true << false;
        QTest::newRow("RTP time jumps") << false << true;
        QTest::newRow("both begin anew") << true << true;
    }
    void restartWithinSpeech()
    {
        QFETCH(bool, numbers);
        QFETCH(bool, times);
        SimulatedSender a(6);
        a.jitter = 10000;
        a.ordered = true;
        for (int i = 0; i < 10; ++i) {
            a.talk(3);
            if (numbers)
                a.sequence = static_cast<std::uint16_t>(a.sequence * 31 + 17);
            if (times)
                a.timestamp = a.timestamp * 2654435761U + 99;
        }
        Call call;
        call.add(0, a);
        call.add(1, talker(2, 30));
        call.run();
        QVERIFY(call.covers(0) && call.complete(0, 1500));
        QVERIFY2(call.worstStep() < 20, qPrintable(QString::number(call.worstStep())));
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
    }

    void changeOfSource_data()
    {
        QTest::addColumn<int>("overlapMs"); // negative: a pause between
        QTest::addColumn<bool>("mixed");
        QTest::newRow("a pause between them") << -500 << false;
        QTest::newRow("one ends as the next begins") << 0 << false;
        QTest::newRow("they overlap by part of a packet") << 15 << false;
        QTest::newRow("they sound together for 400 ms") << 400 << true;
        QTest::newRow("they sound together for 8 s") << 8000 << true;
    }
    void changeOfSource()
    {
        QFETCH(int, overlapMs);
        QFETCH(bool, mixed);
        SimulatedSender a(6);
        a.talk(10);
        SimulatedSender a2(9);
        a2.start = 10 * kSecond - std::int64_t{overlapMs} * 1000;
        a2.timestamp = 123456789;
        a2.sequence = 50000;
        a2.talk(10);
        Call call;
        call.add(0, a, 1);
        call.add(0, a2, 2);
        call.add(1, talker(2, 20));
        call.run();
        QCOMPARE(call.placed(0).size(), std::size_t{1000});
        QCOMPARE(call.plan.overlaps[0], mixed);
        QVERIFY(mixed || call.covers(0));
        QVERIFY(call.covers(1));
        QVERIFY2(call.worstStep() < 20, qPrintable(QString::number(call.worstStep())));
        // Sources that sound together do not stretch the time line.
        QVERIFY(call.plan.frames <= (overlapMs < 0 ? 164000U : 160000U) + 400U);
        QVERIFY(overlapMs < 0 ||
                call.inserted(1, GapKind::ClockSkew) + call.inserted(1, GapKind::Silence) <= 400);
    }

    void oneSourceSeenAtTwoPlacesIsOne()
    {
        SimulatedSender a(6);
        a.talk(10);
        std::vector<SentPacket> second = a.packets();
        for (SentPacket& one : second)
            one.captured += 400;
        Call call;
        call.add(0, a, 77);
        call.add(0, second, 77);
        call.add(1, talker(2, 10));
        call.run();
        QCOMPARE(call.plan.duplicates[0], std::uint64_t{500});
        QVERIFY(!call.plan.overlaps[0]);
        QVERIFY(call.covers(0) && call.complete(0, 500));
    }

    void mediaBeforeTheAnswerIsLeftOut()
    {
        SimulatedSender a(6);
        a.start = -5 * kSecond;
        a.jitter = 50000;
        a.talk(10);
        Call call;
        call.add(0, a);
        call.add(1, talker(2, 5));
        call.run();
        std::size_t expected = 0;
        for (const SentPacket& one : call.sent)
            expected += one.captured >= 0 ? 1 : 0;
        QCOMPARE(call.placed(0).size() + call.placed(1).size(), expected);
        QVERIFY(call.covers(0) && call.covers(1));
        QVERIFY2(call.worstStep() < 20, qPrintable(QString::number(call.worstStep())));
    }

    void packetsOfDifferentLengthPairUp()
    {
        SimulatedSender a(6);
        a.packetSamples = 160;
        a.talk(60);
        SimulatedSender b(7);
        b.packetSamples = 240;
        b.talk(60);
        SimulatedSender c(7);
        c.packetSamples = 320;
        c.talk(60);
        for (const SimulatedSender* other : {&b, &c}) {
            Call call;
            call.add(0, a);
            call.add(1, *other);
            call.run();
            QVERIFY(call.covers(0) && call.covers(1));
            // The longer packet leaves later by its length; more cannot be known from outside.
            QVERIFY2(call.worstStep() <= 20, qPrintable(QString::number(call.worstStep())));
            QCOMPARE(call.inserted(0, GapKind::ClockSkew), std::uint64_t{0});
            QCOMPARE(call.inserted(1, GapKind::ClockSkew), std::uint64_t{0});
        }
    }

    void oddTimesDoNoHarm_data()
    {
        QTest::addColumn<int>("what");
        QTest::newRow("one RTP time in the past") << 0;
        QTest::newRow("one RTP time in the future") << 1;
        QTest::newRow("one packet a second late") << 2;
        QTest::newRow("the network stalls for 800 ms, then all arrive at once") << 3;
        QTest::newRow("one capture time an hour early") << 4;
    }
    void oddTimesDoNoHarm()
    {
        QFETCH(int, what);
        SimulatedSender a(6);
        a.talk(30);
        auto& sent = a.sent();
        if (what == 0)
            sent[700].timestamp -= 80000;
        if (what == 1)
            sent[700].timestamp += 80000;
        if (what == 2)
            sent[700].captured += kSecond;
        for (std::size_t i = 700; i < 740 && what == 3; ++i)
            sent[i].captured = sent[740].captured - 41 + static_cast<std::int64_t>(i - 700);
        std::vector<SentPacket> captured = a.packets();
        if (what == 4)
            captured[700].captured -= 3600 * kSecond;
        Call call;
        call.add(0, captured, 1);
        call.add(1, talker(2, 30));
        call.run();
        const std::size_t expected = what == 4 ? 1499 : 1500;
        QCOMPARE(call.placed(0).size(), expected);
        QVERIFY(call.covers(0) && call.covers(1));
        QVERIFY2(call.worstStep() <= 20, qPrintable(QString::number(call.worstStep())));
        QVERIFY2(call.plan.frames < 241000U, qPrintable(QString::number(call.plan.frames)));
    }

    void theCapturesClockIsSetBack()
    {
        SimulatedSender a(6);
        SimulatedSender b(7);
        for (SimulatedSender* one : {&a, &b}) {
            one->talk(20);
            one->captureOffset = -3 * kSecond;
            one->talk(20);
        }
        Call call;
        call.add(0, a.sent(), 1);
        call.add(1, b.sent(), 1);
        call.run();
        QVERIFY(call.complete(0, 2000) && call.complete(1, 2000));
        QVERIFY(call.covers(0) && call.covers(1));
        QVERIFY2(call.worstStep() <= 20, qPrintable(QString::number(call.worstStep())));
        QVERIFY(call.plan.frames <= 320000U + 400U);
    }

    void captureTimesOfWholeSeconds()
    {
        SimulatedSender a(6);
        SimulatedSender b(7);
        for (SimulatedSender* one : {&a, &b}) {
            one->talk(120);
            for (SentPacket& packet : one->sent())
                packet.captured = packet.captured / kSecond * kSecond;
        }
        Call call;
        call.add(0, a);
        call.add(1, b);
        call.run();
        QVERIFY(call.complete(0, 6000) && call.complete(1, 6000));
        QVERIFY2(call.worstStep() <= 20, qPrintable(QString::number(call.worstStep())));
        QVERIFY(call.plan.frames < 121 * 8000U);
    }

    void comfortNoiseColoursThePause()
    {
        SimulatedSender a(6);
        a.talk(2);
        a.pause(3);
        ++a.sequence; // the CN packet, added below
        a.talk(2);
        Call call;
        call.add(0, a);
        TimedPacket noise;
        noise.kind = PacketKind::ComfortNoise;
        noise.sequence = 200;
        noise.timestamp = 1000 + 16000;
        noise.captured = 2 * kSecond + 25000;
        call.packets.insert(call.packets.begin() + 100, noise);
        call.sent.insert(call.sent.begin() + 100, SentPacket{});
        call.streams[0].count += 1;
        call.run();
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
        QCOMPARE(call.inserted(0, GapKind::ComfortNoise), std::uint64_t{24000});
        QCOMPARE(call.inserted(0, GapKind::Loss), std::uint64_t{0});
        for (const Gap& gap : call.plan.gaps) {
            if (gap.kind == GapKind::ComfortNoise)
                QCOMPARE(gap.noise, 100U);
        }
    }

    void eventsTakeNoRoomAndKeepTheirPlace()
    {
        SimulatedSender a(6);
        a.talk(2);
        const std::int64_t begin = a.now();
        const std::uint32_t timestamp = a.timestamp;
        const std::uint16_t first = a.sequence;
        a.pause(0.2);
        a.sequence = static_cast<std::uint16_t>(a.sequence + 10);
        a.talk(2);
        std::vector<SentPacket> captured = a.packets();
        Call call;
        call.add(0, captured, 1);
        for (std::size_t i = 0; i < 10; ++i) {
            TimedPacket event;
            event.kind = PacketKind::Event;
            event.sequence = static_cast<std::uint16_t>(first + i);
            event.timestamp = timestamp;
            event.captured = begin + 25000 + static_cast<std::int64_t>(i) * 20000;
            call.packets.insert(call.packets.begin() + 100 + static_cast<std::ptrdiff_t>(i), event);
            call.sent.insert(call.sent.begin() + 100, SentPacket{});
        }
        call.streams[0].count += 10;
        call.run();
        QCOMPARE(call.plan.lost[0], std::uint64_t{0});
        QCOMPARE(call.packets[100].position, 25U * 8U + 16000U);
        QCOMPARE(call.packets[109].position, 25U * 8U + 16000U);
        QCOMPARE(call.inserted(0, GapKind::Silence), std::uint64_t{25 * 8 + 1600});
    }

    void nothingBeyondTheLimit()
    {
        SimulatedSender a(6);
        a.talk(10);
        a.pause(30.0 * 24 * 3600);
        a.talk(1);
        Call call;
        call.maxFrames = 26U * 3600U * 8000U;
        call.add(0, a);
        call.run();
        QCOMPARE(call.placed(0).size(), std::size_t{500});
        QCOMPARE(call.plan.tooLate[0], std::uint64_t{50});
        QVERIFY(call.plan.frames < 81000U);
    }

    void randomNetworksLoseNothing()
    {
        for (std::uint32_t seed = 1; seed <= 60; ++seed) {
            std::mt19937 random(seed);
            Call call;
            std::array<std::size_t, 2> received{};
            std::array<std::uint64_t, 2> lost{};
            for (std::size_t party = 0; party < 2; ++party) {
                SimulatedSender a(seed * 2 + static_cast<std::uint32_t>(party));
                a.sequence = static_cast<std::uint16_t>(random());
                a.timestamp = static_cast<std::uint32_t>(random());
                a.jitter = static_cast<std::int64_t>(random() % 100000);
                a.loss = static_cast<double>(random() % 100) / 400.0;
                a.skewPpm = static_cast<double>(random() % 600) - 300.0;
                a.talk(0.1);
                for (int i = 0; i < 8; ++i) {
                    a.talk(static_cast<double>(random() % 5000) / 1000.0);
                    if (random() % 2 == 0)
                        a.pause(static_cast<double>(random() % 5000) / 1000.0);
                }
                const double loss = a.loss;
                a.loss = 0;
                a.talk(0.1);
                received[party] = a.sent().size();
                lost[party] = a.lost();
                Q_UNUSED(loss);
                call.add(party, a);
            }
            call.duration = 60 * kSecond;
            call.run();
            for (std::size_t party = 0; party < 2; ++party) {
                QVERIFY2(call.covers(party), qPrintable(QString::number(seed)));
                QVERIFY2(call.complete(party, received[party]), qPrintable(QString::number(seed)));
                QVERIFY(call.plan.lost[party] <= lost[party]);
            }
            QVERIFY2(call.worstStep() < 25,
                     qPrintable(QStringLiteral("%1: %2").arg(seed).arg(call.worstStep())));
            QVERIFY(call.plan.frames >= 480000U);
        }
    }

    void theShortWayPlacesLikeTheLongOne()
    {
        std::size_t plain = 0;
        constexpr std::uint32_t kRounds = 400;
        for (std::uint32_t seed = 1; seed <= kRounds; ++seed) {
            std::mt19937 random(seed);
            const auto upTo = [&](std::int64_t most) {
                return static_cast<std::int64_t>(random() % 1000) * most / 999;
            };
            Call call;
            for (std::size_t party = 0; party < 1 + seed % 8 / 2 && party < 2; ++party) {
                SimulatedSender a(seed * 2 + static_cast<std::uint32_t>(party));
                a.sequence = static_cast<std::uint16_t>(random());
                a.timestamp = static_cast<std::uint32_t>(random());
                a.start = upTo(2 * kSecond) - kSecond + (random() % 4 == 0 ? -30 * kSecond : 0);
                a.delay = upTo(6000);
                a.jitter = random() % 2 == 0 ? upTo(8000) : upTo(100000);
                a.ordered = random() % 4 != 0;
                a.skewPpm = static_cast<double>(upTo(100)) - 50.0;
                a.loss = random() % 8 == 0 ? 0.01 : 0;
                a.talk(static_cast<double>(upTo(60000)) / 1000.0);
                if (random() % 8 == 0)
                    a.pause(0.004);
                a.talk(0.2);
                auto sent = a.packets();
                if (random() % 8 == 0)
                    sent[random() % sent.size()].captured += upTo(400000) - 200000;
                call.add(party, sent, 1);
            }
            call.duration = upTo(60 * kSecond);
            call.maxFrames = random() % 8 == 0 ? 160000U : 1U << 31;
            Call other = call;
            other.plan = planInSteps(
                {other.packets, other.streams, other.formats, 8000, other.duration, other.maxFrames});
            plain +=
                planPlainly({call.packets, call.streams, call.formats, 8000, call.duration, call.maxFrames},
                            call.plan)
                    ? 1
                    : 0;
            call.run();
            QCOMPARE(positionsOf(call), positionsOf(other));
            QCOMPARE(call.plan.frames, other.plan.frames);
            QCOMPARE(call.plan.lost, other.plan.lost);
            QCOMPARE(call.plan.duplicates, other.plan.duplicates);
            QCOMPARE(call.plan.tooLate, other.plan.tooLate);
            QCOMPARE(call.plan.overlaps, other.plan.overlaps);
            QVERIFY(gapsOf(call) == gapsOf(other));
        }
        QVERIFY2(plain > kRounds / 8 && plain < kRounds / 2, qPrintable(QString::number(plain)));
    }

    void nonsenseIsPlacedOrLeftOutButNeverHangs()
    {
        std::mt19937 random(11);
        for (int round = 0; round < 20; ++round) {
            Call call;
            for (std::uint32_t stream = 0; stream < 6; ++stream) {
                std::vector<SentPacket> sent(3000);
                for (SentPacket& one : sent) {
                    one.captured = static_cast<std::int64_t>(random() % 20) * kSecond - kSecond;
                    one.sequence = static_cast<std::uint16_t>(round % 2 == 0 ? random() : random() % 50);
                    one.timestamp = static_cast<std::uint32_t>(random());
                    one.samples = static_cast<std::uint32_t>(random() % 300);
                }
                call.add(stream % 2, sent, stream / 2);
            }
            call.maxFrames = 3600 * 8000;
            call.run();
            QVERIFY(call.plan.frames <= call.maxFrames);
            for (const TimedPacket& packet : call.packets) {
                QVERIFY(packet.position == TimedPacket::kNowhere ||
                        packet.position + packet.samples <= call.plan.frames);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TimelineTest)
#include "tst_timeline.moc"
