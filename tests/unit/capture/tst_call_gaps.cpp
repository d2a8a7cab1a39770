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
    void answerNotCaptured_data();
    void answerNotCaptured();
    void lateAnswerCorrectsTheAck();
    void refusalTakesTheAnswerBack();
    void byeNamesTheMediaOfItsHosts();
    void byeLeavesForeignMedia();
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
    for (int i = 0; i < 4; ++i) // a single packet proves no time
        later.sip(4.1 * 3600 + i, A, B, request("OPTIONS").call("x"));
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
    QTest::addColumn<bool>("media");
    QTest::newRow("its media was captured") << true;
    QTest::newRow("without any media") << false;
}

void TestCallGaps::midDialog()
{
    QFETCH(bool, media);
    Flow f; // a re-INVITE is the first of its signalling that was captured
    if (media)
        f.rtp(0, 30, kForth).rtp(0, 30, kBack);
    f.sip(20, B, A, request("INVITE", 4).reversed().with(sdp(B, 6000)));
    f.sip(20.1, A, B, response(200, "INVITE", 4).reversed().with(sdp(A, 4000)));
    f.sip(30, B, A, request("BYE", 5).reversed());
    ONE_CALL(f);
    QVERIFY(call.endSeen);
    QCOMPARE(secondsOf(call.ended), 30.0);
    QVERIFY(!has(call, FlowKind::Answer));
    QCOMPARE(secondsOf(call.firstPacket), media ? 0.0 : 20.0);
    QCOMPARE(secondsOf(call.answered.value()), media ? 0.0 : 20.0);
    if (!media)
        return;
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

void TestCallGaps::answerNotCaptured_data()
{
    QTest::addColumn<std::string>("ackBranch"); // empty: no ACK
    QTest::addColumn<std::string>("later");     // a request inside the dialog, at 9 s
    QTest::addColumn<double>("heard");          // until when the callee is heard; 0: not at all
    QTest::addColumn<double>("answered");       // 0: not answered
    QTest::newRow("the ACK has a branch of its own") << "z-ack"s
                                                     << ""s << 9.0 << 3.1;
    QTest::newRow("... and nothing else was captured") << "z-ack"s
                                                       << ""s << 0.0 << 3.1;
    QTest::newRow("the ACK has the branch of the INVITE, and sound goes on") << "z9hG4bK-1"s
                                                                             << ""s << 9.0 << 3.1;
    QTest::newRow("the ACK of a refusal") << "z9hG4bK-1"s
                                          << ""s << 3.1 << 0.0;
    QTest::newRow("a BYE behind the ACK") << "z9hG4bK-1"s
                                          << "BYE"s << 9.0 << 3.1;
    QTest::newRow("a BYE and no ACK") << ""s
                                      << "BYE"s << 9.0 << 3.2;
    QTest::newRow("a BYE, and nothing was heard") << ""s
                                                  << "BYE"s << 0.0 << 0.5;
    QTest::newRow("a re-INVITE") << ""s
                                 << "INVITE"s << 9.0 << 3.2;
    QTest::newRow("a REFER") << ""s
                             << "REFER"s << 9.0 << 3.2;
    QTest::newRow("nothing but a long talk") << ""s
                                             << ""s << 9.0 << 3.2;
    QTest::newRow("early media for long, as announcements are") << "183"s
                                                                << ""s << 9.0 << 0.0;
    QTest::newRow("a short ringing tone") << ""s
                                          << ""s << 6.0 << 0.0;
    QTest::newRow("an UPDATE, as ringing calls have it too") << ""s
                                                             << "UPDATE"s << 6.0 << 0.0;
}

void TestCallGaps::answerNotCaptured()
{
    QFETCH(std::string, ackBranch);
    QFETCH(std::string, later);
    QFETCH(double, heard);
    QFETCH(double, answered);
    Flow f;
    const bool early = ackBranch == "183";
    f.sip(0, A, B, inviteA());
    f.sip(0.5, B, A, early ? response(183).tt().with(sdp(B, 6000)) : response(180).tt());
    if (early)
        ackBranch.clear();
    if (!ackBranch.empty())
        f.sip(3.1, A, B, request("ACK").tt().branch(ackBranch));
    if (heard > 0)
        f.rtp(1, heard, kForth).rtp(std::min(3.2, heard - 0.1), heard, kBack);
    if (!later.empty())
        f.sip(9, A, B, request(later, 2).tt().branch("z-2").header("Refer-To: <sip:300@pbx.example>"));
    ONE_CALL(f);
    QCOMPARE(call.answered.has_value(), answered > 0);
    QCOMPARE(call.endSeen, later == "BYE");
    if (!call.answered)
        return;
    QCOMPARE(secondsOf(*call.answered), answered);
    QCOMPARE(std::ranges::count(kinds(call), FlowKind::Answer), std::ptrdiff_t{1});
    const auto noted = std::ranges::find(call.flow, FlowKind::Answer, &FlowEvent::kind);
    QVERIFY(noted->detail.starts_with("not captured"));
    QVERIFY(std::ranges::is_sorted(call.flow, {}, &FlowEvent::time));
    QCOMPARE(packets(call, Party::Callee) > 0, heard > 0);
    if (!ackBranch.empty() && ackBranch != "z9hG4bK-1")
        QCOMPARE(call.calleeTag, std::string("tb"));
}

void TestCallGaps::lateAnswerCorrectsTheAck()
{
    Flow f; // only the second copy of the 200 was captured
    f.sip(0, A, B, inviteA()).sip(2, A, B, request("ACK").tt().branch("z-ack")).sip(2.5, B, A, okB());
    f.rtp(2, 5, kForth).rtp(2, 5, kBack).sip(5, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.answered.value()), 2.0);
    const std::vector expected{FlowKind::Invite, FlowKind::Answer, FlowKind::Bye};
    QCOMPARE(kinds(call), expected);
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{150});
}

