// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia's words about TLS, as version 1.12.11 writes them, and hosts as people do.
#include "core/base/error.h" // before <algorithm>, whose <compare> moc cannot read first
#include "core/sip/host_text.h"
#include "core/sip/tls_trouble.h"

#include <QTest>

using namespace sr;
using namespace sr::sip;
using namespace std::string_literals;

namespace {

/// `peer words` of the troubles in all the lines.
std::string read(std::initializer_list<const char*> lines)
{
    TlsTroubleReader reader;
    std::string all;
    for (const char* const line : lines)
        if (const auto trouble = reader.take(line))
            all += trouble->peer.toString() + " " + trouble->words + "; ";
    return all;
}

} // namespace

class TestTlsTrouble : public QObject {
    Q_OBJECT
private slots:
    void certificates()
    {
        QCOMPARE(read({"-Error with certificate at depth: 0\n", "  issuer   = /CN=x\n",
                       "  subject  = /CN=x\n", "  err 18:self-signed certificate\n",
                       "tport_close(0x7f54700718c0): tls/127.0.0.1:17063/sips\n"}),
                 "127.0.0.1:17063 its certificate is not trusted: self-signed certificate (/CN=x); "s);
        QCOMPARE(read({"tls_post_connection_check(0x7f56340718c0): Peer Subject Mismatch (sip.example)\n",
                       "tport_close(0x7f56340718c0): tls/[2001:db8::1]:5061/sips\n"}),
                 "[2001:db8::1]:5061 its certificate is not for sip.example; "s);
    }
    void otherEndsAreNoTrouble()
    {
        QCOMPARE(read({"tport_tls_connect(0x1): connecting to tls/192.0.2.1:5061/sips\n",
                       "tport_close(0x1): tls/192.0.2.1:5061/sips\n"}),
                 ""s);
        QCOMPARE(read({"tls_connect(0x1): TLS setup failed (error:00000001:lib(0)::reason(1))\n",
                       "tport_close(0x1): tls/192.0.2.1:5061/sips\n",
                       "tport_close(0x2): tls/192.0.2.2:5061/sips\n", // its own end
                       "tport_close(0x2): tcp/192.0.2.2:5061/sip\n", "", "\n"}),
                 "192.0.2.1:5061 it does not speak TLS as we do; "s);
    }
    void hosts()
    {
        QVERIFY(endpointIn("192.0.2.1", Transport::Tls) == Endpoint::parse("192.0.2.1:5061"));
        QVERIFY(endpointIn("192.0.2.1", Transport::Udp) == Endpoint::parse("192.0.2.1:5060"));
        QVERIFY(endpointIn("[2001:db8::1]", Transport::Tcp) == Endpoint::parse("[2001:db8::1]:5060"));
        QVERIFY(endpointIn("[2001:db8::1]:7", Transport::Tcp) == Endpoint::parse("[2001:db8::1]:7"));
        QVERIFY(!endpointIn("sip.example:7", Transport::Tcp));
        QCOMPARE(portIn("sip.example", Transport::Tls), std::uint16_t{5061});
        QCOMPARE(portIn("sip.example:7", Transport::Tls), std::uint16_t{7});
        QCOMPARE(portIn("[2001:db8::1]", Transport::Udp), std::uint16_t{5060});
    }
};

QTEST_GUILESS_MAIN(TestTlsTrouble)
#include "tst_tls_trouble.moc"
