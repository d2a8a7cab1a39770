// SPDX-License-Identifier: GPL-3.0-or-later
// Dialogs as they are seen from outside: each test is a SIP flow and what must be made of it.
#include "tests/unit/capture/sip_flow.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

namespace {

const std::string A = "10.0.0.1";
const std::string B = "10.0.0.2";
const std::string P = "10.0.0.9"; // a proxy or PBX between them
const RtpRun kForth{"10.0.0.1:4000", "10.0.0.2:6000", 0xa};
const RtpRun kBack{"10.0.0.2:6000", "10.0.0.1:4000", 0xb};

Sip inviteA()
{
    return request("INVITE").with(sdp(A, 4000));
}
Sip okB()
{
    return response(200).tt().with(sdp(B, 6000));
}

/// INVITE, 180, 200, ACK, two ways of media, BYE.
Flow plainCall()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(0.1, B, A, response(100)).sip(0.5, B, A, response(180).tt());
    f.sip(3, B, A, okB()).sip(3.1, A, B, request("ACK").tt());
    f.rtp(3.1, 10, kForth).rtp(3.05, 10, kBack);
    f.sip(10, A, B, request("BYE", 2).tt()).sip(10.1, B, A, response(200, "BYE", 2).tt());
    return f;
}

std::vector<FlowKind> kinds(const CapturedCall& call)
{
    std::vector<FlowKind> out;
    for (const FlowEvent& event : call.flow)
        out.push_back(event.kind);
    return out;
}
bool has(const CapturedCall& call, FlowKind kind)
{
    return std::ranges::count(kinds(call), kind) > 0;
}
std::uint64_t packets(const CapturedCall& call, Party speaker)
{
    std::uint64_t sum = 0;
    for (const CallStream& one : call.streams)
        sum += one.speaker == speaker ? one.rtp.packets : 0;
    return sum;
}

} // namespace

#define ONE_CALL(flow)                                                                                       \
    const auto calls = (flow).run();                                                                         \
    QCOMPARE(calls.size(), std::size_t{1});                                                                  \
    const CapturedCall& call = calls.front();

class TestCallTracker : public QObject {
    Q_OBJECT
private slots:
    void plain();
    void mirrored();
    void handedOutAfterLinger();
    void earlyMedia();
    void prack();
    void holdAndRetrieve_data();
    void holdAndRetrieve();
    void updateMovesMedia();
    void refusedReinvite();
    void forking();
    void forkRefuses();
    void cancelled();
    void cancelCrossesAnswer();
    void authentication();
    void challengedWithNewTag();
    void redirect();
    void refer();
    void attendedTransfer();
    void byeFromCallee();
    void byeLost();
    void byeOnlyResponse();
    void proxyHops();
    void relayKeepsOneVoice();
    void delayedOffer();
    void midDialog_data();
    void midDialog();
    void sameCallIdAgain();
    void stragglers();
    void numbers_data();
    void numbers();
    void guid_data();
    void guid();
    void behindNat();
    void asymmetricBehindNat();
    void endpointReused();
    void sharedByBackToBack();
    void musicFromThirdAddress();
    void oneWayCapture();
    void srtpKeys();
    void formatsOfReceiver();
    void bareRtp();
    void bareOneDirection();
    void bareDynamicTypes();
    void bareTooShort();
    void phoneFileByName();
    void phoneFileByPorts();
    void spansFiles();
    void limits();
    void notCalls();
};

