// SPDX-License-Identifier: GPL-3.0-or-later
// `convert` and `export` on recordings that are not what was recorded, and what is left after a conversion.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

class ConvertCliTest : public QObject {
    Q_OBJECT

    static QJsonObject import(const CtlFixture& fixture, const QStringList& more, int call = 0)
    {
        test::CallPlan plan = test::usualCall(test::usualCall().start + std::chrono::seconds(60 * call));
        plan.callId = "convert-" + std::to_string(call) + "@test";
        plan.talkSeconds = 6;
        plan.digits = "12#";
        test::CaptureBuilder builder;
        builder.addCall(plan);
        const QString file = fixture.path(QStringLiteral("%1.pcap").arg(call));
        builder.save(pathOf(file.toStdString()));
        return first(
            fixture.run(QStringList{QStringLiteral("import"), file, QStringLiteral("--json")} + more));
    }
    static QJsonObject first(const CtlResult& result)
    {
        return result.json().value(QStringLiteral("recordings")).toArray().first().toObject();
    }
    static QString text(const QJsonObject& row, const char* field)
    {
        return row.value(QLatin1String(field)).toString();
    }
    static QByteArray bytesOf(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static void put(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

private slots:
    void aChangedRecordingIsNamedAndLeft_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<bool>("seal");
        QTest::newRow("clear WAV to MP3") << QStringLiteral("wav") << QStringLiteral("mp3") << false;
        QTest::newRow("sealed WAV to MP3") << QStringLiteral("wav") << QStringLiteral("mp3") << true;
        QTest::newRow("clear packets to MP3")
            << QStringLiteral("pcap") << QStringLiteral("mp3-mono") << false;
        QTest::newRow("clear packets to WAV") << QStringLiteral("pcap") << QStringLiteral("wav") << false;
    }
    void aChangedRecordingIsNamedAndLeft()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(bool, seal);
        const CtlFixture fixture;
        QStringList more{QStringLiteral("--format"), from};
        if (seal)
            more << QStringLiteral("--seal");
        const QJsonObject row = import(fixture, more);
        const QString file = fixture.archive() + QLatin1Char('/') + text(row, "file");
        QByteArray bytes = bytesOf(file);
        bytes[bytes.size() / 2] = static_cast<char>(bytes.at(bytes.size() / 2) ^ 0x55);
        put(file, bytes);
        (void)import(fixture, more, 1); // a sound one beside it
        const CtlResult converted = fixture.run(
            {QStringLiteral("convert"), QStringLiteral("--format"), to, QStringLiteral("--json")});
        QCOMPARE(converted.exitCode, 3);
        QVERIFY2(converted.err.contains(text(row, "uid").toUtf8()), converted.err.constData());
        QCOMPARE(converted.json().value(QStringLiteral("converted")).toInt(), 1);
        QCOMPARE(converted.json().value(QStringLiteral("failed")).toArray().size(), 1);
        QCOMPARE(bytesOf(file), bytes);
        const CtlResult verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QCOMPARE(verified.exitCode, 3);
        QCOMPARE(verified.json().value(QStringLiteral("findings")).toArray().size(), 1);
    }

    void exportNamesWhatWasChanged()
    {
        const CtlFixture fixture;
        const QJsonObject row = import(fixture, {});
        const QString file = fixture.archive() + QLatin1Char('/') + text(row, "file");
        QByteArray bytes = bytesOf(file);
        bytes[9000] = static_cast<char>(bytes.at(9000) ^ 0x55);
        put(file, bytes);
        const QString folder = fixture.path(QStringLiteral("out"));
        const CtlResult exported =
            fixture.run({QStringLiteral("export"), text(row, "uid"), QStringLiteral("-o"), folder});
        QCOMPARE(exported.exitCode, 3);
        QVERIFY2(exported.err.contains("not what was recorded"), exported.err.constData());
        const QString stem = QFileInfo(file).completeBaseName();
        QCOMPARE(QDir(folder).entryList(QDir::Files),
                 (QStringList{stem + QStringLiteral(".altered.wav"), stem + QStringLiteral(".altered.xml")}));
        QCOMPARE(bytesOf(folder + QLatin1Char('/') + stem + QStringLiteral(".altered.wav")), bytes);
    }

    void theRemovedPartyLeavesNoDigits_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("dtmf");
        for (const char* from : {"wav", "pcap"})
            for (const char* party : {"internal", "external"})
                QTest::addRow("%s to %s only", from, party)
                    << QString::fromLatin1(from) << QStringLiteral("mp3-") + QString::fromLatin1(party)
                    << (QLatin1String(party) == QLatin1String("internal") ? QStringLiteral("12#")
                                                                          : QString());
    }
    void theRemovedPartyLeavesNoDigits()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, dtmf);
        const CtlFixture fixture;
        const QString uid = text(import(fixture, {QStringLiteral("--format"), from}), "uid");
        QCOMPARE(fixture.run({QStringLiteral("convert"), QStringLiteral("--format"), to}).exitCode, 0);
        const QJsonObject shown = fixture.run({QStringLiteral("show"), uid, QStringLiteral("--json")}).json();
        QCOMPARE(text(shown, "dtmf"), dtmf);
        const QString party = to.mid(4);
        for (const char* marks : {"digits", "insertions"})
            for (const QJsonValue mark : shown.value(QLatin1String(marks)).toArray())
                QCOMPARE(text(mark.toObject(), "party"), party);
        QCOMPARE(text(first(fixture.run({QStringLiteral("list"), QStringLiteral("--json")})), "dtmf"), dtmf);
    }

    void nothingBecomesPcapAgain()
    {
        const CtlFixture fixture;
        const QString uid =
            text(import(fixture, {QStringLiteral("--format"), QStringLiteral("pcap")}), "uid");
        const auto toPcap = [&] {
            return fixture.run(
                {QStringLiteral("convert"), QStringLiteral("--format"), QStringLiteral("pcap")});
        };
        QCOMPARE(toPcap().exitCode, 0);
        const QString wav = text(import(fixture, {}, 1), "uid");
        const CtlResult refused = toPcap();
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(refused.err.contains(wav.toUtf8()) && refused.err.contains("packets are gone"),
                 refused.err.constData());
        QVERIFY(!refused.err.contains(uid.toUtf8()));
    }
};

QTEST_GUILESS_MAIN(ConvertCliTest)
#include "tst_convert_cli.moc"
