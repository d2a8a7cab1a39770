// SPDX-License-Identifier: GPL-3.0-or-later
// Live capture of real interfaces: virtual cables in a network namespace, with tcpreplay and SIPp at their
// ends.
#include "core/capture/packet_reader.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"
#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QMap>
#include <QStandardPaths>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;

namespace {

/// A short call that a replay in real time can afford.
test::CallPlan shortCall(int number, const char* network = "10.0.0")
{
    test::CallPlan plan = test::usualCall(test::usualCall().start + milliseconds(300 * number));
    plan.callId = "net-" + std::to_string(number) + "@test";
    plan.ringSeconds = 0.2;
    plan.talkSeconds = 2;
    const auto address = [&](const char* host) {
        return IpAddress::parse(network + std::string(host)).value();
    };
    plan.caller.sip.address = plan.caller.media.address = address(network[0] == '1' ? ".24" : "24");
    plan.callee.sip.address = plan.callee.media.address = address(network[0] == '1' ? ".1" : "1");
    plan.caller.media.port = static_cast<std::uint16_t>(4000 + 2 * number);
    plan.callee.media.port = static_cast<std::uint16_t>(20'000 + 2 * number);
    return plan;
}

Path in(const CtlFixture& fixture, const char* name)
{
    return pathOf(fixture.path(QString::fromUtf8(name)).toStdString());
}

/// Frames of a classic capture, changed or left out by `change`.
void rewrite(const Bytes& from, const Path& to, const std::function<std::optional<Bytes>(ByteView)>& change)
{
    MemorySource source(from);
    auto reader = capture::PacketReader::open(source, "made");
    Bytes out(from.begin(), from.begin() + 24);
    for (capture::CapturedPacket packet; (*reader)->next(packet);) {
        const auto frame = change(packet.bytes);
        if (!frame)
            continue;
        const auto us = packet.time.time_since_epoch().count();
        std::array<std::byte, 16> head{};
        storeLe(head.data(), static_cast<std::uint32_t>(us / 1'000'000));
        storeLe(head.data() + 4, static_cast<std::uint32_t>(us % 1'000'000));
        storeLe(head.data() + 8, static_cast<std::uint32_t>(frame->size()));
        storeLe(head.data() + 12, static_cast<std::uint32_t>(frame->size()));
        out.insert(out.end(), head.begin(), head.end());
        out.insert(out.end(), frame->begin(), frame->end());
    }
    QVERIFY(writeFileAtomic(to, out));
}

/// With an 802.1Q tag.
Bytes tagged(ByteView frame)
{
    Bytes out(frame.begin(), frame.begin() + 12);
    for (const unsigned octet : {0x81U, 0x00U, 0x00U, 0x2aU})
        out.push_back(static_cast<std::byte>(octet));
    out.insert(out.end(), frame.begin() + 12, frame.end());
    return out;
}

bool isFromCaller(ByteView frame)
{
    return frame[29] == std::byte{24}; // last octet of its IPv4 address
}

/// What must be the same however the packets came.
QJsonObject essence(QJsonObject row)
{
    for (const char* key : {"source"})
        row.remove(QLatin1String(key));
    return row;
}

/// In the order of their starts: a live capture tells them as they are recorded.
QJsonArray rowsOf(const QByteArray& json)
{
    QMap<QString, QJsonObject> rows;
    for (const QJsonValue row :
         QJsonDocument::fromJson(json).object().value(QStringLiteral("recordings")).toArray())
        rows.insert(row.toObject().value(QStringLiteral("start")).toString() +
                        row.toObject().value(QStringLiteral("uid")).toString(),
                    essence(row.toObject()));
    QJsonArray out;
    for (const QJsonObject& row : rows)
        out.append(row);
    return out;
}

QByteArray contentOf(const QString& file)
{
    QFile opened(file);
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray();
}

} // namespace

class CaptureNetTest : public QObject {
    Q_OBJECT

