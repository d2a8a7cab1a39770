// SPDX-License-Identifier: GPL-3.0-or-later
// RTP without any signalling.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestBareRtp : public QObject {
    Q_OBJECT
private slots:
    void bareRtp();
    void bareOneDirection();
    void bareDynamicTypes();
    void bareTooShort();
};

void TestBareRtp::bareRtp()
{
    Flow f;
    f.rtp(1, 20, kBack).rtp(0.5, 20, kForth).rtp(5, 5.1, {"10.0.0.1:4000", "10.0.0.2:6000", 0xd, 101, 0, 4});
    f.rtp(70, 100, {"10.9.9.9:1000", "10.9.9.8:2000", 5});
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    const CapturedCall& call = calls.front();
    QCOMPARE(f.emittedBeforeFinish, std::size_t{1});
    QCOMPARE(call.origin, CallOrigin::BareRtp);
    QCOMPARE(call.caller.number, std::string("unknown"));
    QCOMPARE(call.callee.number, std::string("unknown"));
    QCOMPARE(call.caller.host, A);
    QCOMPARE(call.streams.size(), std::size_t{3});
    QCOMPARE(call.streams.front().speaker, Party::Caller);
    QCOMPARE(secondsOf(call.answered.value()), 0.5);
    QVERIFY(call.endSeen);
    QCOMPARE(call.streams.front().rtp.epochs.front().formats.at(8).encoding, std::string("PCMA"));
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{975 + 5});
}

void TestBareRtp::bareOneDirection()
{
    Flow f;
    f.rtp(0, 3, kForth);
    ONE_CALL(f);
    QCOMPARE(call.streams.size(), std::size_t{1});
    Flow g; // the way back uses other ports
    g.rtp(0, 5, {"10.0.0.1:4000", "10.0.0.2:6000", 1}).rtp(0.1, 5, {"10.0.0.2:6004", "10.0.0.1:4008", 2});
    const auto pair = g.run();
    QCOMPARE(pair.size(), std::size_t{1});
    QCOMPARE(pair.front().streams[1].speaker, Party::Callee);
}

void TestBareRtp::bareDynamicTypes()
{
    Flow f;
    f.rtp(0, 4, {"10.0.0.1:4000", "10.0.0.2:6000", 1, 111, 960, 60});
    f.rtp(2, 2.2, {"10.0.0.1:4000", "10.0.0.2:6000", 2, 101, 0, 4, 500});
    f.rtp(0, 4, {"10.0.0.2:6000", "10.0.0.1:4000", 3, 97, 160, 60});
    ONE_CALL(f);
    for (const CallStream& one : call.streams) {
        const auto& formats = one.rtp.epochs.front().formats;
        if (one.rtp.ssrc == 1)
            QCOMPARE(formats.at(111).encoding, std::string("OPUS"));
        else if (one.rtp.ssrc == 2)
            QCOMPARE(formats.at(101).encoding, std::string("TELEPHONE-EVENT"));
        else
            QVERIFY(formats.empty()); // 8 kHz may be anything: no guess
    }
}

void TestBareRtp::bareTooShort()
{
    Flow f;
    f.rtp(0, 0.18, kForth);
    QCOMPARE(f.run().size(), std::size_t{0});
    f.rtp(0.18, 0.2, {"10.0.0.1:4000", "10.0.0.2:6000", 0xa, 8, 160, 160, 109});
    QCOMPARE(f.run().size(), std::size_t{1});
}

QTEST_GUILESS_MAIN(TestBareRtp)
#include "tst_bare_rtp.moc"
