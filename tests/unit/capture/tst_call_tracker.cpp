// SPDX-License-Identifier: GPL-3.0-or-later
// What goes in and what comes out: plain calls, doubles, limits, and what is no call.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestCallTracker : public QObject {
    Q_OBJECT
private slots:
    void plain();
    void mirrored();
    void handedOutAfterLinger();
    void sameCallIdAgain();
    void stragglers();
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
