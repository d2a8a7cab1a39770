// SPDX-License-Identifier: GPL-3.0-or-later
// Ports between two calls: how long they rest, where nobody shall come, what is closed, and that packets on
// the way find the call that is there.
#include "core/relay/relay_loop.h"
#include "core/relay/resting_ports.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/relay/device.h"

#include <set>

using namespace sr;
using namespace sr::test;
using relay::BridgePorts;
using relay::PortPair;
using relay::Relay;
using relay::RestingPorts;
using relay::Side;

namespace {

constexpr auto kRest = RestingPorts::kRest;
constexpr auto kLate = RestingPorts::kLate;
constexpr auto kAlmost = kRest - std::chrono::milliseconds(1);
const RestingPorts::TimePoint kStart{std::chrono::hours(1)};

/// Without sockets.
std::unique_ptr<BridgePorts> portsAt(std::uint16_t port)
{
    return std::make_unique<BridgePorts>(PortPair{{}, {}, {loopback(), port}},
                                         PortPair{{}, {}, {loopback(), static_cast<std::uint16_t>(port + 2)}},
                                         0);
}

RestingPorts restingOf(std::size_t most = 100, std::size_t fewest = 0)
{
    return RestingPorts(RestingPorts::Limits{most, fewest});
}

int portOf(const std::unique_ptr<BridgePorts>& ports)
{
    return ports ? ports->local[0].port : 0;
}

int take(RestingPorts& resting, RestingPorts::TimePoint now)
{
    return portOf(resting.take(loopback(), loopback(), now));
}

std::vector<int> surplusOf(RestingPorts& resting)
{
    std::vector<int> out;
    for (const auto& ports : resting.takeSurplus())
        out.push_back(portOf(ports));
    return out;
}

} // namespace

class RestingPortsTest : public QObject {
    Q_OBJECT

private slots:
    void serveAgainWhenTheyHaveRested()
    {
        RestingPorts resting = restingOf();
        resting.rest(portsAt(4000), kStart);
        QCOMPARE(take(resting, kStart + kRest), 0); // whether anything came late is not known
        resting.look(kStart + kLate);
        QCOMPARE(take(resting, kStart + kAlmost), 0);
        QCOMPARE(take(resting, kStart + kRest), 4000);
        QCOMPARE(take(resting, kStart + kRest), 0);
    }

    void restBehindTheLateOnes()
    {
        RestingPorts resting = restingOf();
        resting.rest(portsAt(4000), kStart);
        resting.look(kStart + kRest); // later than it might
        QCOMPARE(take(resting, kStart + kRest + kLate - std::chrono::milliseconds(1)), 0);
        QCOMPARE(take(resting, kStart + kRest + kLate), 4000);
    }

    void whoHasRestedLongestComesFirst()
    {
        RestingPorts resting = restingOf();
        resting.rest(portsAt(4010), kStart);
        resting.rest(portsAt(4000), kStart);
        resting.look(kStart + kLate);
        QCOMPARE(take(resting, kStart + kRest), 4010);
        QCOMPARE(take(resting, kStart + kRest), 4000);
    }

    void latePacketsAreForgotten()
    {
        RestingPorts resting = restingOf();
        auto ports = portsAt(4000);
        ports->strays.add(7); // of a rest before
        BridgePorts& there = *ports;
        resting.rest(std::move(ports), kStart);
        there.strays.add(20);
        resting.look(kStart + kLate);
        QCOMPARE(take(resting, kStart + kRest), 4000);
    }

    /// A device that has not heard of the end would be taken for one of the next call.
    void whereSomebodyStillSendsNoCallComes()
    {
        RestingPorts resting = restingOf();
        auto ports = portsAt(4000);
        BridgePorts& there = *ports;
        resting.rest(std::move(ports), kStart);
        resting.rest(portsAt(4010), kStart);
        resting.look(kStart + kLate);
        there.strays.add(1);
        QCOMPARE(take(resting, kStart + kRest), 4010);
        QCOMPARE(surplusOf(resting), std::vector<int>{4000});
    }

    void addressesAreKeptApart()
    {
        RestingPorts resting = restingOf();
        resting.rest(portsAt(4000), kStart);
        resting.look(kStart + kLate);
        QVERIFY(!resting.take(loopback(), *IpAddress::parse("::1"), kStart + kRest));
        QVERIFY(!resting.takeAnyway(*IpAddress::parse("::1"), loopback()));
        QCOMPARE(take(resting, kStart + kRest), 4000);
    }

