// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that other people's programs make: SIPp signals, ffmpeg encodes and sends RTP, tshark captures on
// loopback.
#include "tests/support/ctl_process.h"
#include "tests/support/free_port.h"
#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;
using sr::test::freePort;

namespace {

QString scenario(const QString& pause, const QString& media, const QString& port, bool caller)
{
    const QString sdp =
        QStringLiteral(
            "v=0\no=u 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %1 RTP/AVP %2\n")
            .arg(port, media);
    const QString head =
        QStringLiteral("Call-ID: [call_id]\nContent-Type: application/sdp\nContent-Length: [len]\n\n");
    if (caller)
        return QStringLiteral(
                   "<?xml version=\"1.0\"?><scenario name=\"caller\"><send retrans=\"500\"><![CDATA[\nINVITE "
                   "sip:0711888777@[remote_ip]:[remote_port] SIP/2.0\n"
                   "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: "
                   "<sip:24@[local_ip]:[local_port]>;tag=[call_number]\n"
                   "To: <sip:0711888777@[remote_ip]:[remote_port]>\nCSeq: 1 INVITE\nContact: "
                   "sip:24@[local_ip]:[local_port]\nMax-Forwards: 70\n") +
               head + sdp +
               QStringLiteral(
                   "]]></send><recv response=\"180\" optional=\"true\"/><recv "
                   "response=\"200\"/><send><![CDATA[\n"
                   "ACK sip:0711888777@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] "
                   "[local_ip]:[local_port];branch=[branch]\n"
                   "From: <sip:24@[local_ip]:[local_port]>;tag=[call_number]\n[last_To:]\nCall-ID: "
                   "[call_id]\nCSeq: 1 ACK\nContent-Length: 0\n\n]]></send>"
                   "<pause milliseconds=\"%1\"/><send retrans=\"500\"><![CDATA[\nBYE "
                   "sip:0711888777@[remote_ip]:[remote_port] SIP/2.0\n"
                   "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: "
                   "<sip:24@[local_ip]:[local_port]>;tag=[call_number]\n"
                   "[last_To:]\nCall-ID: [call_id]\nCSeq: 2 BYE\nContent-Length: 0\n\n]]></send><recv "
                   "response=\"200\"/></scenario>")
                   .arg(pause);
    const QString reply = QStringLiteral("[last_Via:]\n[last_From:]\n[last_To:];tag=b\n[last_Call-ID:]\n["
                                         "last_CSeq:]\nContact: <sip:[local_ip]:[local_port]>\n");
    return QStringLiteral("<?xml version=\"1.0\"?><scenario name=\"callee\"><recv "
                          "request=\"INVITE\"/><send><![CDATA[\nSIP/2.0 180 Ringing\n") +
           reply +
           QStringLiteral("Content-Length: 0\n\n]]></send><pause milliseconds=\"300\"/><send "
                          "retrans=\"500\"><![CDATA[\nSIP/2.0 200 OK\n") +
           reply + QStringLiteral("Content-Type: application/sdp\nContent-Length: [len]\n\n") + sdp +
           QStringLiteral("]]></send><recv request=\"ACK\"/><recv request=\"BYE\"/><send><![CDATA[\nSIP/2.0 "
                          "200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n"
                          "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send></scenario>");
}

} // namespace

class RealCallsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const char* program : {"sipp", "ffmpeg", "tshark"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void bothPartiesAreHeard_data()
    {
        QTest::addColumn<QString>("transport");
        QTest::addColumn<QStringList>("encoder");
        QTest::addColumn<QString>("media");
        QTest::addColumn<QString>("codec");
        QTest::newRow("G.711 A-law over UDP")
            << QStringLiteral("u1")
            << QStringList{QStringLiteral("-ar"), QStringLiteral("8000"), QStringLiteral("-c:a"),
                           QStringLiteral("pcm_alaw")}
            << QStringLiteral("8") << QStringLiteral("PCMA");
        QTest::newRow("G.722 over TCP") << QStringLiteral("t1")
                                        << QStringList{QStringLiteral("-ar"), QStringLiteral("16000"),
                                                       QStringLiteral("-c:a"), QStringLiteral("g722")}
                                        << QStringLiteral("9") << QStringLiteral("G722");
        QTest::newRow("Opus over UDP")
            << QStringLiteral("u1")
            << QStringList{QStringLiteral("-ar"),     QStringLiteral("48000"),         QStringLiteral("-c:a"),
                           QStringLiteral("libopus"), QStringLiteral("-payload_type"), QStringLiteral("97")}
            << QStringLiteral("97\na=rtpmap:97 opus/48000/2") << QStringLiteral("OPUS");
    }

