// SPDX-License-Identifier: GPL-3.0-or-later
// Whose calls move when a device registers from somewhere else.
#include "core/sip/device_ways.h"

#include <QTest>

using namespace sr;
using sr::sip::Contact;
using sr::sip::DeviceWays;
using sr::sip::RegisterRequest;
using sr::sip::Source;
using Moves = std::vector<DeviceWays::Move>;

namespace {

Source at(std::uint16_t port)
{
    return {{IpAddress::v4(0x7f000001), port}, sip::Transport::Tls, 0};
}

RegisterRequest from(const Source& source, const std::string& uri, const std::string& instance = {})
{
    RegisterRequest request;
    request.user = "anna";
    request.contacts = {{uri, 60, instance}};
    request.source = source;
    return request;
}

/// The registrar bound just what was asked for, besides `others`.
Moves learn(DeviceWays& ways, const RegisterRequest& request, std::vector<Contact> others = {})
{
    others.push_back(request.contacts.front());
    return ways.learn(request, others);
}

} // namespace

class DeviceWaysTest : public QObject {
    Q_OBJECT

private slots:
    void aNewConnection()
    {
        DeviceWays ways;
        QVERIFY(learn(ways, from(at(1), "sip:anna@a")).empty());
        QVERIFY(learn(ways, from(at(1), "sip:anna@a")).empty());
        QVERIFY(learn(ways, from(at(2), "sip:anna@a")) == (Moves{{at(1), at(2)}}));
        QVERIFY(learn(ways, from(at(3), "sip:anna@a")) == (Moves{{at(2), at(3)}}));
    }

    void aNewConnectionInTheContact()
    {
        DeviceWays ways;
        (void)learn(ways, from(at(1), "sip:anna@a:1", "<urn:uuid:7>"));
        QVERIFY(learn(ways, from(at(2), "sip:anna@a:2", "<urn:uuid:7>")) == (Moves{{at(1), at(2)}}));
    }

    void anotherDevice()
    {
        DeviceWays ways;
        (void)learn(ways, from(at(1), "sip:anna@a"));
        QVERIFY(learn(ways, from(at(2), "sip:anna@b"), {{"sip:anna@a", 60, {}}}).empty());
        QVERIFY(learn(ways, from(at(3), "sip:anna@a"), {{"sip:anna@b", 60, {}}}) == (Moves{{at(1), at(3)}}));
    }

    void aSharedWay()
    {
        DeviceWays ways;
        (void)learn(ways, from(at(1), "sip:anna@a"));
        (void)learn(ways, from(at(1), "sip:anna@b"), {{"sip:anna@a", 60, {}}});
        QVERIFY(learn(ways, from(at(2), "sip:anna@a"), {{"sip:anna@b", 60, {}}}).empty());
    }

    void whoIsNotBoundIsForgotten()
    {
        DeviceWays ways;
        (void)learn(ways, from(at(1), "sip:anna@a"));
        QVERIFY(ways.learn(from(at(1), "sip:anna@a"), {}).empty());
        QVERIFY(learn(ways, from(at(2), "sip:anna@a")).empty());
        QVERIFY(learn(ways, from(at(3), "sip:anna@b")).empty()); // and a is bound no longer
        QVERIFY(learn(ways, from(at(4), "sip:anna@a")).empty());
    }
};

QTEST_GUILESS_MAIN(DeviceWaysTest)
#include "tst_device_ways.moc"
