// SPDX-License-Identifier: GPL-3.0-or-later
// Keys as an administrator meets them: customer keys, rotation, export and import, recovery on an empty
// machine.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

class KeysTest : public QObject {
    Q_OBJECT

    static QString importSealed(const CtlFixture& fixture, int call)
    {
        test::CallPlan plan = test::usualCall(test::usualCall().start + minutes(call));
        plan.callId = "key-" + std::to_string(call) + "@test";
        plan.talkSeconds = 1;
        test::CaptureBuilder builder;
        builder.addCall(plan);
        const QString file = fixture.path(QStringLiteral("%1.pcap").arg(call));
        builder.save(pathOf(file.toStdString()));
        const CtlResult result =
            fixture.run({QStringLiteral("import"), file, QStringLiteral("--seal"), QStringLiteral("--json")});
        return result.json()
            .value(QStringLiteral("recordings"))
            .toArray()
            .first()
            .toObject()
            .value(QStringLiteral("file"))
            .toString();
    }

    static std::chrono::seconds minutes(int n) { return std::chrono::seconds(60 * n); }

    static QByteArray bytesOf(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    static QString recoveryIn(const QByteArray& words)
    {
        static const QRegularExpression groups(QStringLiteral("[A-Za-z0-9]{5}(-[A-Za-z0-9]{5}){7}"));
        return groups.match(QString::fromUtf8(words)).captured(0);
    }

private slots:
    void formerKeysGoOnOpening()
    {
        const CtlFixture fixture;
        const QString old = importSealed(fixture, 1);
        const CtlResult added =
            fixture.run({QStringLiteral("key"), QStringLiteral("add"), QStringLiteral("--passphrase-stdin")},
                        "My own customer key\n");
        QVERIFY2(added.exitCode == 0, added.err.constData());
        const QString fresh = importSealed(fixture, 2);
        QVERIFY(bytesOf(fixture.archive() + QLatin1Char('/') + old).mid(8, 16) !=
                bytesOf(fixture.archive() + QLatin1Char('/') + fresh).mid(8, 16));
        for (const QString& file : {old, fresh})
            QCOMPARE(fixture
                         .run({QStringLiteral("unseal"), fixture.archive() + QLatin1Char('/') + file,
                               QStringLiteral("-o"), fixture.path(QFileInfo(file).fileName())})
                         .exitCode,
                     0);
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void rotationRewritesTwoFieldsOnly()
    {
        const CtlFixture fixture;
        const QString file = fixture.archive() + QLatin1Char('/') + importSealed(fixture, 1);
        const QByteArray before = bytesOf(file);
        const CtlResult rotated =
            fixture.run({QStringLiteral("key"), QStringLiteral("rotate"), QStringLiteral("--json")});
        QVERIFY2(rotated.exitCode == 0, rotated.err.constData());
        QVERIFY(rotated.json().value(QStringLiteral("changed")).toInt() >= 2); // audio and sidecar
        const QByteArray after = bytesOf(file);
        QCOMPARE(after.size(), before.size());
        QCOMPARE(after.left(8), before.left(8));
        QVERIFY(after.mid(8, 16) != before.mid(8, 16));
        QVERIFY(after.mid(24, 40) != before.mid(24, 40));
        QCOMPARE(after.mid(64), before.mid(64)); // key id and wrapped key end here
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void recoveryReopensOnAnEmptyMachine()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        builder.save(pathOf(fixture.path(QStringLiteral("call.pcap")).toStdString()));
        const CtlResult first = fixture.run(
            {QStringLiteral("import"), fixture.path(QStringLiteral("call.pcap")), QStringLiteral("--seal")});
        QCOMPARE(first.exitCode, 0);
        const QString passphrase = recoveryIn(first.err);
        QVERIFY2(!passphrase.isEmpty(), first.err.constData());
        QCOMPARE(fixture.run({QStringLiteral("key"), QStringLiteral("rotate")}).exitCode,
                 0); // the sealed copy follows

        const QStringList elsewhere{QStringLiteral("--config"), fixture.path(QStringLiteral("empty")),
                                    QStringLiteral("--archive"), fixture.archive()};
        const CtlResult blind =
            CtlFixture::runRaw(QStringList{QStringLiteral("verify"), QStringLiteral("--json")} + elsewhere);
        QVERIFY2(blind.exitCode == 1 || blind.exitCode == 3, blind.err.constData());
        const CtlResult wrong = CtlFixture::runRaw(
            QStringList{QStringLiteral("key"), QStringLiteral("import"), QStringLiteral("--recovery")} +
                elsewhere,
            "WRONG-WORDS\n");
        QVERIFY(wrong.exitCode != 0);
        const CtlResult opened = CtlFixture::runRaw(
            QStringList{QStringLiteral("key"), QStringLiteral("import"), QStringLiteral("--recovery")} +
                elsewhere,
            passphrase.toUtf8() + '\n');
        QVERIFY2(opened.exitCode == 0, opened.err.constData());
        const CtlResult listed =
            CtlFixture::runRaw(QStringList{QStringLiteral("list"), QStringLiteral("--json")} + elsewhere);
        QVERIFY2(listed.exitCode == 0, listed.err.constData());
        QCOMPARE(listed.json().value(QStringLiteral("total")).toInt(), 1);
        const CtlResult verified =
            CtlFixture::runRaw(QStringList{QStringLiteral("verify"), QStringLiteral("--json")} + elsewhere);
        QVERIFY2(verified.exitCode == 0, verified.out.constData());
        const QString file = listed.json()
                                 .value(QStringLiteral("recordings"))
                                 .toArray()
                                 .first()
                                 .toObject()
                                 .value(QStringLiteral("file"))
                                 .toString();
        const CtlResult unsealed =
            CtlFixture::runRaw({QStringLiteral("unseal"), fixture.archive() + QLatin1Char('/') + file,
                                QStringLiteral("-o"), fixture.path(QStringLiteral("clear.wav")),
                                QStringLiteral("--config"), fixture.path(QStringLiteral("empty"))});
        QVERIFY2(unsealed.exitCode == 0, unsealed.err.constData());
    }

    void rotationThatCannotBeginChangesNothing()
    {
        const CtlFixture fixture;
        (void)importSealed(fixture, 1);
        const auto keys = [&] {
            return CtlFixture::runRaw({QStringLiteral("key"), QStringLiteral("list"),
                                       QStringLiteral("--config"), fixture.config()})
                .out;
        };
        const QByteArray before = keys();
        const CtlResult failed = CtlFixture::runRaw(
            {QStringLiteral("key"), QStringLiteral("rotate"), QStringLiteral("--archive"),
             fixture.path(QStringLiteral("none")), QStringLiteral("--config"), fixture.config()});
        QCOMPARE(failed.exitCode, 1);
        QCOMPARE(keys(), before);
    }

    /// The passphrase on paper opens everything that any machine sealed here, whatever became of the rings.
    void thePassphraseCoversWhatComesLater()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        builder.save(pathOf(fixture.path(QStringLiteral("call.pcap")).toStdString()));
        const QByteArray words =
            recoveryIn(fixture
                           .run({QStringLiteral("import"), fixture.path(QStringLiteral("call.pcap")),
                                 QStringLiteral("--seal")})
                           .err)
                .toUtf8() +
            '\n';
        const auto at = [&](const char* machine) {
            return QStringList{QStringLiteral("--config"), fixture.path(QString::fromLatin1(machine)),
                               QStringLiteral("--archive"), fixture.archive()};
        };
        const auto recovers = [&](const char* machine) {
            return CtlFixture::runRaw(QStringList{QStringLiteral("key"), QStringLiteral("import"),
                                                  QStringLiteral("--recovery")} +
                                          at(machine),
                                      words)
                           .exitCode == 0 &&
                   CtlFixture::runRaw(QStringList{QStringLiteral("verify")} + at(machine)).exitCode == 0;
        };
        // A key of another archive is active on this machine.
        QCOMPARE(CtlFixture::runRaw({QStringLiteral("import"), fixture.path(QStringLiteral("call.pcap")),
                                     QStringLiteral("--archive"), fixture.path(QStringLiteral("other")),
                                     QStringLiteral("--config"), fixture.config()})
                     .exitCode,
                 0);
        QCOMPARE(CtlFixture::runRaw({QStringLiteral("key"), QStringLiteral("rotate"),
                                     QStringLiteral("--archive"), fixture.path(QStringLiteral("other")),
                                     QStringLiteral("--config"), fixture.config()})
                     .exitCode,
                 0);
        (void)importSealed(fixture, 2);
        QVERIFY(recovers("second"));
        // The second machine rotates, then the first one adds a key.
        QCOMPARE(
            CtlFixture::runRaw(QStringList{QStringLiteral("key"), QStringLiteral("rotate")} + at("second"))
                .exitCode,
            0);
        QVERIFY(recovers("third"));
        // The first machine lists what it cannot read by its name; with the key it knows the rest.
        const auto durations = [&] {
            return QJsonDocument::fromJson(
                fixture.run({QStringLiteral("list"), QStringLiteral("--json")}).out)[u"recordings"];
        };
        const QStringList asFirst{QStringLiteral("--config"), fixture.config(), QStringLiteral("--archive"),
                                  fixture.archive()};
        QCOMPARE(CtlFixture::runRaw(QStringList{QStringLiteral("convert"), QStringLiteral("--format"),
                                                QStringLiteral("mp3")} +
                                    at("second"))
                     .exitCode,
                 0);
        for (const auto row : durations().toArray())
            QCOMPARE(row[u"durationSeconds"].toDouble(), 0.0);
        QCOMPARE(CtlFixture::runRaw(QStringList{QStringLiteral("key"), QStringLiteral("import"),
                                                QStringLiteral("--recovery")} +
                                        asFirst,
                                    words)
                     .exitCode,
                 0);
        QVERIFY(!durations().toArray().isEmpty());
        for (const auto row : durations().toArray())
            QVERIFY(row[u"durationSeconds"].toDouble() > 0);
        QCOMPARE(
            fixture
                .run({QStringLiteral("key"), QStringLiteral("add"), QStringLiteral("--passphrase-stdin")},
                     "My own customer key\n")
                .exitCode,
            0);
        QVERIFY(recovers("fourth"));
    }

    void exportAsksTheSetupPassword()
    {
        const CtlFixture fixture;
        (void)importSealed(fixture, 1);
        const CtlResult first =
            fixture.run({QStringLiteral("key"), QStringLiteral("export")}, "a good setup password\n");
        QVERIFY2(first.exitCode == 0,
                 first.err.constData()); // the first one given becomes the setup password
        QVERIFY(first.out.contains("archive "));
        const CtlResult wrong = fixture.run({QStringLiteral("key"), QStringLiteral("export")}, "guess\n");
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY(wrong.out.isEmpty());

        QFile keys(fixture.path(QStringLiteral("keys.txt")));
        QVERIFY(keys.open(QIODevice::WriteOnly));
        keys.write(first.out);
        keys.close();
        const QStringList other{QStringLiteral("--config"), fixture.path(QStringLiteral("second")),
                                QStringLiteral("--archive"), fixture.archive()};
        const CtlResult imported = CtlFixture::runRaw(
            QStringList{QStringLiteral("key"), QStringLiteral("import"), keys.fileName()} + other,
            "password there\n");
        QVERIFY2(imported.exitCode == 0, imported.err.constData());
        QCOMPARE(CtlFixture::runRaw(QStringList{QStringLiteral("verify")} + other).exitCode, 0);
    }
};

QTEST_GUILESS_MAIN(KeysTest)
#include "tst_keys.moc"
