// SPDX-License-Identifier: GPL-3.0-or-later
// Wrong times of capture: single packets must neither cut nor lengthen a call, and pauses stay what they are.
#include "tests/unit/capture/calls.h"

#include <QtTest>

#include <limits>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;

namespace {

constexpr double kDay = 86400;
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

} // namespace

class TestCaptureClock : public QObject {
    Q_OBJECT
private slots:
    void misdatedPackets_data();
    void misdatedPackets();
    void misdatedBareRtp_data();
    void misdatedBareRtp();
    void pausesStay();
    void pausesInATalkStay_data();
    void pausesInATalkStay();
    void aSetClockIsBelieved();
    void twoClocksInOneFile();
    void nextFileMayBeginAnyTime();
    void bareRtpIsNotJoinedAcrossAGap();
};

void TestCaptureClock::misdatedPackets_data()
{
    QTest::addColumn<double>("t");
    QTest::addColumn<std::size_t>("count");
    QTest::addColumn<double>("by");
    struct Place {
        const char* name;
        double t;
        std::size_t count;
    };
    for (const Place& place : {Place{"the INVITE", 0, 1}, Place{"the 180", 0.5, 1}, Place{"the 200", 3, 1},
                               Place{"one RTP packet", 6, 1}, Place{"three in a row", 6, 3},
                               Place{"the BYE", 10, 1}, Place{"the answer to the BYE", 10.1, 1}}) {
        for (const double by : {kDay, 30 * kDay, -kDay, 3600.0, -3600.0, 300.0})
            QTest::addRow("%s, %g s off", place.name, by) << place.t << place.count << by;
    }
}

void TestCaptureClock::misdatedPackets()
{
    QFETCH(double, t);
    QFETCH(std::size_t, count);
    QFETCH(double, by);
    Flow f = plainCall();
    f.misdate(t, count, by);
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{1});
    const CapturedCall& call = calls.front();
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{345});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{348});
    QVERIFY(call.answered);
    QVERIFY(std::abs(secondsOf(*call.answered) - 3) < 0.11); // a misdated 200 has the time of the next packet
    QVERIFY(std::abs(secondsOf(call.ended) - 10) < 0.11);
    for (const CallStream& one : call.streams) {
        QVERIFY(secondsOf(one.rtp.first) > 3);
        QVERIFY(secondsOf(one.rtp.last) < 10);
    }
}

void TestCaptureClock::misdatedBareRtp_data()
{
    QTest::addColumn<double>("t");
    QTest::addColumn<double>("by");
    for (const double t : {0.0, 2.0, 4.99}) {
        for (const double by : {kDay, 30 * kDay, -kDay})
            QTest::addRow("at %g s, %g s off", t, by) << t << by;
    }
}

void TestCaptureClock::misdatedBareRtp()
{
    QFETCH(double, t);
    QFETCH(double, by);
    Flow f;
    f.rtp(0, 5, kForth).rtp(0.01, 5.01, kBack).misdate(t, 1, by);
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{250});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{250});
    QVERIFY(secondsOf(call.ended) - secondsOf(call.answered.value()) < 5.1);
    QCOMPARE(f.stats.misdated, std::uint64_t{1});
}

void TestCaptureClock::pausesStay()
{
    Flow f; // signalling alone, minutes between its messages
    f.sip(0, A, B, inviteA()).sip(90, B, A, response(180).tt()).sip(200, B, A, okB());
    f.sip(1000, A, B, request("BYE", 2).tt()).sip(1000.1, B, A, response(200, "BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.firstPacket), 0.0);
    QCOMPARE(secondsOf(call.ringing.value()), 90.0);
    QCOMPARE(secondsOf(call.answered.value()), 200.0);
    QCOMPARE(secondsOf(call.ended), 1000.0);
    QCOMPARE(f.stats.misdated, std::uint64_t{0});
}

void TestCaptureClock::pausesInATalkStay_data()
{
    QTest::addColumn<bool>("signalled");
    QTest::newRow("held and retrieved") << true;
    QTest::newRow("both are silent without a word") << false;
}

void TestCaptureClock::pausesInATalkStay()
{
    QFETCH(bool, signalled);
    Flow f; // minutes, in which numbers and RTP time stand still, as with phones that stop their RTP clock
    f.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 3, kForth).rtp(1, 3, kBack);
    if (signalled)
        f.sip(3, A, B, request("INVITE", 2).tt().with(sdp(A, 4000, "a=inactive\r\n")));
    if (signalled)
        f.sip(200, A, B, request("INVITE", 3).tt().with(sdp(A, 4000)));
    RtpRun forth = kForth;
    RtpRun back = kBack;
    forth.sequence = back.sequence = 200;
    f.rtp(200.01, 202, forth).rtp(200.01, 202, back).sip(202, A, B, request("BYE", 4).tt());
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.ended), 202.0);
    QCOMPARE(has(call, FlowKind::Retrieve), signalled);
    QCOMPARE(f.stats.misdated, std::uint64_t{0});
}

void TestCaptureClock::aSetClockIsBelieved()
{
    Flow f = plainCall(); // the clock is put an hour ahead amid its talk: what comes later has the new time
    f.rtp(600, 605, {"10.0.0.7:7000", "10.0.0.8:7002", 0x77});
    f.rtp(600, 605, {"10.0.0.8:7002", "10.0.0.7:7000", 0x78});
    f.misdate(6, kAll, 3600);
    const auto calls = f.run();
    QVERIFY(calls.size() >= 2);
    QVERIFY(std::abs(secondsOf(calls.back().firstPacket) - 4200) < 1);
}

void TestCaptureClock::twoClocksInOneFile()
{
    Flow f; // two interfaces whose clocks are an hour apart: what the second one captured has no time of its
            // own
    f.rtp(0, 5, kForth).rtp(0.01, 5, kBack);
    for (double t = 0.01; t < 5; t += 0.02)
        f.misdate(t, 1, 3600);
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{1});
    QVERIFY(secondsOf(calls.front().ended) < 10);
}

void TestCaptureClock::nextFileMayBeginAnyTime()
{
    Flow f;
    f.file(-1, "a.pcap").rtp(0, 5, kForth).file(10, "b.pcap").rtp(11, 16, kForth);
    f.misdate(10, kAll, -3600); // another tap's capture of the hour before
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls)
        QCOMPARE(packets(call, Party::Caller), std::uint64_t{250});
}

void TestCaptureClock::bareRtpIsNotJoinedAcrossAGap()
{
    Flow f;
    f.rtp(0, 5, kForth).rtp(0, 5, kBack);
    RtpRun forth = kForth;
    forth.sequence = 5000;
    f.rtp(100, 105, forth).rtp(100, 105, {"10.0.0.2:6000", "10.0.0.1:4000", 0xbb});
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls) {
        QCOMPARE(call.streams.size(), std::size_t{2});
        QVERIFY(secondsOf(call.ended) - secondsOf(call.answered.value()) < 5.1);
    }
}

QTEST_GUILESS_MAIN(TestCaptureClock)
#include "tst_capture_clock.moc"