void TestCallTracker::plain()
{
    Flow f = plainCall();
    ONE_CALL(f);
    QVERIFY(f.ok);
    QCOMPARE(call.origin, CallOrigin::Sip);
    QCOMPARE(call.callId, std::string("call-1"));
    QCOMPARE(call.callerTag, std::string("ta"));
    QCOMPARE(call.calleeTag, std::string("tb"));
    QCOMPARE(call.caller.number, std::string("100"));
    QCOMPARE(call.callee.number, std::string("200"));
    QCOMPARE(call.caller.signalling, ep(A));
    QCOMPARE(call.callee.signalling, ep(B));
    QCOMPARE(secondsOf(call.firstPacket), 0.0);
    QCOMPARE(secondsOf(call.ringing.value()), 0.5);
    QCOMPARE(secondsOf(call.answered.value()), 3.0);
    QCOMPARE(secondsOf(call.ended), 10.0);
    QVERIFY(call.endSeen);
    const std::vector expected{FlowKind::Invite, FlowKind::Ringing, FlowKind::Answer, FlowKind::Bye};
    QCOMPARE(kinds(call), expected);
    QCOMPARE(call.signalling.size(), std::size_t{7});
    QCOMPARE(call.streams.size(), std::size_t{2});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{345});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{348});
    QCOMPARE(call.streams.front().rtp.epochs.front().formats.at(8).encoding, std::string("PCMA"));
    QCOMPARE(f.stats.sipMessages, std::uint64_t{7});
    QCOMPARE(f.stats.rtpPackets, std::uint64_t{693});
    std::uint64_t stored = 0;
    QVERIFY(call.streams.front().rtp.source->visit([&](UtcTime, ByteView) { ++stored; }));
    QCOMPARE(stored, call.streams.front().rtp.packets);
}

void TestCallTracker::mirrored()
{
    Flow f = plainCall();
    f.doubled();
    ONE_CALL(f);
    const std::vector expected{FlowKind::Invite, FlowKind::Ringing, FlowKind::Answer, FlowKind::Bye};
    QCOMPARE(kinds(call), expected);
    QCOMPARE(call.signalling.size(), std::size_t{7}); // the doubles are left out
    QCOMPARE(call.streams.size(), std::size_t{2});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{690}); // the decoder drops them by sequence number
}

void TestCallTracker::handedOutAfterLinger()
{
    Flow f = plainCall();
    f.sip(12, A, B, request("OPTIONS").call("other"));
    f.run();
    QCOMPARE(f.emittedBeforeFinish, std::size_t{0});
    f.sip(15.1, A, B, request("OPTIONS").call("other"));
    f.run();
    QCOMPARE(f.emittedBeforeFinish, std::size_t{1});
}

void TestCallTracker::earlyMedia()
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

void TestCallTracker::prack()
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

void TestCallTracker::holdAndRetrieve_data()
{
    QTest::addColumn<std::string>("holdSdp");
    QTest::newRow("sendonly") << sdp(A, 4000, "a=sendonly\r\n");
    QTest::newRow("inactive") << sdp(A, 4000, "a=inactive\r\n");
    QTest::newRow("connection address of zeros") << sdp("0.0.0.0", 4000);
    QTest::newRow("session level inactive")
        << "v=0\r\nc=IN IP4 10.0.0.1\r\na=inactive\r\nm=audio 4000 RTP/AVP 8\r\n"s;
}

void TestCallTracker::holdAndRetrieve()
{
    QFETCH(std::string, holdSdp);
    Flow f = plainCall();
    f.sip(5, A, B, request("INVITE", 11).tt().with(holdSdp));
    f.sip(5.1, B, A, response(200, "INVITE", 11).tt().with(sdp(B, 6000, "a=recvonly\r\n")));
    f.sip(7, A, B, request("INVITE", 12).tt().with(sdp(A, 4000)));
    f.sip(7.1, B, A, response(200, "INVITE", 12).tt().with(sdp(B, 6000)));
    ONE_CALL(f);
    const std::vector expected{FlowKind::Invite, FlowKind::Ringing,  FlowKind::Answer,
                               FlowKind::Hold,   FlowKind::Retrieve, FlowKind::Bye};
    QCOMPARE(kinds(call), expected);
    QCOMPARE(call.flow[3].by, Party::Caller);
    QCOMPARE(call.streams.size(), std::size_t{2});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{345}); // the media went on at the same endpoints
}

void TestCallTracker::updateMovesMedia()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 4, kForth).rtp(1, 4, kBack);
    f.sip(4, B, A, request("UPDATE", 7).reversed().with(sdp(B, 6100, {}, "0 101")));
    f.sip(4.1, A, B, response(200, "UPDATE", 7).reversed().with(sdp(A, 4000, {}, "0 101")));
    f.rtp(4.1, 6.1, {"10.0.0.1:4000", "10.0.0.2:6100", 0xa, 0, 160, 160, 300});
    f.rtp(4.1, 6.1, {"10.0.0.2:6100", "10.0.0.1:4000", 0xb, 0, 160, 160, 300});
    f.sip(6.1, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(call.streams.size(), std::size_t{4});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{250});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{250});
    const auto& late = call.streams.back().rtp;
    QVERIFY(late.to.port == 6100 || late.from.port == 6100);
    QCOMPARE(late.epochs.back().formats.at(0).encoding, std::string("PCMU"));
}

