// SPDX-License-Identifier: GPL-3.0-or-later
// The relay's ports and its end: given back, used again, used up, and taken away while sound is under way.
#include "tests/unit/relay/device.h"

#include <atomic>
#include <set>
#include <thread>

using namespace sr;
using namespace sr::test;
using relay::Relay;
using relay::RelayErrc;
using relay::Side;

namespace {

std::unique_ptr<Relay> relayWith(std::uint16_t first, unsigned pairs)
{
    relay::RelayOptions options;
    options.firstPort = first;
    options.lastPort = static_cast<std::uint16_t>(first + 2 * pairs - 1);
    auto relay = Relay::start(options);
    return relay ? std::move(*relay) : nullptr;
}

/// As call control would: ports of calls that have just ended are not back yet.
std::unique_ptr<relay::Bridge> openedSoon(Relay& relay)
{
    std::unique_ptr<relay::Bridge> out;
    (void)QTest::qWaitFor(
        [&] {
            auto bridge = relay.open(ownLoopback(), ownLoopback());
            if (bridge)
                out = std::move(*bridge);
            return out != nullptr;
        },
        20'000);
    return out;
}

} // namespace

class RelayPortsTest : public QObject {
    Q_OBJECT

private slots:
    void everyPairOfTheRangeIsUsedAndThenAnErrorComes()
    {
        const std::uint16_t first = freePorts(ownLoopback(), 4);
        QVERIFY(first != 0);
        const auto relay = relayWith(first, 4);
        QVERIFY(relay != nullptr);
        auto one = relay->open(ownLoopback(), ownLoopback());
        auto two = relay->open(ownLoopback(), ownLoopback());
        QVERIFY(one && two);
        std::set<std::uint16_t> ports;
        for (const auto& bridge : {one->get(), two->get()})
            for (const Side side : {Side::Caller, Side::Callee})
                ports.insert(bridge->local(side).port);
        QCOMPARE(ports.size(), std::size_t{4});
        QCOMPARE(*ports.begin(), first);
        QVERIFY(relay->open(ownLoopback(), ownLoopback()).error().code == RelayErrc::NoPorts);
        QCOMPARE(relay->openBridges(), std::size_t{2});
    }

    void portsComeBackAndRestAsLongAsTheyCan()
    {
        const std::uint16_t first = freePorts(ownLoopback(), 6);
        QVERIFY(first != 0);
        const auto relay = relayWith(first, 6);
        auto one = relay->open(ownLoopback(), ownLoopback());
        QVERIFY(bool(one));
        const std::uint16_t used = (*one)->local(Side::Caller).port;
        one->reset();
        auto two = relay->open(ownLoopback(), ownLoopback());
        QVERIFY(bool(two));
        QVERIFY((*two)->local(Side::Caller).port != used);
        for (int i = 0; i < 50; ++i) { // more than there are
            two->reset();
            *two = openedSoon(*relay);
            QVERIFY(*two != nullptr);
        }
    }

    void oneFailedSideGivesTheOthersPortsBack()
    {
        const std::uint16_t first = freePorts(ownLoopback(), 2);
        QVERIFY(first != 0);
        const auto relay = relayWith(first, 2);
        const IpAddress foreign = *IpAddress::parse("192.0.2.1"); // documentation (RFC 5737): never ours
        if (relay::UdpSocket::bind({foreign, 0}))
            QSKIP("any address can be bound here");
        for (int i = 0; i < 5; ++i) {
            const auto bridge = relay->open(ownLoopback(), foreign);
            QVERIFY(!bridge);
            QVERIFY(bridge.error().code == RelayErrc::Socket);
        }
        QVERIFY(bool(relay->open(ownLoopback(), ownLoopback())));
    }

    void aPortOfAnotherProgramIsPassedOver()
    {
        const std::uint16_t first = freePorts(ownLoopback(), 4);
        QVERIFY(first != 0);
        const auto foreign = relay::UdpSocket::bind({ownLoopback(), static_cast<std::uint16_t>(first + 1)});
        QVERIFY(bool(foreign));
        const auto relay = relayWith(first, 4);
        const auto bridge = relay->open(ownLoopback(), ownLoopback());
        QVERIFY(bool(bridge));
        QCOMPARE((*bridge)->local(Side::Caller).port, static_cast<std::uint16_t>(first + 2));
        QCOMPARE((*bridge)->local(Side::Callee).port, static_cast<std::uint16_t>(first + 4));
    }

    void bridgesEndWhileSoundIsUnderWay()
    {
        const std::uint16_t first = freePorts(ownLoopback(), 4);
        QVERIFY(first != 0);
        const auto relay = relayWith(first, 4);
        Device caller;
        Device callee;
        std::atomic<bool> over{false};
        std::jthread talk([&] {
            auto mine = std::move(*relay::UdpSocket::bind({loopback(), 0}));
            const Bytes packet = rtpPacket(1);
            for (unsigned i = 0; !over; ++i)
                (void)mine.send(packet, relay::SocketAddress::of(
                                            {ownLoopback(), static_cast<std::uint16_t>(first + i % 8)}));
        });
        for (int i = 0; i < 200; ++i) {
            const auto bridge = openedSoon(*relay);
            QVERIFY(bridge != nullptr);
            QVERIFY(bridge->setPeer(Side::Caller, caller.peer()));
            QVERIFY(bridge->setPeer(Side::Callee, callee.peer()));
            bridge->setTap(static_cast<std::uint64_t>(i));
        }
        over = true;
        QCOMPARE(relay->openBridges(), std::size_t{0});
    }

    void aBridgeMayOutliveItsRelay()
    {
        Call call;
        QVERIFY(call.connected());
        call.relay.reset();
        QVERIFY(call.bridge->setPeer(Side::Caller, call.callee.peer()));
        call.bridge->setTap(1);
        QCOMPARE(call.state(Side::Caller).packets, std::uint64_t{0});
        call.bridge.reset();
    }
};

QTEST_GUILESS_MAIN(RelayPortsTest)
#include "tst_relay_ports.moc"
