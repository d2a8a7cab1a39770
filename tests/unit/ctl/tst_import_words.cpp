// SPDX-License-Identifier: GPL-3.0-or-later
// The report of an import leaves nothing out that is missing from the archive, and says what to do.
#include "app/ctl/import_words.h"

#include <QJsonArray>
#include <QTest>

using namespace sr;

namespace {

recorder::ImportReport reportOf(std::uint64_t packets, std::uint64_t locked, bool keptAsPackets)
{
    recorder::ImportReport report;
    archive::RecordingRow row;
    row.uid = "a1";
    row.file = "2026_11/a1.wav";
    report.recordings.push_back(row);
    row.uid = "b2";
    row.file = "2026_11/b2.wav";
    report.recordings.push_back(row);
    report.undecoded.push_back(
        {.uid = "b2", .packets = packets, .locked = locked, .keptAsPackets = keptAsPackets});
    return report;
}

QStringList listed(const std::vector<std::string>& lines)
{
    QStringList all;
    for (const std::string& line : lines)
        all << QString::fromStdString(line);
    return all;
}

} // namespace

class ImportWordsTest : public QObject {
    Q_OBJECT

private slots:
    void everyReasonHasItsWords_data()
    {
        QTest::addColumn<quint64>("packets");
        QTest::addColumn<quint64>("locked");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* name, quint64 packets, quint64 locked, const char* words) {
            QTest::newRow(name) << packets << locked << QString::fromUtf8(words);
        };
        row("one key fails once", 1, 1, "1 packet could not be decoded (wrong or missing SRTP key)");
        row("no key opens the call", 400, 400,
            "400 packets could not be decoded (wrong or missing SRTP key)");
        row("unknown codec", 12, 0, "12 packets could not be decoded (unknown or damaged format)");
        row("both", 12, 5,
            "12 packets could not be decoded (5 for a wrong or missing SRTP key, 7 of unknown or damaged "
            "format)");
    }
    void everyReasonHasItsWords()
    {
        QFETCH(quint64, packets);
        QFETCH(quint64, locked);
        QFETCH(QString, words);
        QCOMPARE(QString::fromStdString(ctl::undecodedText(packets, locked)), words);
        const QStringList lines = listed(ctl::importLines(reportOf(packets, locked, false)));
        QCOMPARE(lines[0], QStringLiteral("2026_11/a1.wav"));
        QCOMPARE(lines[1], QStringLiteral("2026_11/b2.wav: ") + words);
        const QStringList kept = listed(ctl::importLines(reportOf(packets, locked, true)));
        QVERIFY(kept[1].startsWith(lines[1]) && kept[1].contains(QStringLiteral("kept as pcap")));
        QCOMPARE(listed(ctl::importWarnings(reportOf(packets, locked, false))),
                 QStringList(QStringLiteral("b2: ") + words));
    }

    void unsupportedSuitesAreNamed()
    {
        const std::string suite = "AES_192_CM_HMAC_SHA1_80";
        QCOMPARE(ctl::undecodedText(9, 9, suite),
                 "9 packets could not be decoded (SRTP suite " + suite + ", which is not supported)");
        QCOMPARE(ctl::undecodedText(9, 4, suite),
                 "9 packets could not be decoded (4 for SRTP suite " + suite +
                     ", which is not supported, 5 of unknown or damaged format)");
    }

    void whatWasRefusedIsSaidWithAdvice()
    {
        recorder::ImportReport report;
        QVERIFY(ctl::importWarnings(report).empty());
        report.stats.refusedCalls = 1;
        report.stats.refusedStreams = 30;
        const QStringList lines = listed(ctl::importWarnings(report));
        QCOMPARE(lines.size(), 2);
        QVERIFY2(lines[0].startsWith(QStringLiteral("1 call was not followed")), qPrintable(lines[0]));
        QVERIFY(lines[0].contains(QStringLiteral("--max-calls")));
        QVERIFY2(lines[1].startsWith(QStringLiteral("30 RTP streams were not kept")), qPrintable(lines[1]));
        QVERIFY(lines[1].contains(QStringLiteral("--max-streams")));
        const QStringList all = listed(ctl::importLines(report));
        QCOMPARE(all.mid(0, 2), lines);
        QCOMPARE(all.last(), QStringLiteral("0 recordings, 0 unanswered calls, 0 duplicates, 0 errors"));
    }

    void whatIsInNoRecordingIsCounted()
    {
        recorder::ImportReport report;
        report.earlyPackets = 5;
        report.stats.otherMedia = 6;
        report.stats.cut = 7;
        report.stats.misdated = 1;
        const QStringList lines = listed(ctl::importWarnings(report));
        QCOMPARE(lines.size(), 3);
        QVERIFY(lines[0].startsWith(QStringLiteral("7 packets were cut short")));
        QVERIFY(lines[0].contains(QStringLiteral("snapshot length")));
        QVERIFY(lines[1].startsWith(QStringLiteral("1 wrong time of capture")));
        QCOMPARE(lines[2], QStringLiteral("RTP packets that are in no recording: 5 of calls that nobody "
                                          "answered, 6 of video and other media."));
        const QJsonObject json = ctl::toJson(report);
        QCOMPARE(json.value(QStringLiteral("cutPackets")).toInt(), 7);
        QCOMPARE(json.value(QStringLiteral("misdatedPackets")).toInt(), 1);
        const QJsonObject left = json.value(QStringLiteral("leftOutPackets")).toObject();
        QCOMPARE(left.value(QStringLiteral("unanswered")).toInt(), 5);
        QCOMPARE(left.value(QStringLiteral("otherMedia")).toInt(), 6);
        QCOMPARE(left.value(QStringLiteral("afterEnd")).toInt(), 0);
    }

    void jsonSaysTheSame()
    {
        recorder::ImportReport report = reportOf(12, 5, true);
        report.stats.refusedCalls = 3;
        const QJsonObject json = ctl::toJson(report);
        QCOMPARE(json.value(QStringLiteral("refusedCalls")).toInt(), 3);
        QCOMPARE(json.value(QStringLiteral("refusedStreams")).toInt(), 0);
        const QJsonObject call = json.value(QStringLiteral("undecoded")).toArray().at(0).toObject();
        QCOMPARE(call.value(QStringLiteral("uid")).toString(), QStringLiteral("b2"));
        QCOMPARE(call.value(QStringLiteral("packets")).toInt(), 12);
        QCOMPARE(call.value(QStringLiteral("locked")).toInt(), 5);
        QCOMPARE(call.value(QStringLiteral("keptAsPackets")).toBool(), true);
        QCOMPARE(json.value(QStringLiteral("warnings")).toArray().size(), 2);
    }
};

QTEST_GUILESS_MAIN(ImportWordsTest)
#include "tst_import_words.moc"
