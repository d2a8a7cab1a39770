// SPDX-License-Identifier: GPL-3.0-or-later
// The relay with clear media: what goes through, from where to where, and what does not.
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::test;
using relay::Peer;
using relay::Relay;
using relay::RelayErrc;
using relay::Side;

namespace {

constexpr Side kBoth[] = {Side::Caller, Side::Callee};

Device& deviceOf(Call& call, Side side)
{
    return side == Side::Caller ? call.caller : call.callee;
}

Side other(Side side)
{
    return side == Side::Caller ? Side::Callee : Side::Caller;
}

bool hasV6()
{
    return static_cast<bool>(relay::UdpSocket::bind({*IpAddress::parse("::1"), 0}));
}

/// Sent by `from`, and the very next thing that the other side gets, from our address there.
bool goesThrough(Call& call, Side from, std::uint16_t sequence)
{
    const Bytes packet = rtpPacket(sequence);
    deviceOf(call, from).rtp.send(packet, call.local(from));
    const Arrival arrival = deviceOf(call, other(from)).rtp.next();
    return arrival.datagram == packet && arrival.from == call.local(other(from));
}

} // namespace

class RelayTest : public QObject {
    Q_OBJECT

private slots:
    void optionsWithoutAPortPairOrThreadAreRefused()
    {
        relay::RelayOptions options;
        options.firstPort = 20001;
        options.lastPort = 20002;
        QVERIFY(Relay::start(options).error().code == RelayErrc::Options);
        options = {};
        options.threads = 0;
        QVERIFY(Relay::start(options).error().code == RelayErrc::Options);
        options.threads = 1000;
        QVERIFY(Relay::start(options).error().code == RelayErrc::Options);
    }

    void soundGoesBothWaysInOrderAndOnce_data()
    {
        QTest::addColumn<bool>("v6Caller");
        QTest::addColumn<bool>("v6Callee");
        QTest::newRow("IPv4") << false << false;
        QTest::newRow("IPv6") << true << true;
        QTest::newRow("IPv4 to IPv6") << false << true;
    }
    void soundGoesBothWaysInOrderAndOnce()
    {
        QFETCH(bool, v6Caller);
        QFETCH(bool, v6Callee);
        if ((v6Caller || v6Callee) && !hasV6())
            QSKIP("no IPv6 here");
        const auto address = [](bool v6) { return v6 ? *IpAddress::parse("::1") : loopback(); };
        Call call(address(v6Caller), address(v6Callee));
        QVERIFY(call.connected());
        for (const Side from : kBoth) {
            QCOMPARE(call.local(from).port % 2, 0);
            for (std::uint16_t i = 0; i < 100; ++i) // fewer than the kernel keeps for us
                deviceOf(call, from).rtp.send(rtpPacket(i, 7, i), call.local(from));
            for (std::uint16_t i = 0; i < 100; ++i) {
                const Arrival arrival = deviceOf(call, other(from)).rtp.next();
                QVERIFY(arrival.datagram == rtpPacket(i, 7, i));
                QVERIFY(arrival.from == call.local(other(from)));
            }
            QTRY_COMPARE(call.state(from).packets, std::uint64_t{100});
            QCOMPARE(call.state(from).octets, std::uint64_t{100 * 12 + 99 * 50});
            QCOMPARE(call.state(from).refused, std::uint64_t{0});
            QCOMPARE(call.state(from).unsent, std::uint64_t{0});
            QVERIFY(call.state(from).source == deviceOf(call, from).rtp.local());
            QVERIFY(call.state(from).lastPacket <= std::chrono::steady_clock::now());
            QVERIFY(call.state(from).lastPacket.time_since_epoch().count() > 0);
            Arrival more;
            QVERIFY(!deviceOf(call, other(from)).rtp.poll(more));
        }
    }