void TestCallTracker::refusedReinvite()
{
    Flow f = plainCall(); // an offer of other types at another port is refused: nothing has changed
    f.sip(5, A, B, request("INVITE", 5).tt().with(sdp(A, 4444, "a=rtpmap:97 opus/48000/2\r\n", "97")));
    f.sip(5.2, B, A, response(488, "INVITE", 5).tt());
    ONE_CALL(f);
    QVERIFY(has(call, FlowKind::Reinvite));
    QVERIFY(!has(call, FlowKind::Reject));
    QVERIFY(call.answered.has_value());
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{348});
    for (const CallStream& one : call.streams)
        QVERIFY(!one.rtp.epochs.back().formats.contains(97));
}

void TestCallTracker::forking()
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

void TestCallTracker::forkRefuses()
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

void TestCallTracker::cancelled()
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

void TestCallTracker::cancelCrossesAnswer()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(4, A, B, request("CANCEL")).sip(4.01, B, A, okB());
    f.sip(4.1, A, B, request("ACK").tt()).rtp(4.1, 5, kForth).sip(5, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.answered.value()), 4.01);
    QCOMPARE(secondsOf(call.ended), 5.0);
    QCOMPARE(call.finalStatus, 0);
}

void TestCallTracker::authentication()
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

void TestCallTracker::challengedWithNewTag()
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

void TestCallTracker::redirect()
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

void TestCallTracker::refer()
{
    Flow f = plainCall(); // blind: 200 sends 100 on to 300
    f.sip(9, B, A, request("REFER", 5).reversed().header("Refer-To: <sip:300@pbx.example>"));
    f.sip(9.1, A, B, response(202, "REFER", 5).reversed());
    f.sip(9.2, A, "10.0.0.3",
          request("INVITE")
              .call("call-2")
              .ft("ra")
              .to("<sip:300@pbx.example>")
              .header("Referred-By: <sip:200@pbx.example>")
              .with(sdp(A, 4010)));
    f.sip(10, "10.0.0.3", A, response(486).call("call-2").ft("ra").tt("x"));
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    const auto referred = std::ranges::find(calls, std::string("call-2"), &CapturedCall::callId);
    const auto first = std::ranges::find(calls, std::string("call-1"), &CapturedCall::callId);
    const auto event = std::ranges::find(first->flow, FlowKind::Refer, &FlowEvent::kind);
    QVERIFY(event != first->flow.end());
    QCOMPARE(event->detail, std::string("sip:300@pbx.example"));
    QCOMPARE(event->by, Party::Callee);
    QVERIFY(has(*referred, FlowKind::Refer));
    QCOMPARE(referred->finalStatus, 486);
    QVERIFY(!referred->answered);
}

void TestCallTracker::attendedTransfer()
{
    Flow f = plainCall();
    f.sip(4, B, "10.0.0.3", request("INVITE").call("call-2").ft("b2").with(sdp(B, 6010)));
    f.sip(5, "10.0.0.3", B, response(200).call("call-2").ft("b2").tt("c2").with(sdp("10.0.0.3", 7000)));
    f.sip(8, B, A,
          request("REFER", 5)
              .reversed()
              .header("Refer-To: <sip:300@pbx.example?Replaces=call-2%3Bto-tag%3Dc2%3Bfrom-tag%3Db2>"));
    f.sip(8.2, A, "10.0.0.3",
          request("INVITE")
              .call("call-3")
              .ft("a3")
              .header("Replaces: call-2;to-tag=c2;from-tag=b2")
              .with(sdp(A, 4020)));
    f.sip(8.3, "10.0.0.3", A, response(200).call("call-3").ft("a3").tt("c3").with(sdp("10.0.0.3", 7000)));
    f.sip(8.4, "10.0.0.3", B, request("BYE", 9).call("call-2").ft("c2").tt("b2"));
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{3});
    for (const CapturedCall& one : calls)
        QVERIFY2(has(one, FlowKind::Replaces), one.callId.c_str());
    const auto third = std::ranges::find(calls, std::string("call-3"), &CapturedCall::callId);
    QCOMPARE(third->flow[1].detail, std::string("call-2"));
    QVERIFY(has(*third, FlowKind::Lost));
}

