// SPDX-License-Identifier: GPL-3.0-or-later
// Phones whose connection to the exchange breaks, falls silent or is opened anew, and who calls them then.
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/wire_phone.h"

#include <QElapsedTimer>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTest>

#include <algorithm>
#include <array>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;
using sr::test::WirePhone;

namespace {

constexpr const char* kContact = "sip:otto@192.168.77.7:5061;transport=tls"; // behind a NAT

/// Where nobody listens; the relay sends there in vain.
const QByteArray kSdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                        "m=audio 9 RTP/AVP 0\r\n";

/// Anna with baresip by UDP, and an otto who is the test itself.
struct Scene {
    Scene()
    {
        ready = test::addUser(fixture, "anna", "100", "first").exitCode == 0 &&
                test::addUser(fixture, "otto", "101", "second").exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(
            fixture, QStringList{QStringLiteral("--sips"), QStringLiteral("127.0.0.1:0"),
                                 QStringLiteral("--sips"), QStringLiteral("[::1]:0")});
        BaresipOptions options;
        options.user = QStringLiteral("anna");
        options.password = QStringLiteral("first");
        anna = std::make_unique<BaresipPhone>(fixture.path(options.user), exchange->port4, options);
        ready = ready && anna->isReady();
    }
    /// How long the caller waits until she hears `words` [ms]; -1: she does not.
    qint64 dialUntil(const QByteArray& words)
    {
        QElapsedTimer timer;
        timer.start();
        anna->dial(QStringLiteral("101"));
        return anna->waitFor(words) ? timer.elapsed() : -1;
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> anna;
    bool ready = false;
};

} // namespace

class ConnectionsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const char* program : {"baresip", "openssl"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void aLostConnection_data()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("TCP") << false;
        QTest::newRow("TLS") << true;
    }
    void aLostConnection()
    {
        QFETCH(bool, tls);
        Scene scene;
        QVERIFY(scene.ready);
        WirePhone otto(tls ? WirePhone::Wire::Tls : WirePhone::Wire::Tcp,
                       tls ? scene.exchange->tlsPort4 : scene.exchange->port4);
        QVERIFY(otto.registers("otto", "second", kContact));
        otto.close();
        const qint64 waited = scene.dialUntil("480 Temporarily Unavailable");
        QVERIFY2(waited >= 0 && waited < 3000, scene.anna->said().constData());
    }

