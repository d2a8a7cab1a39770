// SPDX-License-Identifier: GPL-3.0-or-later
// A capture goes in by switchroomctl; the call is found, heard (measured), checked, exported and converted
// again.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"
#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QTest>

using namespace sr;
using sr::test::CallPlan;
using sr::test::CaptureBuilder;
using sr::test::CtlFixture;
using sr::test::CtlResult;

namespace {

using Sound = test::WholeSound;

Sound soundOf(const QString& file)
{
    return test::wholeSound(pathOf(file.toStdString()));
}

double level(const Sound& sound, std::size_t channel, double hz, double fromSecond, double untilSecond)
{
    const auto samples = test::channelOf(sound.samples, channel, sound.channels);
    const auto first = static_cast<std::size_t>(fromSecond * sound.rate);
    const auto last = std::min(static_cast<std::size_t>(untilSecond * sound.rate), samples.size());
    return first < last ? test::toneLevel(std::span(samples).subspan(first, last - first), hz, sound.rate)
                        : 0;
}

QJsonObject firstRecording(const CtlResult& result)
{
    return result.json().value(QStringLiteral("recordings")).toArray().first().toObject();
}

} // namespace

class ImportCliTest : public QObject {
    Q_OBJECT

private:
    void save(const CtlFixture& fixture, const QString& name, const CallPlan& plan)
    {
        CaptureBuilder builder;
        builder.addCall(plan);
        builder.save(pathOf(fixture.path(name).toStdString()));
    }

