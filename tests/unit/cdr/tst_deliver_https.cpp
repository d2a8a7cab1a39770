// SPDX-License-Identifier: GPL-3.0-or-later
// Delivery to a TLS server of a private authority: a certificate that is not good gets no record, and the
// record waits; and records of trial.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/cdr/trial.h"
#include "tests/support/tls_server.h"
#include "tests/unit/cdr/delivery_scene.h"

#include <QTest>
#include <QUrl>
#include <QUrlQuery>

using namespace sr;
using namespace sr::cdr;
using cdr::test::DeliveryScene;

namespace {

/// Answers 200 to whatever it understands. On the test's thread.
class Receiver {
public:
    explicit Receiver(const sr::test::Issued& identity)
        : m_server(identity, [this](const QByteArray& request) { return answerTo(request); })
    {}
    void use(const sr::test::Issued& identity) { m_server.use(identity); }
    std::string url() const { return "https://127.0.0.1:" + std::to_string(m_server.port()) + "/cdr"; }

    QStringList ids = {};
    QByteArray status = "200 OK";

private:
    QByteArray answerTo(const QByteArray& request) // short ones come whole
    {
        const QUrl url(QString::fromLatin1(request.split(' ').value(1)));
        const QString xml = QUrlQuery(url).queryItemValue(QStringLiteral("msg"), QUrl::FullyDecoded);
        const auto record = parse(xml.toStdString());
        ids << (record ? QString::fromStdString(record->id) : QStringLiteral("unreadable"));
        return "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
    }

    sr::test::TlsServer m_server;
};

/// Qt hands authorities of ours to Schannel as PKCS #12 without a key, which Wine cannot read.
#ifdef Q_OS_WIN
#define SKIP_WITHOUT_OWN_ROOT() QSKIP("an authority of our own is unproven on Windows: Wine takes none")
#else
#define SKIP_WITHOUT_OWN_ROOT()
#endif

struct Scene : DeliveryScene {
    Destination to(const Receiver& server, bool ownRoot = true)
    {
        Destination destination{.url = server.url()};
        if (ownRoot) {
            destination.caFile = pathOf(dir.filePath(QStringLiteral("roots.pem")).toStdString());
            if (!writeFileAtomic(destination.caFile, bytesOf(ca.root())))
                qFatal("no file");
        }
        return destination;
    }
    const sr::test::TestCa ca;
};

} // namespace

class TestDeliverHttps : public QObject {
    Q_OBJECT
private slots:
    void goodCertificate();
    void badCertificates_data();
    void badCertificates();
    void checkedByNobody();
    void unreadableRoots();
    void trial();
    void trialRefused();
    void trialToNobody();
};

void TestDeliverHttps::goodCertificate()
{
    SKIP_WITHOUT_OWN_ROOT();
    Scene s;
    Receiver server(s.ca.issue("IP:127.0.0.1"));
    const auto delivery = s.start(s.to(server));
    s.add(1, 20);
    QTRY_COMPARE(server.ids, DeliveryScene::ids(1, 20));
    QTRY_COMPARE(delivery->counts().delivered, 20U);
}

void TestDeliverHttps::badCertificates_data()
{
    QTest::addColumn<std::string>("names");
    QTest::addColumn<int>("until");
    QTest::addColumn<bool>("ownRoot");
    QTest::addColumn<bool>("otherCa");
    QTest::newRow("of an authority that nobody trusts") << std::string("IP:127.0.0.1") << 1 << false << false;
    QTest::newRow("of another authority of that name") << std::string("IP:127.0.0.1") << 1 << true << true;
    QTest::newRow("for somebody else")
        << std::string("DNS:other.example.com,IP:192.0.2.1") << 1 << true << false;
    QTest::newRow("over") << std::string("IP:127.0.0.1") << -1 << true << false;
}

