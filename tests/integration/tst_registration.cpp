// SPDX-License-Identifier: GPL-3.0-or-later
// Other people's phones register at switchroomd: SIPp and baresip, over UDP, TCP and IPv6, with users that
// are made while it runs.
#include "tests/support/baresip_registers.h"
#include "tests/support/exchange_process.h"
#include "tests/support/raw_phone.h"

#include <QStandardPaths>
#include <QTcpSocket>
#include <QTest>
#include <QUdpSocket>

#include <random>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;
using sr::test::RawPhone;
using Exchange = sr::test::ExchangeProcess;

namespace {

QString request(int cseq, const QString& more, int expires)
{
    return QStringLiteral("<send retrans=\"500\"><![CDATA[\nREGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n"
                          "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
                          "From: <sip:[service]@[remote_ip]>;tag=[call_number]\n"
                          "To: <sip:[service]@[remote_ip]>\nCall-ID: [call_id]\nCSeq: %1 REGISTER\n"
                          "Contact: <sip:[service]@[local_ip]:[local_port];transport=[transport]>\n"
                          "Max-Forwards: 70\nExpires: %2\n%3Content-Length: 0\n\n]]></send>")
        .arg(cseq)
        .arg(expires)
        .arg(more);
}

QString scenarioOf(const QString& steps)
{
    return QStringLiteral("<?xml version=\"1.0\"?><scenario name=\"register\">") + steps +
           QStringLiteral("</scenario>");
}

const QString kLogin = QStringLiteral("[authentication]\n");
const QString kChallenged = QStringLiteral("<recv response=\"401\" auth=\"true\"/>");

QString registerScenario()
{
    const QString bound = QStringLiteral(
        "<recv response=\"200\"><action><ereg regexp=\"expires=120\" search_in=\"hdr\" header=\"Contact:\" "
        "check_it=\"true\" assign_to=\"bound\"/></action></recv><Reference variables=\"bound\"/>");
    return scenarioOf(request(1, {}, 120) + kChallenged + request(2, kLogin, 120) + bound +
                      request(3, {}, 0) + kChallenged + request(4, kLogin, 0) +
                      QStringLiteral("<recv response=\"200\"/>"));
}

/// A log-in that is answered by `status`.
QString refusedScenario(int status)
{
    return scenarioOf(request(1, {}, 120) + kChallenged + request(2, kLogin, 120) +
                      QStringLiteral("<recv response=\"%1\"/>").arg(status));
}

/// A request that is answered by `status` at once.
QString turnedAwayScenario(int status)
{
    return scenarioOf(request(1, {}, 120) + QStringLiteral("<recv response=\"%1\"/>").arg(status));
}

} // namespace

class RegistrationTest : public QObject {
    Q_OBJECT

