// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls, as trusted networks want to know it, and as nobody else shall.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/name_address.h"

#include <QTest>

using namespace sr::sip;
using namespace std::string_literals;

class TestIdentityHeaders : public QObject {
    Q_OBJECT
private slots:
    void nothingIsWanted() { QCOMPARE(identityHeaders({}), ""s); }
    void eachHasItsLine()
    {
        OutgoingInvite invite;
        invite.asserted = NameAddress{"Anna", "+4930123", "provider.example"};
        QCOMPARE(identityHeaders(invite),
                 "P-Asserted-Identity: \"Anna\" <sip:+4930123@provider.example>\r\n"s);
        invite.asserted.reset();
        invite.preferred = NameAddress{"", "123", "provider.example"};
        invite.isPrivate = true;
        QCOMPARE(identityHeaders(invite),
                 "P-Preferred-Identity: <sip:123@provider.example>\r\nPrivacy: id\r\n"s);
    }
    void noNameMakesAnotherHeader()
    {
        OutgoingInvite invite;
        invite.asserted = NameAddress{"A\r\nX: y\"", "1\r\n2>", "provider.example"};
        const std::string lines = identityHeaders(invite);
        QCOMPARE(std::ranges::count(lines, '\n'), 1);
        QVERIFY(lines.find("X: y\\\"\" <sip:1%0D%0A2%3E@") != lines.npos);
    }
};

QTEST_GUILESS_MAIN(TestIdentityHeaders)
#include "tst_identity_headers.moc"