    /// Plays the scene; what it said if it failed.
    static QByteArray play(const CtlFixture& fixture, const char* scene)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(
            QStringLiteral(SR_SOURCE_DIR "/tests/integration/capture_net.sh"),
            {QString::fromUtf8(scene), fixture.root(), QStringLiteral(SR_BINARY_DIR "/app/switchroomctl")});
        if (!process.waitForFinished(120'000) || process.exitCode() != 0)
            return "scene failed: " + process.readAll() + contentOf(fixture.path(QStringLiteral("err.txt")));
        return {};
    }
    static QByteArray out(const CtlFixture& fixture)
    {
        return contentOf(fixture.path(QStringLiteral("out.json")));
    }
    /// The rows of an import of `file` into an archive of its own, and its sound files.
    static void compareWithImport(const CtlFixture& fixture, const char* file)
    {
        const CtlFixture other;
        const auto imported = other.run(
            {QStringLiteral("import"), fixture.path(QString::fromUtf8(file)), QStringLiteral("--json")});
        QVERIFY2(imported.exitCode == 0, imported.err.constData());
        QVERIFY(!rowsOf(imported.out).isEmpty());
        QCOMPARE(rowsOf(out(fixture)), rowsOf(imported.out));
        for (const QJsonValue row : rowsOf(imported.out)) {
            const QString name = QLatin1Char('/') + row.toObject().value(QStringLiteral("file")).toString();
            QVERIFY(contentOf(fixture.archive() + name) == contentOf(other.archive() + name));
        }
    }

private slots:
    void initTestCase()
    {
        for (const char* program : {"tcpreplay", "sipp", "ffmpeg", "ip", "unshare", "nsenter", "setpriv"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
        const int own = QProcess::execute(QStringLiteral(SR_SOURCE_DIR "/tests/integration/capture_net.sh"),
                                          {QStringLiteral("allowed"), QStringLiteral("/"), QString()});
        if (own != 0)
            QSKIP("this machine gives nobody a network of their own (unshare --net)");
    }

    void replayedFileEqualsItsImport_data()
    {
        QTest::addColumn<QByteArray>("network");
        QTest::addColumn<bool>("vlan");
        QTest::newRow("IPv4") << QByteArray("10.0.0") << false;
        QTest::newRow("IPv6") << QByteArray("fd00::") << false;
        QTest::newRow("VLAN") << QByteArray("10.0.0") << true;
    }
    void replayedFileEqualsItsImport()
    {
        QFETCH(QByteArray, network);
        QFETCH(bool, vlan);
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0, network.constData()));
        builder.addCall(shortCall(1, network.constData()));
        rewrite(builder.pcap(), in(fixture, "calls.pcap"),
                [&](ByteView frame) { return vlan ? tagged(frame) : Bytes(frame.begin(), frame.end()); });
        const QByteArray failed = play(fixture, "replayed");
        QVERIFY2(failed.isEmpty(), failed.constData());
        compareWithImport(fixture, "copy.pcapng");
        if (QTest::currentTestFailed())
            return;
        // Against the file that was replayed: times are new, and the network was a machine under load.
        const CtlFixture original;
        const auto imported = original.run(
            {QStringLiteral("import"), fixture.path(QStringLiteral("calls.pcap")), QStringLiteral("--json")});
        const QJsonArray live = rowsOf(out(fixture)), file = rowsOf(imported.out);
        QCOMPARE(live.size(), file.size());
        for (int i = 0; i < live.size(); ++i) {
            const QJsonObject a = live.at(i).toObject(), b = file.at(i).toObject();
            for (const char* key : {"internal", "external", "direction", "codecs", "lostPackets", "dtmf"})
                QCOMPARE(a.value(QLatin1String(key)), b.value(QLatin1String(key)));
            const double seconds = a.value(QStringLiteral("durationSeconds")).toDouble();
            const double expected = b.value(QStringLiteral("durationSeconds")).toDouble();
            // A busy machine replays late, which lengthens a talk; what came is compared above.
            QVERIFY2(seconds > expected - 0.1 && seconds < 2 * expected + 3,
                     qPrintable(QStringLiteral("%1 s, not %2 s").arg(seconds).arg(expected)));
        }
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void dropsStandInTheSidecar()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0));
        builder.addCall(shortCall(1));
        builder.save(in(fixture, "calls.pcap"));
        const QByteArray failed = play(fixture, "replayed");
        QVERIFY2(failed.isEmpty(), failed.constData());
        const QJsonObject interface = QJsonDocument::fromJson(out(fixture))
                                          .object()
                                          .value(QStringLiteral("interfaces"))
                                          .toArray()[0]
                                          .toObject();
        QCOMPARE(interface.value(QStringLiteral("dropped")).toInt(-1), 0);
        QVERIFY(interface.value(QStringLiteral("packets")).toInt() >=
                int(builder.packets())); // and the kernel's own
        const QString uid = rowsOf(out(fixture))[0].toObject().value(QStringLiteral("uid")).toString();
        const QJsonObject shown = fixture.run({QStringLiteral("show"), uid, QStringLiteral("--json")}).json();
        QCOMPARE(shown.value(QStringLiteral("droppedPackets")).toInt(-1), 0);
        QCOMPARE(shown.value(QStringLiteral("source")).toString(), QStringLiteral("sra"));
    }

