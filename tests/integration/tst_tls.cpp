// SPDX-License-Identifier: GPL-3.0-or-later
// Phones that come by TLS: which certificate they see, who is let in, and what a connection leaves behind.
#include "tests/support/baresip_registers.h"
#include "tests/support/digest_client.h"
#include "tests/support/exchange_process.h"
#include "tests/support/process_facts.h"
#include "tests/support/sanitized.h"

#include <QStandardPaths>
#include <QTcpSocket>
#include <QTest>

#include <random>

using namespace sr;
using sr::test::CtlFixture;
using Exchange = sr::test::ExchangeProcess;

class TlsTest : public QObject {
    Q_OBJECT

    /// What the program openssl says, with no more input.
    static QByteArray said(const QString& line)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral("openssl"), line.split(QLatin1Char(' ')));
        process.closeWriteChannel();
        process.waitForFinished(20'000);
        return process.readAll();
    }

    static bool handshakes(quint16 port, const char* version)
    {
        return said(QStringLiteral("s_client -connect 127.0.0.1:%1 %2 -cipher ALL:@SECLEVEL=0")
                        .arg(port)
                        .arg(QString::fromUtf8(version)))
            .contains("BEGIN CERTIFICATE");
    }

    static QByteArray shownCertificate(quint16 port, bool isSix)
    {
        const QByteArray shown = said(QStringLiteral("s_client -connect %1:%2")
                                          .arg(isSix ? QStringLiteral("[::1]") : QStringLiteral("127.0.0.1"))
                                          .arg(port));
        QProcess process;
        process.start(QStringLiteral("openssl"),
                      {QStringLiteral("x509"), QStringLiteral("-noout"), QStringLiteral("-text"),
                       QStringLiteral("-fingerprint"), QStringLiteral("-sha256")});
        process.write(shown);
        process.closeWriteChannel();
        process.waitForFinished(20'000);
        return process.readAll();
    }

    /// A log-in over one TLS connection: both answers.
    struct TlsAnswers {
        TlsAnswers(quint16 port, const std::string& user, const std::string& password)
        {
            m_client.start(QStringLiteral("openssl"),
                           {QStringLiteral("s_client"), QStringLiteral("-quiet"), QStringLiteral("-connect"),
                            QStringLiteral("127.0.0.1:%1").arg(port)});
            const std::string challenged = ask(user, 1, {});
            sr::test::DigestClient client{user, password};
            const auto at = challenged.find("WWW-Authenticate: ");
            if (at != std::string::npos)
                contact = QByteArray::fromStdString(
                    ask(user, 2,
                        "Authorization: " +
                            client.answer(challenged.substr(at, challenged.find('\r', at) - at), "REGISTER",
                                          "sip:x") +
                            "\r\n"));
            m_client.kill(); // -quiet (else an R begins a command) also ignores the end of its input
            m_client.waitForFinished(10'000);
        }
        QList<int> statuses;
        QByteArray contact; ///< the last answer

    private:
        std::string ask(const std::string& user, int cseq, const std::string& more)
        {
            const std::string number = std::to_string(cseq);
            m_client.write(("REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK" + number +
                            "\r\nTo: <sip:" + user + "@x>\r\nFrom: <sip:" + user +
                            "@x>;tag=1\r\nCall-ID: tls" + "\r\nCSeq: " + number +
                            " REGISTER\r\nContact: <sip:" + user + "@127.0.0.1:5061;transport=tls>\r\n" +
                            more + "Content-Length: 0\r\n\r\n")
                               .c_str());
            QByteArray answer;
            while (!answer.contains("\r\n\r\n") && m_client.waitForReadyRead(10'000))
                answer += m_client.readAllStandardOutput();
            statuses << answer.mid(8, 3).toInt();
            return answer.toStdString();
        }
        QProcess m_client;
    };
private slots:
    void initTestCase()
    {
        for (const char* program : {"baresip", "openssl"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void tlsWithACertificateOfItsOwn()
    {
        const CtlFixture fixture;
        QCOMPARE(addUser(fixture, "anna", "21", "top secret").exitCode, 0);
        const QStringList tls{QStringLiteral("--sips"), QStringLiteral("127.0.0.1:0"),
                              QStringLiteral("--sips"), QStringLiteral("[::1]:0")};
        QByteArray fingerprint;
        {
            Exchange exchange(fixture, tls);
            QVERIFY(exchange.tlsPort4 != 0 && exchange.tlsPort6 != 0);
            const QByteArray words = exchange.said();
            QVERIFY2(words.contains("New certificate for TLS"), words.constData());
            QVERIFY(!words.contains("PRIVATE"));
            for (const quint16 port : {exchange.tlsPort4, exchange.tlsPort6}) {
                const QByteArray text = shownCertificate(port, port == exchange.tlsPort6);
                QVERIFY2(text.contains("127.0.0.1") && text.contains("IP Address:0:0:0:0:0:0:0:1"),
                         text.constData());
                fingerprint = text.mid(text.indexOf("ingerprint=") + 11, 32 * 3 - 1);
                QVERIFY(words.contains(fingerprint));
            }
            // Garbage, and those who say nothing more, harm nobody.
            std::mt19937 random(5061);
            std::vector<std::unique_ptr<QTcpSocket>> silent;
            for (int i = 0; i < 50; ++i) {
                auto socket = std::make_unique<QTcpSocket>();
                socket->connectToHost(QHostAddress::LocalHost, exchange.tlsPort4);
                QVERIFY(socket->waitForConnected(5000));
                QByteArray octets(int(random() % 300U), '\0');
                for (char& octet : octets)
                    octet = char(random());
                socket->write(i % 2 == 0 ? "\x16\x03\x01" + octets : octets);
                socket->waitForBytesWritten(5000);
                if (i % 5 == 0)
                    silent.push_back(std::move(socket));
            }
            const TlsAnswers answers(exchange.tlsPort4, "anna", "top secret");
            QCOMPARE(answers.statuses, (QList<int>{401, 200}));
            QVERIFY(answers.contact.contains("transport=tls"));
            QCOMPARE(TlsAnswers(exchange.tlsPort4, "anna", "guess").statuses, (QList<int>{401, 401}));
            for (const char* old : {"-ssl3", "-tls1", "-tls1_1"})
                QVERIFY2(!handshakes(exchange.tlsPort4, old), old);
            for (const char* current : {"-tls1_2", "-tls1_3"})
                QVERIFY2(handshakes(exchange.tlsPort4, current), current);
            QVERIFY(exchange.stop());
        }
        Exchange again(fixture, tls);
        QVERIFY(!again.said().contains("New certificate"));
        QVERIFY(shownCertificate(again.tlsPort4, false).contains(fingerprint));
        QVERIFY(again.stop());
    }

    /// Sofia alone would keep 60 to 80 kB of each.
    void tlsThatHasEndedTakesNoMemory()
    {
        const CtlFixture fixture;
        Exchange exchange(fixture, {QStringLiteral("--sips"), QStringLiteral("127.0.0.1:0"),
                                    QStringLiteral("--sips"), QStringLiteral("[::1]:0")});
        QVERIFY(exchange.tlsPort4 != 0);
        const auto connect = [&](int times) {
            for (int i = 0; i < times; ++i) {
                QTcpSocket socket;
                socket.connectToHost(QHostAddress::LocalHost, exchange.tlsPort4);
                if (!socket.waitForConnected(5000))
                    return false;
                socket.write("\x16\x03\x01 is no TLS that anybody speaks");
                socket.waitForBytesWritten(5000);
                socket.disconnectFromHost();
            }
            return true;
        };
        QVERIFY(connect(200));
        QVERIFY(handshakes(exchange.tlsPort4, "-tls1_3")); // all before it have ended
        const qint64 before = test::memoryKb(exchange.pid());
        QVERIFY(connect(400));
        QVERIFY(handshakes(exchange.tlsPort4, "-tls1_3"));
        const qint64 grown = test::memoryKb(exchange.pid()) - before;
        if (!test::kIsSanitized) // which keeps what is freed, and looks for leaks at the end
            QVERIFY2(grown < 10'000, QByteArray::number(grown).constData());
        QVERIFY(exchange.stop());
    }

    void tlsWithAGivenChain()
    {
        const CtlFixture fixture;
        QCOMPARE(addUser(fixture, "anna", "21", "words").exitCode, 0);
        const auto openssl = [&](const QString& line) {
            QProcess process;
            process.setWorkingDirectory(fixture.root());
            process.start(QStringLiteral("openssl"), line.split(QLatin1Char(' ')));
            return process.waitForFinished(20'000) && process.exitCode() == 0;
        };
        QFile extensions(fixture.path(QStringLiteral("ca.cnf")));
        QVERIFY(extensions.open(QIODevice::WriteOnly));
        extensions.write("basicConstraints=critical,CA:TRUE\n");
        extensions.close();
        QVERIFY(openssl(QStringLiteral(
            "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=Root -days 9")));
        QVERIFY(openssl(QStringLiteral(
            "req -newkey rsa:2048 -nodes -keyout middle.key -out middle.csr -subj /CN=Middle")));
        QVERIFY(openssl(QStringLiteral("x509 -req -in middle.csr -CA root.pem -CAkey root.key "
                                       "-CAcreateserial -out middle.pem -days 9 -extfile ca.cnf")));
        QVERIFY(openssl(QStringLiteral(
            "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=pbx.example")));
        QVERIFY(openssl(QStringLiteral("x509 -req -in leaf.csr -CA middle.pem -CAkey middle.key "
                                       "-CAcreateserial -out leaf.pem -days 9")));
        QFile chain(fixture.path(QStringLiteral("chain.pem")));
        QVERIFY(chain.open(QIODevice::WriteOnly));
        for (const char* name : {"leaf.pem", "middle.pem", "root.pem"}) {
            QFile part(fixture.path(QString::fromUtf8(name)));
            QVERIFY(part.open(QIODevice::ReadOnly));
            chain.write(part.readAll());
        }
        chain.close();
        const auto set = [&](const char* key, const QString& value) {
            return fixture
                       .run(
                           {QStringLiteral("settings"), QStringLiteral("set"), QString::fromUtf8(key), value})
                       .exitCode == 0;
        };
        QVERIFY(set("sip.tlsCertificate", fixture.path(QStringLiteral("chain.pem"))));
        QVERIFY(set("sip.tlsListen", QStringLiteral("127.0.0.1:0,[::1]:0")));
        {
            Exchange exchange(fixture);
            QCOMPARE(exchange.tlsPort4, quint16(0));
            QVERIFY(exchange.said().contains("belong together"));
        }
        QVERIFY(set("sip.tlsKey", fixture.path(QStringLiteral("root.key"))));
        {
            Exchange exchange(fixture);
            QVERIFY(exchange.said().contains("not that of the first certificate"));
        }
        QVERIFY(set("sip.tlsKey", fixture.path(QStringLiteral("leaf.key"))));
        Exchange exchange(fixture);
        QVERIFY(exchange.tlsPort4 != 0);
        // Who knows the root alone can follow the chain, and so does a phone.
        const QByteArray shown =
            said(QStringLiteral("s_client -connect 127.0.0.1:%1 -verify_return_error -CAfile %2")
                     .arg(exchange.tlsPort4)
                     .arg(fixture.path(QStringLiteral("root.pem"))));
        QVERIFY2(shown.contains("Verify return code: 0 (ok)"), shown.constData());
        QVERIFY(test::baresipRegisters(fixture, QStringLiteral("anna"), QStringLiteral("words"),
                                       exchange.tlsPort4, QStringLiteral(";transport=tls")));
        QVERIFY(exchange.stop());
    }
};

QTEST_GUILESS_MAIN(TlsTest)
#include "tst_tls.moc"
