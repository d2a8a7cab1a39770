// SPDX-License-Identifier: GPL-3.0-or-later
// The relay between clear and encrypted devices, in every pairing, with what the recorder gets of it.
#include "core/rtp/srtp.h"
#include "core/rtp/srtp_sender.h"
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::test;
using relay::Peer;
using relay::Side;
using rtp::SrtpErrc;
using rtp::SrtpKey;
using rtp::SrtpReceiver;
using rtp::SrtpSender;

namespace {

Bytes copyOf(ByteView view)
{
    return {view.begin(), view.end()};
}

SrtpKey keyOf(char seed, const char* suite = "AES_CM_128_HMAC_SHA1_80", std::size_t octets = 30)
{
    return {suite, std::string(octets, seed)};
}

/// A device that may encrypt: its own key for what it sends, the exchange's for what it gets.
struct SecureDevice {
    Device ports;
    std::optional<SrtpKey> own;
    std::optional<SrtpKey> exchange;
    std::unique_ptr<SrtpSender> sender;
    std::unique_ptr<SrtpReceiver> receiver;

    void use(std::optional<SrtpKey> sends, std::optional<SrtpKey> expects)
    {
        own = std::move(sends);
        exchange = std::move(expects);
        sender = own ? std::move(*SrtpSender::open(*own)) : nullptr;
        receiver =
            exchange ? std::move(*SrtpReceiver::open(*exchange, SrtpReceiver::Joins::FromTheStart)) : nullptr;
    }
    Peer peer() const
    {
        Peer peer = ports.peer();
        peer.sends = own;
        peer.expects = exchange;
        return peer;
    }
    Bytes sealed(const Bytes& rtp) { return sender ? copyOf(*sender->protect(rtp)) : rtp; }
    Bytes sealedReport(const Bytes& rtcp) { return sender ? copyOf(*sender->protectRtcp(rtcp)) : rtcp; }
    Bytes heard()
    {
        const Bytes datagram = ports.rtp.next().datagram;
        return receiver ? opened(receiver->unprotect(datagram)) : datagram;
    }
    Bytes heardReport()
    {
        const Bytes datagram = ports.rtcp.next().datagram;
        return receiver ? opened(receiver->unprotectRtcp(datagram)) : datagram;
    }

private:
    static Bytes opened(const Result<ByteView, SrtpErrc>& clear) { return clear ? copyOf(*clear) : Bytes(); }
};

struct SecureCall {
    Call call;
    SecureDevice caller;
    SecureDevice callee;

    SecureDevice& device(Side side) { return side == Side::Caller ? caller : callee; }
    bool connected()
    {
        return call.bridge && call.bridge->setPeer(Side::Caller, caller.peer()) &&
               call.bridge->setPeer(Side::Callee, callee.peer());
    }
    /// The other side hears what this one said.
    bool says(Side from, const Bytes& rtp)
    {
        device(from).ports.rtp.send(device(from).sealed(rtp), call.local(from));
        return device(from == Side::Caller ? Side::Callee : Side::Caller).heard() == rtp;
    }
    bool reports(Side from, const Bytes& rtcp)
    {
        device(from).ports.rtcp.send(device(from).sealedReport(rtcp), rtcpPort(call.local(from)));
        return device(from == Side::Caller ? Side::Callee : Side::Caller).heardReport() == rtcp;
    }
};

} // namespace

class RelaySrtpTest : public QObject {
    Q_OBJECT