    /// The one call every test starts from.
    QJsonObject importUsual(const CtlFixture& fixture, const QStringList& more = {})
    {
        save(fixture, QStringLiteral("usual.pcap"), test::usualCall());
        QStringList arguments{QStringLiteral("import"), fixture.path(QStringLiteral("usual.pcap")),
                              QStringLiteral("--json")};
        const CtlResult result = fixture.run(arguments + more);
        if (result.exitCode != 0)
            qWarning("%s", result.err.constData());
        return firstRecording(result);
    }

private slots:
    void answersTheContract()
    {
        const CtlFixture fixture;
        CallPlan plan = test::usualCall();
        plan.digits = "12#";
        save(fixture, QStringLiteral("call.pcap"), plan);
        const CtlResult result =
            fixture.run({QStringLiteral("import"), fixture.path(QStringLiteral("call.pcap")),
                         QStringLiteral("--json"), QStringLiteral("--seal")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonObject row = firstRecording(result);
        QCOMPARE(row.value(QStringLiteral("internal")).toString(), QStringLiteral("24"));
        QCOMPARE(row.value(QStringLiteral("external")).toString(), QStringLiteral("0703173009"));
        QCOMPARE(row.value(QStringLiteral("direction")).toString(), QStringLiteral("out"));
        QCOMPARE(row.value(QStringLiteral("answerSeconds")).toInt(), 2);
        QVERIFY(std::abs(row.value(QStringLiteral("durationSeconds")).toDouble() - 10.0) < 0.05);
        QCOMPARE(row.value(QStringLiteral("dtmf")).toString(), QStringLiteral("12#"));
        QCOMPARE(row.value(QStringLiteral("codecs")).toArray(),
                 (QJsonArray{QStringLiteral("PCMA"), QStringLiteral("PCMA")}));
        QCOMPARE(row.value(QStringLiteral("lostPackets")).toArray(), (QJsonArray{0, 0}));
        QCOMPARE(row.value(QStringLiteral("sealed")).toBool(), true);
        QCOMPARE(row.value(QStringLiteral("owner")).toString(), QStringLiteral("24"));
        QVERIFY(row.value(QStringLiteral("file"))
                    .toString()
                    .startsWith(QStringLiteral("2026_11/2026_11_21_0900_24_o_0703173009_2_")));
        QVERIFY(row.value(QStringLiteral("file")).toString().endsWith(QStringLiteral(".wav")));
        QVERIFY(QFile::exists(fixture.archive() + QLatin1Char('/') +
                              row.value(QStringLiteral("file")).toString()));
    }

    void soundsOnTheRightChannels()
    {
        const CtlFixture fixture;
        const QJsonObject row = importUsual(fixture);
        const Sound sound =
            soundOf(fixture.archive() + QLatin1Char('/') + row.value(QStringLiteral("file")).toString());
        QCOMPARE(sound.rate, 8000u);
        QCOMPARE(int(sound.channels), 2);
        for (double second = 0.05; second < 9.5; second += 1) {
            QVERIFY(level(sound, 0, 440, second, second + 0.4) > 0.28);
            QVERIFY(level(sound, 0, 880, second, second + 0.4) < 0.01);
            QVERIFY(level(sound, 1, 880, second, second + 0.4) > 0.28);
            QVERIFY(level(sound, 1, 440, second, second + 0.4) < 0.01);
        }
    }

    void importingAgainSaysDuplicate()
    {
        const CtlFixture fixture;
        const QString uid = importUsual(fixture).value(QStringLiteral("uid")).toString();
        QVERIFY(!uid.isEmpty());
        const CtlResult again = fixture.run(
            {QStringLiteral("import"), fixture.path(QStringLiteral("usual.pcap")), QStringLiteral("--json")});
        QCOMPARE(again.exitCode, 0);
        QCOMPARE(again.json().value(QStringLiteral("recordings")).toArray().size(), 0);
        QCOMPARE(again.json().value(QStringLiteral("duplicates")).toArray(), (QJsonArray{uid}));
        QCOMPARE(fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                     .json()
                     .value(QStringLiteral("total"))
                     .toInt(),
                 1);
    }

    void unansweredCallsAreRecordsWithoutAudio()
    {
        const CtlFixture fixture;
        CallPlan plan = test::usualCall();
        plan.answered = false;
        save(fixture, QStringLiteral("lost.pcap"), plan);
        const CtlResult result = fixture.run(
            {QStringLiteral("import"), fixture.path(QStringLiteral("lost.pcap")), QStringLiteral("--json")});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.json().value(QStringLiteral("recordings")).toArray().size(), 0);
        QCOMPARE(result.json().value(QStringLiteral("unanswered")).toArray().size(), 1);
        QDirIterator audio(fixture.archive(), {QStringLiteral("*.wav")}, QDir::Files,
                           QDirIterator::Subdirectories);
        QVERIFY(!audio.hasNext());
        QCOMPARE(fixture.run({QStringLiteral("verify"), QStringLiteral("--json")}).exitCode, 0);
    }

    void authenticationRetryIsOneCall()
    {
        const CtlFixture fixture;
        CallPlan plan = test::usualCall();
        plan.authenticate = true;
        save(fixture, QStringLiteral("auth.pcap"), plan);
        const CtlResult result = fixture.run(
            {QStringLiteral("import"), fixture.path(QStringLiteral("auth.pcap")), QStringLiteral("--json")});
        QCOMPARE(result.json().value(QStringLiteral("recordings")).toArray().size(), 1);
        QCOMPARE(result.json().value(QStringLiteral("unanswered")).toArray().size(), 0);
    }

    void filtersFindTheCall_data()
    {
        QTest::addColumn<QStringList>("filter");
        QTest::addColumn<int>("total");
        const auto row = [](const char* name, const char* filter, int total) {
            QTest::newRow(name) << QString::fromUtf8(filter).split(QLatin1Char(' ')) << total;
        };
        row("its month", "--month 2026-11", 1);
        row("another month", "--month 2026-10", 0);
        row("its day", "--day 2026-11-21", 1);
        row("another day", "--day 2026-11-20", 0);
        row("exact internal number", "--internal 24", 1);
        row("internal number is not a prefix", "--internal 2", 0);
        row("internal wildcard", "--internal 2?", 1);
        row("external begins with", "--external 0703", 1);
        row("external with a wildcard inside", "--external 0703?730", 1);
        row("external not in the middle", "--external 173", 0);
        row("outgoing", "--direction out", 1);
        row("incoming", "--direction in", 0);
        row("wav", "--format wav", 1);
        row("mp3", "--format mp3", 0);
        row("owner", "--owner 24", 1);
        row("a TAN it does not have", "--tan 123456", 0);
    }

    void filtersFindTheCall()
    {
        static const CtlFixture fixture;
        static const QJsonObject imported = importUsual(fixture);
        QFETCH(QStringList, filter);
        const CtlResult result =
            fixture.run(QStringList{QStringLiteral("list"), QStringLiteral("--json")} + filter);
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QTEST(result.json().value(QStringLiteral("total")).toInt(), "total");
        QCOMPARE(result.json().value(QStringLiteral("recordings")).toArray().size(),
                 result.json().value(QStringLiteral("total")).toInt());
    }

    void showsTheFlow()
    {
        const CtlFixture fixture;
        const QString uid = importUsual(fixture).value(QStringLiteral("uid")).toString();
        const QJsonObject shown = fixture.run({QStringLiteral("show"), uid, QStringLiteral("--json")}).json();
        QStringList kinds;
        for (const QJsonValue step : shown.value(QStringLiteral("flow")).toArray())
            kinds << step.toObject().value(QStringLiteral("kind")).toString();
        QVERIFY2(kinds.contains(QStringLiteral("invite")) && kinds.contains(QStringLiteral("ringing")) &&
                     kinds.contains(QStringLiteral("answer")) && kinds.contains(QStringLiteral("bye")),
                 qPrintable(kinds.join(QLatin1Char(' '))));
        QCOMPARE(shown.value(QStringLiteral("callId")).toString(), QStringLiteral("call-1@test"));
        QVERIFY(fixture.run({QStringLiteral("show"), QStringLiteral("0000"), QStringLiteral("--json")})
                    .exitCode == 1);
    }

    void changedAudioViolatesIntegrity_data()
    {
        QTest::addColumn<bool>("sealed");
        QTest::newRow("clear audio") << false;
        QTest::newRow("sealed audio") << true;
    }

    void changedAudioViolatesIntegrity()
    {
        QFETCH(bool, sealed);
        const CtlFixture fixture;
        const QString file =
            importUsual(fixture, sealed ? QStringList{QStringLiteral("--seal")} : QStringList{})
                .value(QStringLiteral("file"))
                .toString();
        CtlResult verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QVERIFY2(verified.exitCode == 0, verified.out.constData());
        QFile audio(fixture.archive() + QLatin1Char('/') + file);
        QVERIFY(audio.open(QIODevice::ReadWrite));
        QVERIFY(audio.seek(audio.size() / 2));
        char byte = 0;
        QVERIFY(audio.getChar(&byte));
        QVERIFY(audio.seek(audio.size() / 2));
        QVERIFY(audio.putChar(char(byte ^ 1)));
        audio.close();
        verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QCOMPARE(verified.exitCode, 3);
        const QJsonObject finding =
            verified.json().value(QStringLiteral("findings")).toArray().first().toObject();
        QCOMPARE(finding.value(QStringLiteral("file")).toString(), file);
        QCOMPARE(finding.value(QStringLiteral("kind")).toString(), QStringLiteral("changed"));
    }

    void sealedAudioOpensOnlyWithItsKey()
    {
        const CtlFixture fixture;
        const QString file =
            fixture.archive() + QLatin1Char('/') +
            importUsual(fixture, {QStringLiteral("--seal")}).value(QStringLiteral("file")).toString();
        QFile sealed(file);
        QVERIFY(sealed.open(QIODevice::ReadOnly));
        QCOMPARE(sealed.read(8), QByteArray("SRSEAL1\n"));
        const QString clear = fixture.path(QStringLiteral("clear.wav"));
        const CtlResult unsealed = fixture.run({QStringLiteral("unseal"), file, QStringLiteral("-o"), clear});
        QVERIFY2(unsealed.exitCode == 0, unsealed.err.constData());
        QVERIFY(level(soundOf(clear), 0, 440, 1, 2) > 0.28);

        const CtlResult stranger = CtlFixture::runRaw(
            {QStringLiteral("unseal"), file, QStringLiteral("-o"), fixture.path(QStringLiteral("noise.wav")),
             QStringLiteral("--config"), fixture.path(QStringLiteral("other-config"))});
        QCOMPARE(stranger.exitCode, 1);
        QVERIFY2(stranger.err.contains("key"), stranger.err.constData());
        QVERIFY(!QFile::exists(fixture.path(QStringLiteral("noise.wav"))));
    }

    void exportsClearCopies()
    {
        const CtlFixture fixture;
        const QString uid =
            importUsual(fixture, {QStringLiteral("--seal")}).value(QStringLiteral("uid")).toString();
        const CtlResult exported = fixture.run(
            {QStringLiteral("export"), uid, QStringLiteral("-o"), fixture.path(QStringLiteral("out"))});
        QVERIFY2(exported.exitCode == 0, exported.err.constData());
        const QStringList files = QDir(fixture.path(QStringLiteral("out"))).entryList(QDir::Files);
        QCOMPARE(files.size(), 2);
        QFile sidecar(fixture.path(QStringLiteral("out/")) + files.filter(QStringLiteral(".xml")).first());
        QVERIFY(sidecar.open(QIODevice::ReadOnly));
        QVERIFY(sidecar.readAll().contains("<recording"));
        QVERIFY(level(soundOf(fixture.path(QStringLiteral("out/")) +
                              files.filter(QStringLiteral(".wav")).first()),
                      1, 880, 1, 2) > 0.28);
    }

    void everyFormatSounds_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("channels");
        QTest::addColumn<bool>("hears440");
        QTest::addColumn<bool>("hears880");
        QTest::newRow("MP3 stereo") << QStringLiteral("mp3") << 2 << true << true;
        QTest::newRow("MP3 mono mixes both") << QStringLiteral("mp3-mono") << 1 << true << true;
        QTest::newRow("MP3 of the internal party") << QStringLiteral("mp3-internal") << 1 << true << false;
        QTest::newRow("MP3 of the external party") << QStringLiteral("mp3-external") << 1 << false << true;
    }