void TestCallTracker::byeFromCallee()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, okB()).sip(4, B, A, request("BYE", 900).reversed());
    ONE_CALL(f);
    QCOMPARE(call.flow.back().kind, FlowKind::Bye);
    QCOMPARE(call.flow.back().by, Party::Callee);
    QCOMPARE(secondsOf(call.ended), 4.0);
}

void TestCallTracker::byeLost()
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

void TestCallTracker::byeOnlyResponse()
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

void TestCallTracker::proxyHops()
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

void TestCallTracker::relayKeepsOneVoice()
{
    Flow f; // the proxy relays the media too: each voice is captured twice on its way and kept once
    f.sip(0, A, P, inviteA().branch("z-a"));
    f.sip(0.01, P, B, request("INVITE").branch("z-b").with(sdp(P, 9000)));
    f.sip(2, B, P, okB().branch("z-b")).sip(2.01, P, A, response(200).tt().branch("z-a").with(sdp(P, 9002)));
    f.rtp(2, 6, {"10.0.0.1:4000", "10.0.0.9:9002", 0xa})
        .rtp(2.001, 6.001, {"10.0.0.9:9000", "10.0.0.2:6000", 0xa});
    f.rtp(2, 6, {"10.0.0.2:6000", "10.0.0.9:9000", 0xb})
        .rtp(2.001, 6.001, {"10.0.0.9:9002", "10.0.0.1:4000", 0xb});
    f.sip(6, A, P, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(call.streams.size(), std::size_t{2});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{200});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{200});
    for (const CallStream& one : call.streams)
        QCOMPARE(one.rtp.ssrc, one.speaker == Party::Caller ? 0xaU : 0xbU);
}

void TestCallTracker::delayedOffer()
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

void TestCallTracker::midDialog_data()
{
    QTest::addColumn<bool>("reinvite");
    QTest::newRow("a re-INVITE is the first that was captured") << true;
    QTest::newRow("only the BYE was captured") << false;
}

void TestCallTracker::midDialog()
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

void TestCallTracker::sameCallIdAgain()
{
    Flow f = plainCall(); // a careless phone uses its Call-ID for the next call
    f.sip(12, A, B, request("INVITE", 5).ft("tz").with(sdp(A, 4000)));
    f.sip(13, B, A, response(200, "INVITE", 5).ft("tz").tt("ty").with(sdp(B, 6000)));
    f.rtp(13, 15, {"10.0.0.1:4000", "10.0.0.2:6000", 0xcc})
        .sip(15, A, B, request("BYE", 6).ft("tz").tt("ty"));
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    QCOMPARE(calls[0].streams.size(), std::size_t{2});
    QCOMPARE(calls[1].streams.size(), std::size_t{1});
    QCOMPARE(calls[1].streams[0].rtp.ssrc, 0xccU);
}

void TestCallTracker::stragglers()
{
    Flow f = plainCall(); // after the call was handed out nothing of it makes another one
    f.sip(20, A, B, request("BYE", 2).tt()).sip(21, A, B, inviteA()).sip(22, B, A, okB());
    f.rtp(10, 30, {"10.0.0.1:4000", "10.0.0.2:6000", 0xa, 8, 160, 160, 445});
    ONE_CALL(f);
    QCOMPARE(secondsOf(call.ended), 10.0);
    QVERIFY(packets(call, Party::Caller) < 345 + 6 * 50); // the linger, not the twenty seconds
}