    void theLargestDatagramGoesThroughWhole()
    {
        Call call;
        QVERIFY(call.connected());
        const Bytes packet = rtpPacket(1, 1, 65507 - 12);
        call.caller.rtp.send(packet, call.local(Side::Caller));
        QVERIFY(call.callee.rtp.next().datagram == packet);
    }

    void reportsGoFromPortToPort()
    {
        Call call;
        QVERIFY(call.connected());
        for (const Side from : kBoth) {
            const Bytes report = rtcpPacket(77);
            deviceOf(call, from).rtcp.send(report, rtcpPort(call.local(from)));
            const Arrival arrival = deviceOf(call, other(from)).rtcp.next();
            QVERIFY(arrival.datagram == report);
            QVERIFY(arrival.from == rtcpPort(call.local(other(from))));
            QTRY_COMPARE(call.state(from).rtcp, std::uint64_t{1});
            QCOMPARE(call.state(from).packets, std::uint64_t{0});
        }
    }

    void reportsBesideSoundMeetReportsOnAPortOfTheirOwn()
    {
        Call call;
        Peer muxed = call.caller.peer();
        muxed.rtcpMux = true;
        muxed.rtcp = {};
        QVERIFY(call.bridge->setPeer(Side::Caller, muxed));
        QVERIFY(call.bridge->setPeer(Side::Callee, call.callee.peer()));
        call.caller.rtp.send(rtcpPacket(1), call.local(Side::Caller));
        QVERIFY(call.callee.rtcp.next().from == rtcpPort(call.local(Side::Callee)));
        call.callee.rtcp.send(rtcpPacket(2), rtcpPort(call.local(Side::Callee)));
        const Arrival beside = call.caller.rtp.next();
        QVERIFY(beside.datagram == rtcpPacket(2));
        QVERIFY(beside.from == call.local(Side::Caller));
    }

    void reportsWithoutASignalledPortGoOneAboveTheSound()
    {
        Call call;
        const std::uint16_t port = freePorts(ownLoopback(), 1);
        QVERIFY(port != 0);
        const auto rtcp = relay::UdpSocket::bind({ownLoopback(), static_cast<std::uint16_t>(port + 1)});
        QVERIFY(bool(rtcp));
        Peer peer;
        peer.rtp = {ownLoopback(), port};
        QVERIFY(call.bridge->setPeer(Side::Caller, call.caller.peer()));
        QVERIFY(call.bridge->setPeer(Side::Callee, peer));
        call.caller.rtcp.send(rtcpPacket(5), rtcpPort(call.local(Side::Caller)));
        QTRY_COMPARE(call.state(Side::Caller).rtcp, std::uint64_t{1});
        QCOMPARE(call.state(Side::Caller).unsent, std::uint64_t{0});
    }