    void everyFormatSounds()
    {
        QFETCH(QString, format);
        QFETCH(int, channels);
        QFETCH(bool, hears440);
        QFETCH(bool, hears880);
        const CtlFixture fixture;
        const QJsonObject row = importUsual(fixture, {QStringLiteral("--format"), format});
        const Sound sound =
            soundOf(fixture.archive() + QLatin1Char('/') + row.value(QStringLiteral("file")).toString());
        QCOMPARE(int(sound.channels), channels);
        const std::size_t last = sound.channels - 1u;
        QCOMPARE(level(sound, 0, 440, 1, 8) > 0.1, hears440);
        QCOMPARE(level(sound, last, 880, 1, 8) > 0.1, hears880);
    }

    void nativePcapBecomesWavLater()
    {
        const CtlFixture fixture;
        const QJsonObject row = importUsual(
            fixture, {QStringLiteral("--format"), QStringLiteral("pcap"), QStringLiteral("--seal")});
        const QString uid = row.value(QStringLiteral("uid")).toString();
        QVERIFY(row.value(QStringLiteral("file")).toString().endsWith(QStringLiteral(".pcap")));
        const CtlResult converted = fixture.run({QStringLiteral("convert"), QStringLiteral("--format"),
                                                 QStringLiteral("wav"), QStringLiteral("--json")});
        QVERIFY2(converted.exitCode == 0, converted.err.constData());
        QCOMPARE(converted.json().value(QStringLiteral("converted")).toInt(), 1);
        const QJsonObject after =
            firstRecording(fixture.run({QStringLiteral("list"), QStringLiteral("--json")}));
        QCOMPARE(after.value(QStringLiteral("uid")).toString(), uid);
        QVERIFY(after.value(QStringLiteral("file")).toString().endsWith(QStringLiteral(".wav")));
        QCOMPARE(after.value(QStringLiteral("sealed")).toBool(), true);
        QVERIFY(!QFile::exists(fixture.archive() + QLatin1Char('/') +
                               row.value(QStringLiteral("file")).toString()));
        const CtlResult verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QVERIFY2(verified.exitCode == 0, verified.out.constData());
        QVERIFY(fixture
                    .run({QStringLiteral("export"), uid, QStringLiteral("-o"),
                          fixture.path(QStringLiteral("out"))})
                    .exitCode == 0);
        const QStringList wavs =
            QDir(fixture.path(QStringLiteral("out"))).entryList({QStringLiteral("*.wav")});
        QVERIFY(level(soundOf(fixture.path(QStringLiteral("out/")) + wavs.first()), 0, 440, 1, 8) > 0.28);
    }