void TestCallTracker::numbers_data()
{
    QTest::addColumn<std::string>("from");
    QTest::addColumn<std::string>("header");
    QTest::addColumn<std::string>("number");
    QTest::newRow("user part of From") << "<sip:+39047112345@x>"s
                                       << "X: y"s
                                       << "+39047112345"s;
    QTest::newRow("zeros stay as written") << "<sip:0039047112345@x>"s
                                           << "X: y"s
                                           << "0039047112345"s;
    QTest::newRow("asserted identity wins") << "<sip:1@x>"s
                                            << "P-Asserted-Identity: \"A, B\" <sip:777@x>"s
                                            << "777"s;
    QTest::newRow("tel identity beside a sip one without user")
        << "<sip:1@x>"s
        << "P-Asserted-Identity: <sip:gw.x>, <tel:+39-0471(1)2.3>"s
        << "+390471123"s;
    QTest::newRow("tel From") << "<tel:0471;phone-context=+39>"s
                              << "X: y"s
                              << "0471"s;
    QTest::newRow("user parameters go") << "<sip:12;phone-context=x;ext=4@x;user=phone>"s
                                        << "X: y"s
                                        << "12"s;
    QTest::newRow("password goes") << "<sip:12:secret@x>"s
                                   << "X: y"s
                                   << "12"s;
    QTest::newRow("escapes are decoded") << "<sip:%2312%2A@x>"s
                                         << "X: y"s
                                         << "#12*"s;
    QTest::newRow("anonymous") << "\"Anonymous\" <sip:anonymous@anonymous.invalid>"s
                               << "X: y"s
                               << "unknown"s;
    QTest::newRow("withheld in mixed case") << "<sip:Restricted@x>"s
                                            << "X: y"s
                                            << "unknown"s;
    QTest::newRow("no user") << "<sip:x>"s
                             << "X: y"s
                             << "unknown"s;
    QTest::newRow("withheld, asserted") << "<sip:anonymous@x>"s
                                        << "P-Asserted-Identity: <tel:5>"s
                                        << "5"s;
    QTest::newRow("withheld, remote party") << "<sip:anonymous@x>"s
                                            << "Remote-Party-ID: <sip:6@x>;party=calling"s
                                            << "6"s;
    QTest::newRow("anonymous identity does not win") << "<sip:8@x>"s
                                                     << "P-Asserted-Identity: <sip:anonymous@x>"s
                                                     << "8"s;
    QTest::newRow("letters") << "<sip:anna.b@x>"s
                             << "X: y"s
                             << "anna.b"s;
}

void TestCallTracker::numbers()
{
    QFETCH(std::string, from);
    QFETCH(std::string, header);
    QFETCH(std::string, number);
    Flow f;
    f.sip(0, A, B, inviteA().from(from).header(header));
    ONE_CALL(f);
    QCOMPARE(call.caller.number, number);
    QCOMPARE(call.callee.number, std::string("200"));
}

void TestCallTracker::guid_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<std::string>("guid");
    const std::string g = "e89277f0e909d31192e80090331032dd";
    QTest::newRow("none") << "X: y"s
                          << ""s;
    QTest::newRow("h323-conf-id in groups") << "h323-conf-id: E89277F0 E909D311 92E80090 331032DD"s << g;
    QTest::newRow("conf-id") << "Conf-ID: e89277f0e909d31192e80090331032dd"s << g;
    QTest::newRow("Cisco-Guid of decimal words")
        << "Cisco-Guid: 3901913072-3909735185-2464678032-856699613"s << g;
    QTest::newRow("session id")
        << "Session-ID: e89277f0e909d31192e80090331032dd;remote=00000000000000000000000000000000"s << g;
    QTest::newRow("nil") << "Session-ID: 00000000000000000000000000000000"s
                         << ""s;
    QTest::newRow("too short") << "Conf-ID: e89277f0"s
                               << ""s;
}

void TestCallTracker::guid()
{
    QFETCH(std::string, header);
    QFETCH(std::string, guid);
    Flow f;
    f.sip(0, A, B, inviteA().header(header));
    ONE_CALL(f);
    QCOMPARE(call.guid, guid);
}

void TestCallTracker::behindNat()
{
    Flow f; // both name private addresses; what is seen comes from the public ones and keeps the ports
    f.sip(0, "203.0.113.5:1055", B, request("INVITE").with(sdp("192.168.1.2", 4000)));
    f.sip(1, B, "203.0.113.5:1055", okB());
    f.rtp(1, 3, {"203.0.113.5:33333", "10.0.0.2:6000", 1})
        .rtp(1, 3, {"10.0.0.2:6000", "203.0.113.5:33333", 2});
    f.sip(3, B, "203.0.113.5:1055", request("BYE", 1).reversed());
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{100});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{100});
}

