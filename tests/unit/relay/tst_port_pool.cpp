// SPDX-License-Identifier: GPL-3.0-or-later
// Pairs of ports: round the range, back again, and when they become scarce.
#include "core/relay/port_pool.h"
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::test;
using relay::PortPair;
using relay::PortPool;
using relay::RelayErrc;

namespace {

PortPool poolOf(std::uint16_t first, unsigned pairs)
{
    return {first, static_cast<std::uint16_t>(first + 2 * pairs - 1)};
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

    void goesRoundTheRange()
    {
        PortPool pool = poolOf(m_first, 4);
        for (unsigned i = 0; i < 6; ++i) {
            auto pair = pool.take(loopback());
            QVERIFY(bool(pair));
            QCOMPARE(pair->local.port, static_cast<std::uint16_t>(m_first + 2 * (i % 4)));
            QVERIFY(pair->rtp.local() == pair->local);
            QCOMPARE(pair->rtcp.local().port, static_cast<std::uint16_t>(pair->local.port + 1));
            const Endpoint local = pair->local;
            *pair = {};
            pool.giveBack(local);
        }
    }

    void allAreTakenAndThenThereAreNone()
    {
        PortPool pool = poolOf(m_first, 4);
        std::vector<PortPair> taken;
        for (int i = 0; i < 4; ++i)
            taken.push_back(std::move(*pool.take(loopback())));
        QVERIFY(pool.take(loopback()).error().code == RelayErrc::NoPorts);
        const Endpoint back = taken[2].local;
        taken[2] = {};
        pool.giveBack(back);
        const auto again = pool.take(loopback());
        QVERIFY(again && again->local == back);
    }

    void ampleIsAQuarter()
    {
        PortPool pool = poolOf(m_first, 4);
        QVERIFY(pool.isAmple());
        std::vector<PortPair> taken;
        for (int i = 0; i < 3; ++i)
            taken.push_back(std::move(*pool.take(loopback())));
        QVERIFY(pool.isAmple());
        auto last = pool.take(loopback());
        QVERIFY(bool(last));
        QVERIFY(!pool.isAmple());
        const Endpoint back = last->local;
        *last = {};
        pool.giveBack(back);
        QVERIFY(pool.isAmple());
    }

private:
    std::uint16_t m_first = 0;
};

QTEST_GUILESS_MAIN(PortPoolTest)
#include "tst_port_pool.moc"
