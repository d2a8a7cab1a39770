// SPDX-License-Identifier: GPL-3.0-or-later
// Captures of the real world, read from the fixtures folder: what is in them is found, what is not is not
// invented.
#include "tests/support/ctl_process.h"
#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

class FixturesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (QFile::exists(QStringLiteral(SR_FIXTURES)))
            return;
        if (qEnvironmentVariable("CI") == QLatin1String("true") &&
            QFile::exists(QStringLiteral(SR_FIXTURES "/..")))
            QFAIL("the fixtures folder is missing");
        QSKIP("no fixtures folder beside the project: captures of the real world are not tested");
    }

    void findsTheCalls_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("recordings");
        QTest::addColumn<int>("unanswered");
        QTest::addColumn<QString>("codec");
        const auto row = [](const char* name, const char* file, int recordings, int unanswered,
                            const char* codec) {
            QTest::newRow(name) << QString::fromUtf8(file) << recordings << unanswered
                                << QString::fromUtf8(codec);
        };
        row("SIPp call, both ways, with digits", "generated/sipp-call-g711a-dtmf-2way.pcapng", 1, 0, "PCMA");
        row("A-law of 40 ms without SIP", "asterisk-testsuite/40msalaw.pcap", 1, 0, "PCMA");
        row("mu-law carrier with losses without SIP", "asterisk-testsuite/CARRIER_G711U.pcap", 1, 0, "PCMU");
        row("mu-law and digits without SIP", "asterisk-testsuite/ulaw-2013785496.pcap", 1, 0, "PCMU");
        row("Opus without SIP is guessed by its clock", "asterisk-testsuite/opus-2013785496.pcap", 1, 0,
            "OPUS");
        row("SIPp's own A-law pcap", "sipp/pcap/g711a.pcap", 1, 0, "PCMA");
        row("DTLS only", "ndpi/dtls.pcap", 0, 0, "");
        row("HTTP on the SIP port", "ndpi/http_on_sip_port.pcap", 0, 0, "");
        row("STUN only", "ndpi/stun.pcap", 0, 0, "");
    }

    void findsTheCalls()
    {
        QFETCH(QString, file);
        QFETCH(int, recordings);
        QFETCH(int, unanswered);
        QFETCH(QString, codec);
        const CtlFixture fixture;
        const CtlResult result = fixture.run(
            {QStringLiteral("import"), QStringLiteral(SR_FIXTURES "/") + file, QStringLiteral("--json")});
        QVERIFY2(result.exitCode == 0, (result.err + result.out).constData());
        const QJsonArray found = result.json().value(QStringLiteral("recordings")).toArray();
        QVERIFY2(found.size() == recordings, result.out.constData());
        QCOMPARE(result.json().value(QStringLiteral("unanswered")).toArray().size(), unanswered);
        if (!codec.isEmpty()) {
            const QJsonArray codecs = found.first().toObject().value(QStringLiteral("codecs")).toArray();
            QVERIFY2(codecs[0].toString().contains(codec) || codecs[1].toString().contains(codec),
                     result.out.constData());
        }
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void cyberCityCallsAreFollowed_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("the whole LAN") << QStringLiteral("sngrep/aaa.pcap");
        QTest::newRow("SIP and RTP only") << QStringLiteral("ndpi/sip.pcap");
    }

    void cyberCityCallsAreFollowed()
    {
        QFETCH(QString, file);
        const CtlFixture fixture;
        const CtlResult result = fixture.run(
            {QStringLiteral("import"), QStringLiteral(SR_FIXTURES "/") + file, QStringLiteral("--json")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const auto count = result.json().value(QStringLiteral("recordings")).toArray().size() +
                           result.json().value(QStringLiteral("unanswered")).toArray().size();
        QVERIFY2(count == 4, result.out.constData()); // four INVITE attempts (MANIFEST.md)
    }

    void digitsOfTheSippCallAreFound()
    {
        const CtlFixture fixture;
        const CtlResult result =
            fixture.run({QStringLiteral("import"),
                         QStringLiteral(SR_FIXTURES "/generated/sipp-call-g711a-dtmf-2way.pcapng"),
                         QStringLiteral("--json")});
        const QJsonObject row =
            result.json().value(QStringLiteral("recordings")).toArray().first().toObject();
        QVERIFY2(!row.value(QStringLiteral("dtmf")).toString().isEmpty(), result.out.constData());
        QVERIFY(row.value(QStringLiteral("durationSeconds")).toDouble() > 6);
    }

    void echoStandsOnBothChannels()
    {
        // The callee echoes: both channels of the SIPp call hold the same sound, a network's round trip
        // apart.
        const CtlFixture fixture;
        const CtlResult result =
            fixture.run({QStringLiteral("import"),
                         QStringLiteral(SR_FIXTURES "/generated/sipp-call-g711a-dtmf-2way.pcapng"),
                         QStringLiteral("--json")});
        const QString file = result.json()
                                 .value(QStringLiteral("recordings"))
                                 .toArray()
                                 .first()
                                 .toObject()
                                 .value(QStringLiteral("file"))
                                 .toString();
        const test::WholeSound sound =
            test::wholeSound(pathOf((fixture.archive() + QLatin1Char('/') + file).toStdString()));
        QCOMPARE(int(sound.channels), 2);
        double best = 0;
        const auto left = test::channelOf(sound.samples, 0, 2);
        const auto right = test::channelOf(sound.samples, 1, 2);
        for (std::size_t shift = 0; shift < 400; ++shift) { // up to 50 ms
            for (const auto& [a, b] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
                double dot = 0;
                double energy = 1;
                for (std::size_t i = 4000; i + shift < a->size() && i < 40'000; ++i) {
                    dot += double((*a)[i]) * (*b)[i + shift];
                    energy += double((*a)[i]) * (*a)[i];
                }
                best = std::max(best, dot / energy);
            }
        }
        QVERIFY2(best > 0.95, qPrintable(QString::number(best)));
    }

    void everyCaptureIsSurvived()
    {
        const CtlFixture fixture;
        QStringList arguments{QStringLiteral("import"), QStringLiteral("--json")};
        for (const char* folder : {"ndpi", "sipp/pcap", "asterisk-testsuite", "sngrep"}) {
            const QDir dir(QStringLiteral(SR_FIXTURES "/") + QString::fromUtf8(folder));
            for (const QString& name : dir.entryList({QStringLiteral("*.pcap"), QStringLiteral("*.pcapng")}))
                arguments << dir.filePath(name);
        }
        const CtlResult result = fixture.run(arguments);
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }
};

QTEST_GUILESS_MAIN(FixturesTest)
#include "tst_fixtures.moc"