void TestCallGaps::refusalTakesTheAnswerBack()
{
    Flow early; // the caller ends a ringing call by BYE (RFC 3261 §15)
    early.sip(0, A, B, inviteA()).sip(1, B, A, response(180).tt()).sip(5, A, B, request("BYE", 2).tt());
    early.sip(5.1, B, A, response(200, "BYE", 2).tt()).sip(5.2, B, A, response(487).tt());
    const auto ended = early.run();
    QCOMPARE(ended.size(), std::size_t{1});
    QVERIFY(!ended.front().answered);
    QCOMPARE(ended.front().finalStatus, 487);

    Flow fork; // the 200 was lost, the other leg's refusal comes behind its ACK
    fork.sip(0, A, B, inviteA())
        .sip(1, B, A, response(180).tt())
        .sip(3, A, B, request("ACK").tt().branch("z-ack"));
    fork.sip(3.1, B, A, response(487).tt("tc")).rtp(3, 9, kForth).rtp(3, 9, kBack);
    const auto forked = fork.run();
    QCOMPARE(forked.size(), std::size_t{1});
    QVERIFY(forked.front().answered);

    Flow wrong; // a BYE in a dialog that was early, before another leg's refusal
    wrong.sip(0, A, B, inviteA()).sip(1, B, A, response(183).tt().with(sdp(B, 6000)));
    wrong.rtp(1, 9, kForth).rtp(1, 9, kBack).sip(9, A, B, request("BYE", 2).tt());
    wrong.sip(9.1, B, A, response(481, "BYE", 2).tt()).sip(9.2, B, A, response(486).tt("tc"));
    const auto refused = wrong.run();
    QCOMPARE(refused.size(), std::size_t{1});
    QVERIFY(!refused.front().answered);

    Flow f; // the challenge was not captured
    f.sip(0, A, B, inviteA()).sip(0.2, A, B, request("ACK").tt("c1").branch("z-odd"));
    f.sip(0.3, A, B, request("INVITE", 2).branch("z-2").with(sdp(A, 4000)));
    f.sip(1, B, A, response(486, "INVITE", 2).tt().branch("z-2"));
    ONE_CALL(f);
    QVERIFY(!call.answered);
    QCOMPARE(call.finalStatus, 486);
}

void TestCallGaps::byeNamesTheMediaOfItsHosts()
{
    Flow f; // the capture began inside the call, and nothing but its BYE tells of it
    f.rtp(0, 30, kForth).rtp(0, 30, kBack);
    f.rtp(0, 50, {"10.0.0.1:4002", "10.0.0.2:6002", 0x77}); // goes on
    f.sip(30.1, A, B, request("BYE", 5).tt()).sip(30.2, B, A, response(200, "BYE", 5).tt());
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    QCOMPARE(calls[0].caller.number, std::string("100"));
    QCOMPARE(calls[0].callee.number, std::string("200"));
    QCOMPARE(secondsOf(calls[0].answered.value()), 0.0);
    QCOMPARE(packets(calls[0], Party::Caller), std::uint64_t{1500});
    QCOMPARE(packets(calls[0], Party::Callee), std::uint64_t{1500});
    QCOMPARE(calls[1].origin, CallOrigin::BareRtp);
    QCOMPARE(calls[1].streams.size(), std::size_t{1});
}

void TestCallGaps::byeLeavesForeignMedia()
{
    Flow f; // two conversations end at once: which one is meant, nobody knows
    f.rtp(0, 30, kForth).rtp(0, 30, {"10.0.0.1:4002", "10.0.0.2:6002", 0x77});
    f.sip(30.1, A, B, request("BYE", 5).tt());
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls)
        QCOMPARE(call.origin, CallOrigin::BareRtp);
}

QTEST_GUILESS_MAIN(TestCallGaps)
#include "tst_call_gaps.moc"
