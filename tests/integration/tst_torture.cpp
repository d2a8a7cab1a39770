// SPDX-License-Identifier: GPL-3.0-or-later
// The torture messages of RFC 4475 at switchroomd: each gets the answer that its section asks for, and the
// exchange serves on.
#include "tests/support/exchange_process.h"
#include "tests/support/sanitized.h"

#include <QDir>
#include <QTest>
#include <QUdpSocket>

#include <algorithm>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;

namespace {

constexpr const char* kFolder = SR_FIXTURES "/rfc4475";

/// `statuses`: those that will do; none: silence.
struct Message {
    const char* file;
    const char* section;
    QList<int> statuses;
    QByteArray header{}; ///< must be in the answer
};

const QByteArray kAllow = "\r\nAllow: INVITE, ";

/// 401 stands for everything that only a user may go on with (RFC 3261 8.2: authentication comes first).
const std::vector<Message>& messages()
{
    static const std::vector<Message> all{
        {"wsinv", "3.1.1.1", {481}},   // it names a dialog
        {"intmeth", "3.1.1.2", {400}}, // Sofia's parser knows no such URI; it is counted
        {"esc01", "3.1.1.3", {401}},
        {"escnull", "3.1.1.4", {401}},
        {"esc02", "3.1.1.5", {405, 501}, kAllow}, // RE%47IST%45R is not REGISTER
        {"lwsdisp", "3.1.1.6", {200}, kAllow},
        {"longreq", "3.1.1.7", {401}},
        {"dblreq", "3.1.1.8", {401}, " REGISTER\r\n"}, // what follows in the datagram is nothing
        {"semiuri", "3.1.1.9", {200, 404}},
        {"transports", "3.1.1.10", {200}},
        {"mpart01", "3.1.1.11", {401}}, // a MESSAGE of somebody unknown
        {"unreason", "3.1.1.12", {}},   // responses to nothing
        {"noreason", "3.1.1.13", {}},
        {"badinv01", "3.1.2.1", {400}},
        {"clerr", "3.1.2.2", {400}},
        {"ncl", "3.1.2.3", {400}},
        {"scalar02", "3.1.2.4", {400}},
        {"scalarlg", "3.1.2.5", {}},
        {"quotbal", "3.1.2.6", {400}},
        {"ltgtruri", "3.1.2.7", {400}},
        {"lwsruri", "3.1.2.8", {400}},
        {"lwsstart", "3.1.2.9", {400, 401}}, // here and below: 400, or read as it was meant
        {"trws", "3.1.2.10", {400, 200}},
        {"escruri", "3.1.2.11", {400, 401}},
        {"baddate", "3.1.2.12", {400, 401}},
        {"regbadct", "3.1.2.13", {400, 401}},
        {"badaspec", "3.1.2.14", {400, 200}},
        {"baddn", "3.1.2.15", {400, 200}},
        {"badvers", "3.1.2.16", {505}},
        {"mismatch01", "3.1.2.17", {400}},
        {"mismatch02", "3.1.2.18", {400, 501}},
        {"bigcode", "3.1.2.19", {}},
        {"badbranch", "3.2.1", {200}},
        {"insuf", "3.3.1", {400}},
        {"unkscm", "3.3.2", {416}},
        {"novelsc", "3.3.3", {416}},
        {"unksm2", "3.3.4", {400, 401}},
        {"bext01", "3.3.5", {420}, "\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither\r\n"},
        {"invut", "3.3.6", {415}, "\r\nAccept: application/sdp\r\n"},
        {"regaut01", "3.3.7", {401}, "\r\nWWW-Authenticate: Digest "},
        {"multi01", "3.3.8", {400}},
        {"mcl01", "3.3.9", {400}},
        {"bcast", "3.3.10", {}},
        {"zeromf", "3.3.11", {200, 483}},
        {"cparam01", "3.3.12", {401}},
        {"cparam02", "3.3.13", {401}},
        {"regescrt", "3.3.14", {401}},
        {"sdp01", "3.3.15", {406}, "\r\nAccept: application/sdp\r\n"},
        {"inv2543", "3.4.1", {401}},
    };
    return all;
}

/// As it stands, but for Via's transport where that is none of UDP's.
QByteArray contentOf(const QString& name)
{
    QFile file(QString::fromUtf8(kFolder) + u'/' + name + QStringLiteral(".dat"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray message = file.readAll();
    for (const char* other : {"Via: SIP/2.0/TCP", "Via: SIP/2.0/TLS"}) {
        const qsizetype first = message.indexOf("Via:");
        if (first >= 0 && message.indexOf(other) == first)
            message.replace(first, 16, "Via: SIP/2.0/UDP");
    }
    return message;
}

/// A port of its own, and what comes to it.
class Client {
public:
    explicit Client(quint16 exchangePort, const QHostAddress& here = QHostAddress(QHostAddress::LocalHost))
        : m_port(exchangePort)
    {
        m_socket.bind(here);
    }
    void send(const QByteArray& datagram)
    {
        m_socket.writeDatagram(datagram, QHostAddress::LocalHost, m_port);
    }
    /// The next datagram that is not provisional; empty after 10 s.
    QByteArray finalAnswer()
    {
        while (m_socket.hasPendingDatagrams() || m_socket.waitForReadyRead(10'000)) {
            QByteArray datagram(m_socket.pendingDatagramSize(), '\0');
            m_socket.readDatagram(datagram.data(), datagram.size());
            if (!datagram.startsWith("SIP/2.0 1"))
                return datagram;
        }
        return {};
    }
    QByteArray request(const QByteArray& method)
    {
        const QByteArray number = QByteArray::number(++m_requests);
        return method + " sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" +
               QByteArray::number(m_socket.localPort()) + ";branch=z9hG4bKplain" + number +
               "\r\nMax-Forwards: 70\r\nFrom: <sip:100@127.0.0.1>;tag=1\r\nTo: <sip:100@127.0.0.1>\r\n" +
               "Call-ID: plain" + number + "@" + QByteArray::number(m_socket.localPort()) +
               "\r\nCSeq: " + number + " " + method +
               "\r\nContact: <sip:100@127.0.0.1>\r\nContent-Length: 0\r\n\r\n";
    }

private:
    quint16 m_port;
    QUdpSocket m_socket;
    int m_requests = 0;
};

/// Of a process, in memory [octets].
qint64 memoryOf(qint64 pid)
{
    constexpr qint64 kPage = 4096;
    QFile file(QStringLiteral("/proc/%1/statm").arg(pid));
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toLongLong() * kPage : -1;
}

int statusOf(const QByteArray& answer)
{
    return answer.mid(8, 3).toInt();
}

} // namespace

class TortureTest : public QObject {
    Q_OBJECT

    std::unique_ptr<CtlFixture> m_fixture;
    std::unique_ptr<ExchangeProcess> m_exchange;

private slots:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromUtf8(kFolder))) {
            if (qEnvironmentVariable("CI") == QLatin1String("true") &&
                QFile::exists(QStringLiteral(SR_FIXTURES "/..")))
                QFAIL("the messages are missing");
            QSKIP("no fixtures folder beside the project: RFC 4475 is not tested");
        }
        m_fixture = std::make_unique<CtlFixture>();
        m_exchange = std::make_unique<ExchangeProcess>(*m_fixture);
        QVERIFY(m_exchange->port4 != 0);
    }
    void cleanupTestCase() { QVERIFY(m_exchange == nullptr || m_exchange->stop()); }