    static int sipp(const CtlFixture& fixture, const QString& transport, const QString& host, quint16 port,
                    const QString& user, const QString& password, QByteArray* said = nullptr,
                    const QString& steps = registerScenario(), int times = 1)
    {
        QFile scenario(fixture.path(QStringLiteral("register.xml")));
        if (!scenario.open(QIODevice::WriteOnly))
            return -1;
        scenario.write(steps.toUtf8());
        scenario.close();
        QProcess process;
        process.setWorkingDirectory(fixture.root());
        process.setProcessChannelMode(QProcess::MergedChannels);
        const bool six = host.contains(QLatin1Char(':'));
        process.start(QStringLiteral("sipp"), {six ? QStringLiteral("[%1]:%2").arg(host).arg(port)
                                                   : QStringLiteral("%1:%2").arg(host).arg(port),
                                               QStringLiteral("-i"),
                                               six ? QStringLiteral("[%1]").arg(host) : host,
                                               QStringLiteral("-t"),
                                               transport,
                                               QStringLiteral("-sf"),
                                               scenario.fileName(),
                                               QStringLiteral("-s"),
                                               user,
                                               QStringLiteral("-au"),
                                               user,
                                               QStringLiteral("-ap"),
                                               password,
                                               QStringLiteral("-m"),
                                               QString::number(times),
                                               QStringLiteral("-l"),
                                               QStringLiteral("1"),
                                               QStringLiteral("-nostdin"),
                                               QStringLiteral("-recv_timeout"),
                                               QStringLiteral("5000"),
                                               QStringLiteral("-trace_err"),
                                               QStringLiteral("-error_file"),
                                               QStringLiteral("errors.log")});
        if (!process.waitForFinished(30'000))
            return -1;
        if (said != nullptr) {
            QFile errors(fixture.path(QStringLiteral("errors.log")));
            *said = process.readAll().right(1500) +
                    (errors.open(QIODevice::ReadOnly) ? errors.readAll() : QByteArray());
        }
        return process.exitCode();
    }

    /// Sends a REGISTER for each, and returns whose is answered first.
    static QByteArray firstAnswered(const QList<QByteArray>& users, quint16 port)
    {
        QUdpSocket socket;
        if (!socket.bind(QHostAddress::LocalHost))
            return "no socket";
        for (const QByteArray& user : users)
            socket.writeDatagram("REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-" +
                                     user + "\r\nTo: <sip:" + user + "@x>\r\nFrom: <sip:" + user +
                                     "@x>;tag=1\r\nCall-ID: " + user +
                                     "\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n",
                                 QHostAddress::LocalHost, port);
        if (!socket.waitForReadyRead(20'000))
            return "none";
        QByteArray answer(qsizetype(socket.pendingDatagramSize()), '\0');
        socket.readDatagram(answer.data(), answer.size());
        const qsizetype at = answer.indexOf("Call-ID: ") + 9;
        return answer.mid(at, answer.indexOf('\r', at) - at);
    }

private slots:
    void initTestCase()
    {
        for (const char* program : {"sipp", "baresip", "openssl"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void sippRegistersAndLeaves_data()
    {
        QTest::addColumn<QString>("transport");
        QTest::addColumn<bool>("six");
        QTest::newRow("UDP") << QStringLiteral("u1") << false;
        QTest::newRow("TCP") << QStringLiteral("t1") << false;
        QTest::newRow("UDP over IPv6") << QStringLiteral("u1") << true;
        QTest::newRow("TCP over IPv6") << QStringLiteral("t1") << true;
    }
    void sippRegistersAndLeaves()
    {
        QFETCH(QString, transport);
        QFETCH(bool, six);
        const CtlFixture fixture;
        Exchange exchange(fixture);
        QVERIFY(exchange.port4 != 0 && exchange.port6 != 0);
        // Made while the exchange runs, it is known at once or with one of the tries in the next seconds.
        const CtlResult added = exchange.add("anna", "21", "top secret");
        QVERIFY2(added.exitCode == 0, added.err.constData());
        const QString host = six ? QStringLiteral("::1") : QStringLiteral("127.0.0.1");
        const quint16 port = six ? exchange.port6 : exchange.port4;
        QByteArray said;
        QTRY_VERIFY2_WITH_TIMEOUT(sipp(fixture, transport, host, port, QStringLiteral("anna"),
                                       QStringLiteral("top secret"), &said) == 0,
                                  said.constData(), 20'000);
        QVERIFY(sipp(fixture, transport, host, port, QStringLiteral("anna"), QStringLiteral("guess")) != 0);
        QVERIFY(sipp(fixture, transport, host, port, QStringLiteral("bert"), QStringLiteral("top secret")) !=
                0);
        QVERIFY(exchange.stop());
    }

    void whoGuessesIsBlockedAndWhoKnowsGoesOn()
    {
        const CtlFixture fixture;
        for (const char* user : {"anna", "bert", "carl", "dora"})
            QCOMPARE(addUser(fixture, user, "", "top secret").exitCode, 0);
        QCOMPARE(fixture
                     .run({QStringLiteral("settings"), QStringLiteral("set"), QStringLiteral("sip.guesses"),
                           QStringLiteral("3")})
                     .exitCode,
                 0);
        Exchange exchange(fixture);
        const QString right = QStringLiteral("top secret");
        QByteArray said;
        const auto run = [&](const char* user, const QString& password, const QString& steps, int times = 1) {
            return sipp(fixture, QStringLiteral("u1"), QStringLiteral("127.0.0.1"), exchange.port4,
                        QString::fromUtf8(user), password, &said, steps, times) == 0;
        };
        for (const char* user : {"anna", "bert", "carl", "dora"})
            QVERIFY2(run(user, right, registerScenario()), said.constData());
        // Nobody is slowed at those who were just here, until three guesses have failed at each.
        const QString guess = QStringLiteral("guess");
        QVERIFY2(run("anna", guess, refusedScenario(401), 3), said.constData());
        QVERIFY2(run("anna", right, turnedAwayScenario(503)), said.constData());
        QVERIFY2(run("bert", guess, refusedScenario(401), 3), said.constData());
        QVERIFY(!exchange.said().contains("Alarm"));
        QVERIFY2(run("carl", guess, refusedScenario(401), 3), said.constData());
        QTRY_VERIFY_WITH_TIMEOUT(exchange.said().contains("Alarm: 127.0.0.1 sent too many"), 20'000);
        QVERIFY(exchange.said().contains("'carl'"));
        QCOMPARE(firstAnswered({"anna", "bert", "nobody", "dora"}, exchange.port4), QByteArray("dora"));
        QVERIFY2(run("dora", right, registerScenario(), 2), said.constData());
        QCOMPARE(exchange.said().count("Alarm"), 1);
        for (const char* secret : {"guess", "top secret"})
            QVERIFY(!exchange.said().contains(secret));
        QVERIFY(exchange.stop());
    }

    /// Bert registered before; only anna says a word to the new service.
    void phonesAreReachedAfterARestart_data()
    {
        QTest::addColumn<bool>("isKilled");
        QTest::newRow("stopped") << false;
        QTest::newRow("killed") << true;
    }
    void phonesAreReachedAfterARestart()
    {
        QFETCH(bool, isKilled);
        const CtlFixture fixture;
        QCOMPARE(addUser(fixture, "anna", "21", "first").exitCode, 0);
        QCOMPARE(addUser(fixture, "bert", "22", "second").exitCode, 0);
        Exchange exchange(fixture);
        RawPhone bert("bert", QStringLiteral("second"), exchange.port4);
        bert.status = "486 Busy Here";
        QVERIFY(bert.ask("REGISTER", "bert", "Expires: 3600\r\n").startsWith("SIP/2.0 200"));
        QFile kept(fixture.config() + QStringLiteral("/run/registrations"));
        if (isKilled) { // that soon it is on the disk
            QTRY_VERIFY_WITH_TIMEOUT(kept.exists(), 20'000);
            exchange.kill();
        } else {
            QVERIFY(exchange.stop());
        }
        QCOMPARE(kept.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        exchange.start();
        QVERIFY(exchange.port4 != 0);
        RawPhone anna("anna", QStringLiteral("first"), exchange.port4);
        (void)anna.ask("INVITE", "22", "Content-Type: application/sdp\r\n",
                       "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                       "m=audio 9 RTP/AVP 0\r\n");
        const QByteArray asked = bert.request();
        QVERIFY2(asked.startsWith("INVITE sip:bert@127.0.0.1:"), asked.constData());
        const auto registrations = [&] {
            const QStringList words{QStringLiteral("console"), QStringLiteral("-c"),
                                    QStringLiteral("registrations")};
            return fixture.run(words).out;
        };
        QVERIFY2(registrations().contains("bert"), registrations().constData());
        // Who registered had another password than bert has then.
        QVERIFY(exchange.stop());
        QCOMPARE(fixture
                     .run({QStringLiteral("user"), QStringLiteral("modify"), QStringLiteral("bert"),
                           QStringLiteral("--password-stdin")},
                          "third\n")
                     .exitCode,
                 0);
        exchange.start();
        QVERIFY2(!registrations().contains("bert"), registrations().constData());
        QVERIFY(exchange.stop());
    }

    /// What is bound is sent on in the first line of a request.
    void aContactIsOneUri_data()
    {
        QTest::addColumn<QByteArray>("contact");
        QTest::addColumn<int>("status");
        QTest::newRow("plain") << QByteArray("<sip:anna@127.0.0.1:9>") << 200;
        QTest::newRow("behind a fold") << QByteArray("\r\n <sip:anna@127.0.0.1:9>") << 200;
        QTest::newRow("with a lone CR") << QByteArray("<sip:anna@127.0.0.1:9;a=\r x>") << 400;
        QTest::newRow("with a fold") << QByteArray("<sip:anna@127.0.0.1:9;a=\r\n x>") << 400;
        QTest::newRow("with a blank") << QByteArray("<sip:anna@127.0.0.1:9;a=b x>") << 400;
        QTest::newRow("with a bracket") << QByteArray("<sip:anna@127.0.0.1:9;a=<x>") << 400;
    }
    void aContactIsOneUri()
    {
        QFETCH(QByteArray, contact);
        QFETCH(int, status);
        const CtlFixture fixture;
        QCOMPARE(addUser(fixture, "anna", "21", "first").exitCode, 0);
        Exchange exchange(fixture);
        RawPhone anna("anna", QStringLiteral("first"), exchange.port4);
        const QByteArray answer = anna.ask("REGISTER", "anna", "Expires: 60\r\nContact: " + contact + "\r\n");
        QVERIFY2(answer.startsWith("SIP/2.0 " + QByteArray::number(status)), answer.constData());
        QCOMPARE(answer.count("<sip:anna@127.0.0.1:9>"), status == 200 ? 1 : 0);
        QVERIFY(exchange.stop());
    }

    /// By its instance a phone is known again; one that cannot be shown on a line tells none (RFC 5626 4.1).
    void anInstanceIsOneWord_data()
    {
        QTest::addColumn<QByteArray>("instance");
        QTest::addColumn<int>("devices");
        QTest::newRow("plain") << QByteArray("<urn:uuid:1>") << 1;
        QTest::newRow("with a fold") << QByteArray("<urn:uuid:1>d\r\n <urn:uuid:2>") << 2;
    }
    void anInstanceIsOneWord()
    {
        QFETCH(QByteArray, instance);
        QFETCH(int, devices);
        const CtlFixture fixture;
        QCOMPARE(addUser(fixture, "anna", "21", "first").exitCode, 0);
        Exchange exchange(fixture);
        RawPhone anna("anna", QStringLiteral("first"), exchange.port4);
        QByteArray answer;
        for (const QByteArray port : {"9", "10"}) {
            answer = anna.ask("REGISTER", "anna",
                              "Expires: 60\r\nContact: <sip:anna@127.0.0.1:" + port + ">;+sip.instance=\"" +
                                  instance + "\"\r\n");
            QVERIFY2(answer.startsWith("SIP/2.0 200"), answer.constData());
        }
        QCOMPARE(answer.count("@127.0.0.1:9>") + answer.count("@127.0.0.1:10>"), devices);
        QVERIFY(exchange.stop());
    }

    void baresipRegisters()
    {
        const CtlFixture fixture;
        Exchange exchange(fixture);
        QCOMPARE(exchange.add("bert", "22", "words").exitCode, 0);
        QTRY_VERIFY2_WITH_TIMEOUT(sipp(fixture, QStringLiteral("u1"), QStringLiteral("127.0.0.1"),
                                       exchange.port4, QStringLiteral("bert"), QStringLiteral("words")) == 0,
                                  "bert never became known", 20'000);
        QVERIFY(test::baresipRegisters(fixture, QStringLiteral("bert"), QStringLiteral("words"),
                                       exchange.port4, {}));
    }

    void strangersHaveNothingSent()
    {
        const CtlFixture fixture;
        Exchange exchange(fixture);
        QVERIFY(exchange.port4 != 0);
        QUdpSocket udp;
        QVERIFY(udp.bind(QHostAddress(QHostAddress::LocalHost)));
        const auto send = [&](const QByteArray& method, const QByteArray& toTag) {
            const QByteArray here = "127.0.0.1:" + QByteArray::number(udp.localPort());
            udp.writeDatagram(
                method + " sip:101@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + here + ";branch=z9hG4bK" +
                    method + toTag.mid(5) + "\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:101@x>" + toTag +
                    "\r\nCall-ID: " + method + toTag.mid(5) + "\r\nCSeq: 1 " + method +
                    "\r\nContact: <sip:a@" + here + ">\r\nRefer-To: <sip:102@x>\r\nContent-Length: 0\r\n\r\n",
                QHostAddress(QHostAddress::LocalHost), exchange.port4);
        };
        send("REFER", "");
        send("REFER", ";tag=none");
        send("OPTIONS", ""); // answered after both
        QByteArray got;
        QVERIFY(QTest::qWaitFor(
            [&] {
                while (udp.hasPendingDatagrams()) {
                    QByteArray one(static_cast<qsizetype>(udp.pendingDatagramSize()), '\0');
                    udp.readDatagram(one.data(), one.size());
                    got += one;
                }
                return got.contains("CSeq: 1 OPTIONS");
            },
            20'000));
        QVERIFY2(!got.contains("NOTIFY sip:"), got.constData());
        QVERIFY2(got.contains("SIP/2.0 481"), got.constData());
    }

    void garbageHarmsNobody()
    {
        const CtlFixture fixture;
        Exchange exchange(fixture);
        QCOMPARE(exchange.add("anna", "21", "top secret").exitCode, 0);
        std::mt19937 random(5060);
        QUdpSocket udp;
        const QByteArray start =
            "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nTo: <sip:anna@x>\r\n"
            "From: <sip:anna@x>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";
        for (int i = 0; i < 2000; ++i) {
            QByteArray packet = start;
            for (int flips = 0; flips < i % 12; ++flips)
                packet[int(random() % unsigned(packet.size()))] = char(random());
            if (i % 5 == 0)
                packet.truncate(int(random() % unsigned(packet.size())));
            udp.writeDatagram(packet, QHostAddress::LocalHost, exchange.port4);
            if (i % 50 == 0) {
                QTcpSocket tcp;
                tcp.connectToHost(QHostAddress::LocalHost, exchange.port4);
                tcp.waitForConnected(5000);
                tcp.write(packet);
                tcp.waitForBytesWritten(5000);
            }
        }
        QByteArray said;
        QTRY_VERIFY2_WITH_TIMEOUT(
            sipp(fixture, QStringLiteral("u1"), QStringLiteral("127.0.0.1"), exchange.port4,
                 QStringLiteral("anna"), QStringLiteral("top secret"), &said) == 0,
            (said + exchange.said() + (exchange.isRunning() ? "" : "it died")).constData(), 20'000);
        QVERIFY(exchange.isRunning());
        QVERIFY(exchange.stop());
    }

    void anAddressThatIsTakenIsSaid()
    {
        const CtlFixture fixture;
        QUdpSocket holder;
        QVERIFY(holder.bind(QHostAddress::LocalHost, 0, QAbstractSocket::DontShareAddress));
        QProcess process;
        process.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomd"),
                      {QStringLiteral("--sip"), QStringLiteral("127.0.0.1:%1").arg(holder.localPort()),
                       QStringLiteral("--archive"), fixture.archive(), QStringLiteral("--config"),
                       fixture.config()});
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(
            process.readAllStandardError().contains("127.0.0.1:" + QByteArray::number(holder.localPort())));
        process.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomd"),
                      {QStringLiteral("--sip"), QStringLiteral("localhost"), QStringLiteral("--archive"),
                       fixture.archive(), QStringLiteral("--config"), fixture.config()});
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 2);
    }
};

QTEST_GUILESS_MAIN(RegistrationTest)
#include "tst_registration.moc"
