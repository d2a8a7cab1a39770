// SPDX-License-Identifier: GPL-3.0-or-later
// The command line ignores nothing, and an error says what is wrong, where, and what to do.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

class CtlWordsTest : public QObject {
    Q_OBJECT
    CtlFixture m_fixture;

    static void put(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
    static QStringList words(const char* line) { return QString::fromUtf8(line).split(QLatin1Char(' ')); }
    CtlResult runIn(const QStringList& arguments, const QByteArray& input = {}) const
    {
        QStringList placed;
        for (QString argument : arguments)
            placed << argument.replace(QLatin1String("DIR/"), m_fixture.root() + QLatin1Char('/'));
        return CtlFixture::runRaw(placed, input);
    }

private slots:
    void initTestCase()
    {
        test::CaptureBuilder builder;
        test::CallPlan plan = test::usualCall();
        plan.talkSeconds = 1;
        builder.addCall(plan);
        builder.save(pathOf(m_fixture.path(QStringLiteral("call.pcap")).toStdString()));
        put(m_fixture.path(QStringLiteral("cut.pcap")), QByteArray("\xd4\xc3\xb2\xa1\x02", 5));
        QVERIFY(QDir(m_fixture.root()).mkdir(QStringLiteral("folder.pcap")));
        QCOMPARE(
            m_fixture.run({QStringLiteral("import"), m_fixture.path(QStringLiteral("call.pcap"))}).exitCode,
            0);
    }

    void surplusArgumentsAreWrongUse_data()
    {
        QTest::addColumn<QString>("line");
        for (const char* line :
             {"list extra --archive DIR/archive", "verify DIR/archive --archive DIR/archive",
              "reindex foo --archive DIR/archive", "convert x --format mp3 --archive DIR/archive",
              "show a b --archive DIR/archive", "unseal a b -o DIR/o", "key list now",
              "key rotate all --archive DIR/archive", "key import a b", "settings list import.format",
              "settings get import.format now", "settings set import.format mp3 now"})
            QTest::newRow(line) << QString::fromLatin1(line);
    }
    void surplusArgumentsAreWrongUse()
    {
        QFETCH(QString, line);
        const CtlResult result =
            runIn(line.split(QLatin1Char(' ')) + QStringList{QStringLiteral("--config"), m_fixture.config()});
        QCOMPARE(result.exitCode, 2);
        QVERIFY(result.out.isEmpty() && !result.err.isEmpty());
    }

    void configMayStandFirst_data()
    {
        QTest::addColumn<QStringList>("start");
        QTest::newRow("two words") << QStringList{QStringLiteral("--config"), m_fixture.config()};
        QTest::newRow("one word") << QStringList{QStringLiteral("--config=") + m_fixture.config()};
    }
    void configMayStandFirst()
    {
        QFETCH(QStringList, start);
        const CtlResult result =
            CtlFixture::runRaw(start + QStringList{QStringLiteral("list"), QStringLiteral("--json"),
                                                   QStringLiteral("--archive"), m_fixture.archive()});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QCOMPARE(result.json().value(QStringLiteral("total")).toInt(), 1);
    }
    void configAloneIsNoCommand()
    {
        QCOMPARE(runIn(words("--config DIR/config")).exitCode, 2);
        QCOMPARE(runIn(words("--config")).exitCode, 2);
    }
    void helpOfACommandIsItsOwn()
    {
        const CtlResult asked = runIn(words("help import"));
        QCOMPARE(asked.exitCode, 0);
        QCOMPARE(asked.out, runIn(words("import --help")).out);
        QVERIFY(asked.out.contains("--srtp-key"));
        QCOMPARE(runIn(words("help dance")).exitCode, 2);
    }

    void srtpKeys_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<bool>("good");
        const QString k28 = QString::fromLatin1(QByteArray(28, 'k').toBase64());
        const QString k30 = QString::fromLatin1(QByteArray(30, 'k').toBase64());
        QTest::newRow("a key alone") << k30 << true;
        QTest::newRow("with suite") << QStringLiteral("AES_CM_128_HMAC_SHA1_32:") + k30 << true;
        QTest::newRow("as in SDP") << QStringLiteral("AES_CM_128_HMAC_SHA1_80:inline:") + k30 +
                                          QStringLiteral("|2^20|1:4")
                                   << true;
        QTest::newRow("lifetime only") << QStringLiteral("inline:") + k30 + QStringLiteral("|2^31") << true;
        QTest::newRow("GCM") << QStringLiteral("AEAD_AES_128_GCM:") + k28 << true;
        QTest::newRow("unknown suite") << QStringLiteral("NOSUITE:") + k30 << false;
        QTest::newRow("GCM with a key too long") << QStringLiteral("AEAD_AES_128_GCM:") + k30 << false;
        QTest::newRow("too short") << k28 << false;
        QTest::newRow("no base64") << QStringLiteral("AES_CM_128_HMAC_SHA1_80:***") << false;
        QTest::newRow("empty") << QString() << false;
    }
    void srtpKeys()
    {
        QFETCH(QString, key);
        QFETCH(bool, good);
        const CtlResult result =
            m_fixture.run({QStringLiteral("import"), m_fixture.path(QStringLiteral("call.pcap")),
                           QStringLiteral("--srtp-key"), key});
        QVERIFY2(result.exitCode == (good ? 0 : 2), result.err.constData());
    }