    /// The row of everyPairing_data().
    static void use(SecureCall& secure)
    {
        QFETCH(bool, secureCaller);
        QFETCH(bool, secureCallee);
        QFETCH(QByteArray, suite);
        QFETCH(int, octets);
        if (secureCaller)
            secure.caller.use(keyOf('a'), keyOf('b'));
        if (secureCallee)
            secure.callee.use(keyOf('c', suite.constData(), static_cast<std::size_t>(octets)),
                              keyOf('d', suite.constData(), static_cast<std::size_t>(octets)));
    }

private slots:
    /// As behind a transfer after 22 minutes: another bridge, and the device has its key and its count.
    void aLongCallGoesOnElsewhere()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        for (std::uint32_t n = 0; n < 65600; ++n) // counted by its own library
            QVERIFY(!secure.caller.sealed(rtpPacket(static_cast<std::uint16_t>(n))).empty());
        QVERIFY(secure.connected());
        QVERIFY(secure.says(Side::Caller, rtpPacket(static_cast<std::uint16_t>(65600))));
    }

    void everyPairing_data()
    {
        QTest::addColumn<bool>("secureCaller");
        QTest::addColumn<bool>("secureCallee");
        QTest::addColumn<QByteArray>("suite");
        QTest::addColumn<int>("octets");
        QTest::newRow("clear to clear") << false << false << QByteArray("AES_CM_128_HMAC_SHA1_80") << 30;
        QTest::newRow("encrypted to clear") << true << false << QByteArray("AES_CM_128_HMAC_SHA1_80") << 30;
        QTest::newRow("clear to encrypted") << false << true << QByteArray("AES_CM_128_HMAC_SHA1_32") << 30;
        QTest::newRow("encrypted to encrypted")
            << true << true << QByteArray("AES_CM_128_HMAC_SHA1_80") << 30;
        QTest::newRow("two suites") << true << true << QByteArray("AEAD_AES_256_GCM") << 44;
    }
    void everyPairing()
    {
        SecureCall secure;
        use(secure);
        QVERIFY(secure.connected());
        secure.call.bridge->setTap(9);
        for (std::uint16_t i = 65500; i != 50; ++i) { // over the end of the numbers
            QVERIFY(secure.says(Side::Caller, rtpPacket(i, 1)));
            QVERIFY(secure.says(Side::Callee, rtpPacket(i, 2)));
        }
        for (std::uint32_t i = 0; i < 10; ++i) {
            QVERIFY(secure.reports(Side::Caller, rtcpPacket(1)));
            QVERIFY(secure.reports(Side::Callee, rtcpPacket(2)));
        }
        std::uint16_t expected = 65500;
        std::size_t order = 0;
        const std::size_t count = secure.call.relay->drainTap([&](const relay::TapPacket& packet) {
            const bool caller = order++ % 2 == 0;
            QVERIFY(packet.from == (caller ? Side::Caller : Side::Callee));
            QVERIFY(copyOf(packet.datagram) == rtpPacket(expected, caller ? 1 : 2));
            expected = static_cast<std::uint16_t>(expected + (caller ? 0 : 1));
        });
        QCOMPARE(count, std::size_t{2 * 86});
        QCOMPARE(secure.call.state(Side::Caller).refused, std::uint64_t{0});
        QCOMPARE(secure.call.state(Side::Callee).unsent, std::uint64_t{0});
    }

    void keysToldBySignallingAreEvents_data() { everyPairing_data(); }
    void keysToldBySignallingAreEvents()
    {
        constexpr std::uint8_t kEvents = 101;
        SecureCall secure;
        use(secure);
        QVERIFY(secure.connected());
        secure.call.bridge->press(Side::Caller, {5, kEvents, 320, 160}); // two packets
        int events = 0;
        for (std::uint16_t sequence = 1; sequence < 12; ++sequence) {
            secure.caller.ports.rtp.send(secure.caller.sealed(rtpPacket(sequence)),
                                         secure.call.local(Side::Caller));
            const Bytes heard = secure.callee.heard();
            const auto packet = rtp::parsePacket(heard);
            QVERIFY(packet && packet->sequenceNumber == sequence);
            events += packet->payloadType == kEvents ? 1 : 0;
        }
        QCOMPARE(events, 4); // the second one is the first of three ends
    }

    void whatTheKeyDoesNotOpenSettlesNoSource()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        QVERIFY(secure.connected());
        Port stranger;
        stranger.send(rtpPacket(1), secure.call.local(Side::Caller));
        stranger.send(rtcpPacket(1), rtcpPort(secure.call.local(Side::Caller)));
        QTRY_COMPARE(secure.call.state(Side::Caller).refused, std::uint64_t{2});
        QCOMPARE(secure.call.state(Side::Caller).source.port, std::uint16_t{0});
        QVERIFY(secure.says(Side::Caller, rtpPacket(2)));
        QVERIFY(secure.says(Side::Callee, rtpPacket(3)));
        QVERIFY(secure.reports(Side::Caller, rtcpPacket(4)));
    }

    void aPacketSentAgainIsRefused()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        QVERIFY(secure.connected());
        const Bytes sealed = secure.caller.sealed(rtpPacket(1));
        secure.caller.ports.rtp.send(sealed, secure.call.local(Side::Caller));
        QVERIFY(secure.callee.heard() == rtpPacket(1));
        secure.caller.ports.rtp.send(sealed, secure.call.local(Side::Caller));
        QTRY_COMPARE(secure.call.state(Side::Caller).refused, std::uint64_t{1});
    }

    void theSameKeysAgainGoOnCountingRollOvers()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        QVERIFY(secure.connected());
        for (std::uint16_t i = 65530; i != 5; ++i) {
            QVERIFY(secure.says(Side::Caller, rtpPacket(i)));
            QVERIFY(secure.says(Side::Callee, rtpPacket(i)));
        }
        QVERIFY(secure.call.bridge->setPeer(Side::Caller, secure.caller.peer()));
        QVERIFY(secure.says(Side::Caller, rtpPacket(5)));
        QVERIFY(secure.says(Side::Callee, rtpPacket(5)));
    }

    void aReinviteMayChangeKeysOrGiveThemUp()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        secure.callee.use(keyOf('c'), keyOf('d'));
        QVERIFY(secure.connected());
        QVERIFY(secure.says(Side::Caller, rtpPacket(1)));
        secure.caller.use(keyOf('e'), keyOf('f'));
        QVERIFY(secure.call.bridge->setPeer(Side::Caller, secure.caller.peer()));
        QVERIFY(secure.says(Side::Caller, rtpPacket(2)));
        QVERIFY(secure.says(Side::Callee, rtpPacket(2)));
        secure.caller.use(std::nullopt, std::nullopt);
        QVERIFY(secure.call.bridge->setPeer(Side::Caller, secure.caller.peer()));
        QVERIFY(secure.says(Side::Caller, rtpPacket(3)));
        QVERIFY(secure.says(Side::Callee, rtpPacket(3)));
    }

    void encryptedReportsBesideSoundMeetClearOnesOnTheirOwnPort()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        Peer muxed = secure.caller.peer();
        muxed.rtcpMux = true;
        QVERIFY(secure.call.bridge->setPeer(Side::Caller, muxed));
        QVERIFY(secure.call.bridge->setPeer(Side::Callee, secure.callee.peer()));
        secure.caller.ports.rtp.send(secure.caller.sealedReport(rtcpPacket(1)),
                                     secure.call.local(Side::Caller));
        QVERIFY(secure.callee.heardReport() == rtcpPacket(1));
        secure.callee.ports.rtcp.send(rtcpPacket(2), rtcpPort(secure.call.local(Side::Callee)));
        const auto clear = secure.caller.receiver->unprotectRtcp(secure.caller.ports.rtp.next().datagram);
        QVERIFY(bool(clear));
        QVERIFY(copyOf(*clear) == rtcpPacket(2));
    }

    void badKeysAreAnErrorAndChangeNothing()
    {
        SecureCall secure;
        secure.caller.use(keyOf('a'), keyOf('b'));
        QVERIFY(secure.connected());
        Peer bad = secure.caller.peer();
        bad.sends = SrtpKey{"AES_CM_128_HMAC_SHA1_80", "short"};
        QVERIFY(secure.call.bridge->setPeer(Side::Caller, bad).error().code == SrtpErrc::BadKeyLength);
        bad = secure.caller.peer();
        bad.expects = SrtpKey{"ROT13", std::string(30, 'x')};
        QVERIFY(secure.call.bridge->setPeer(Side::Caller, bad).error().code == SrtpErrc::UnknownSuite);
        QVERIFY(secure.says(Side::Caller, rtpPacket(1)));
        QVERIFY(secure.says(Side::Callee, rtpPacket(1)));
    }
};

QTEST_GUILESS_MAIN(RelaySrtpTest)
#include "tst_relay_srtp.moc"
