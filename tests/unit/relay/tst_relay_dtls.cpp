// SPDX-License-Identifier: GPL-3.0-or-later
// Keys by DTLS: devices in both roles beside clear and SDES ones, over ways that lose packets, and those who
// are not who they should be.
#include "core/relay/dtls_handshake.h"
#include "core/relay/stun_message.h"
#include "core/rtp/srtp.h"
#include "core/rtp/srtp_sender.h"
#include "tests/unit/relay/device.h"

#include <atomic>

using namespace sr;
using namespace sr::test;
using relay::Dtls;
using relay::DtlsHandshake;
using relay::DtlsIdentity;
using relay::DtlsKeys;
using relay::DtlsRole;
using relay::Handshake;
using relay::Peer;
using relay::Side;
using rtp::Fingerprint;
using rtp::SrtpReceiver;
using rtp::SrtpSender;

namespace {

/// `sha-256 AB:CD:...` as octets.
Fingerprint fingerprintOf(const std::string& text)
{
    Fingerprint out{text.substr(0, text.find(' ')), {}};
    std::string hex = text.substr(text.find(' ') + 1);
    std::erase(hex, ':');
    out.octets = *fromHex(hex);
    return out;
}

std::shared_ptr<const DtlsIdentity> newIdentity()
{
    return *DtlsIdentity::make(SystemClock().utcNow());
}

DtlsRole otherRole(DtlsRole role)
{
    return role == DtlsRole::Client ? DtlsRole::Server : DtlsRole::Client;
}

/// One end of an association at a device: a port, and what goes on there. Loses every so manieth datagram of
/// each direction.
struct Association {
    Port* port = nullptr;
    Endpoint exchange;
    std::unique_ptr<DtlsHandshake> handshake;
    DtlsHandshake::State state = DtlsHandshake::State::UnderWay;
    int loses = 0;
    int sent = 0;
    int got = 0;
    std::unique_ptr<SrtpSender> sender;
    std::unique_ptr<SrtpReceiver> receiver;

    DtlsHandshake::Send send()
    {
        return [this](ByteView datagram) {
            if (loses == 0 || ++sent % loses != 0)
                port->send(datagram, exchange);
        };
    }
    void begin() { state = handshake->start(send()); }
    /// What has come and what is due.
    void pump()
    {
        Arrival arrival;
        if (port->poll(arrival)) {
            if (!arrival.datagram.empty() && arrival.datagram[0] < std::byte{64} &&
                (loses == 0 || ++got % loses != 0))
                state = handshake->take(arrival.datagram, send());
        } else if (const auto left = handshake->timeout(); left && *left == microseconds(0)) {
            state = handshake->turn(send());
        }
        if (state != DtlsHandshake::State::Done || sender)
            return;
        if (const auto keys = handshake->keys()) {
            sender = std::move(*SrtpSender::open(keys->ours));
            receiver = std::move(*SrtpReceiver::open(keys->theirs, SrtpReceiver::Joins::FromTheStart));
        }
    }
};

/// A device that offers DTLS.
struct DtlsDevice {
    Device ports;
    std::shared_ptr<const DtlsIdentity> identity = newIdentity();
    DtlsRole role = DtlsRole::Client;
    bool rtcpMux = true;
    Association rtp;
    Association rtcp;

    Peer peer() const
    {
        Peer peer = ports.peer();
        peer.rtcpMux = rtcpMux;
        peer.dtls = Dtls{otherRole(role), {fingerprintOf(identity->fingerprint())}};
        return peer;
    }
    void prepare(const std::string& exchangeFingerprint, const Endpoint& exchange, int loses = 0)
    {
        for (Association* one : {&rtp, &rtcp}) {
            one->port = one == &rtp ? &ports.rtp : &ports.rtcp;
            one->exchange = one == &rtp ? exchange : rtcpPort(exchange);
            one->handshake =
                std::move(*DtlsHandshake::open(identity, role, {fingerprintOf(exchangeFingerprint)}));
            one->loses = loses;
        }
    }
    bool shakesHands()
    {
        rtp.begin();
        if (!rtcpMux)
            rtcp.begin();
        return pumpUntil([this] { return rtp.sender && (rtcpMux || rtcp.sender); });
    }
    template <typename Condition>
    bool pumpUntil(Condition holds)
    {
        const auto end = std::chrono::steady_clock::now() + seconds(20);
        while (!holds() && std::chrono::steady_clock::now() < end) {
            rtp.pump();
            if (!rtcpMux)
                rtcp.pump();
            std::this_thread::yield();
        }
        return holds();
    }
};

/// Turned by the test, read by the thread of handshakes.
class SharedClock final : public Clock {
public:
    UtcTime utcNow() const override { return {}; }
    std::chrono::steady_clock::time_point steadyNow() const override
    {
        return std::chrono::steady_clock::time_point(seconds(m_now.load()));
    }
    void advance(int by) { m_now += by; }

private:
    std::atomic<int> m_now{1};
};

Bytes copyOf(ByteView view)
{
    return {view.begin(), view.end()};
}

/// The next one that is media: where the machine is slow, a handshake that is over may be repeated.
Bytes nextMedia(Port& port)
{
    Bytes datagram;
    do
        datagram = port.next().datagram;
    while (!datagram.empty() && datagram[0] < std::byte{64}); // RFC 7983 §7
    return datagram;
}

/// A caller with DTLS, a callee as each test wants it.
struct DtlsCall : Call {
    DtlsDevice secure;