void TestCallTracker::asymmetricBehindNat()
{
    Flow f; // ... and the way back comes from another port of the other side
    f.sip(0, "203.0.113.5:1055", B, request("INVITE").with(sdp("192.168.1.2", 4000)));
    f.sip(1, B, "203.0.113.5:1055", okB());
    f.rtp(1, 3, {"203.0.113.5:33333", "10.0.0.2:6000", 1})
        .rtp(1, 90, {"10.0.0.2:6500", "203.0.113.5:33333", 2});
    f.sip(90, B, "203.0.113.5:1055", request("BYE", 1).reversed());
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{100});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{4450});
}

void TestCallTracker::endpointReused()
{
    Flow f; // the second call has the same endpoints and even the same SSRC
    f.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 9.9, kForth).sip(10, A, B, request("BYE", 2).tt());
    f.sip(11, A, B, inviteA().call("call-2")).sip(12, B, A, okB().call("call-2"));
    f.rtp(12, 14, {"10.0.0.1:4000", "10.0.0.2:6000", 0xa, 8, 160, 160, 900});
    f.sip(14, A, B, request("BYE", 2).call("call-2").tt());
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    QCOMPARE(packets(calls[0], Party::Caller), std::uint64_t{445});
    QCOMPARE(packets(calls[1], Party::Caller), std::uint64_t{100});

    Flow lost; // the first BYE is lost: its call must not swallow the next one's media
    lost.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 9, kForth);
    lost.sip(20, A, B, inviteA().call("call-2")).sip(21, B, A, okB().call("call-2"));
    lost.rtp(21, 24, {"10.0.0.1:4000", "10.0.0.2:6000", 0xee});
    lost.sip(24, A, B, request("BYE", 2).call("call-2").tt());
    for (const CapturedCall& call : lost.run()) {
        const std::uint64_t mine = call.callId == "call-1" ? 400 : 150;
        QCOMPARE(packets(call, Party::Caller), mine);
    }
}

void TestCallTracker::sharedByBackToBack()
{
    Flow f; // a PBX makes two calls of it and stays out of the media: both hear it
    f.sip(0, A, P, inviteA()).sip(0.01, P, B, inviteA().call("leg-2").ft("p1"));
    f.sip(1, B, P, okB().call("leg-2").ft("p1").tt("b1")).sip(1.01, P, A, okB());
    f.rtp(1, 5, kForth).rtp(1, 5, kBack);
    f.sip(5, A, P, request("BYE", 2).tt()).sip(5.01, P, B, request("BYE", 2).call("leg-2").ft("p1").tt("b1"));
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls) {
        QCOMPARE(packets(call, Party::Caller), std::uint64_t{200});
        QCOMPARE(packets(call, Party::Callee), std::uint64_t{200});
    }
}

void TestCallTracker::musicFromThirdAddress()
{
    Flow g;
    g.sip(0, A, B, inviteA()).sip(1, B, A, okB()).rtp(1, 3, kForth).rtp(1, 3, kBack);
    g.sip(3, B, A, request("INVITE", 3).reversed().with(sdp(B, 6000, "a=sendonly\r\n")));
    g.sip(3.1, A, B, response(200, "INVITE", 3).reversed().with(sdp(A, 4000, "a=recvonly\r\n")));
    g.rtp(3.1, 8.1, {"10.0.0.77:20000", "10.0.0.1:4000", 0x77}).sip(9, A, B, request("BYE", 2).tt());
    ONE_CALL(g);
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{100 + 250});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{100});
    QVERIFY(has(call, FlowKind::Hold));
}

