// SPDX-License-Identifier: GPL-3.0-or-later
// Pairs of ports between two calls: how long they rest, what they forget, and when they are closed.
#include "core/relay/port_pool.h"
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::test;
using relay::PortPair;
using relay::PortPool;
using relay::RelayErrc;
using relay::UdpSocket;

namespace {

constexpr auto kRest = PortPool::kRest;
constexpr auto kAlmost = kRest - std::chrono::milliseconds(1);
const PortPool::TimePoint kStart{std::chrono::hours(1)};

PortPool poolOf(std::uint16_t first, unsigned pairs, std::size_t mostResting = 100,
                std::size_t fewestResting = 0)
{
    return {first, static_cast<std::uint16_t>(first + 2 * pairs - 1), {mostResting, fewestResting}};
}

bool isOpen(const Endpoint& local)
{
    return !UdpSocket::bind(local);
}

std::ptrdiff_t read(UdpSocket& socket)
{
    std::array<std::byte, 16> buffer{};
    relay::SocketAddress from;
    return socket.receive(buffer, from);
}

} // namespace

class PortPoolTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        m_first = freePorts(loopback(), 4);
        QVERIFY(m_first != 0);
    }

    void aPairServesAgainWhenItHasRested()
    {
        PortPool pool = poolOf(m_first, 4);
        auto first = pool.take(loopback(), kStart);
        QVERIFY(bool(first));
        const Endpoint local = first->local;
        const auto handle = first->rtp.handle();
        pool.rest(std::move(*first), kStart);
        pool.closeRested(kStart + PortPool::kLate);
        const auto early = pool.take(loopback(), kStart + kAlmost);
        QVERIFY(bool(early));
        QVERIFY(early->local != local);
        const auto late = pool.take(loopback(), kStart + kRest);
        QVERIFY(bool(late));
        QVERIFY(late->local == local);
        QCOMPARE(late->rtp.handle(), handle);
    }

    void whoHasRestedLongestComesFirst()
    {
        PortPool pool = poolOf(m_first, 4);
        auto one = pool.take(loopback(), kStart);
        auto two = pool.take(loopback(), kStart);
        QVERIFY(one && two);
        const Endpoint first = two->local;
        const Endpoint second = one->local;
        pool.rest(std::move(*two), kStart);
        pool.rest(std::move(*one), kStart);
        pool.closeRested(kStart + PortPool::kLate);
        const auto again = pool.take(loopback(), kStart + kRest);
        const auto then = pool.take(loopback(), kStart + kRest);
        QVERIFY(again && then);
        QVERIFY(again->local == first);
        QVERIFY(then->local == second);
    }

    void latePacketsOfACallDoNotReachTheNext()
    {
        PortPool pool = poolOf(m_first, 4);
        auto pair = pool.take(loopback(), kStart);
        QVERIFY(bool(pair));
        const Endpoint local = pair->local;
        const Endpoint rtcp{local.address, static_cast<std::uint16_t>(local.port + 1)};
        pool.rest(std::move(*pair), kStart);
        Port device;
        for (std::uint16_t i = 0; i < 20; ++i) {
            device.send(rtpPacket(i), local);
            device.send(rtcpPacket(i), rtcp);
        }
        pool.closeRested(kStart + PortPool::kLate);
        auto again = pool.take(loopback(), kStart + kRest);
        QVERIFY(bool(again));
        QVERIFY(again->local == local);
        QVERIFY(read(again->rtp) < 0);
        QVERIFY(read(again->rtcp) < 0);
        device.send(Bytes(3), local);
        QVERIFY(QTest::qWaitFor([&] { return read(again->rtp) == 3; }));
    }

    /// A device that has not heard of the end would be taken for one of the next call.
    void whereSomebodyStillSendsNoCallComes_data()
    {
        QTest::addColumn<int>("offset");
        QTest::newRow("RTP") << 0;
        QTest::newRow("RTCP") << 1;
    }
    void whereSomebodyStillSendsNoCallComes()
    {
        QFETCH(int, offset);
        PortPool pool = poolOf(m_first, 4);
        auto pair = pool.take(loopback(), kStart);
        QVERIFY(bool(pair));
        const Endpoint local = pair->local;
        pool.rest(std::move(*pair), kStart);
        pool.closeRested(kStart + PortPool::kLate);
        Port device;
        device.send(rtpPacket(1), {local.address, static_cast<std::uint16_t>(local.port + offset)});
        const auto next = pool.take(loopback(), kStart + kRest);
        QVERIFY(bool(next));
        QVERIFY(next->local != local);
        QVERIFY(!isOpen(local));
    }

    void fewCallsGoRoundTheRange()
    {
        PortPool pool = poolOf(m_first, 4, 100, 1);
        auto one = pool.take(loopback(), kStart);
        auto two = pool.take(loopback(), kStart);
        QVERIFY(one && two);
        const Endpoint first = one->local;
        pool.rest(std::move(*one), kStart);
        pool.closeRested(kStart + PortPool::kLate);
        QVERIFY(pool.take(loopback(), kStart + kRest)->local != first);
        pool.rest(std::move(*two), kStart);
        pool.closeRested(kStart + kRest);
        QVERIFY(pool.take(loopback(), kStart + kRest)->local == first);
    }

    void aRestIsCutShortWhereNothingElseIsLeft()
    {
        PortPool pool = poolOf(m_first, 2);
        auto one = pool.take(loopback(), kStart);
        const auto two = pool.take(loopback(), kStart);
        QVERIFY(one && two);
        const Endpoint local = one->local;
        pool.rest(std::move(*one), kStart);
        const auto again = pool.take(loopback(), kStart);
        QVERIFY(bool(again));
        QVERIFY(again->local == local);
        QVERIFY(pool.take(loopback(), kStart + kRest).error().code == RelayErrc::NoPorts);
    }

    void whatIsNotNeededIsClosed()
    {
        PortPool pool = poolOf(m_first, 4);
        auto pair = pool.take(loopback(), kStart);
        QVERIFY(bool(pair));
        const Endpoint local = pair->local;
        pool.rest(std::move(*pair), kStart);
        pool.closeRested(kStart + PortPool::kMostRest - std::chrono::milliseconds(1));
        QVERIFY(isOpen(local));
        pool.closeRested(kStart + PortPool::kMostRest);
        QVERIFY(!isOpen(local));
    }

    void noMoreRestThanAreAllowed()
    {
        PortPool pool = poolOf(m_first, 4, 1);
        auto one = pool.take(loopback(), kStart);
        auto two = pool.take(loopback(), kStart);
        QVERIFY(one && two);
        const Endpoint older = one->local;
        const Endpoint newer = two->local;
        pool.rest(std::move(*one), kStart);
        pool.rest(std::move(*two), kStart);
        QVERIFY(!isOpen(older));
        QVERIFY(isOpen(newer));
    }

    void onlyCallsMakePairsScarce()
    {
        PortPool pool = poolOf(m_first, 4);
        auto one = pool.take(loopback(), kStart);
        QVERIFY(pool.isAmple());
        auto two = pool.take(loopback(), kStart);
        QVERIFY(one && two);
        QVERIFY(!pool.isAmple());
        pool.rest(std::move(*one), kStart);
        QVERIFY(pool.isAmple());
        const Endpoint local = two->local;
        *two = {};
        pool.giveBack(local);
        QVERIFY(pool.isAmple());
    }

private:
    std::uint16_t m_first = 0;
};

QTEST_GUILESS_MAIN(PortPoolTest)
#include "tst_port_pool.moc"
