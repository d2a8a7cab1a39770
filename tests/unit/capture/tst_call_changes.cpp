// SPDX-License-Identifier: GPL-3.0-or-later
// What happens inside a call: hold, moved media, transfer.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestCallChanges : public QObject {
    Q_OBJECT
private slots:
    void holdAndRetrieve_data();
    void holdAndRetrieve();
    void updateMovesMedia();
    void refusedReinvite();
    void refer();
    void attendedTransfer();
    void musicFromThirdAddress();
};

void TestCallChanges::holdAndRetrieve_data()
{
    QTest::addColumn<std::string>("holdSdp");
    QTest::newRow("sendonly") << sdp(A, 4000, "a=sendonly\r\n");
    QTest::newRow("inactive") << sdp(A, 4000, "a=inactive\r\n");
    QTest::newRow("connection address of zeros") << sdp("0.0.0.0", 4000);
    QTest::newRow("session level inactive")
        << "v=0\r\nc=IN IP4 10.0.0.1\r\na=inactive\r\nm=audio 4000 RTP/AVP 8\r\n"s;
}

void TestCallChanges::holdAndRetrieve()
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

void TestCallChanges::updateMovesMedia()
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

void TestCallChanges::refusedReinvite()
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

void TestCallChanges::refer()
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

void TestCallChanges::attendedTransfer()
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

void TestCallChanges::musicFromThirdAddress()
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

QTEST_GUILESS_MAIN(TestCallChanges)
#include "tst_call_changes.moc"