    void bothPartiesAreHeard()
    {
        QFETCH(QString, transport);
        QFETCH(QStringList, encoder);
        QFETCH(QString, media);
        QFETCH(QString, codec);
        const CtlFixture fixture;
        const quint16 callerSip = freePort(), calleeSip = freePort(), callerRtp = freePort(),
                      calleeRtp = freePort();
        const auto put = [&](const char* name, const QString& text) {
            QFile file(fixture.path(QString::fromUtf8(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text.toUtf8());
        };
        put("uac.xml", scenario(QStringLiteral("5000"), media, QString::number(callerRtp), true));
        put("uas.xml", scenario({}, media, QString::number(calleeRtp), false));

        const QString capture = fixture.path(QStringLiteral("call.pcapng"));
        QProcess tshark;
        tshark.start(QStringLiteral("tshark"), {QStringLiteral("-i"), QStringLiteral("lo"),
                                                QStringLiteral("-w"), capture, QStringLiteral("-f"),
                                                QStringLiteral("port %1 or port %2 or port %3 or port %4")
                                                    .arg(callerSip)
                                                    .arg(calleeSip)
                                                    .arg(callerRtp)
                                                    .arg(calleeRtp)});
        QVERIFY(tshark.waitForStarted());
        // tshark says so when it listens; without the right to capture there is nothing to test here.
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += tshark.readAllStandardError()).contains("Capturing on") ||
                                     tshark.state() == QProcess::NotRunning,
                                 15'000);
        QVERIFY2(tshark.state() == QProcess::Running, said.constData());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(capture), 10'000);

        QProcess callee, caller, callerVoice, calleeVoice;
        const auto sipp = [&](QProcess& process, const char* file, quint16 port, const QStringList& more) {
            process.setWorkingDirectory(fixture.root());
            process.start(QStringLiteral("sipp"),
                          QStringList{QStringLiteral("-sf"), fixture.path(QString::fromUtf8(file)),
                                      QStringLiteral("-m"), QStringLiteral("1"), QStringLiteral("-i"),
                                      QStringLiteral("127.0.0.1"), QStringLiteral("-p"),
                                      QString::number(port), QStringLiteral("-t"), transport,
                                      QStringLiteral("-nostdin"), QStringLiteral("-timeout"),
                                      QStringLiteral("20s")} +
                              more);
        };
        sipp(callee, "uas.xml", calleeSip, {});
        QVERIFY(callee.waitForStarted());
        if (transport == QLatin1String("t1"))
            QTRY_VERIFY_WITH_TIMEOUT(
                QFile::exists(QStringLiteral("/proc/self/net/tcp")) &&
                    [&] {
                        QFile table(QStringLiteral("/proc/self/net/tcp"));
                        return table.open(QIODevice::ReadOnly) &&
                               table.readAll().contains(QStringLiteral("0100007F:%1 00000000:0000 0A")
                                                            .arg(calleeSip, 4, 16, QLatin1Char('0'))
                                                            .toUpper()
                                                            .toUtf8());
                    }(),
                5'000);
        sipp(caller, "uac.xml", callerSip, {QStringLiteral("127.0.0.1:%1").arg(calleeSip)});
        const auto voice = [&](QProcess& process, int hz, quint16 from, quint16 to) {
            process.start(
                QStringLiteral("ffmpeg"),
                QStringList{QStringLiteral("-loglevel"), QStringLiteral("error"), QStringLiteral("-re"),
                            QStringLiteral("-f"), QStringLiteral("lavfi"), QStringLiteral("-i"),
                            QStringLiteral("sine=frequency=%1:duration=8").arg(hz), QStringLiteral("-ac"),
                            QStringLiteral("1")} +
                    encoder +
                    QStringList{QStringLiteral("-f"), QStringLiteral("rtp"),
                                QStringLiteral("rtp://127.0.0.1:%1?localrtpport=%2").arg(to).arg(from)});
        };
        voice(callerVoice, 440, callerRtp, calleeRtp);
        voice(calleeVoice, 880, calleeRtp, callerRtp);
        QVERIFY(caller.waitForFinished(30'000));
        QVERIFY2(caller.exitCode() == 0, caller.readAllStandardError().constData());
        callerVoice.terminate();
        calleeVoice.terminate();
        callerVoice.waitForFinished(5'000);
        calleeVoice.waitForFinished(5'000);
        callee.waitForFinished(5'000);
        tshark.terminate();
        QVERIFY(tshark.waitForFinished(10'000));

        const CtlResult result = fixture.run(
            {QStringLiteral("import"), capture, QStringLiteral("--json"), QStringLiteral("--seal")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonArray found = result.json().value(QStringLiteral("recordings")).toArray();
        QVERIFY2(found.size() == 1, result.out.constData());
        const QJsonObject row = found.first().toObject();
        QCOMPARE(row.value(QStringLiteral("internal")).toString(), QStringLiteral("24"));
        QCOMPARE(row.value(QStringLiteral("external")).toString(), QStringLiteral("0711888777"));
        QCOMPARE(row.value(QStringLiteral("codecs")).toArray(), (QJsonArray{codec, codec}));
        const double seconds = row.value(QStringLiteral("durationSeconds")).toDouble();
        QVERIFY2(std::abs(seconds - 5) < 0.5, qPrintable(QString::number(seconds)));
        const QString clear = fixture.path(QStringLiteral("clear.wav"));
        QCOMPARE(
            fixture
                .run({QStringLiteral("unseal"),
                      fixture.archive() + QLatin1Char('/') + row.value(QStringLiteral("file")).toString(),
                      QStringLiteral("-o"), clear})
                .exitCode,
            0);
        const test::WholeSound sound = test::wholeSound(pathOf(clear.toStdString()));
        const double rate = sound.rate;
        QVERIFY(sound.channels == 2 && sound.samples.size() > 9 * std::size_t(rate));
        const std::span<const std::int16_t> middle = // the fourth second; ffmpeg begins when it likes
            std::span<const std::int16_t>(sound.samples)
                .subspan(6 * std::size_t(rate), 2 * std::size_t(rate));
        const auto left = test::channelOf(middle, 0, 2), right = test::channelOf(middle, 1, 2);
        QVERIFY(test::toneLevel(left, 440, rate) > 0.05 && test::toneLevel(left, 880, rate) < 0.01);
        QVERIFY(test::toneLevel(right, 880, rate) > 0.05 && test::toneLevel(right, 440, rate) < 0.01);
    }
};

QTEST_GUILESS_MAIN(RealCallsTest)
#include "tst_real_calls.moc"
