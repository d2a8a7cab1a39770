// SPDX-License-Identifier: GPL-3.0-or-later
// SIPp floods switchroomd from another address while calls run: none of their packets is lost, who is known
// can call all the time, and every call is archived whole.
#include "core/base/bytes.h"
#include "tests/support/exchange_process.h"
#include "tests/support/load_phones.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;
using sr::test::LoadCall;
using sr::test::LoadPhones;
using sr::test::LoadTalk;

namespace {

constexpr unsigned kCalls = 10;
constexpr unsigned kPerSecond = 4000; ///< of requests; far more than the exchange lets in
constexpr int kSeconds = 4;           ///< at least
constexpr unsigned kServed = 5;       ///< calls at least, meanwhile

/// Sends one request and waits for nothing. Each comes from somebody else.
QByteArray scenario(const QByteArray& method)
{
    return "<?xml version=\"1.0\"?><scenario name=\"flood\"><send><![CDATA[\n" + method +
           " sip:200@127.0.0.1 SIP/2.0\nVia: SIP/2.0/[transport] "
           "[local_ip]:[local_port];branch=[branch]\nFrom: "
           "<sip:guest[call_number]@127.0.0.1>;tag=[call_number]\nTo: <sip:200@127.0.0.1>\nCall-ID: "
           "[call_id]\nCSeq: 1 " +
           method +
           "\nContact: <sip:guest@[local_ip]:[local_port]>\nMax-Forwards: 70\nExpires: 60\nContent-Length: "
           "0\n\n]]></send></scenario>";
}

void startFlood(QProcess& sipp, const CtlFixture& fixture, const QByteArray& method, quint16 port)
{
    const QString name = QString::fromUtf8(method) + QStringLiteral(".xml");
    QFile file(fixture.path(name));
    if (file.open(QIODevice::WriteOnly))
        file.write(scenario(method));
    file.close();
    sipp.setWorkingDirectory(fixture.root());
    sipp.setStandardOutputFile(QProcess::nullDevice());
    sipp.setStandardErrorFile(QProcess::nullDevice());
    sipp.start(QStringLiteral("sipp"),
               {QStringLiteral("127.0.0.1:%1").arg(port), QStringLiteral("-i"), QStringLiteral("127.0.0.2"),
                QStringLiteral("-sf"), name, QStringLiteral("-r"), QString::number(kPerSecond),
                QStringLiteral("-m"), QString::number(kPerSecond * 100), QStringLiteral("-nostdin")});
}

} // namespace

class ExchangeFloodTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("sipp")).isEmpty(), "sipp");
    }

    void callsGoOn_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::newRow("REGISTER") << QByteArray("REGISTER");
        QTest::newRow("INVITE") << QByteArray("INVITE");
        QTest::newRow("OPTIONS") << QByteArray("OPTIONS");
    }
    void callsGoOn()
    {
        QFETCH(QByteArray, method);
        const CtlFixture fixture;
        QVERIFY(test::addUser(fixture, "otto", "200", "second").exitCode == 0);
        QVERIFY(test::addUser(fixture, "anna", "100", "first").exitCode == 0);
        QVERIFY(test::addUser(fixture, "bert", "201", "third").exitCode == 0);
        ExchangeProcess exchange(fixture);
        LoadPhones phones(exchange.port4);
        LoadPhones others(exchange.port4);
        QVERIFY(phones.registers("otto", "second"));
        QVERIFY(others.registers("bert", "third"));
        QVERIFY(phones.registers("anna", "first"));
        QVERIFY(phones.call({"anna", "first", 2}, "200", kCalls));
        LoadTalk talk;
        talk.start(phones.calls());

        QProcess flood;
        startFlood(flood, fixture, method, exchange.port4);
        QVERIFY(flood.waitForStarted());
        QElapsedTimer timer;
        timer.start();
        unsigned served = 0; // calls to the other phone, meanwhile
        while (served < kServed || timer.elapsed() < (kSeconds + 1) * 1000) {
            if (served == 20) {
                QTest::qWait(50);
                continue;
            }
            QVERIFY(others.registers("bert", "third"));
            QVERIFY(others.call({"bert", "third", 2}, "201", 1));
            ++served;
        }
        QCOMPARE(flood.state(), QProcess::Running); // all the time
        flood.kill();
        QVERIFY(flood.waitForFinished(60'000));
        talk.stop();
        const auto isHeard = [](const std::unique_ptr<LoadCall>& call) {
            LoadTalk::hear(*call);
            return call->callee.received + 5 >= call->caller.sent &&
                   call->caller.received + 5 >= call->callee.sent;
        };
        QTRY_VERIFY(std::ranges::all_of(phones.calls(), isHeard)); // some are under way

        for (const auto& call : phones.calls())
            for (const LoadCall::End* const end : {&call->caller, &call->callee}) {
                QVERIFY(end->received >= 50U * kSeconds);
                QCOMPARE(end->missing.load(), 0U);
                QCOMPARE(end->late.load(), 0U);
                QCOMPARE(end->strange.load(), 0U);
            }
        QVERIFY(phones.hangUpAll());
        QVERIFY(others.hangUpAll());
        QVERIFY(exchange.stop());
        const auto rows = fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                              .json()[QLatin1String("recordings")]
                              .toArray();
        QCOMPARE(rows.size(), static_cast<int>(kCalls + served));
        for (const auto& row : rows)
            QCOMPARE(row[QLatin1String("lostPackets")].toArray(), (QJsonArray{0, 0}));
    }
};

QTEST_GUILESS_MAIN(ExchangeFloodTest)
#include "tst_exchange_flood.moc"
