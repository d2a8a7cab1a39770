// SPDX-License-Identifier: GPL-3.0-or-later
// Calls between a telephone of switchroomd and one outside, by a trunk at a real provider.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/heard_tone.h"
#include "tests/support/kamailio_process.h"
#include "tests/support/test_ca.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;
using sr::test::heard;
using Kamailio = sr::test::KamailioProcess;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kFarHz = 880;

/// anna (100) at an exchange, with trunks of the test, and somebody outside with the number 089555.
struct Scene {
    /// `trusted`: PEM; then both sides have TLS.
    explicit Scene(const test::KamailioOptions& kamailio = {}, const QByteArray& trusted = {})
        : provider(fixture.path(QStringLiteral("provider")), kamailio)
    {
        isReady = provider.isReady() && test::addUser(fixture, "anna", "100", "first").exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(fixture, tlsOptions(trusted));
        BaresipOptions options;
        options.user = QStringLiteral("anna");
        options.password = QStringLiteral("first");
        options.toneHz = kAnnaHz;
        anna = std::make_unique<BaresipPhone>(fixture.path(QStringLiteral("anna")), exchange->port4, options);
        BaresipOptions outside;
        outside.user = QStringLiteral("089555");
        outside.password = QStringLiteral("secret");
        outside.toneHz = kFarHz;
        outside.answers = true;
        far = std::make_unique<BaresipPhone>(fixture.path(QStringLiteral("far")), provider.port(), outside);
        isReady = isReady && anna->isReady() && far->isReady();
    }
    int addTrunk(const char* name, const char* number, quint16 port, const QByteArray& password,
                 const QStringList& more = {}) const
    {
        QStringList words{
            QStringLiteral("object"),          QStringLiteral("add"),
            QStringLiteral("--kind"),          QStringLiteral("trunk"),
            QStringLiteral("--name"),          QString::fromLatin1(name),
            QStringLiteral("--number"),        QString::fromLatin1(number),
            QStringLiteral("--set"),           QStringLiteral("registrar=127.0.0.1:%1").arg(port),
            QStringLiteral("--set"),           QStringLiteral("account=trunk"),
            QStringLiteral("--set"),           QStringLiteral("own=+4930123"),
            QStringLiteral("--set"),           QStringLiteral("country=49"),
            QStringLiteral("--password-stdin")};
        for (const QString& setting : more)
            words << QStringLiteral("--set") << setting;
        return fixture.run(words, password + '\n').exitCode;
    }
    QStringList tlsOptions(const QByteArray& trusted) const
    {
        if (trusted.isEmpty())
            return {};
        QFile file(fixture.path(QStringLiteral("trusted.pem")));
        const bool isSet = file.open(QIODevice::WriteOnly) && file.write(trusted) == trusted.size() &&
                           fixture.run({QStringLiteral("settings"), QStringLiteral("set"),
                                        QStringLiteral("sip.tlsTrusted"), file.fileName()})
                                   .exitCode == 0;
        if (!isSet)
            qFatal("no trust");
        return {QStringLiteral("--sips"), QStringLiteral("127.0.0.1:0"), QStringLiteral("--sips"),
                QStringLiteral("[::1]:0")};
    }
    QByteArray console(const char* command) const
    {
        return fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QString::fromLatin1(command)})
            .out;
    }
    QJsonObject recording() const
    {
        const auto all = [this] {
            return fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                .json()[QLatin1String("recordings")]
                .toArray();
        };
        (void)QTest::qWaitFor([&] { return !all().isEmpty(); }, 15'000);
        const QJsonArray rows = all();
        return rows.size() == 1 ? rows[0].toObject() : QJsonObject();
    }
    /// Both tones in the recording, each in its own channel; what is wrong in words.
    QByteArray soundProblem(const QJsonObject& row) const
    {
        const auto sound = test::wholeSound(
            pathOf((fixture.archive() + u'/' + row[QLatin1String("file")].toString()).toStdString()));
        if (sound.channels != 2)
            return "not two channels";
        const double levels[] = {heard(sound, 0, kAnnaHz).level, heard(sound, 1, kFarHz).level,
                                 heard(sound, 0, kFarHz).level, heard(sound, 1, kAnnaHz).level};
        const bool good = levels[0] > 0.2 && levels[1] > 0.2 && levels[2] < 0.05 && levels[3] < 0.05;
        QByteArray words;
        for (const double level : levels)
            words += QByteArray::number(level) + ' ';
        return good ? QByteArray() : words;
    }
    /// Text of all call data records that are kept.
    QByteArray records() const
    {
        QByteArray all;
        QDir folder(fixture.config() + QStringLiteral("/cdr"));
        for (const QString& name : folder.entryList(QDir::Files)) {
            QFile file(folder.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                all += file.readAll();
        }
        return all;
    }

    CtlFixture fixture;
    Kamailio provider;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> anna;
    std::unique_ptr<BaresipPhone> far;
    bool isReady = false;
};

test::KamailioOptions withTls(const test::Issued& identity)
{
    test::KamailioOptions options;
    options.certificate = QByteArray::fromStdString(identity.certificate);
    options.key = QByteArray::fromStdString(identity.key);
    return options;
}

} // namespace

class TrunkCallsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const char* program : {"kamailio", "baresip"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void callGoesOut()
    {
        Scene scene;
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("line", "0", scene.provider.port(), "secret"), 0); // while it runs
        QTRY_VERIFY_WITH_TIMEOUT(scene.provider.knows("trunk"), 20'000);
        scene.anna->dial(QStringLiteral("0089555"));
        QVERIFY2(scene.anna->waitFor("Call established"),
                 (scene.anna->said() + scene.provider.log()).constData());
        QVERIFY(scene.far->waitFor("Call established"));
        QVERIFY2(scene.provider.log().contains("<sip:+4930123100@127.0.0.1>"),
                 scene.provider.log().constData());
        QTest::qWait(2000); // they talk
        scene.anna->hangUp();
        QVERIFY(scene.far->waitFor("session closed"));
        const QJsonObject row = scene.recording();
        QVERIFY2(!row.isEmpty(), scene.exchange->said().constData());
        QCOMPARE(row[QLatin1String("internal")].toString(), QStringLiteral("100"));
        QCOMPARE(row[QLatin1String("external")].toString(), QStringLiteral("0089555"));
        QCOMPARE(row[QLatin1String("direction")].toString(), QStringLiteral("out"));
        const QByteArray problem = scene.soundProblem(row);
        QVERIFY2(problem.isEmpty(), problem.constData());
        QTRY_VERIFY2_WITH_TIMEOUT(scene.records().contains("<ep e164=\"089555\""),
                                  scene.records().constData(), 10'000);
        QTRY_VERIFY(scene.records().contains("pseudo=\"trunk\""));
        QVERIFY(scene.exchange->stop());
        QVERIFY(!scene.provider.knows("trunk")); // it has said good-bye
    }

    void callComesIn()
    {
        Scene scene;
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("line", "0", scene.provider.port(), "secret"), 0);
        QTRY_VERIFY_WITH_TIMEOUT(scene.provider.knows("trunk"), 20'000);
        scene.far->dial(QStringLiteral("+4930123100"));
        QVERIFY2(scene.anna->waitFor("Incoming call from"), scene.provider.log().constData());
        scene.anna->accept();
        QVERIFY(scene.far->waitFor("Call established"));
        QTest::qWait(2000); // they talk
        scene.far->hangUp();
        QVERIFY(scene.anna->waitFor("session closed"));
        const QJsonObject row = scene.recording();
        QVERIFY2(!row.isEmpty(), scene.exchange->said().constData());
        QCOMPARE(row[QLatin1String("internal")].toString(), QStringLiteral("100"));
        QCOMPARE(row[QLatin1String("external")].toString(), QStringLiteral("0089555"));
        QCOMPARE(row[QLatin1String("direction")].toString(), QStringLiteral("in"));
        const QByteArray problem = scene.soundProblem(row);
        QVERIFY2(problem.isEmpty(), problem.constData());
        QTRY_VERIFY2_WITH_TIMEOUT(scene.records().contains("type=\"ext\" e164=\"0089555\""),
                                  scene.records().constData(), 10'000);
    }

    /// The next trunk takes the calls; both states are to be seen.
    void providerRefusesUs()
    {
        Scene scene;
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("bad", "0", scene.provider.port(), "guess"), 0);
        QTRY_VERIFY2_WITH_TIMEOUT(
            scene.exchange->said().contains("Alarm: trunk bad, trunk@127.0.0.1: refused (401)"),
            scene.exchange->said().constData(), 20'000);
        scene.anna->dial(QStringLiteral("0089555"));
        QVERIFY2(scene.anna->waitFor("503"), scene.anna->said().constData());
        QVERIFY2(scene.console("trunks").contains("refused (401)"), scene.console("trunks").constData());
        QCOMPARE(scene.addTrunk("good", "8", scene.provider.port(), "secret"), 0);
        QCOMPARE(scene.fixture
                     .run({QStringLiteral("object"), QStringLiteral("modify"), QStringLiteral("bad"),
                           QStringLiteral("--set"), QStringLiteral("next=good")})
                     .exitCode,
                 0);
        QTRY_VERIFY2_WITH_TIMEOUT(scene.exchange->said().contains("Trunk good, trunk@127.0.0.1: registered"),
                                  scene.exchange->said().constData(), 20'000);
        QVERIFY2(scene.anna->dialUntil(QStringLiteral("0089555"), *scene.anna, "Call established"),
                 scene.anna->said().constData()); // `next` may be known a moment later
        scene.anna->hangUp();
        QVERIFY(scene.far->waitFor("session closed"));
    }

    /// Both ends of a dialog use the one connection, and who hangs up is found by it.
    void callsByTls()
    {
        const test::TestCa authority;
        Scene scene(withTls(authority.issue("IP:127.0.0.1", -1, 1, "127.0.0.1")),
                    QByteArray::fromStdString(authority.root()));
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("line", "0", scene.provider.tlsPort(), "secret",
                                {QStringLiteral("transport=tls")}),
                 0);
        QTRY_VERIFY2_WITH_TIMEOUT(scene.provider.knows("trunk"), scene.exchange->said().constData(), 20'000);
        scene.anna->dial(QStringLiteral("0089555"));
        QVERIFY2(scene.anna->waitFor("Call established"),
                 (scene.anna->said() + scene.provider.log()).constData());
        scene.anna->hangUp();
        QVERIFY2(scene.far->waitFor("session closed"), scene.provider.log().constData());
        scene.far->dial(QStringLiteral("+4930123100"));
        QVERIFY2(scene.anna->waitFor("Incoming call from"), scene.provider.log().constData());
        scene.anna->accept();
        QVERIFY(scene.far->waitFor("Call established"));
        scene.anna->hangUp();
        QVERIFY2(scene.far->waitFor("session closed"), scene.provider.log().constData());
    }

    void wrongCertificate_data()
    {
        QTest::addColumn<bool>("isTrusted");
        QTest::addColumn<QString>("words");
        QTest::newRow("of another server") << true << "its certificate is not for 127.0.0.1";
        QTest::newRow("of an unknown authority")
            << false << "its certificate is not trusted: unable to get local issuer certificate";
    }
    void wrongCertificate()
    {
        QFETCH(bool, isTrusted);
        QFETCH(QString, words);
        const test::TestCa known("Known CA");
        const test::TestCa unknown("Unknown CA");
        Scene scene(withTls(isTrusted ? known.issue("DNS:other.example", -1, 1, "other.example")
                                      : unknown.issue("DNS:other.example", -1, 1, "127.0.0.1")),
                    QByteArray::fromStdString(known.root()));
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("line", "0", scene.provider.tlsPort(), "secret",
                                {QStringLiteral("transport=tls")}),
                 0);
        QTRY_VERIFY2_WITH_TIMEOUT(scene.exchange->said().contains(words.toUtf8()),
                                  scene.exchange->said().constData(), 20'000);
        QVERIFY2(scene.console("trunks").contains(words.toUtf8()), scene.console("trunks").constData());
        QVERIFY(!scene.provider.log().contains("REGISTER sip:127.0.0.1 from=trunk"));
        scene.anna->dial(QStringLiteral("0089555"));
        QVERIFY2(scene.anna->waitFor("503"), scene.anna->said().constData());
    }

    /// Its registration still holds when the call finds nobody there.
    void providerIsGone()
    {
        Scene scene;
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("line", "0", scene.provider.port(), "secret"), 0);
        QTRY_VERIFY_WITH_TIMEOUT(scene.provider.knows("trunk"), 20'000);
        scene.provider.stop();
        scene.anna->dial(QStringLiteral("0089555"));
        QVERIFY2(scene.anna->waitFor("session closed"), scene.anna->said().constData());
        QVERIFY2(scene.anna->said().contains("503"), scene.anna->said().constData());
    }

    /// Who is not the provider is asked for a password, whatever number of ours is dialled.
    void strangersAreAsked()
    {
        Scene scene;
        QVERIFY2(scene.isReady, scene.provider.log().constData());
        QCOMPARE(scene.addTrunk("line", "0", scene.provider.port(), "secret"), 0);
        QTRY_VERIFY_WITH_TIMEOUT(scene.provider.knows("trunk"), 20'000);
        QUdpSocket socket;
        QVERIFY(socket.bind(QHostAddress::LocalHost));
        const QByteArray own = "127.0.0.1:" + QByteArray::number(socket.localPort());
        socket.writeDatagram(
            "INVITE sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + own +
                ";branch=z9hG4bKx\r\nFrom: <sip:089555@x>;tag=1\r\nTo: "
                "<sip:+4930123100@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:" +
                own + ">\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n",
            QHostAddress::LocalHost, scene.exchange->port4);
        QByteArray answers;
        QTRY_VERIFY2_WITH_TIMEOUT(([&] {
                                      while (socket.hasPendingDatagrams()) {
                                          QByteArray one(qsizetype(socket.pendingDatagramSize()), '\0');
                                          socket.readDatagram(one.data(), one.size());
                                          answers += one;
                                      }
                                      return answers.contains("SIP/2.0 401");
                                  }()),
                                  answers.constData(), 10'000);
        QVERIFY(!answers.contains("SIP/2.0 180"));
    }
};

QTEST_GUILESS_MAIN(TrunkCallsTest)
#include "tst_trunk_calls.moc"