void TestDeliverHttps::badCertificates()
{
    SKIP_WITHOUT_OWN_ROOT();
    QFETCH(std::string, names);
    QFETCH(int, until);
    QFETCH(bool, ownRoot);
    QFETCH(bool, otherCa);
    Scene s;
    s.stayWaiting = true;
    const sr::test::TestCa other;
    Receiver server((otherCa ? other : s.ca).issue(names.c_str(), -2, until));
    auto delivery = s.start(s.to(server, ownRoot));
    s.add(1, 1);
    QTRY_VERIFY(delivery->counts().waiting);
    QCOMPARE(delivery->counts().delivered, 0U);
    QTRY_COMPARE(s.told(CdrErrc::Unreachable), 1U);
    QCOMPARE(server.ids, QStringList());
    // It was kept, and goes when the certificate is good.
    delivery.reset();
    server.use(s.ca.issue("IP:127.0.0.1"));
    delivery = s.start(s.to(server));
    QTRY_COMPARE(server.ids, DeliveryScene::ids(1, 1));
    QTRY_COMPARE(delivery->counts().delivered, 1U);
}

void TestDeliverHttps::checkedByNobody()
{
    Scene s;
    Receiver server(s.ca.issue("DNS:other.example.com", -2, -1));
    Destination to = s.to(server, false);
    to.verifyTls = false;
    const auto delivery = s.start(to);
    s.add(1, 1);
    QTRY_COMPARE(server.ids, DeliveryScene::ids(1, 1));
}

void TestDeliverHttps::unreadableRoots()
{
    Scene s;
    Destination to{.url = "https://192.0.2.1/"};
    to.caFile = pathOf(s.dir.filePath(QStringLiteral("missing.pem")).toStdString());
    const auto missing = Delivery::check(to);
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, BaseErrc::NotFound);
    QVERIFY(writeFileAtomic(to.caFile, bytesOf("no certificate")));
    const auto wrong = Delivery::check(to);
    QVERIFY(!wrong);
    QCOMPARE(wrong.error().code, CdrErrc::Malformed);
}

void TestDeliverHttps::trial()
{
    SKIP_WITHOUT_OWN_ROOT();
    Scene s;
    Receiver server(s.ca.issue("IP:127.0.0.1"));
    const CallDataRecord record = trialRecord("sys", "pbx", s.clock.utcNow());
    Status sent = fail(CdrErrc::Malformed, "not tried");
    std::atomic<bool> done = false;
    std::jthread sender([&] {
        sent = sendTrial(s.to(server), record, s.clock, milliseconds(10'000));
        done = true;
    });
    QTRY_VERIFY(done);
    QVERIFY2(sent, sent ? "" : sent.error().text().c_str());
    QCOMPARE(server.ids, QStringList({QString::fromStdString(record.id)}));
    QVERIFY(!billed(record));
}

void TestDeliverHttps::trialRefused()
{
    SKIP_WITHOUT_OWN_ROOT();
    Scene s;
    Receiver server(s.ca.issue("IP:127.0.0.1"));
    server.status = "403 Forbidden";
    Status sent;
    std::atomic<bool> done = false;
    std::jthread sender([&] {
        sent = sendTrial(s.to(server), trialRecord("sys", "pbx", s.clock.utcNow()), s.clock,
                         milliseconds(10'000));
        done = true;
    });
    QTRY_VERIFY(done);
    QVERIFY(!sent);
    QVERIFY2(sent.error().text().find("HTTP 403") != std::string::npos, sent.error().text().c_str());
}

void TestDeliverHttps::trialToNobody()
{
    Scene s;
    std::string url;
    {
        QTcpServer closed;
        QVERIFY(closed.listen(QHostAddress::LocalHost));
        url = "tcp://127.0.0.1:" + std::to_string(closed.serverPort());
    }
    const auto sent =
        sendTrial({.url = url}, trialRecord("sys", "pbx", s.clock.utcNow()), s.clock, milliseconds(10'000));
    QVERIFY(!sent);
    QCOMPARE(sent.error().code, CdrErrc::Unreachable);
}

QTEST_GUILESS_MAIN(TestDeliverHttps)
#include "tst_deliver_https.moc"