    void fewCallsGoRoundTheRange()
    {
        RestingPorts resting = restingOf(100, 1);
        resting.rest(portsAt(4000), kStart);
        resting.look(kStart + kLate);
        QCOMPARE(take(resting, kStart + kRest), 0);
        resting.rest(portsAt(4010), kStart + kRest);
        QCOMPARE(take(resting, kStart + kRest), 4000);
    }

    void aRestIsCutShortWhereNothingElseIsLeft()
    {
        RestingPorts resting = restingOf(100, 16);
        resting.rest(portsAt(4000), kStart);
        resting.rest(portsAt(4010), kStart);
        QCOMPARE(portOf(resting.takeAnyway(loopback(), loopback())), 4000);
        QCOMPARE(portOf(resting.takeAnyway(loopback(), loopback())), 4010);
        QCOMPARE(portOf(resting.takeAnyway(loopback(), loopback())), 0);
    }

    void whatIsNotNeededIsClosed()
    {
        RestingPorts resting = restingOf();
        resting.rest(portsAt(4000), kStart);
        resting.look(kStart + RestingPorts::kMostRest - std::chrono::milliseconds(1));
        QVERIFY(surplusOf(resting).empty());
        resting.look(kStart + RestingPorts::kMostRest);
        QCOMPARE(surplusOf(resting), std::vector<int>{4000});
    }

    void noMoreRestThanAreAllowed()
    {
        RestingPorts resting = restingOf(1);
        resting.rest(portsAt(4000), kStart);
        QVERIFY(surplusOf(resting).empty());
        resting.rest(portsAt(4010), kStart);
        QCOMPARE(surplusOf(resting), std::vector<int>{4000});
        resting.dismissAll();
        QCOMPARE(surplusOf(resting), std::vector<int>{4010});
    }

    /// One after the other by the same sockets: what comes in between is of neither.
    void oneCallBehindTheOther()
    {
        FakeClock clock;
        relay::RelayOptions options;
        options.clock = &clock;
        const auto relay = std::move(*Relay::start(options));
        constexpr std::size_t kCalls = 20; // more than go round the range
        std::vector<std::unique_ptr<relay::Bridge>> calls;
        std::set<std::uint16_t> ports;
        Device before;
        for (std::size_t i = 0; i < kCalls; ++i) {
            calls.push_back(std::move(*relay->open(loopback(), loopback())));
            QVERIFY(calls.back()->setPeer(Side::Caller, before.peer()));
            ports.insert(calls.back()->local(Side::Caller).port);
        }
        QCOMPARE(ports.size(), kCalls);
        const Endpoint late = calls.front()->local(Side::Caller);
        calls.clear();
        before.rtp.send(rtpPacket(1), late);
        std::unique_ptr<relay::Bridge> next;
        QVERIFY(QTest::qWaitFor(
            [&] {
                relay->onSecond(); // what has ended comes back, and is found quiet
                clock.advance(kLate);
                next = std::move(*relay->open(loopback(), loopback()));
                return ports.contains(next->local(Side::Caller).port);
            },
            20'000));
        Device caller;
        Device callee;
        QVERIFY(next->setPeer(Side::Caller, caller.peer()));
        QVERIFY(next->setPeer(Side::Callee, callee.peer()));
        caller.rtp.send(rtpPacket(5), next->local(Side::Caller));
        QVERIFY(callee.rtp.next().datagram == rtpPacket(5));
        QCOMPARE(next->state(Side::Caller).packets, std::uint64_t{1});
        QCOMPARE(next->state(Side::Caller).refused, std::uint64_t{0});
    }

    void aLoopCountsWhatNoCallGets()
    {
        auto waker = relay::SocketSet::create();
        QVERIFY(bool(waker));
        relay::HandshakeInlet handshakes(1 << 12, **waker);
        auto loop = std::move(*relay::RelayLoop::start(1 << 18, handshakes));
        auto rtp = std::move(*relay::UdpSocket::bind({loopback(), 0}));
        auto rtcp = std::move(*relay::UdpSocket::bind({loopback(), 0}));
        const Endpoint local = rtp.local();
        BridgePorts ports(PortPair{std::move(rtp), std::move(rtcp), local}, PortPair{{}, {}, {loopback(), 1}},
                          0);
        QVERIFY(loop->sockets().add(ports.socket(Side::Caller, false), &ports.inlets[0]));
        Port device;
        device.send(rtpPacket(1), local);
        QTRY_COMPARE(ports.strays.value(), std::uint64_t{1});
        loop->stop();
    }
};

QTEST_GUILESS_MAIN(RestingPortsTest)
#include "tst_resting_ports.moc"