    void errorsSayWhereAndWhatToDo_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QStringList>("says");
        const auto row = [](const char* name, const char* line, const QStringList& says,
                            const QByteArray& input = {}) {
            QTest::newRow(name) << QString::fromLatin1(line) << input << says;
        };
        row("a folder for a file", "import DIR/folder.pcap --archive DIR/archive",
            {QStringLiteral("folder of that name")});
        row("a file for a folder", "export x --archive DIR/archive -o DIR/call.pcap",
            {QStringLiteral("is a file; -o names a folder")});
        row("unseal of a clear file", "unseal DIR/call.pcap -o DIR/clear",
            {QStringLiteral("call.pcap"), QStringLiteral("not a sealed file"), QStringLiteral("not copied")});
        row("import of no key", "key import DIR/empty.txt", {QStringLiteral("no key in")},
            "a setup password\n");
        row("import without a password", "key import DIR/empty.txt", {QStringLiteral("setup password")});
        row("recovery without words", "key import --recovery --archive DIR/archive",
            {QStringLiteral("no recovery passphrase")});
        row("recovery from no archive", "key import --recovery --archive DIR/none",
            {QStringLiteral("keyring.sealed")});
    }
    void errorsSayWhereAndWhatToDo()
    {
        QFETCH(QString, line);
        QFETCH(QByteArray, input);
        QFETCH(QStringList, says);
        put(m_fixture.path(QStringLiteral("empty.txt")), "# nothing\n");
        const CtlResult result =
            runIn(line.split(QLatin1Char(' ')) + QStringList{QStringLiteral("--config"), m_fixture.config()},
                  input);
        QCOMPARE(result.exitCode, 1);
        for (const QString& said : says)
            QVERIFY2(result.err.contains(said.toUtf8()), result.err.constData());
        QVERIFY(!QFile::exists(m_fixture.path(QStringLiteral("clear"))));
    }

    void aBadFileIsNamedOnce()
    {
        const QString cut = m_fixture.path(QStringLiteral("cut.pcap"));
        const CtlResult result = m_fixture.run({QStringLiteral("import"), cut});
        QCOMPARE(result.exitCode, 1);
        QCOMPARE(result.err.count(cut.toUtf8()), 1);
    }

    void damagedSecretsAndSettingsNameTheWayOut()
    {
        const QString config = m_fixture.path(QStringLiteral("damaged"));
        const auto run = [&](const char* line) {
            return runIn(words(line) + QStringList{QStringLiteral("--config"), config});
        };
        QCOMPARE(run("settings set import.format mp3").exitCode, 0);
        put(config + QStringLiteral("/settings.xml"), "no settings at all");
        const CtlResult settings = run("settings list");
        QVERIFY(settings.exitCode != 0);
        QVERIFY2(settings.err.contains("move it away"), settings.err.constData());
        put(config + QStringLiteral("/keys/secrets"), "nothing");
        const CtlResult keys = run("key list");
        QCOMPARE(keys.exitCode, 1);
        QVERIFY2(keys.err.contains("key import --recovery") && keys.err.contains("secrets"),
                 keys.err.constData());
    }

    void whatCannotBePrintedIsNotDone()
    {
        if (!QFile::exists(QStringLiteral("/dev/full")))
            QSKIP("nothing is always full here");
        QProcess process;
        process.setStandardOutputFile(QStringLiteral("/dev/full"));
        process.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomctl"),
                      {QStringLiteral("list"), QStringLiteral("--json"), QStringLiteral("--archive"),
                       m_fixture.archive(), QStringLiteral("--config"), m_fixture.config()});
        QVERIFY(process.waitForFinished(120'000));
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(process.readAllStandardError().contains("standard output"));
    }

    void anExtraClaimIsFound()
    {
        const QString claim = m_fixture.archive() + QStringLiteral("/REC/claims/left-behind");
        QVERIFY(QDir().mkpath(QFileInfo(claim).path()));
        put(claim, "0123456789abcdef x");
        const CtlResult verified = m_fixture.run({QStringLiteral("verify")});
        QCOMPARE(verified.exitCode, 3);
        QVERIFY2(verified.err.contains("REC/claims/left-behind"), verified.err.constData());
        QVERIFY(QFile::remove(claim));
        QCOMPARE(m_fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }
};

QTEST_GUILESS_MAIN(CtlWordsTest)
#include "tst_ctl_words.moc"
