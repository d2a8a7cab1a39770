// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of which the capture lacks the beginning, the answer, the end or one direction.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestCallGaps : public QObject {
    Q_OBJECT
private slots:
    void byeFromCallee();
    void byeLost();
    void byeOnlyResponse();
    void midDialog_data();
    void midDialog();
    void oneWayCapture();
};

void TestCallGaps::byeFromCallee()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, okB()).sip(4, B, A, request("BYE", 900).reversed());
    ONE_CALL(f);
    QCOMPARE(call.flow.back().kind, FlowKind::Bye);
    QCOMPARE(call.flow.back().by, Party::Callee);
    QCOMPARE(secondsOf(call.ended), 4.0);
}

void TestCallGaps::byeLost()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 30, kForth).rtp(1, 31, kBack);
    ONE_CALL(f);
    QVERIFY(!call.endSeen);
    QCOMPARE(call.flow.back().kind, FlowKind::Lost);
    QCOMPARE(secondsOf(call.ended), 30.98);

    Flow later; // capture time goes on for hours: the call is not kept for ever
    later.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 30, kForth);
    later.sip(3.9 * 3600, A, B, request("OPTIONS").call("x"));
    later.run();
    QCOMPARE(later.emittedBeforeFinish, std::size_t{0});
    later.sip(4.1 * 3600, A, B, request("OPTIONS").call("x"));
    later.run();
    QCOMPARE(later.emittedBeforeFinish, std::size_t{1});
}

void TestCallGaps::byeOnlyResponse()
{
    Flow f; // only what the callee sent was captured
    f.sip(0.5, B, A, response(180).tt()).sip(1, B, A, okB()).rtp(1, 5, kBack);
    f.sip(5, B, A, response(200, "BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(call.caller.number, std::string("100"));
    QCOMPARE(call.callee.number, std::string("200"));
    QCOMPARE(call.caller.signalling, ep(A));
    QCOMPARE(call.callee.signalling, ep(B));
    QVERIFY(call.endSeen);
    QCOMPARE(call.flow.back().by, Party::Caller);
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{200});
}

void TestCallGaps::midDialog_data()
{
    QTest::addColumn<bool>("reinvite");
    QTest::newRow("a re-INVITE is the first that was captured") << true;
    QTest::newRow("only the BYE was captured") << false;
}

void TestCallGaps::midDialog()
{
    QFETCH(bool, reinvite);
    Flow f;
    if (reinvite) {
        f.rtp(0, 30, kForth).rtp(0, 30, kBack);
        f.sip(20, B, A, request("INVITE", 4).reversed().with(sdp(B, 6000)));
        f.sip(20.1, A, B, response(200, "INVITE", 4).reversed().with(sdp(A, 4000)));
    }
    f.sip(30, B, A, request("BYE", 5).reversed());
    ONE_CALL(f);
    QVERIFY(call.endSeen);
    QCOMPARE(secondsOf(call.ended), 30.0);
    QVERIFY(!has(call, FlowKind::Answer));
    QCOMPARE(call.answered.has_value(), reinvite);
    if (!reinvite)
        return;
    QCOMPARE(secondsOf(call.firstPacket), 0.0);
    QCOMPARE(secondsOf(call.answered.value()), 0.0);
    QCOMPARE(call.streams.size(), std::size_t{2});
    QCOMPARE(call.streams.front().rtp.packets, std::uint64_t{1500});
}

void TestCallGaps::oneWayCapture()
{
    Flow f; // nothing of what the callee signals was captured
    f.sip(0, A, B, inviteA()).rtp(2, 5, kForth).sip(5, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
    QVERIFY(call.endSeen);
}

QTEST_GUILESS_MAIN(TestCallGaps)
#include "tst_call_gaps.moc"
