// SPDX-License-Identifier: GPL-3.0-or-later
// "Record to" with real phones: a call becomes one file in a folder or on a server, beside the archive or
// instead of it, and the archive takes no call twice.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "tests/support/exchange_scene.h"
#include "tests/support/put_server.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::ExchangeScene;
using sr::test::PutServer;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;

/// anna calls otto, they talk for two seconds; `meanwhile` in the middle of it.
bool talk(ExchangeScene& scene, const std::function<void()>& meanwhile = {})
{
    const auto otto = scene.phone("otto", kOttoHz, true);
    const auto anna = scene.phone("anna", kAnnaHz);
    if (!scene.ready)
        return false;
    anna->dial(QStringLiteral("101"));
    if (!anna->waitFor("Call established") || !otto->waitFor("Call established"))
        return false;
    QTest::qWait(1000);
    if (meanwhile)
        meanwhile();
    QTest::qWait(1000);
    anna->hangUp();
    return otto->waitFor("terminated");
}

QStringList filesIn(const QString& folder)
{
    QStringList paths;
    for (const QString& name : QDir(folder).entryList(QDir::Files, QDir::Name))
        paths << folder + u'/' + name;
    return paths;
}

/// Once there are so many, and none more comes with what is done at their ends.
QStringList waitForFiles(const QString& folder, qsizetype count)
{
    (void)QTest::qWaitFor([&] { return filesIn(folder).size() >= count; }, 15'000);
    return filesIn(folder);
}

QStringList tshark(const QString& file, const QStringList& words)
{
    QProcess process;
    process.start(QStringLiteral("tshark"), QStringList{QStringLiteral("-r"), file} + words);
    process.waitForFinished(60'000);
    return QString::fromUtf8(process.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
}

test::CtlResult imported(const CtlFixture& fixture, const QString& file)
{
    return fixture.run({QStringLiteral("import"), file, QStringLiteral("--json")});
}

int lengthOf(const QJsonObject& json, const char* key)
{
    return static_cast<int>(json[QLatin1String(key)].toArray().size());
}

} // namespace

class RecordToTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    /// Both ask for the same folder.
    void aFolder()
    {
        ExchangeScene scene;
        const QString folder = scene.fixture.path(QStringLiteral("calls"));
        const QString setting = QStringLiteral("record-to=") + folder;
        scene.user("anna", "100", {QStringLiteral("--set"), setting});
        scene.user("otto", "101", {QStringLiteral("--set"), setting + u'/'});
        scene.start();
        QStringList meanwhile;
        QVERIFY(talk(scene, [&] { // it is made within a second
            const auto isThere = [&] {
                meanwhile = QDir(folder).entryList(QDir::Files | QDir::Hidden);
                return !meanwhile.isEmpty();
            };
            QVERIFY(QTest::qWaitFor(isThere, 20'000));
        }));
        QCOMPARE(meanwhile.size(), 1);
        QVERIFY(meanwhile.front().startsWith(u'.') && meanwhile.front().endsWith(u".pcap.part"));
        const QJsonArray archived = scene.recordings(1);
        QCOMPARE(archived.size(), 1);
        const QString uid = archived[0].toObject()[QLatin1String("uid")].toString();
        const QStringList files = waitForFiles(folder, 1);
        QCOMPARE(files.size(), 1);
        const QRegularExpression name(
            QStringLiteral("/%1-[0-9a-f]{12}-[0-9]+-anna\\.pcap$").arg(QRegularExpression::escape(uid)));
        QVERIFY2(name.match(files[0]).hasMatch(), qPrintable(files[0]));
        if (!QStandardPaths::findExecutable(QStringLiteral("tshark")).isEmpty()) {
            const auto sip = tshark(files[0], {QStringLiteral("-Y"), QStringLiteral("sip")});
            QVERIFY(sip.size() >= 5);
            const auto rtp = tshark(files[0], {QStringLiteral("-Y"), QStringLiteral("rtp")});
            QVERIFY2(rtp.size() > 150, QByteArray::number(rtp.size()).constData()); // 2 s, both ways
        }

        const auto again = imported(scene.fixture, files[0]).json();
        QCOMPARE(lengthOf(again, "duplicates"), 1);
        QCOMPARE(scene.recordings(1).size(), 1);
        const CtlFixture other;
        const auto fresh = imported(other, files[0]).json();
        QCOMPARE(lengthOf(fresh, "recordings"), 1);
        QVERIFY(scene.exchange->stop());
    }

    /// otto's telephone asks for a server; nobody's calls are archived.
    void aServerForATelephone()
    {
        ExchangeScene scene;
        PutServer server;
        bool refuses = true;
        server.answer = [&](const test::PutRequest& request) {
            const bool known =
                request.header("Authorization") == "Basic " + QByteArray("rec:s3cret").toBase64();
            return refuses ? PutServer::status(503)
                   : known ? PutServer::status(201)
                           : PutServer::status(401, "WWW-Authenticate: Basic realm=\"calls\"\r\n");
        };
        const QString target = QString::fromStdString(server.url("/rec", "rec:s3cret@"));
        const QString off = QStringLiteral("off");
        scene.user("anna", "100", {QStringLiteral("--record"), off});
        scene.user("otto", "101",
                   {QStringLiteral("--record"), off, QStringLiteral("--device"),
                    QStringLiteral("baresip=desk"), QStringLiteral("--device-record-to"),
                    QStringLiteral("baresip=") + target});
        scene.start();
        QVERIFY(talk(scene));
        QTRY_VERIFY_WITH_TIMEOUT(!server.requests.empty(), 15'000);
        const QString shelf = scene.fixture.config() + QStringLiteral("/record-to");
        QCOMPARE(filesIn(shelf).size(), 2);
        QTRY_VERIFY(scene.exchange->said().contains("Alarm: "));
        scene.exchange->kill(); // and it is sent all the same
        refuses = false;
        scene.exchange->start();
        QTRY_COMPARE_WITH_TIMEOUT(server.files.size(), std::size_t{1}, 15'000);
        QTRY_VERIFY(filesIn(shelf).isEmpty());
        QVERIFY2(!scene.exchange->said().contains("s3cret"), scene.exchange->said().constData());
        QVERIFY(!scene.fixture.run({QStringLiteral("user"), QStringLiteral("show"), QStringLiteral("otto")})
                     .out.contains("s3cret"));
        QVERIFY(server.files.begin()->first.endsWith(u"-otto.pcap"));
        QVERIFY(scene.recordings(0).isEmpty());
        const QString got = scene.fixture.path(server.files.begin()->first);
        QFile file(got);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(server.files.begin()->second) > 0);
        file.close();
        QCOMPARE(lengthOf(imported(scene.fixture, got).json(), "recordings"), 1);
        const QJsonObject row = scene.recordings(1)[0].toObject();
        const auto sound = scene.sound(row);
        QVERIFY(test::lengthOf(sound, 0, kAnnaHz) + test::lengthOf(sound, 1, kAnnaHz) > 1.5);
        QVERIFY(test::lengthOf(sound, 0, kOttoHz) + test::lengthOf(sound, 1, kOttoHz) > 1.5);
        QVERIFY(scene.exchange->stop());
    }

    /// What has been written reaches its place after a crash.
    void aCrash()
    {
        ExchangeScene scene;
        const QString folder = scene.fixture.path(QStringLiteral("calls"));
        scene.user("anna", "100", {QStringLiteral("--set"), QStringLiteral("record-to=") + folder});
        scene.user("otto", "101");
        scene.start();
        const auto otto = scene.phone("otto", kOttoHz, true);
        const auto anna = scene.phone("anna", kAnnaHz);
        QVERIFY(scene.ready);
        anna->dial(QStringLiteral("101"));
        QVERIFY(anna->waitFor("Call established"));
        QTest::qWait(3000);
        scene.exchange->kill();
        anna->kill();
        otto->kill();
        QVERIFY(filesIn(folder).isEmpty());
        scene.exchange->start();
        const QStringList files = waitForFiles(folder, 1);
        QCOMPARE(files.size(), 1);
        const CtlFixture other;
        const auto report = imported(other, files[0]).json();
        QCOMPARE(lengthOf(report, "recordings"), 1);
        QVERIFY(scene.exchange->stop());
    }
};

QTEST_GUILESS_MAIN(RecordToTest)
#include "tst_record_to.moc"