    bool connected(const Peer& callerPeer)
    {
        return bridge && bridge->setPeer(Side::Caller, callerPeer) &&
               bridge->setPeer(Side::Callee, callee.peer());
    }
    bool connected() { return connected(secure.peer()); }
    bool ready(int loses = 0)
    {
        secure.prepare(relay->fingerprint(), local(Side::Caller), loses);
        return connected();
    }
    bool says(std::uint16_t sequence)
    {
        const Bytes packet = rtpPacket(sequence);
        secure.ports.rtp.send(*secure.rtp.sender->protect(packet), local(Side::Caller));
        return callee.rtp.next().datagram == packet;
    }
    bool hears(std::uint16_t sequence)
    {
        const Bytes packet = rtpPacket(sequence);
        callee.rtp.send(packet, local(Side::Callee));
        const Bytes datagram = nextMedia(secure.ports.rtp);
        const auto clear = secure.rtp.receiver->unprotect(datagram);
        return clear && copyOf(*clear) == packet;
    }
    /// The relay has the keys too.
    bool agreed()
    {
        return QTest::qWaitFor([this] { return state(Side::Caller).handshake == Handshake::Done; }, 20'000);
    }
};

} // namespace

class RelayDtlsTest : public QObject {
    Q_OBJECT

private slots:
    void bothRolesWithAndWithoutAPortForReports_data()
    {
        QTest::addColumn<bool>("client");
        QTest::addColumn<bool>("mux");
        QTest::addColumn<int>("loses");
        QTest::newRow("the device begins") << true << true << 0;
        QTest::newRow("the exchange begins") << false << true << 0;
        QTest::newRow("the device begins, reports on a port of their own") << true << false << 0;
        QTest::newRow("the exchange begins, reports on a port of their own") << false << false << 0;
        QTest::newRow("the device begins, every fourth datagram is lost") << true << true << 4;
        QTest::newRow("the device begins, every third datagram is lost") << true << true << 3;
        QTest::newRow("the exchange begins, every third datagram is lost") << false << true << 3;
    }
    void bothRolesWithAndWithoutAPortForReports()
    {
        QFETCH(bool, client);
        QFETCH(bool, mux);
        QFETCH(int, loses);
        DtlsCall call;
        call.secure.role = client ? DtlsRole::Client : DtlsRole::Server;
        call.secure.rtcpMux = mux;
        QVERIFY(call.ready(loses));
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.secure.pumpUntil([&] { return call.state(Side::Caller).handshake == Handshake::Done; }));
        QVERIFY(call.says(1));
        QVERIFY(call.hears(2));
        // Reports under the keys of their association.
        Association& reports = mux ? call.secure.rtp : call.secure.rtcp;
        Port& port = mux ? call.secure.ports.rtp : call.secure.ports.rtcp;
        const Bytes report = rtcpPacket(7);
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] { // of a second association the state does not tell
                port.send(*reports.sender->protectRtcp(report), reports.exchange);
                Arrival arrival;
                return QTest::qWaitFor([&] { return call.callee.rtcp.poll(arrival); }, 100) &&
                       arrival.datagram == report;
            }(),
            20'000);
        call.callee.rtcp.send(report, rtcpPort(call.local(Side::Callee)));
        const Bytes datagram = nextMedia(port);
        const auto clear = reports.receiver->unprotectRtcp(datagram);
        QVERIFY(clear && copyOf(*clear) == report);
    }

    void nothingPassesBeforeTheKeys()
    {
        DtlsCall call;
        QVERIFY(call.ready());
        QVERIFY(call.state(Side::Caller).handshake == Handshake::UnderWay ||
                call.state(Side::Caller).handshake == Handshake::None);
        call.secure.ports.rtp.send(rtpPacket(1), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        call.callee.rtp.send(rtpPacket(2), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).unsent, std::uint64_t{1});
    }

    void theTapGetsItClear()
    {
        DtlsCall call;
        QVERIFY(call.ready());
        call.bridge->setTap(5);
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        QVERIFY(call.says(1));
        Bytes copy;
        call.relay->drainTap([&](const relay::TapPacket& packet) { copy = copyOf(packet.datagram); });
        QVERIFY(copy == rtpPacket(1));
    }

    void besideSdes()
    {
        DtlsCall call;
        call.secure.prepare(call.relay->fingerprint(), call.local(Side::Caller));
        Peer callee = call.callee.peer();
        callee.sends = rtp::SrtpKey{"AES_CM_128_HMAC_SHA1_80", std::string(30, 'a')};
        callee.expects = rtp::SrtpKey{"AES_CM_128_HMAC_SHA1_80", std::string(30, 'b')};
        QVERIFY(call.bridge->setPeer(Side::Caller, call.secure.peer()));
        QVERIFY(call.bridge->setPeer(Side::Callee, callee));
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        const auto sender = std::move(*SrtpSender::open(*callee.sends));
        const auto receiver =
            std::move(*SrtpReceiver::open(*callee.expects, SrtpReceiver::Joins::FromTheStart));
        const Bytes packet = rtpPacket(1);
        call.secure.ports.rtp.send(*call.secure.rtp.sender->protect(packet), call.local(Side::Caller));
        QVERIFY(copyOf(*receiver->unprotect(call.callee.rtp.next().datagram)) == packet);
        call.callee.rtp.send(*sender->protect(packet), call.local(Side::Callee));
        const Bytes datagram = nextMedia(call.secure.ports.rtp);
        QVERIFY(copyOf(*call.secure.rtp.receiver->unprotect(datagram)) == packet);
    }

    void twoDevicesWithDtls()
    {
        DtlsCall call;
        DtlsDevice other;
        other.role = DtlsRole::Server;
        call.secure.prepare(call.relay->fingerprint(), call.local(Side::Caller));
        other.prepare(call.relay->fingerprint(), call.local(Side::Callee));
        QVERIFY(call.bridge->setPeer(Side::Caller, call.secure.peer()));
        QVERIFY(call.bridge->setPeer(Side::Callee, other.peer()));
        QVERIFY(call.secure.shakesHands());
        QVERIFY(other.shakesHands());
        QVERIFY(call.agreed());
        QTRY_VERIFY(call.state(Side::Callee).handshake == Handshake::Done);
        const Bytes packet = rtpPacket(1);
        call.secure.ports.rtp.send(*call.secure.rtp.sender->protect(packet), call.local(Side::Caller));
        const Bytes datagram = nextMedia(other.ports.rtp);
        QVERIFY(copyOf(*other.rtp.receiver->unprotect(datagram)) == packet);
    }

    void theWrongCertificateIsRefused_data()
    {
        QTest::addColumn<bool>("client");
        QTest::newRow("the device begins") << true;
        QTest::newRow("the exchange begins") << false;
    }
    void theWrongCertificateIsRefused()
    {
        QFETCH(bool, client);
        DtlsCall call;
        call.secure.role = client ? DtlsRole::Client : DtlsRole::Server;
        call.secure.prepare(call.relay->fingerprint(), call.local(Side::Caller));
        Peer peer = call.secure.peer();
        peer.dtls->fingerprints[0].octets[31] ^= std::byte{1};
        QVERIFY(call.connected(peer));
        for (int attempt = 0; attempt < 3; ++attempt) {
            call.secure.prepare(call.relay->fingerprint(), call.local(Side::Caller));
            call.secure.rtp.state = DtlsHandshake::State::UnderWay;
            call.secure.rtp.begin();
            QVERIFY(call.secure.pumpUntil(
                [&] { return call.secure.rtp.state != DtlsHandshake::State::UnderWay; }));
        }
        QTRY_VERIFY(call.state(Side::Caller).handshake == Handshake::Failed);
    }

    /// RFC 8122 §5: of several hashes the strongest counts, of several certificates any.
    void severalFingerprints()
    {
        DtlsCall call;
        call.secure.prepare(call.relay->fingerprint(), call.local(Side::Caller));
        Peer peer = call.secure.peer();
        Fingerprint other = peer.dtls->fingerprints[0];
        other.octets[0] ^= std::byte{1};
        peer.dtls->fingerprints = {{"sha-1", Bytes(20)}, other, peer.dtls->fingerprints[0]};
        QVERIFY(call.connected(peer));
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        QVERIFY(call.says(1));
    }

    void theDeviceRefusesAnotherExchange()
    {
        DtlsCall call;
        QVERIFY(call.ready());
        call.secure.prepare(newIdentity()->fingerprint(), call.local(Side::Caller));
        call.secure.rtp.begin();
        QVERIFY(call.secure.pumpUntil([&] { return call.secure.rtp.state == DtlsHandshake::State::Failed; }));
        QVERIFY(call.state(Side::Caller).handshake != Handshake::Done);
    }

    void whatIsNoHandshakeDoesNotEndIt()
    {
        DtlsCall call;
        QVERIFY(call.ready());
        Bytes nonsense(200, std::byte{22});
        call.secure.ports.rtp.send(nonsense, call.local(Side::Caller));
        call.secure.ports.rtp.send(Bytes(4000, std::byte{22}), call.local(Side::Caller));
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        QVERIFY(call.says(1));
    }

    void aReInviteWithTheSameKeepsTheKeys()
    {
        DtlsCall call;
        QVERIFY(call.ready());
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        QVERIFY(call.says(1));
        Peer held = call.secure.peer();
        held.rtp.address = {};
        QVERIFY(call.bridge->setPeer(Side::Caller, held));
        QVERIFY(call.connected());
        QVERIFY(call.state(Side::Caller).handshake == Handshake::Done);
        QVERIFY(call.says(2));
        QVERIFY(call.hears(3));
    }

    void anotherFingerprintIsAnotherHandshake()
    {
        DtlsCall call;
        QVERIFY(call.ready());
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        const auto former = std::move(call.secure.rtp.sender);
        call.secure.rtp = {};
        call.secure.rtcp = {};
        call.secure.identity = newIdentity();
        QVERIFY(call.ready());
        QTRY_VERIFY(call.state(Side::Caller).handshake == Handshake::UnderWay);
        call.secure.ports.rtp.send(*former->protect(rtpPacket(1)), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        QVERIFY(call.secure.shakesHands());
        QVERIFY(call.agreed());
        QVERIFY(call.says(2));
        QVERIFY(call.hears(3));
    }

    void withIceOnlyWhoHasCheckedShakesHands()
    {
        DtlsCall call;
        call.secure.prepare(call.relay->fingerprint(), call.local(Side::Caller));
        Peer peer = call.secure.peer();
        peer.ice = relay::IceCredentials{"frag", "0123456789012345678901"};
        QVERIFY(call.connected(peer));
        call.secure.rtp.begin();
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        relay::stun::Writer check(relay::stun::Class::Request, {});
        check.userName("frag:theirs");
        check.useCandidate();
        check.seal(peer.ice->password);
        call.secure.ports.rtp.send(check.datagram(), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).checks, std::uint64_t{1});
        QVERIFY(call.secure.pumpUntil([&] { return call.secure.rtp.sender != nullptr; }));
        QVERIFY(call.agreed());
        QVERIFY(call.says(1));
        QVERIFY(call.hears(2));
    }

    void aHandshakeThatTakesTooLongIsGivenUp()
    {
        SharedClock clock;
        relay::RelayOptions options;
        options.clock = &clock;
        auto relay = std::move(*relay::Relay::start(options));
        auto bridge = std::move(*relay->open(loopback(), loopback()));
        DtlsDevice device;
        device.role = DtlsRole::Server; // that never answers
        QVERIFY(bridge->setPeer(Side::Caller, device.peer()));
        QVERIFY(!device.ports.rtp.next().datagram.empty());
        clock.advance(31);
        QTRY_VERIFY(bridge->state(Side::Caller).handshake == Handshake::Failed);
    }

    void callsEndInTheMiddleOfIt()
    {
        Call call;
        for (int i = 0; i < 50; ++i) {
            DtlsDevice device;
            device.role = i % 2 == 0 ? DtlsRole::Server : DtlsRole::Client;
            auto bridge = std::move(*call.relay->open(loopback(), loopback()));
            device.prepare(call.relay->fingerprint(), bridge->local(Side::Caller));
            QVERIFY(bridge->setPeer(Side::Caller, device.peer()));
            device.rtp.begin();
            for (int turn = 0; turn < i; ++turn)
                device.rtp.pump();
        }
        QCOMPARE(call.relay->openBridges(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(RelayDtlsTest)
#include "tst_relay_dtls.moc"
