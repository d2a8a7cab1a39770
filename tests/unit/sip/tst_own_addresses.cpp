// SPDX-License-Identifier: GPL-3.0-or-later
// The system is asked once for each address, and again when that may have changed.
#include "core/sip/own_addresses.h"

#include <QTest>

using namespace sr;
using sip::OwnAddresses;

class OwnAddressesTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        m_route = *IpAddress::parse("198.51.100.7");
        m_asked = 0;
    }

    void eachIsAskedForOnce()
    {
        OwnAddresses own = asking();
        QVERIFY(own.towards(at("192.0.2.1", 5060)) == m_route);
        QVERIFY(own.towards(at("192.0.2.1", 5070)) == m_route); // the port has no say
        QCOMPARE(m_asked, 1);
        QVERIFY(own.towards(at("192.0.2.2", 5060)) == m_route);
        QCOMPARE(m_asked, 2);
    }

    void aChangedRouteIsSeen()
    {
        OwnAddresses own = asking();
        (void)own.towards(at("192.0.2.1", 5060));
        m_route = *IpAddress::parse("198.51.100.9");
        own.forget();
        QVERIFY(own.towards(at("192.0.2.1", 5060)) == m_route);
        QCOMPARE(m_asked, 2);
    }

    void noWayIsNotRemembered()
    {
        OwnAddresses own = asking();
        m_route = {};
        QVERIFY(own.towards(at("192.0.2.1", 5060)).isUnspecified());
        m_route = *IpAddress::parse("198.51.100.7");
        QVERIFY(own.towards(at("192.0.2.1", 5060)) == m_route);
    }

    void isBounded()
    {
        OwnAddresses own = asking();
        for (std::uint32_t i = 0; i <= OwnAddresses::kMost; ++i)
            (void)own.towards({IpAddress::v4(0x0a000000U + i), 5060});
        const int before = m_asked;
        (void)own.towards({IpAddress::v4(0x0a000000U), 5060}); // the first of them
        QCOMPARE(m_asked, before + 1);
    }

private:
    OwnAddresses asking()
    {
        return OwnAddresses([this](const Endpoint&) {
            ++m_asked;
            return m_route;
        });
    }
    static Endpoint at(const char* address, std::uint16_t port) { return {*IpAddress::parse(address), port}; }

    IpAddress m_route;
    int m_asked = 0;
};

QTEST_APPLESS_MAIN(OwnAddressesTest)
#include "tst_own_addresses.moc"
