// SPDX-License-Identifier: GPL-3.0-or-later
// From INVITE to answer or refusal: early media, forks, challenges, redirection, hops.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestCallEstablishment : public QObject {
    Q_OBJECT
private slots:
    void earlyMedia();
    void prack();
    void forking();
    void forkRefuses();
    void cancelled();
    void cancelCrossesAnswer();
    void authentication();
    void challengedWithNewTag();
    void redirect();
    void proxyHops();
    void delayedOffer();
};

void TestCallEstablishment::earlyMedia()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, response(183).tt().with(sdp(B, 6000)));
    f.rtp(1, 5, kBack).sip(5, B, A, okB()).rtp(5, 8, kForth);
    f.sip(8, B, A, request("BYE", 1).reversed());
    ONE_CALL(f);
    QVERIFY(has(call, FlowKind::EarlyMedia));
    QCOMPARE(secondsOf(call.ringing.value()), 1.0);
    QCOMPARE(secondsOf(call.streams.front().rtp.first), 1.0);
    QCOMPARE(call.streams.front().speaker, Party::Callee);
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{200});
}

void TestCallEstablishment::prack()
{
    Flow f; // the offer comes in the reliable 183, its answer in PRACK (RFC 3262 §5)
    f.sip(0, A, B, request("INVITE").header("Require: 100rel"));
    f.sip(1, B, A, response(183).tt().with(sdp(B, 6000)));
    f.sip(1.1, A, B, request("PRACK", 2).tt().with(sdp(A, 4000)))
        .sip(1.2, B, A, response(200, "PRACK", 2).tt());
    f.rtp(1.2, 4, kBack).rtp(1.2, 4, kForth).sip(2, B, A, response(200).tt());
    f.sip(4, A, B, request("BYE", 3).tt());
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{140});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{140});
    QCOMPARE(call.streams.size(), std::size_t{2});
}

void TestCallEstablishment::forking()
{
    Flow f;
    const std::string C = "10.0.0.3";
    f.sip(0, A, P, inviteA());
    f.sip(1, P, A, response(183).tt("f1").with(sdp(C, 7000)))
        .rtp(1, 2, {"10.0.0.3:7000", "10.0.0.1:4000", 0xc});
    f.sip(1.5, P, A, response(180).tt("f2"));
    f.sip(3, P, A, response(200).tt("f2").with(sdp(B, 6000)));
    f.sip(3.1, A, P, request("ACK").tt("f2")).rtp(3, 8, kForth).rtp(3, 8, kBack);
    f.sip(3.4, P, A, response(200).tt("f1").with(sdp(C, 7000)));
    f.sip(3.5, A, P, request("ACK").tt("f1"));
    f.sip(3.6, A, P, request("BYE", 2).tt("f1")).sip(3.7, P, A, response(200, "BYE", 2).tt("f1"));
    f.rtp(3.4, 7, {"10.0.0.3:7000", "10.0.0.1:4000", 0xd, 8, 160, 160, 9000}); // the loser does not stop
    f.sip(8, A, P, request("BYE", 3).tt("f2"));
    ONE_CALL(f);
    QCOMPARE(call.calleeTag, std::string("f2"));
    QCOMPARE(secondsOf(call.answered.value()), 3.0);
    QCOMPARE(secondsOf(call.ended), 8.0);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{250});
    for (const CallStream& one : call.streams)
        QVERIFY2(one.rtp.ssrc != 0xd, "media of the fork that lost is not part of the call");
    QVERIFY(std::ranges::any_of(
        call.flow, [](const FlowEvent& e) { return e.detail.find("another branch") != std::string::npos; }));
}

void TestCallEstablishment::forkRefuses()
{
    Flow f; // one branch behind the proxy is busy, the other one answers much later
    f.sip(0, A, P, inviteA().branch("z-a"));
    f.sip(0.1, P, B, inviteA().branch("z-b")).sip(0.1, P, "10.0.0.3", inviteA().branch("z-c"));
    f.sip(0.3, "10.0.0.3", P, response(486).tt("busy").branch("z-c"));
    f.sip(20, B, P, okB().branch("z-b")).sip(20.01, P, A, okB().branch("z-a"));
    f.rtp(20, 25, kForth).sip(25, A, P, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.answered.value()), 20.0);
    QCOMPARE(call.finalStatus, 0);
}

void TestCallEstablishment::cancelled()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, response(180).tt()).sip(6, A, B, request("CANCEL"));
    f.sip(6.1, B, A, response(200, "CANCEL").tt())
        .sip(6.2, B, A, response(487).tt())
        .sip(6.3, A, B, request("ACK").tt());
    ONE_CALL(f);
    QVERIFY(!call.answered);
    QCOMPARE(call.finalStatus, 487);
    QCOMPARE(secondsOf(call.ended), 6.0);
    QVERIFY(has(call, FlowKind::Cancel));
    QVERIFY(call.endSeen);
}