    /// A cable was pulled out: the system does not know yet that nobody is there.
    void aSilentConnection()
    {
        Scene scene;
        QVERIFY(scene.ready);
        WirePhone otto(WirePhone::Wire::Tls, scene.exchange->tlsPort4);
        QVERIFY(otto.registers("otto", "second", kContact));
        const qint64 waited = scene.dialUntil("480 Temporarily Unavailable");
        QVERIFY2(waited > 3000 && waited < 15'000, qPrintable(QString::number(waited)));
        QVERIFY(!otto.waitFor("INVITE sip:otto").isEmpty());
    }

    /// It rings long, but it is there.
    void aSlowAnswer()
    {
        Scene scene;
        QVERIFY(scene.ready);
        WirePhone otto(WirePhone::Wire::Tls, scene.exchange->tlsPort4);
        QVERIFY(otto.registers("otto", "second", kContact));
        scene.anna->dial(QStringLiteral("101"));
        const QByteArray invite = otto.waitFor("INVITE sip:otto");
        otto.answer(invite, "100 Trying");
        QTest::qWait(7000);
        QVERIFY2(!scene.anna->said().contains("480 Temporarily"), scene.anna->said().constData());
        otto.answer(invite, "486 Busy Here");
        QVERIFY2(scene.anna->waitFor("486 Busy Here"), scene.anna->said().constData());
    }

    /// The telephone has come from one network to another: its calls go on there.
    void aNewerConnection()
    {
        Scene scene;
        QVERIFY(scene.ready);
        WirePhone before(WirePhone::Wire::Tls, scene.exchange->tlsPort4);
        QVERIFY(before.registers("otto", "second", kContact));
        scene.anna->dial(QStringLiteral("101"));
        const QByteArray invite = before.waitFor("INVITE sip:otto");
        QVERIFY2(invite.contains("Contact: <sip:127.0.0.1:"), invite.constData());
        before.answer(invite, "200 OK",
                      QByteArray("Contact: <") + kContact + ">\r\nContent-Type: application/sdp\r\n", kSdp);
        QVERIFY(!before.waitFor("ACK sip:otto").isEmpty());
        QVERIFY2(scene.anna->waitFor("Call established"), scene.anna->said().constData());
        WirePhone after(WirePhone::Wire::Tls, scene.exchange->tlsPort4);
        QVERIFY(after.registers("otto", "second", kContact));
        before.close();
        QTest::qWait(1500); // of shorter calls baresip says nothing
        scene.anna->hangUp();
        const QByteArray bye = after.waitFor("BYE sip:otto");
        QVERIFY(!bye.isEmpty());
        after.answer(bye, "200 OK");
        QVERIFY(scene.anna->waitFor("terminated"));
    }

    /// RFC 5626 3.5.1. By TLS Sofia answers no pings, but they keep the connection open.
    void keepAlives()
    {
        Scene scene;
        QVERIFY(scene.ready);
        QTcpSocket phone;
        phone.connectToHost(QHostAddress::LocalHost, scene.exchange->port4);
        QVERIFY(phone.waitForConnected(10'000));
        phone.write("\r\n\r\n");
        QVERIFY(phone.waitForReadyRead(10'000));
        QCOMPARE(phone.readAll(), QByteArray("\r\n"));
        WirePhone otto(WirePhone::Wire::Tls, scene.exchange->tlsPort4);
        otto.send("\r\n\r\n");
        QVERIFY(otto.registers("otto", "second", kContact));
        otto.send("\r\n\r\n");
        QVERIFY(otto.registers("otto", "second", kContact));
    }

    /// Who connects and says nothing is one of 64 at most; who has logged in stays.
    void strangersAreFew()
    {
        CtlFixture fixture;
        QVERIFY(test::addUser(fixture, "otto", "101", "second").exitCode == 0);
        const ExchangeProcess exchange(fixture);
        WirePhone otto(WirePhone::Wire::Tcp, exchange.port4);
        QVERIFY(otto.registers("otto", "second", "sip:otto@127.0.0.1"));
        std::array<QTcpSocket, 100> silent;
        for (QTcpSocket& one : silent) {
            one.connectToHost(QHostAddress(QHostAddress::LocalHost), exchange.port4);
            QVERIFY(one.waitForConnected(10'000));
        }
        const auto left = [&] {
            return std::ranges::count(silent, QAbstractSocket::ConnectedState, &QTcpSocket::state);
        };
        QTRY_COMPARE_WITH_TIMEOUT(left(), 64, 40'000);
        QVERIFY(otto.registers("otto", "second", "sip:otto@127.0.0.1"));
    }

    /// Phones may close a TCP connection that has nothing to do, and listen at their Contact.
    void aClosedConnectionOfAListener()
    {
        Scene scene;
        QVERIFY(scene.ready);
        QTcpServer listener;
        QVERIFY(listener.listen(QHostAddress::LocalHost));
        WirePhone otto(WirePhone::Wire::Tcp, scene.exchange->port4);
        QVERIFY(
            otto.registers("otto", "second",
                           "sip:otto@127.0.0.1:" + std::to_string(listener.serverPort()) + ";transport=tcp"));
        otto.close();
        scene.anna->dial(QStringLiteral("101"));
        QTRY_VERIFY_WITH_TIMEOUT(listener.hasPendingConnections(), 10'000);
        QTcpSocket& call = *listener.nextPendingConnection();
        QTRY_VERIFY_WITH_TIMEOUT(call.peek(16).startsWith("INVITE sip:otto"), 10'000);
    }
};

QTEST_GUILESS_MAIN(ConnectionsTest)
#include "tst_connections.moc"
