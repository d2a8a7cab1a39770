// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomctl asks a running switchroomd: status, console, and what a killed service leaves.
#include "app/control/socket_name.h"
#include "core/base/file.h"
#include "tests/support/ctl_process.h"

#include <QDir>
#include <QFileInfo>
#include <QLocalSocket>
#include <QRegularExpression>
#include <QTest>

#include <signal.h>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

/// switchroomd on loopback.
class Service {
public:
    Service(const CtlFixture& fixture, const QString& folder)
        : config(folder)
    {
        process.start(text(SR_BINARY_DIR "/app/switchroomd"),
                      {text("--sip"), text("127.0.0.1:0"), text("--archive"), fixture.archive(),
                       text("--config"), folder});
        process.waitForReadyRead(20'000);
        port = QRegularExpression(text("^ready sip=127\\.0\\.0\\.1:(\\d+) "))
                   .match(QString::fromUtf8(process.readAllStandardOutput()))
                   .captured(1);
    }
    ~Service()
    {
        process.terminate();
        process.waitForFinished(40'000);
    }
    void killHard()
    {
        process.kill();
        process.waitForFinished(10'000);
    }
    QString socketPath() const
    {
        const Path folder = pathOf(config.toStdString());
        return QDir(config).filePath(text("run/") + QString::fromStdString(control::socketNameOf(folder)));
    }
    QString config;
    QProcess process;
    QString port; ///< empty: it did not start
};

QString scenario()
{
    const auto request = [](int cseq, const QString& more) {
        return text("<send retrans=\"500\"><![CDATA[\nREGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n"
                    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
                    "From: <sip:[service]@[remote_ip]>;tag=[call_number]\n"
                    "To: <sip:[service]@[remote_ip]>\nCall-ID: [call_id]\nCSeq: %1 REGISTER\n"
                    "Contact: <sip:[service]@[local_ip]:[local_port];transport=[transport]>\n"
                    "Max-Forwards: 70\nExpires: 300\nUser-Agent: Tester 1\n%2Content-Length: 0\n\n]]></send>")
            .arg(cseq)
            .arg(more);
    };
    return text("<?xml version=\"1.0\"?><scenario name=\"register\">") + request(1, {}) +
           text("<recv response=\"401\" auth=\"true\"/>") + request(2, text("[authentication]\n")) +
           text("<recv response=\"200\"/></scenario>");
}

} // namespace

class ControlTest : public QObject {
    Q_OBJECT

    static CtlResult ctl(QStringList arguments, const QString& config, const QByteArray& input = {},
                         const QStringList& environment = {})
    {
        arguments << text("--config") << config;
        return CtlFixture::runRaw(arguments, input, environment);
    }
    static CtlResult console(const QString& config, const char* command, const QStringList& environment = {})
    {
        return ctl({text("console"), text("-c"), text(command)}, config, {}, environment);
    }
    static int registerAt(const CtlFixture& fixture, const QString& port)
    {
        QFile file(fixture.path(text("register.xml")));
        if (!file.open(QIODevice::WriteOnly))
            return -1;
        file.write(scenario().toUtf8());
        file.close();
        QProcess process;
        process.setWorkingDirectory(fixture.root());
        process.start(text("sipp"),
                      {text("127.0.0.1:") + port, text("-i"), text("127.0.0.1"), text("-sf"), file.fileName(),
                       text("-s"), text("anna"), text("-au"), text("anna"), text("-ap"), text("top secret"),
                       text("-m"), text("1"), text("-nostdin"), text("-recv_timeout"), text("5000")});
        return process.waitForFinished(30'000) ? process.exitCode() : -1;
    }

private slots:
    void nobodyRuns()
    {
        const CtlFixture fixture;
        const CtlResult result = ctl({text("status"), text("--json")}, fixture.config());
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.out.isEmpty());
        QVERIFY2(result.err.contains("no switchroomd runs on"), result.err.constData());
        QVERIFY(!QFileInfo::exists(fixture.config())); // asking makes nothing
        QCOMPARE(console(fixture.config(), "calls").exitCode, 1);
    }

    void whoIsRegisteredIsTold()
    {
        const CtlFixture fixture;
        const Service service(fixture, fixture.config());
        QVERIFY(!service.port.isEmpty());
        QCOMPARE(ctl({text("user"), text("add"), text("--name"), text("anna"), text("--number"), text("21"),
                      text("--password-stdin")},
                     service.config, "top secret\n")
                     .exitCode,
                 0);
        QCOMPARE(console(service.config, "registrations").out, QByteArray("Nobody is registered.\n"));
        QTRY_COMPARE_WITH_TIMEOUT(registerAt(fixture, service.port), 0, 20'000);

        const CtlResult status = ctl({text("status"), text("--json")}, service.config);
        QCOMPARE(status.exitCode, 0);
        const QJsonObject json = status.json();
        for (const char* key : {"calls", "recording", "filesRecorded", "filesToProcess"})
            QCOMPARE(json.value(QLatin1String(key)), QJsonValue(0));
        QCOMPARE(json.value(QLatin1String("registrations")), QJsonValue(1));
        const QJsonValue lamps = json.value(QLatin1String("lamps"));
        QCOMPARE(lamps[QLatin1String("pbx")].toString(), text("green"));
        QCOMPARE(lamps[QLatin1String("pcap")].toString(), text("grey"));
        QCOMPARE(lamps[QLatin1String("software")].toString(), text("green"));
        QCOMPARE(json.value(QLatin1String("masterAlarm")).toBool(),
                 lamps[QLatin1String("disk")].toString() == text("red"));

        const QByteArray list = console(service.config, "registrations").out;
        const QRegularExpression row(text("^anna +21 +127\\.0\\.0\\.1:\\d+ +udp +(300|2\\d\\d) +sip:anna@127"
                                          "\\.0\\.0\\.1:\\d+;transport=UDP +Tester 1$"),
                                     QRegularExpression::MultilineOption);
        QVERIFY2(row.match(QString::fromUtf8(list)).hasMatch(), list.constData());
        QVERIFY(console(service.config, "registrations 21").out.contains("anna"));
        QVERIFY(!console(service.config, "registrations bert").out.contains("anna"));
        QCOMPARE(console(service.config, "calls").out, QByteArray("No call runs.\n"));
        const QByteArray words = ctl({text("status")}, service.config).out;
        QVERIFY2(words.contains("Registrations     1\n"), words.constData());
    }

    void aScriptSaysWhatFailed()
    {
        const CtlFixture fixture;
        const Service service(fixture, fixture.config());
        const CtlResult good =
            ctl({text("console")}, service.config, "# a comment\n\nstatus\r\ncalls\nquit\ngone\n");
        QVERIFY2(good.exitCode == 0, good.err.constData());
        QVERIFY(good.out.contains("Lamps") && good.out.contains("No call runs."));
        const CtlResult bad = ctl({text("console")}, service.config, "cals\nstatus\n");
        QCOMPARE(bad.exitCode, 2);
        QVERIFY2(bad.err.contains("did you mean `calls`?"), bad.err.constData());
        QVERIFY(bad.out.contains("Lamps")); // the rest ran
    }

    void settingsAreChangedInSteps()
    {
        const CtlFixture fixture;
        const QString config = fixture.config();
        const CtlResult forgotten = console(config, "config change import.format mp3");
        QCOMPARE(forgotten.exitCode, 1);
        QVERIFY2(forgotten.err.contains("not written"), forgotten.err.constData());
        const CtlResult written =
            ctl({text("console")}, config,
                "config change import.format mp3\nconfig add capture.interfaces eth0\n"
                "config add capture.interfaces eth1\nconfig rem capture.interfaces eth0\nconfig activate\n");
        QVERIFY2(written.exitCode == 0, written.err.constData());
        const auto value = [&](const char* key) {
            return ctl({text("settings"), text("get"), text(key)}, config).out;
        };
        QCOMPARE(value("import.format"), QByteArray("mp3\n"));
        QCOMPARE(value("capture.interfaces"), QByteArray("eth1\n"));
        const QByteArray shown = console(config, "config show").out;
        QCOMPARE(shown, ctl({text("settings"), text("export")}, config).out);
        QVERIFY(shown.contains("eth1"));
        QCOMPARE(ctl({text("console"), text("-c"), text("config rem import.format"), text("-c"),
                      text("config write")},
                     config)
                     .exitCode,
                 0);
        QCOMPARE(value("import.format"), QByteArray("wav\n"));
        for (const char* wrong : {"config change setup.password x", "config add import.format mp3", "config",
                                  "config change no.such x y", "config write now"})
            QCOMPARE(console(config, wrong).exitCode, 2);
        QCOMPARE(console(config, "config change no.such x").exitCode, 1);
    }

    void pingIsTheSystemsOwn()
    {
        const CtlFixture fixture;
        QFile ping(fixture.path(text("ping")));
        QVERIFY(ping.open(QIODevice::WriteOnly));
        ping.write("#!/bin/sh\nfor a; do echo \"[$a]\"; done\ncat\nexit 3\n");
        ping.close();
        QVERIFY(ping.setPermissions(QFile::Permissions(0x7700)));
        const QStringList path{text("PATH=") + fixture.root() + QLatin1Char(':') +
                               qEnvironmentVariable("PATH")};
        const CtlResult ran =
            ctl({text("console")}, fixture.config(), "mod cmd PING0 ping 192.0.2.1\nhelp\n", path);
        QCOMPARE(ran.exitCode, 1); // as ping's own says
        QVERIFY2(ran.out.startsWith("[-n]\n[-c]\n[4]\n[-w]\n[10]\n[192.0.2.1]\n"), ran.out.constData());
        QVERIFY(ran.out.contains("registrations")); // it did not eat the script
        const CtlResult refused = console(fixture.config(), "mod cmd PING0 ping -f", path);
        QCOMPARE(refused.exitCode, 2);
        QVERIFY(refused.out.isEmpty());
        QCOMPARE(console(fixture.config(), "mod cmd PING0 ping '$(reboot)'", path).exitCode, 2);
    }

    void aKilledServiceLeavesNoHindrance()
    {
        const CtlFixture fixture;
        const QString config = fixture.path(text("Büro ") + QString(120, QLatin1Char('x')));
        {
            Service first(fixture, config);
            QCOMPARE(ctl({text("status")}, config).exitCode, 0);
            first.killHard();
        }
        const CtlResult dead = ctl({text("status")}, config);
        QCOMPARE(dead.exitCode, 1);
        QVERIFY2(dead.err.contains("no switchroomd runs on"), dead.err.constData());
        const Service second(fixture, config);
        QVERIFY2(QFileInfo::exists(second.socketPath()), qPrintable(second.socketPath()));
        QCOMPARE(ctl({text("status")}, config).exitCode, 0);
        Service third(fixture, config); // is refused, and takes nothing away from the second
        QVERIFY(third.port.isEmpty());
        QTRY_COMPARE(third.process.state(), QProcess::NotRunning);
        QCOMPARE(third.process.exitCode(), 1);
        QCOMPARE(ctl({text("status")}, config).exitCode, 0);
    }

    /// The next one says so, and the console has it until it is forgotten.
    void aCrashIsNoted()
    {
        const CtlFixture fixture;
        QVERIFY(console(fixture.config(), "crash show").out.contains("has not crashed"));
        {
            Service service(fixture, fixture.config());
            QVERIFY(!service.port.isEmpty());
            QCOMPARE(::kill(static_cast<pid_t>(service.process.processId()), SIGSEGV), 0);
            QVERIFY(service.process.waitForFinished(20'000));
            QCOMPARE(service.process.exitStatus(), QProcess::CrashExit); // as without a note
        }
        const QByteArray note = console(fixture.config(), "crash show").out;
        QVERIFY2(note.startsWith("switchroomd ") && note.contains(" signal 11 at ") &&
                     note.contains("switchroomd(+0x"),
                 note.constData());
        const QFile::Permissions rights =
            QFileInfo(fixture.config() + text("/log/crashes.txt")).permissions();
        QVERIFY(!rights.testAnyFlags(QFile::ReadGroup | QFile::ReadOther | QFile::WriteOther));
        Service second(fixture, fixture.config());
        QByteArray said;
        QTRY_VERIFY((said += second.process.readAllStandardError()).contains("crash show"));
        QCOMPARE(console(fixture.config(), "crash clear").exitCode, 0);
        QVERIFY(console(fixture.config(), "crash show").out.contains("has not crashed"));
    }

    void othersStayOutside()
    {
        const CtlFixture fixture;
        const Service service(fixture, fixture.config());
        const QFile::Permissions others(0x0077);
        QVERIFY(QFileInfo::exists(service.socketPath()));
        QCOMPARE(int(QFileInfo(service.socketPath()).permissions() & others), 0);
        QCOMPARE(int(QFileInfo(QFileInfo(service.socketPath()).path()).permissions() & others), 0);
    }

    void askersThatHangHinderNobody()
    {
        const CtlFixture fixture;
        const Service service(fixture, fixture.config());
        std::vector<std::unique_ptr<QLocalSocket>> askers;
        for (int i = 0; i < 31; ++i) {
            askers.push_back(std::make_unique<QLocalSocket>());
            askers.back()->connectToServer(service.socketPath());
            QVERIFY(askers.back()->waitForConnected(5000));
            askers.back()->write(i % 2 == 0 ? "{\"do\":" : "\xff\n");
            QVERIFY(askers.back()->waitForBytesWritten(5000));
        }
        QCOMPARE(ctl({text("status")}, service.config).exitCode, 0);
        askers.push_back(std::make_unique<QLocalSocket>());
        askers.back()->connectToServer(service.socketPath());
        QVERIFY(askers.back()->waitForConnected(5000));
        const auto full = [&] {
            const bool isRefused = askers.back()->state() == QLocalSocket::UnconnectedState;
            if (isRefused) // whoever asked before may have been there yet
                askers.back()->connectToServer(service.socketPath());
            const CtlResult result = ctl({text("status")}, service.config);
            return result.exitCode == 1 && result.err.contains("32 programs are connected");
        };
        QTRY_VERIFY_WITH_TIMEOUT(full(), 10'000);
        askers.clear();
        QTRY_COMPARE_WITH_TIMEOUT(ctl({text("status")}, service.config).exitCode, 0, 10'000);
    }
};

QTEST_GUILESS_MAIN(ControlTest)
#include "tst_control.moc"
