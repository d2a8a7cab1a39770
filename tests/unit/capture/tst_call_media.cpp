// SPDX-License-Identifier: GPL-3.0-or-later
// Which streams are of which call, and what their epochs say.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestCallMedia : public QObject {
    Q_OBJECT
private slots:
    void relayKeepsOneVoice();
    void behindNat();
    void asymmetricBehindNat();
    void endpointReused();
    void sharedByBackToBack();
    void srtpKeys();
    void formatsOfReceiver();
    void videoIsLeftOut();
    void countsWhatNoCallTakes();
};

void TestCallMedia::relayKeepsOneVoice()
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

void TestCallMedia::behindNat()
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

void TestCallMedia::asymmetricBehindNat()
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

void TestCallMedia::endpointReused()
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

void TestCallMedia::sharedByBackToBack()
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

void TestCallMedia::srtpKeys()
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

void TestCallMedia::formatsOfReceiver()
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

void TestCallMedia::videoIsLeftOut()
{
    const std::string video = "m=video %1 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
    const auto with = [&](const char* port) {
        std::string section = video;
        return section.replace(section.find("%1"), 2, port);
    };
    Flow f;
    f.sip(0, A, B, request("INVITE").with(sdp(A, 4000) + with("4010")));
    f.sip(1, B, A, response(200).tt().with(sdp(B, 6000) + with("6010")));
    f.rtp(1, 4, kForth).rtp(1, 4, kBack);
    f.rtp(1, 4, {"10.0.0.1:4010", "10.0.0.2:6010", 0x71, 96, 1800, 900});
    f.rtp(1, 4, {"10.0.0.2:6010", "10.0.0.1:4010", 0x72, 96, 1800, 900});
    f.sip(4, A, B, request("BYE", 2).tt());
    ONE_CALL(f);
    QCOMPARE(call.streams.size(), std::size_t{2});
    QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
    QCOMPARE(packets(call, Party::Callee), std::uint64_t{150});
    for (const CallStream& one : call.streams)
        QVERIFY(!one.rtp.epochs.back().formats.contains(96));
    QCOMPARE(f.stats.otherMedia, std::uint64_t{300});
}

void TestCallMedia::countsWhatNoCallTakes()
{
    Flow f = plainCall();
    f.rtp(10, 30, {"10.0.0.1:4000", "10.0.0.2:6000", 0xa, 8, 160, 160, 445}); // talks on after the BYE
    f.rtp(40, 40.1, {"10.9.9.9:1000", "10.9.9.8:2000", 5});
    QCOMPARE(f.run().size(), std::size_t{1});
    QVERIFY(f.stats.lateRtp > 14 * 50 && f.stats.lateRtp < 16 * 50);
    QCOMPARE(f.stats.strayRtp, std::uint64_t{5});
}

QTEST_GUILESS_MAIN(TestCallMedia)
#include "tst_call_media.moc"
