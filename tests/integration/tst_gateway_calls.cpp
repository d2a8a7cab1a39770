// SPDX-License-Identifier: GPL-3.0-or-later
// Two exchanges that know each other by address, with a telephone at each; and a gateway that the test plays.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>
#include <QUdpSocket>

#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;

namespace {

/// An exchange with one telephone.
struct Site {
    Site(const char* user, const char* number)
    {
        isReady = test::addUser(fixture, user, number, "first").exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(fixture);
        BaresipOptions options;
        options.user = QString::fromLatin1(user);
        options.password = QStringLiteral("first");
        phone = std::make_unique<BaresipPhone>(fixture.path(options.user), exchange->port4, options);
        isReady = isReady && phone->isReady();
    }
    bool addGateway(const char* name, const char* number, quint16 port, const QStringList& more = {},
                    const QByteArray& password = {}) const
    {
        return addLine("gw", name, number, port, more, password);
    }
    bool addLine(const char* kind, const char* name, const char* number, quint16 port,
                 const QStringList& more, const QByteArray& password) const
    {
        QStringList words{QStringLiteral("object"),   QStringLiteral("add"),
                          QStringLiteral("--kind"),   QString::fromLatin1(kind),
                          QStringLiteral("--name"),   QString::fromLatin1(name),
                          QStringLiteral("--number"), QString::fromLatin1(number),
                          QStringLiteral("--set"),    QStringLiteral("address=127.0.0.1:%1").arg(port)};
        for (const QString& setting : more)
            words << QStringLiteral("--set") << setting;
        if (!password.isEmpty())
            words << QStringLiteral("--password-stdin");
        return fixture.run(words, password.isEmpty() ? password : password + '\n').exitCode == 0;
    }
    bool waitUntilSaid(const QByteArray& words) const
    {
        return QTest::qWaitFor([&] { return exchange->said().contains(words); }, 30'000);
    }
    QByteArray trunks() const
    {
        return fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QStringLiteral("trunks")}).out;
    }
    QJsonArray recordings() const
    {
        const auto all = [this] {
            return fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                .json()[QLatin1String("recordings")]
                .toArray();
        };
        (void)QTest::qWaitFor([&] { return !all().isEmpty(); }, 15'000);
        return all();
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> phone;
    bool isReady = false;
};

QByteArray headerOf(const QByteArray& message, const QByteArray& name)
{
    const qsizetype at = message.indexOf("\r\n" + name + ": ");
    const qsizetype begin = at + 4 + name.size();
    return at < 0 ? QByteArray() : message.mid(begin, message.indexOf("\r\n", begin) - begin);
}

/// What comes to its port it keeps; it answers OPTIONS where it is told to, and INVITE with one status.
class PlayedGateway {
public:
    PlayedGateway()
    {
        m_socket.bind(QHostAddress::LocalHost);
        QObject::connect(&m_socket, &QUdpSocket::readyRead, [this] {
            while (m_socket.hasPendingDatagrams())
                take();
        });
    }
    quint16 port() const { return m_socket.localPort(); }
    void invite(quint16 exchange, const QByteArray& target, const QByteArray& from, const QByteArray& more)
    {
        const QByteArray own = "127.0.0.1:" + QByteArray::number(port());
        const QByteArray id = QByteArray::number(++m_calls);
        m_socket.writeDatagram("INVITE sip:" + target + "@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + own +
                                   ";branch=z9hG4bK" + own + id + "\r\nFrom: " + from + ";tag=" + id +
                                   "\r\nTo: <sip:" + target + "@127.0.0.1>\r\nCall-ID: " + own + id +
                                   "\r\nCSeq: 1 INVITE\r\nContact: <sip:" + own + ">\r\nMax-Forwards: 9\r\n" +
                                   more + "Content-Length: 0\r\n\r\n",
                               QHostAddress::LocalHost, exchange);
    }
    /// Calls from here that were answered so. Nobody acknowledges it, so it comes again (RFC 3261 17.2.1).
    qsizetype answeredBy(const QByteArray& status) const
    {
        QSet<QByteArray> calls;
        for (qsizetype at = seen.indexOf(status); at >= 0; at = seen.indexOf(status, at + 1))
            calls.insert(headerOf(seen.mid(at), "Call-ID"));
        return calls.size();
    }
    QByteArray seen;
    bool answersOptions = false;
    QByteArray inviteStatus = "486 Busy Here";

private:
    void take()
    {
        QByteArray message(qsizetype(m_socket.pendingDatagramSize()), '\0');
        QHostAddress from;
        quint16 fromPort = 0;
        m_socket.readDatagram(message.data(), message.size(), &from, &fromPort);
        seen += message;
        const bool isOptions = message.startsWith("OPTIONS ");
        if ((isOptions && !answersOptions) || (!isOptions && !message.startsWith("INVITE ")))
            return;
        m_socket.writeDatagram(
            "SIP/2.0 " + (isOptions ? "200 OK" : inviteStatus) + "\r\nVia: " + headerOf(message, "Via") +
                "\r\nFrom: " + headerOf(message, "From") + "\r\nTo: " + headerOf(message, "To") +
                ";tag=gw\r\nCall-ID: " + headerOf(message, "Call-ID") +
                "\r\nCSeq: " + headerOf(message, "CSeq") + "\r\nContent-Length: 0\r\n\r\n",
            from, fromPort);
    }
    QUdpSocket m_socket;
    int m_calls = 0;
};

} // namespace

class GatewayCallsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty()); }

    /// Neither registers at the other; both record. How long the numbers are says nothing: whoever is behind
    /// the gateway is external.
    void twoExchanges()
    {
        Site main("anna", "10000");
        Site branch("bert", "200");
        QVERIFY(main.isReady && branch.isReady);
        QVERIFY(main.addGateway("branch", "7", branch.exchange->port4));
        QVERIFY(branch.addGateway("main", "8", main.exchange->port4));
        QVERIFY2(main.waitUntilSaid("Gateway branch"), main.exchange->said().constData());
        QVERIFY2(branch.waitUntilSaid("Gateway main"), branch.exchange->said().constData());
        QVERIFY2(main.trunks().contains("answers"), main.trunks().constData());
        main.phone->dial(QStringLiteral("7200"));
        QVERIFY2(branch.phone->waitFor("Incoming call from"), main.phone->said().constData());
        branch.phone->accept();
        QVERIFY2(main.phone->waitFor("Call established"), main.phone->said().constData());
        QVERIFY(branch.phone->said().contains("sip:810000@"));
        QTest::qWait(1500); // they talk
        branch.phone->hangUp();
        QVERIFY(main.phone->waitFor("session closed"));
        const std::tuple<const Site&, const char*, const char*, const char*> sides[] = {
            {main, "10000", "7200", "out"}, {branch, "200", "810000", "in"}};
        for (const auto& [site, internal, external, direction] : sides) {
            const QJsonArray rows = site.recordings();
            QVERIFY2(rows.size() == 1, site.exchange->said().constData());
            const QJsonObject row = rows[0].toObject();
            QCOMPARE(row[QLatin1String("internal")].toString(), QString::fromLatin1(internal));
            QCOMPARE(row[QLatin1String("external")].toString(), QString::fromLatin1(external));
            QCOMPARE(row[QLatin1String("direction")].toString(), QString::fromLatin1(direction));
        }
    }

    /// A gateway that asks for a password is called by a trunk, which has one for such.
    void trunkAnswersTheGateway()
    {
        Site main("anna", "100");
        Site branch("bert", "200");
        QVERIFY(main.isReady && branch.isReady);
        QVERIFY(branch.addGateway("main", "8", main.exchange->port4, {}, "shared"));
        QVERIFY(main.addLine("trunk", "branch", "7", branch.exchange->port4,
                             {QStringLiteral("account=main"), QStringLiteral("own=1")}, "shared"));
        QVERIFY2(main.waitUntilSaid("Trunk branch"), main.exchange->said().constData());
        main.phone->dial(QStringLiteral("7200"));
        QVERIFY2(branch.phone->waitFor("Incoming call from"), main.phone->said().constData());
        QVERIFY2(branch.phone->said().contains("sip:81100@"), branch.phone->said().constData());
        branch.phone->accept();
        QVERIFY2(main.phone->waitFor("Call established"), main.phone->said().constData());
        main.phone->hangUp();
        QVERIFY(branch.phone->waitFor("session closed"));
    }

    /// While it does not answer, calls go to the next one; it comes back by itself.
    void outOfOrder()
    {
        Site site("anna", "100");
        QVERIFY(site.isReady);
        PlayedGateway dead;
        PlayedGateway spare;
        spare.answersOptions = true;
        QVERIFY(site.addGateway("spare", "6", spare.port()));
        QVERIFY(site.addGateway("line", "7", dead.port(), {QStringLiteral("next=spare")}));
        QVERIFY2(site.waitUntilSaid("Alarm: gateway line"), site.exchange->said().constData());
        QVERIFY2(site.trunks().contains("does not answer (408)"), site.trunks().constData());
        site.phone->dial(QStringLiteral("7555"));
        QVERIFY2(site.phone->waitFor("486"), site.phone->said().constData());
        QVERIFY(spare.seen.contains("INVITE sip:555@127.0.0.1:"));
        QVERIFY(!dead.seen.contains("INVITE "));
        dead.answersOptions = true;
        QVERIFY2(site.waitUntilSaid("Gateway line"), site.exchange->said().constData());
        site.phone->dial(QStringLiteral("7556"));
        QVERIFY2(site.phone->waitFor("486"), site.phone->said().constData());
        QVERIFY2(dead.seen.contains("INVITE sip:556@127.0.0.1:"), dead.seen.constData());
        dead.inviteStatus = "503 Service Unavailable";
        site.phone->dial(QStringLiteral("7557"));
        QVERIFY2(site.phone->waitFor("486"), site.phone->said().constData());
        QVERIFY(spare.seen.contains("INVITE sip:557@127.0.0.1:"));
    }

    /// RFC 3325: a gateway is believed who calls, and a number that is withheld stays so.
    void identities()
    {
        Site site("anna", "100");
        QVERIFY(site.isReady);
        PlayedGateway gateway;
        gateway.answersOptions = true;
        QVERIFY(site.addGateway("line", "7", gateway.port()));
        QVERIFY2(site.waitUntilSaid("Gateway line"), site.exchange->said().constData());
        const QByteArray bad[] = {"", "*", "<", ",,", "<tel:>", "\"Zoe <sip:", "<sip:%00@x>;;", "sip:a@b, <"};
        for (const QByteArray& value : bad)
            gateway.invite(site.exchange->port4, "999", "<sip:1@x>",
                           "P-Asserted-Identity: " + value + "\r\n");
        QTRY_COMPARE(gateway.answeredBy("SIP/2.0 404"), qsizetype(std::size(bad)));
        const QByteArray identity = "P-Asserted-Identity: \"Zoe\" <sip:zoe@x>, <tel:+49-89-555>\r\n";
        gateway.invite(site.exchange->port4, "100", "<sip:switchboard@x>", identity);
        QVERIFY2(site.phone->waitFor("sip:7004989555@"), site.phone->said().constData());
        site.phone->hangUp();
        gateway.invite(site.exchange->port4, "100", "\"Zoe\" <sip:555@x>", identity + "Privacy: id\r\n");
        QVERIFY2(site.phone->waitFor("sip:anonymous@"), site.phone->said().constData());
        QVERIFY(!site.phone->said().contains("Zoe"));
        site.phone->hangUp();
        gateway.invite(site.exchange->port4, "100", "<sip:x@x>", "P-Preferred-Identity: <sip:44@x>\r\n");
        QVERIFY2(site.phone->waitFor("sip:744@"), site.phone->said().constData());
    }

    /// With a password the address counts for nothing, here and for strangers.
    void passwordCounts()
    {
        Site site("anna", "100");
        QVERIFY(site.isReady);
        PlayedGateway gateway;
        gateway.answersOptions = true;
        QVERIFY(site.addGateway("line", "7", gateway.port(), {}, "secret"));
        QVERIFY2(site.waitUntilSaid("Gateway line"), site.exchange->said().constData());
        gateway.invite(site.exchange->port4, "100", "<sip:line@x>", {});
        QTRY_VERIFY2_WITH_TIMEOUT(gateway.seen.contains("SIP/2.0 401"), gateway.seen.constData(), 10'000);
        PlayedGateway stranger;
        stranger.invite(site.exchange->port4, "100", "<sip:line@x>", {});
        QTRY_VERIFY2_WITH_TIMEOUT(stranger.seen.contains("SIP/2.0 401"), stranger.seen.constData(), 10'000);
        QVERIFY(!(gateway.seen + stranger.seen).contains("SIP/2.0 180"));
    }
};

QTEST_GUILESS_MAIN(GatewayCallsTest)
#include "tst_gateway_calls.moc"