    void aDeviceBehindNatIsAnsweredWhereItSendsFrom()
    {
        Call call;
        QVERIFY(call.connected());
        Port mapped;
        mapped.send(rtpPacket(1), call.local(Side::Callee));
        QVERIFY(call.caller.rtp.next().datagram == rtpPacket(1));
        QTRY_VERIFY(call.state(Side::Callee).source == mapped.local());
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller));
        QVERIFY(mapped.next().datagram == rtpPacket(2));
    }

    void theSignalledAddressIsHeardWhoeverWasFirst()
    {
        Call call;
        QVERIFY(call.connected());
        Port stray;
        stray.send(rtpPacket(666), call.local(Side::Callee));
        QVERIFY(call.caller.rtp.next().datagram == rtpPacket(666));
        QVERIFY(goesThrough(call, Side::Callee, 1));
        QTRY_VERIFY(call.state(Side::Callee).source == call.callee.rtp.local());
        stray.send(rtpPacket(667), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).refused, std::uint64_t{1});
        QVERIFY(goesThrough(call, Side::Caller, 2)); // goes to the device
    }

    void aStrangerCannotTakeOverARunningStream()
    {
        Call call;
        QVERIFY(call.connected());
        QVERIFY(goesThrough(call, Side::Callee, 1));
        Port stranger;
        stranger.send(rtpPacket(666), call.local(Side::Callee));
        stranger.send(rtcpPacket(666), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).refused, std::uint64_t{2});
        QVERIFY(goesThrough(call, Side::Callee, 2)); // and nothing of the stranger before it
        QVERIFY(goesThrough(call, Side::Caller, 3)); // still goes to the device
    }

    void aStrangersReportsDoNotCount()
    {
        if (!relay::UdpSocket::bind({IpAddress::v4(0x7f000002), 0}))
            QSKIP("one loopback address only");
        Call call;
        QVERIFY(call.connected());
        Port stranger(IpAddress::v4(0x7f000002));
        Port mirror;
        stranger.send(rtcpPacket(0), mirror.local());
        if (mirror.next().from != stranger.local())
            QSKIP("here a socket does not send from its own address");
        stranger.send(rtcpPacket(1),
                      rtcpPort(call.local(Side::Callee))); // before the sound it may be anybody
        QVERIFY(call.caller.rtcp.next().datagram == rtcpPacket(1));
        QVERIFY(goesThrough(call, Side::Callee, 1));
        stranger.send(rtcpPacket(2), rtcpPort(call.local(Side::Callee)));
        QTRY_COMPARE(call.state(Side::Callee).refused, std::uint64_t{1});
        call.callee.rtcp.send(rtcpPacket(3), rtcpPort(call.local(Side::Callee)));
        QVERIFY(call.caller.rtcp.next().datagram == rtcpPacket(3));
        call.caller.rtcp.send(rtcpPacket(4), rtcpPort(call.local(Side::Caller)));
        QVERIFY(call.callee.rtcp.next().datagram == rtcpPacket(4));
    }

    void whatIsNoRtpIsDroppedAndCounted_data()
    {
        QTest::addColumn<QByteArray>("datagram");
        QTest::addColumn<bool>("toRtcp");
        const auto bytes = [](const Bytes& datagram) {
            return QByteArray(reinterpret_cast<const char*>(datagram.data()),
                              static_cast<int>(datagram.size()));
        };
        Bytes version1 = rtpPacket(1);
        version1[0] = std::byte{0x40};
        Bytes padded = rtpPacket(1, 1, 4);
        padded[0] = std::byte{0xa0};
        padded.back() = std::byte{200};
        QTest::newRow("an empty datagram") << QByteArray() << false;
        QTest::newRow("eleven octets") << bytes(rtpPacket(1)).left(11) << false;
        QTest::newRow("text") << QByteArray("OPTIONS sip:x@example.org SIP/2.0") << false;
        QTest::newRow("another version") << bytes(version1) << false;
        QTest::newRow("padding longer than the payload") << bytes(padded) << false;
        QTest::newRow("half a report") << bytes(rtcpPacket(1)).left(4) << false;
        QTest::newRow("sound on the port of the reports") << bytes(rtpPacket(1)) << true;
    }
    void whatIsNoRtpIsDroppedAndCounted()
    {
        QFETCH(QByteArray, datagram);
        QFETCH(bool, toRtcp);
        Call call;
        QVERIFY(call.connected());
        const Endpoint to = toRtcp ? rtcpPort(call.local(Side::Caller)) : call.local(Side::Caller);
        Port anybody;
        anybody.send(bytesOf({datagram.constData(), static_cast<std::size_t>(datagram.size())}), to);
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        QVERIFY(goesThrough(call, Side::Caller, 1)); // it was not taken for the source either
    }

    void nothingIsTakenBeforeThePeerIsKnown()
    {
        Call call;
        QVERIFY(call.bridge->setPeer(Side::Caller, call.caller.peer()));
        call.callee.rtp.send(rtpPacket(1), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).refused, std::uint64_t{1});
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).unsent, std::uint64_t{1});
        QCOMPARE(call.state(Side::Caller).packets, std::uint64_t{1});
    }

    void aNewAddressIsFollowedAndTheOldDeviceIsAStranger()
    {
        Call call;
        QVERIFY(call.connected());
        QVERIFY(goesThrough(call, Side::Callee, 1));
        Device moved;
        QVERIFY(call.bridge->setPeer(Side::Callee, moved.peer()));
        QVERIFY(call.state(Side::Callee).packets == 1);
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller));
        QVERIFY(moved.rtp.next().datagram == rtpPacket(2));
        moved.rtp.send(rtpPacket(3), call.local(Side::Callee));
        QVERIFY(call.caller.rtp.next().datagram == rtpPacket(3));
        call.callee.rtp.send(rtpPacket(4), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).refused, std::uint64_t{1});
        QVERIFY(call.state(Side::Callee).source == moved.rtp.local());
    }

    void theSameAddressAgainKeepsTheSettledSource()
    {
        Call call;
        QVERIFY(call.connected());
        Port mapped;
        mapped.send(rtpPacket(1), call.local(Side::Callee));
        QVERIFY(call.caller.rtp.next().datagram == rtpPacket(1));
        QVERIFY(call.bridge->setPeer(Side::Callee, call.callee.peer()));
        Port stranger;
        stranger.send(rtpPacket(2), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).refused, std::uint64_t{1});
        call.caller.rtp.send(rtpPacket(3), call.local(Side::Caller));
        QVERIFY(mapped.next().datagram == rtpPacket(3));
    }

    void nothingIsSentToADeviceOnHold()
    {
        Call call;
        QVERIFY(call.connected());
        Peer held = call.callee.peer();
        held.rtp.address = IpAddress::v4(0);
        QVERIFY(call.bridge->setPeer(Side::Callee, held));
        call.callee.rtp.send(rtpPacket(1), call.local(Side::Callee)); // its music
        QVERIFY(call.caller.rtp.next().datagram == rtpPacket(1));
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller));
        call.caller.rtcp.send(rtcpPacket(2), rtcpPort(call.local(Side::Caller)));
        QTRY_COMPARE(call.state(Side::Caller).unsent, std::uint64_t{2});
        QVERIFY(call.bridge->setPeer(Side::Callee, call.callee.peer()));
        QVERIFY(goesThrough(call, Side::Caller, 3));
    }

    void aPeerOfTheOtherFamilyIsRefused()
    {
        Call call;
        QVERIFY(call.connected());
        Peer six;
        six.rtp = {*IpAddress::parse("2001:db8::1"), 4000};
        QVERIFY(call.bridge->setPeer(Side::Callee, six).error().code == RelayErrc::Family);
        QVERIFY(goesThrough(call, Side::Caller, 1));
    }

    void callsOfOneRelayAreApart()
    {
        relay::RelayOptions options;
        options.threads = 2;
        auto relay = Relay::start(options);
        QVERIFY(bool(relay));
        std::vector<std::unique_ptr<relay::Bridge>> bridges;
        std::vector<Device> callers(20);
        std::vector<Device> callees(20);
        for (std::size_t i = 0; i < callers.size(); ++i) {
            auto bridge = (*relay)->open(loopback(), loopback());
            QVERIFY(bool(bridge));
            QVERIFY((*bridge)->setPeer(Side::Caller, callers[i].peer()));
            QVERIFY((*bridge)->setPeer(Side::Callee, callees[i].peer()));
            bridges.push_back(std::move(*bridge));
        }
        QCOMPARE((*relay)->openBridges(), callers.size());
        for (std::uint16_t i = 0; i < callers.size(); ++i)
            callers[i].rtp.send(rtpPacket(i, i), bridges[i]->local(Side::Caller));
        for (std::uint16_t i = 0; i < callers.size(); ++i)
            QVERIFY(callees[i].rtp.next().datagram == rtpPacket(i, i));
        bridges.clear();
        QCOMPARE((*relay)->openBridges(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(RelayTest)
#include "tst_relay.moc"