    void everyMessageIsMeant()
    {
        const QStringList names =
            QDir(QString::fromUtf8(kFolder)).entryList({QStringLiteral("*.dat")}, QDir::Files);
        for (const QString& name : names) // test.dat is none of the RFC
            QVERIFY2(name == QLatin1String("test.dat") ||
                         std::ranges::any_of(messages(),
                                             [&](const Message& m) {
                                                 return name ==
                                                        QString::fromUtf8(m.file) + QStringLiteral(".dat");
                                             }),
                     qPrintable(name));
    }

    void isAnswered_data()
    {
        QTest::addColumn<qsizetype>("number");
        for (std::size_t i = 0; i < messages().size(); ++i)
            QTest::addRow("%s, %s", messages()[i].file, messages()[i].section) << static_cast<qsizetype>(i);
    }
    void isAnswered()
    {
        QFETCH(qsizetype, number);
        const Message& message = messages()[static_cast<std::size_t>(number)];
        const QByteArray content = contentOf(QString::fromUtf8(message.file));
        QVERIFY(!content.isEmpty());
        Client client(m_exchange->port4);
        client.send(content);
        if (!message.statuses.isEmpty()) {
            const QByteArray answer = client.finalAnswer();
            QVERIFY2(message.statuses.contains(statusOf(answer)), answer.constData());
            QVERIFY2(answer.contains(message.header), answer.constData());
        }
        Client other(m_exchange->port4); // the first one may hear a 401 again, for want of an ACK
        Client& next = message.statuses.isEmpty() ? client : other;
        next.send(next.request("OPTIONS"));
        const QByteArray alive = next.finalAnswer();
        QVERIFY2(statusOf(alive) == 200 && alive.contains("plain1@"), alive.constData());
        for (const char* header : {"\r\nAllow: INVITE, ", "\r\nAccept: application/sdp", "\r\nSupported: "})
            QVERIFY2(alive.contains(header), alive.constData());
        next.send(next.request("REGISTER"));
        const QByteArray served = next.finalAnswer();
        QVERIFY2(statusOf(served) == 401 && served.contains("plain2@"), served.constData());
    }