void TestCallTracker::oneWayCapture()
{
    Flow f; // nothing of what the callee signals was captured
    f.sip(0, A, B, inviteA()).rtp(2, 5, kForth).sip(5, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
    QVERIFY(call.endSeen);
}

void TestCallTracker::srtpKeys()
{
    const auto crypto = [](char c) {
        return "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, c) + "|2^20|1:4\r\n";
    };
    Flow f;
    f.sip(0, A, B, request("INVITE").with(sdp(A, 4000, crypto('A'))));
    f.sip(1, B, A, response(200).tt().with(sdp(B, 6000, crypto('B'))));
    f.rtp(1, 4, kForth).rtp(1, 4, kBack);
    f.sip(2, A, B, request("INVITE", 2).tt().with(sdp(A, 4000, crypto('C'))));
    f.sip(2.1, B, A, response(200, "INVITE", 2).tt().with(sdp(B, 6000, crypto('B'))));
    f.sip(4, A, B, request("BYE", 3).tt());
    ONE_CALL(f);
    for (const CallStream& one : call.streams) {
        const auto& last = one.rtp.epochs.back().srtpKeys;
        if (one.speaker == Party::Callee) {
            QCOMPARE(last.size(), std::size_t{1});
            continue;
        }
        QCOMPARE(one.rtp.epochs.size(), std::size_t{2});
        QCOMPARE(one.rtp.epochs.front().srtpKeys.size(), std::size_t{1});
        QCOMPARE(secondsOf(one.rtp.epochs.back().since), 2.0);
        QCOMPARE(last.size(), std::size_t{2}); // the new one first, the former one behind it
        QVERIFY(last[1] == one.rtp.epochs.front().srtpKeys[0]);
        QCOMPARE(last[0].keySalt.size(), std::size_t{30});
    }
}

void TestCallTracker::formatsOfReceiver()
{
    Flow f; // each side numbers Opus in its own way (RFC 3264 §5.1): the receiver's number is what is sent
    f.sip(0, A, B,
          request("INVITE").with(
              sdp(A, 4000, "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 G726-32/8000\r\n", "96 97")));
    f.sip(1, B, A, response(200).tt().with(sdp(B, 6000, "a=rtpmap:97 opus/48000/2\r\n", "97")));
    f.rtp(1, 3, {"10.0.0.1:4000", "10.0.0.2:6000", 1, 97})
        .rtp(1, 3, {"10.0.0.2:6000", "10.0.0.1:4000", 2, 96});
    f.sip(3, A, B, request("BYE", 3).tt());
    ONE_CALL(f);
    for (const CallStream& one : call.streams) {
        const auto& formats = one.rtp.epochs.back().formats;
        QCOMPARE(formats.at(one.speaker == Party::Caller ? 97 : 96).encoding, std::string("OPUS"));
    }
}

void TestCallTracker::bareRtp()
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

void TestCallTracker::bareOneDirection()
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

void TestCallTracker::bareDynamicTypes()
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

void TestCallTracker::bareTooShort()
{
    Flow f;
    f.rtp(0, 0.18, kForth);
    QCOMPARE(f.run().size(), std::size_t{0});
    f.rtp(0.18, 0.2, {"10.0.0.1:4000", "10.0.0.2:6000", 0xa, 8, 160, 160, 109});
    QCOMPARE(f.run().size(), std::size_t{1});
}

void TestCallTracker::phoneFileByName()
{
    const std::string guid = "e89277f0e909d31192e80090331032dd";
    const RtpRun local{"10.0.0.1:16386", "10.0.0.1:16388", 1};
    const RtpRun remote{"10.0.0.1:16388", "10.0.0.1:16386", 2};
    Flow f;
    f.file(0, "/in/" + guid + "-009033103210-17-anna.pcap");
    f.sip(0.001, A, B, request("INVITE").with(sdp(A, 16388)).from("<sip:0471999@x>"));
    f.sip(0.002, B, A, response(200).tt().with(sdp(A, 16386)));
    f.rtp(0.1, 3.1, local).rtp(0.1, 3.1, remote);
    f.file(50, "0123456789abcdef0123456789abcdef-00-90-33-10-32-10-2a.pcap"); // no signalling in it
    f.rtp(50.1, 53.1, local);
    f.file(60, "trunk.pcap").rtp(60.1, 61, kForth);
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{3});
    QCOMPARE(calls[0].origin, CallOrigin::PhoneFile);
    QCOMPARE(calls[0].guid, guid);
    QCOMPARE(calls[0].deviceId, std::string("009033103210-17-anna"));
    QCOMPARE(calls[0].caller.number, std::string("0471999"));
    QCOMPARE(calls[0].localParty.value(), Party::Callee);
    QCOMPARE(packets(calls[0], Party::Callee), std::uint64_t{150});
    QCOMPARE(calls[0].files.size(), std::size_t{1});
    QCOMPARE(calls[1].origin, CallOrigin::PhoneFile);
    QCOMPARE(calls[1].guid, std::string("0123456789abcdef0123456789abcdef"));
    QCOMPARE(calls[1].deviceId, std::string("00-90-33-10-32-10-2a"));
    QCOMPARE(calls[1].localParty.value(), Party::Caller);
    QCOMPARE(calls[2].origin, CallOrigin::BareRtp);
    QVERIFY(!calls[2].localParty);
}