    void whatTheKernelDropsIsCounted()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        for (int i = 0; i < 4; ++i)
            builder.addCall(shortCall(i));
        builder.save(in(fixture, "calls.pcap"));
        const QByteArray failed = play(fixture, "too-slow");
        QVERIFY2(failed.isEmpty(), failed.constData());
        const QList<QByteArray> words =
            contentOf(fixture.path(QStringLiteral("out.txt"))).trimmed().split('\n').last().split(' ');
        QVERIFY2(words.size() == 4, words.join(' ').constData());
        const int read = words[1].toInt(), dropped = words[3].toInt();
        QVERIFY2(dropped > 0 && read > 0, words.join(' ').constData());
        QCOMPARE(read + dropped, 20 * int(builder.packets()));
    }

    void partiesOnTwoInterfacesAreOneCall()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0));
        const Bytes whole = builder.pcap();
        for (const bool caller : {true, false})
            rewrite(whole, in(fixture, caller ? "caller.pcap" : "callee.pcap"),
                    [&](ByteView frame) -> std::optional<Bytes> {
                        if (isFromCaller(frame) != caller)
                            return std::nullopt;
                        return Bytes(frame.begin(), frame.end());
                    });
        const QByteArray failed = play(fixture, "two-interfaces");
        QVERIFY2(failed.isEmpty(), failed.constData());
        QCOMPARE(rowsOf(out(fixture)).size(), 1);
        compareWithImport(fixture, "copy.pcapng");
    }

    void filterLeavesPacketsOut()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0));
        builder.addCall(shortCall(1)); // its media is filtered
        builder.save(in(fixture, "calls.pcap"));
        const QByteArray failed = play(fixture, "filtered");
        QVERIFY2(failed.isEmpty(), failed.constData());
        const QJsonArray rows = rowsOf(out(fixture));
        QCOMPARE(rows[0].toObject().value(QStringLiteral("codecs")).toArray()[0].toString(),
                 QStringLiteral("PCMA"));
        QCOMPARE(rows[1].toObject().value(QStringLiteral("codecs")).toArray()[0].toString(), QString());
    }

    void interfaceThatDisappearsIsCapturedWhenItReturns()
    {
        const CtlFixture fixture;
        for (const int number : {0, 1}) {
            test::CaptureBuilder builder;
            builder.addCall(shortCall(number));
            builder.save(in(fixture, number == 0 ? "first.pcap" : "second.pcap"));
        }
        const QByteArray failed = play(fixture, "comes-back");
        QVERIFY2(failed.isEmpty(), failed.constData());
        QCOMPARE(rowsOf(out(fixture)).size(), 2);
    }

    void runningCallIsClosedAndMarkedAtTheEnd()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        test::CallPlan plan = shortCall(0);
        plan.talkSeconds = 3;
        builder.addCall(plan);
        const UtcTime cut = plan.start + milliseconds(2500);
        test::CaptureBuilder part;
        builder.visit([&](UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload) {
            if (time < cut)
                part.add(time, from, to, payload);
        });
        part.save(in(fixture, "beginning.pcap"));
        const QByteArray failed = play(fixture, "stopped");
        QVERIFY2(failed.isEmpty(), failed.constData());
        const QJsonArray rows = rowsOf(out(fixture));
        QCOMPARE(rows.size(), 1);
        const auto shown =
            fixture.run({QStringLiteral("show"), rows[0].toObject().value(QStringLiteral("uid")).toString(),
                         QStringLiteral("--json")});
        QCOMPARE(shown.json()
                     .value(QStringLiteral("flow"))
                     .toArray()
                     .last()
                     .toObject()
                     .value(QStringLiteral("kind")),
                 QJsonValue(QStringLiteral("lost")));
    }

    void killedInACallLosesNothingThatWasHeard()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0));
        const UtcTime cut = shortCall(0).start + milliseconds(1700);
        test::CaptureBuilder part;
        builder.visit([&](UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload) {
            if (time < cut)
                part.add(time, from, to, payload);
        });
        part.save(in(fixture, "beginning.pcap"));
        const QByteArray failed = play(fixture, "killed");
        QVERIFY2(failed.isEmpty(), failed.constData());
        const QJsonArray rows = rowsOf(out(fixture));
        QCOMPARE(rows.size(), 1);
        QVERIFY(rows[0].toObject().value(QStringLiteral("durationSeconds")).toDouble() > 1.2);
        QCOMPARE(rows[0].toObject().value(QStringLiteral("codecs")).toArray(),
                 (QJsonArray{QStringLiteral("PCMA"), QStringLiteral("PCMA")}));
        QVERIFY(QDir(fixture.config() + QStringLiteral("/spool"))
                    .entryList(QDir::Dirs | QDir::NoDotAndDotDot)
                    .size() == 1);
        QDirIterator left(fixture.config() + QStringLiteral("/spool"), QDir::Files,
                          QDirIterator::Subdirectories);
        QVERIFY2(!left.hasNext(), qPrintable(left.next()));
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void needsOnlyTheRightToCaptureAndSaysSo()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0));
        builder.addCall(shortCall(1));
        builder.save(in(fixture, "calls.pcap"));
        const QByteArray failed = play(fixture, "only-net-raw");
        QVERIFY2(failed.isEmpty(), failed.constData());
        QVERIFY(contentOf(fixture.path(QStringLiteral("denied.txt"))).contains("CAP_NET_RAW"));
    }

    void realProgramsAreHeard()
    {
        const CtlFixture fixture;
        const auto tone = [&](int hz, const char* name) {
            return QProcess::execute(QStringLiteral("ffmpeg"),
                                     {QStringLiteral("-loglevel"), QStringLiteral("error"),
                                      QStringLiteral("-f"), QStringLiteral("lavfi"), QStringLiteral("-i"),
                                      QStringLiteral("sine=frequency=%1:duration=6:sample_rate=8000").arg(hz),
                                      QStringLiteral("-f"), QStringLiteral("alaw"),
                                      fixture.path(QString::fromUtf8(name))});
        };
        QCOMPARE(tone(440, "caller.raw"), 0);
        QCOMPARE(tone(880, "callee.raw"), 0);
        for (const char* name : {"uac.xml", "uas.xml"})
            QVERIFY(QFile::copy(QStringLiteral(SR_TEST_DATA "/sipp/") + QString::fromUtf8(name),
                                fixture.path(QString::fromUtf8(name))));
        const QByteArray failed = play(fixture, "real-call");
        QVERIFY2(failed.isEmpty(), failed.constData());
        const QJsonArray rows = rowsOf(out(fixture));
        QVERIFY2(rows.size() == 1, out(fixture).constData());
        const QJsonObject row = rows[0].toObject();
        QCOMPARE(row.value(QStringLiteral("internal")).toString(), QStringLiteral("24"));
        QCOMPARE(row.value(QStringLiteral("external")).toString(), QStringLiteral("0711888777"));
        const test::WholeSound sound = test::wholeSound(
            pathOf((fixture.archive() + QLatin1Char('/') + row.value(QStringLiteral("file")).toString())
                       .toStdString()));
        QVERIFY(sound.channels == 2 && sound.samples.size() > 2 * 2 * std::size_t(sound.rate));
        const auto second = std::span<const std::int16_t>(sound.samples)
                                .subspan(2 * std::size_t(sound.rate), 2 * std::size_t(sound.rate));
        const auto left = test::channelOf(second, 0, 2), right = test::channelOf(second, 1, 2);
        QVERIFY(test::toneLevel(left, 440, sound.rate) > 0.05 &&
                test::toneLevel(left, 880, sound.rate) < 0.01);
        QVERIFY(test::toneLevel(right, 880, sound.rate) > 0.05 &&
                test::toneLevel(right, 440, sound.rate) < 0.01);
        compareWithImport(fixture, "copy.pcapng");
    }

    void serviceCapturesAnInterfaceThatComesLater()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(shortCall(0));
        builder.addCall(shortCall(1));
        builder.save(in(fixture, "calls.pcap"));
        const QByteArray failed = play(fixture, "service");
        QVERIFY2(failed.isEmpty(), failed.constData());
        QCOMPARE(contentOf(fixture.path(QStringLiteral("out.txt"))), "ready archive=archive capture=sra\n");
        QVERIFY(contentOf(fixture.path(QStringLiteral("err.txt"))).contains("2 calls recorded"));
        const auto listed = fixture.run({QStringLiteral("list"), QStringLiteral("--json")});
        QCOMPARE(listed.json().value(QStringLiteral("total")).toInt(), 2);
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void wrongFilterAndWrongInterfaceAreSaid()
    {
        const CtlFixture fixture;
        const auto filter =
            fixture.run({QStringLiteral("capture"), QStringLiteral("--interface"), QStringLiteral("lo"),
                         QStringLiteral("--filter"), QStringLiteral("prot 5060")});
        QCOMPARE(filter.exitCode, 1);
        QVERIFY2(filter.err.contains("prot 5060") || filter.err.contains("CAP_NET_RAW"),
                 filter.err.constData());
        const auto name = fixture.run(
            {QStringLiteral("capture"), QStringLiteral("--interface"), QStringLiteral("no-such-0")});
        QCOMPARE(name.exitCode, 1);
        QVERIFY2(name.err.contains("no-such-0"), name.err.constData());
        QCOMPARE(fixture.run({QStringLiteral("capture")}).exitCode, 2);
        const auto listed = test::CtlFixture::runRaw({QStringLiteral("capture"), QStringLiteral("--list")});
        QVERIFY(listed.exitCode == 0 && listed.out.contains("lo"));
    }
};

QTEST_GUILESS_MAIN(CaptureNetTest)
#include "tst_capture_net.moc"