    void whatCannotBeReadIsCountedAndLogged()
    {
        const auto count = [this] {
            const test::CtlResult status =
                m_fixture->run({QStringLiteral("status"), QStringLiteral("--json")});
            return status.json().value(QLatin1String("unreadable")).toInt(-1);
        };
        const int before = count();
        QVERIFY(before >= 0);
        Client client(m_exchange->port4);
        client.send(contentOf(QStringLiteral("intmeth")));
        QCOMPARE(statusOf(client.finalAnswer()), 400);
        QCOMPARE(count(), before + 1);
        QTRY_VERIFY2(m_exchange->said().contains("could not be read, since the start: "),
                     m_exchange->said().constData());
        QVERIFY2(m_exchange->said().contains(", the last one from 127.0.0.1."),
                 m_exchange->said().constData());
    }

    /// Each one kept for 32 s would take 8 kB.
    void optionsLeaveNothingBehind()
    {
        constexpr quint32 kSources = 20; // each may ask 200 times at once
        constexpr int kEach = 150;
        const qint64 before = memoryOf(m_exchange->pid());
        QVERIFY(before > 0);
        for (quint32 source = 0; source < kSources; ++source) {
            Client client(m_exchange->port4, QHostAddress(0x7f000102U + source));
            for (int i = 0; i < kEach; ++i) {
                client.send(client.request("OPTIONS"));
                QCOMPARE(statusOf(client.finalAnswer()), 200);
            }
        }
        const qint64 more = memoryOf(m_exchange->pid()) - before;
        if (!test::kIsSanitized)
            QVERIFY2(more < 4'000'000, qPrintable(QString::number(more)));
    }

    /// Nothing is remembered, and yet the same question has the same answer (RFC 3261 8.2.7).
    void optionsAgain()
    {
        Client client(m_exchange->port4);
        const QByteArray request = client.request("OPTIONS");
        client.send(request);
        const QByteArray first = client.finalAnswer();
        QVERIFY2(first.contains("\r\nTo: <sip:100@127.0.0.1>;tag="), first.constData());
        client.send(request);
        QCOMPARE(client.finalAnswer(), first);
        client.send(client.request("OPTIONS"));
        QVERIFY(client.finalAnswer() != first);
    }
};

QTEST_GUILESS_MAIN(TortureTest)
#include "tst_torture.moc"