void TestCallTracker::phoneFileByPorts()
{
    Flow f; // the older bare number tells nothing, the ports do
    f.file(0, "20140102030405.pcap");
    f.rtp(0.1, 3.1, {"10.0.0.1:16388", "10.0.0.1:16386", 2})
        .rtp(0.2, 3.1, {"10.0.0.1:16386", "10.0.0.1:16388", 1});
    f.file(4, "20140102030406.pcap");
    f.rtp(4.1, 7.1, {"10.0.0.1:16388", "10.0.0.1:16386", 2})
        .rtp(4.2, 7.1, {"10.0.0.1:16386", "10.0.0.1:16388", 1});
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls) {
        QCOMPARE(call.origin, CallOrigin::PhoneFile);
        QCOMPARE(call.localParty.value(), Party::Callee);
        QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
        QCOMPARE(call.files.size(), std::size_t{1});
    }
}

void TestCallTracker::spansFiles()
{
    Flow f = plainCall();
    f.file(-1, "a.pcap").file(5, "b.pcap").file(11, "c.pcap");
    ONE_CALL(f);
    const std::vector<std::string> expected{"a.pcap", "b.pcap"};
    QCOMPARE(call.files, expected);
    QCOMPARE(call.streams.size(), std::size_t{2});
}

void TestCallTracker::limits()
{
    Flow f;
    for (int i = 0; i < 50; ++i) {
        const std::string id = "flood-" + std::to_string(i);
        f.sip(i * 0.01, A, B, request("INVITE").call(id)); // and again, unanswered
        f.sip(0.6 + i * 0.001, A, B, request("INVITE").call(id));
        const std::string port = std::to_string(10000 + i);
        f.rtp(1, 1.4, {"10.1.0.1:" + port, "10.1.0.2:" + port, 1});
    }
    ReadOptions options;
    options.maxCalls = 20;
    options.maxStreams = 30;
    QCOMPARE(f.run(options).size(), std::size_t{50});
    QCOMPARE(f.stats.refusedCalls, std::uint64_t{30});
    QCOMPARE(f.stats.refusedStreams, std::uint64_t{20});

    Flow big; // signalling of one call is bounded
    big.sip(0, A, B, inviteA());
    for (int i = 1; i <= 700; ++i)
        big.sip(i * 0.1, A, B, request("INFO", i + 1).tt());
    QCOMPARE(big.run().front().signalling.size(), std::size_t{512});
}

void TestCallTracker::notCalls()
{
    Flow f;
    f.sip(0, A, B, request("REGISTER")).sip(0.1, B, A, response(401, "REGISTER").tt());
    f.sip(1, A, B, request("OPTIONS").call("o")).sip(2, A, B, request("SUBSCRIBE").call("s").tt());
    f.sip(3, A, B, request("ACK").call("k").tt()).sip(3, B, A, response(100).call("h"));
    const std::string http = "POST /xml HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    f.raw(4, A, B, Bytes(bytesOf(http).begin(), bytesOf(http).end()));
    f.raw(5, A, B, Bytes(40, std::byte{0x80}));
    f.raw(5, A, B, {});
    QCOMPARE(f.run().size(), std::size_t{0});
    QCOMPARE(f.stats.sipMessages, std::uint64_t{6});
    QCOMPARE(f.stats.packets, std::uint64_t{9});
}

QTEST_GUILESS_MAIN(TestCallTracker)
#include "tst_call_tracker.moc"