    void badFilesAreNamedAndOthersKept()
    {
        const CtlFixture fixture;
        save(fixture, QStringLiteral("good.pcap"), test::usualCall());
        QFile good(fixture.path(QStringLiteral("good.pcap")));
        QVERIFY(good.open(QIODevice::ReadOnly));
        const QByteArray bytes = good.readAll();
        const auto put = [&](const char* name, const QByteArray& contents) {
            QFile file(fixture.path(QString::fromUtf8(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(contents);
        };
        put("empty.pcap", {});
        put("foreign.pcap", "this is a letter, not a capture, and it is long enough to be read");
        put("cut.pcap", bytes.left(bytes.size() - 5));
        const CtlResult result = fixture.run(
            {QStringLiteral("import"), fixture.path(QStringLiteral("empty.pcap")),
             fixture.path(QStringLiteral("foreign.pcap")), fixture.path(QStringLiteral("cut.pcap")),
             fixture.path(QStringLiteral("not-there.pcap")), QStringLiteral("--json")});
        QCOMPARE(result.exitCode, 1);
        QCOMPARE(result.json().value(QStringLiteral("recordings")).toArray().size(),
                 1); // what could be read is kept
        const QJsonArray errors = result.json().value(QStringLiteral("errors")).toArray();
        QCOMPARE(errors.size(), 4);
        for (const QJsonValue error : errors) {
            QVERIFY(error.toObject().contains(QStringLiteral("offset")));
            QVERIFY(!error.toObject().value(QStringLiteral("message")).toString().isEmpty());
        }
    }

    void whatTheLimitsLeaveOutIsSaidAndCanBeAdded()
    {
        const CtlFixture fixture;
        CaptureBuilder two;
        CallPlan plan = test::usualCall();
        two.addCall(plan);
        plan.callId = "call-2@test";
        plan.start += seconds(3);
        plan.caller.media.port = static_cast<std::uint16_t>(plan.caller.media.port + 10);
        plan.callee.media.port = static_cast<std::uint16_t>(plan.callee.media.port + 10);
        two.addCall(plan);
        const QString file = fixture.path(QStringLiteral("two.pcap"));
        two.save(pathOf(file.toStdString()));
        const CtlResult few =
            fixture.run({QStringLiteral("import"), file, QStringLiteral("--max-calls"), QStringLiteral("1")});
        QCOMPARE(few.exitCode, 0);
        QVERIFY2(few.err.contains("1 call was not followed") && few.err.contains("--max-calls"),
                 few.err.constData());
        const CtlResult again = fixture.run({QStringLiteral("import"), file, QStringLiteral("--json")});
        const QJsonObject report = again.json();
        QCOMPARE(report.value(QStringLiteral("recordings")).toArray().size(), 1);
        QCOMPARE(report.value(QStringLiteral("duplicates")).toArray().size(), 1);
        QCOMPARE(report.value(QStringLiteral("refusedCalls")).toInt(-1), 0);
        const CtlResult streams =
            fixture.run({QStringLiteral("import"), file, QStringLiteral("--max-streams"), QStringLiteral("3"),
                         QStringLiteral("--json")});
        QCOMPARE(streams.json().value(QStringLiteral("refusedStreams")).toInt(), 1);
        QVERIFY2(streams.err.contains("1 RTP stream was not kept") && streams.err.contains("--max-streams"),
                 streams.err.constData());
    }

    void wrongUseIsTwo_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("no command") << QStringList{};
        QTest::newRow("unknown command") << QStringList{QStringLiteral("dance")};
        QTest::newRow("import without files")
            << QStringList{QStringLiteral("import"), QStringLiteral("--archive"), QStringLiteral("/tmp/x")};
        QTest::newRow("list without archive") << QStringList{QStringLiteral("list")};
        QTest::newRow("unknown option") << QStringList{QStringLiteral("list"), QStringLiteral("--colour")};
        QTest::newRow("a limit that is none") << QStringList{
            QStringLiteral("import"), QStringLiteral("a.pcap"),      QStringLiteral("--archive"),
            QStringLiteral("/tmp/x"), QStringLiteral("--max-calls"), QStringLiteral("0")};
        QTest::newRow("unknown format")
            << QStringList{QStringLiteral("import"), QStringLiteral("a.pcap"),   QStringLiteral("--archive"),
                           QStringLiteral("/tmp/x"), QStringLiteral("--format"), QStringLiteral("ogg")};
    }

    void wrongUseIsTwo()
    {
        QFETCH(QStringList, arguments);
        const CtlResult result = CtlFixture::runRaw(arguments);
        QCOMPARE(result.exitCode, 2);
        QVERIFY(!result.err.isEmpty());
        QVERIFY(result.out.isEmpty());
    }

    void pathsMayHoldSpacesAndAnyScript()
    {
        const CtlFixture fixture;
        const QString odd = QString::fromUtf8("Aufnahme 1 – запись 録音.pcap");
        save(fixture, odd, test::usualCall());
        const CtlResult result =
            CtlFixture::runRaw({QStringLiteral("import"), fixture.path(odd), QStringLiteral("--archive"),
                                fixture.path(QString::fromUtf8("Ärchiv 録")), QStringLiteral("--config"),
                                fixture.config(), QStringLiteral("--json")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QCOMPARE(result.json().value(QStringLiteral("recordings")).toArray().size(), 1);
    }

    void oneCallMaySpanFiles()
    {
        const CtlFixture fixture;
        CaptureBuilder whole;
        whole.addCall(test::usualCall());
        CaptureBuilder first;
        CaptureBuilder second;
        const UtcTime border = test::usualCall().start + seconds(7);
        whole.visit([&](UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload) {
            (time < border ? first : second).add(time, from, to, payload);
        });
        first.save(pathOf(fixture.path(QStringLiteral("1.pcap")).toStdString()));
        second.save(pathOf(fixture.path(QStringLiteral("2.pcap")).toStdString()));
        const CtlResult result =
            fixture.run({QStringLiteral("import"), fixture.path(QStringLiteral("2.pcap")),
                         fixture.path(QStringLiteral("1.pcap")), QStringLiteral("--json")});
        QCOMPARE(result.json().value(QStringLiteral("recordings")).toArray().size(), 1);
        QVERIFY(std::abs(firstRecording(result).value(QStringLiteral("durationSeconds")).toDouble() - 10.0) <
                0.05);
    }
};

QTEST_GUILESS_MAIN(ImportCliTest)
#include "tst_import_cli.moc"