void TestCallEstablishment::cancelCrossesAnswer()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(4, A, B, request("CANCEL")).sip(4.01, B, A, okB());
    f.sip(4.1, A, B, request("ACK").tt()).rtp(4.1, 5, kForth).sip(5, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.answered.value()), 4.01);
    QCOMPARE(secondsOf(call.ended), 5.0);
    QCOMPARE(call.finalStatus, 0);
}

void TestCallEstablishment::authentication()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(0.1, B, A, response(407).tt("c1")).sip(0.2, A, B, request("ACK").tt("c1"));
    f.sip(20, A, B, request("INVITE", 2).branch("z-2").with(sdp(A, 4000)));
    f.sip(22, B, A, response(200, "INVITE", 2).tt().branch("z-2").with(sdp(B, 6000)));
    f.rtp(22, 25, kForth).rtp(22, 25, kBack).sip(25, B, A, request("BYE", 1).reversed());
    ONE_CALL(f);
    const std::vector expected{FlowKind::Invite, FlowKind::Challenge, FlowKind::Invite, FlowKind::Answer,
                               FlowKind::Bye};
    QCOMPARE(kinds(call), expected);
    QCOMPARE(call.finalStatus, 0);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
    QCOMPARE(call.flow.back().by, Party::Callee);
}

void TestCallEstablishment::challengedWithNewTag()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(0.1, B, A, response(401).tt("c1"));
    f.sip(0.3, A, B, request("INVITE", 2).ft("ta2").with(sdp(A, 4002)));
    f.sip(1, B, A, response(200, "INVITE", 2).ft("ta2").tt().with(sdp(B, 6000)));
    f.rtp(1, 3, {"10.0.0.1:4002", "10.0.0.2:6000", 1}).sip(3, A, B, request("BYE", 3).ft("ta2").tt());
    ONE_CALL(f);
    QCOMPARE(call.callerTag, std::string("ta2"));
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{100});
    QCOMPARE(secondsOf(call.ended), 3.0);
}

void TestCallEstablishment::redirect()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(0.2, B, A, response(302).tt("r").header("Contact: <sip:300@10.0.0.3>"));
    f.sip(0.5, A, "10.0.0.3", request("INVITE", 2, "sip:300@10.0.0.3").with(sdp(A, 4000)));
    f.sip(1, "10.0.0.3", A, response(200, "INVITE", 2).tt("t3").with(sdp("10.0.0.3", 7000)));
    f.rtp(1, 2, {"10.0.0.3:7000", "10.0.0.1:4000", 7}).sip(3, A, "10.0.0.3", request("BYE", 3).tt("t3"));
    ONE_CALL(f);
    QVERIFY(has(call, FlowKind::Redirect));
    QCOMPARE(call.flow[1].detail, std::string("302 Text sip:300@10.0.0.3"));
    QCOMPARE(call.calleeTag, std::string("t3"));
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{50});

    Flow alone;
    alone.sip(0, A, B, inviteA()).sip(0.2, B, A, response(302).tt("r").header("Contact: <sip:300@10.0.0.3>"));
    const auto refused = alone.run();
    QCOMPARE(refused.size(), std::size_t{1});
    QCOMPARE(refused.front().finalStatus, 302);
}

void TestCallEstablishment::proxyHops()
{
    Flow f; // the same dialog on both sides of a proxy that stays out of the media
    f.sip(0, A, P, inviteA().branch("z-a")).sip(0.01, P, B, inviteA().branch("z-b"));
    f.sip(2, B, P, okB().branch("z-b")).sip(2.01, P, A, okB().branch("z-a"));
    f.rtp(2, 5, kForth).rtp(2, 5, kBack);
    f.sip(5, B, P, request("BYE", 1).reversed()).sip(5.01, P, A, request("BYE", 1).reversed());
    ONE_CALL(f);
    const std::vector expected{FlowKind::Invite, FlowKind::Answer, FlowKind::Bye};
    QCOMPARE(kinds(call), expected);
    QCOMPARE(call.caller.signalling, ep(A));
    QCOMPARE(call.callee.signalling, ep(B));
    QCOMPARE(call.streams.size(), std::size_t{2});
}

void TestCallEstablishment::delayedOffer()
{
    Flow f;
    f.sip(0, A, B, request("INVITE"))
        .sip(1, B, A, okB())
        .sip(1.1, A, B, request("ACK").tt().with(sdp(A, 4000)));
    f.rtp(1.1, 4.1, kForth).rtp(1.1, 4.1, kBack).sip(4.1, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{150});
    QVERIFY(!has(call, FlowKind::Hold));
}

QTEST_GUILESS_MAIN(TestCallEstablishment)
#include "tst_call_establishment.moc"
