// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of the console: what they ask of the service, what they change of the settings, and what they refuse.
#include "app/control/control_server.h"
#include "app/ctl/cmd_console.h"
#include "app/ctl/command.h"
#include "app/ctl/console_config.h"
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/engine/config_backup.h"
#include "core/settings/settings.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <future>

using namespace sr;
using namespace sr::ctl;

namespace {

QString text(const char* latin1)
{
    return QString::fromLatin1(latin1);
}

struct Place {
    Path config() const { return pathOf(dir.path().toStdString()); }
    QString value(const char* key) const
    {
        const auto secrets = crypto::loadOrCreateSecrets(config(), systemClock());
        const auto settings = settings::Settings::open(config(), *secrets);
        return (*settings)->text(text(key)).valueOr(text("no such setting"));
    }
    /// `switchroomctl console -c LINE...`
    int console(const QStringList& lines) const
    {
        QStringList arguments{text("switchroomctl console"), text("--config"), dir.path()};
        for (const QString& line : lines)
            arguments << text("-c") << line;
        return runConsole(arguments);
    }
    int console(const char* line) const { return console(QStringList{text(line)}); }

    QTemporaryDir dir = {};
};

/// Writes down what it is asked, and answers with what the test gave it.
struct Service : Place {
    Service()
    {
        server = std::move(*control::ControlServer::start(config()));
        for (const char* name :
             {"status", "calls", "registrations", "resetAlarm", "trace", "reset", "recording"})
            server->add(name, [this](const QJsonObject& request, const control::Answer& answer) {
                asked.push_back(request);
                answer(reply);
            });
    }
    /// On another thread, as the console waits for the service.
    int console(const char* line)
    {
        auto code = std::async(std::launch::async, [this, line] { return Place::console(line); });
        while (code.wait_for(milliseconds(0)) != std::future_status::ready)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        return code.get();
    }
    QJsonObject last() const { return asked.empty() ? QJsonObject() : asked.back(); }

    std::unique_ptr<control::ControlServer> server;
    std::vector<QJsonObject> asked = {};
    QJsonObject reply = {};
};

} // namespace

class TestConsoleCommands : public QObject {
    Q_OBJECT
private slots:
    void asksTheService_data();
    void asksTheService();
    void noSuchCall();
    void nobodyRuns_data();
    void nobodyRuns();
    void wrongLines_data();
    void wrongLines();
    void firstFailureEnds();
    void commentsAndQuit();
    void changes();
    void lists();
    void secretsAndUnknown();
    void forgottenWrite();
    void othersWriteMeanwhile();
    void factory();
    void receiverIsMissing();
};

void TestConsoleCommands::asksTheService_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QJsonValue>("value");
    const auto row = [](const char* line, const char* command, const char* key = "",
                        const QJsonValue& value = {}) {
        QTest::newRow(line) << text(line) << text(command) << text(key) << value;
    };
    row("status", "status");
    row("  status  ", "status");
    row("calls", "calls");
    row("call pause 7", "recording", "call", text("7"));
    row("call pause 8", "recording", "action", text("pause"));
    row("call resume 7", "recording", "action", text("resume"));
    row("call start 7", "recording", "action", text("start"));
    row("call stop 7", "recording", "action", text("stop"));
    row("registrations", "registrations");
    row("registrations anna", "registrations", "of", text("anna"));
    row("registrations \"a b\"", "registrations", "of", text("a b"));
    row("alarm reset", "resetAlarm");
    row("trace on", "trace", "on", true);
    row("trace off", "trace", "on", false);
    row("trace show", "trace");
    row("trace", "trace");
    row("reset", "reset");
    row("reset idle", "reset", "when", text("idle"));
}

void TestConsoleCommands::asksTheService()
{
    QFETCH(QString, line);
    QFETCH(QString, command);
    QFETCH(QString, key);
    QFETCH(QJsonValue, value);
    Service service;
    service.reply = {{text("file"), service.dir.filePath(text("none"))}, {text("done"), text("yes")}};
    QCOMPARE(service.console(line.toLatin1().constData()), static_cast<int>(Ok));
    QCOMPARE(service.asked.size(), std::size_t{1});
    QCOMPARE(service.last().value(text("do")).toString(), command);
    if (key.isEmpty())
        QCOMPARE(service.last().size(), 1);
    else
        QCOMPARE(service.last().value(key), value);
}

void TestConsoleCommands::noSuchCall()
{
    Service service;
    service.reply = {{text("done"), text("no-call")}};
    QCOMPARE(service.console("call pause 7"), static_cast<int>(Failed));
    service.reply = {{text("done"), text("not-possible")}};
    QCOMPARE(service.console("call start 7"), static_cast<int>(Failed));
}

void TestConsoleCommands::nobodyRuns_data()
{
    QTest::addColumn<QString>("line");
    for (const char* line :
         {"status", "calls", "registrations", "alarm reset", "trace on", "reset", "call pause 7"})
        QTest::newRow(line) << text(line);
}

void TestConsoleCommands::nobodyRuns()
{
    QFETCH(QString, line);
    const Place place;
    QCOMPARE(place.console(QStringList{line}), static_cast<int>(Failed));
}

void TestConsoleCommands::wrongLines_data()
{
    QTest::addColumn<QString>("line");
    for (const char* line : {"stauts",
                             "status now",
                             "alarm",
                             "config",
                             "config show all",
                             "config change x",
                             "config rem",
                             "config rem sip.digest md5",
                             "config add sip.digest md5",
                             "trace loudly",
                             "trace on off",
                             "call",
                             "call",
                             "call pause",
                             "call mark 7",
                             "crash dump",
                             "call resume 7 8",
                             "reset now",
                             "reset factory now",
                             "mod cmd CDR2 test-cdr",
                             "mod cmd PING0 ping",
                             "quit now"})
        QTest::newRow(line) << text(line);
}

void TestConsoleCommands::wrongLines()
{
    QFETCH(QString, line);
    const Place place;
    (void)place.value("sip.listen"); // there is a configuration
    QCOMPARE(place.console(QStringList{line}), static_cast<int>(WrongUse));
}

void TestConsoleCommands::firstFailureEnds()
{
    const Place place;
    QCOMPARE(place.console({text("nonsense"), text("config change import.format mp3"), text("config write")}),
             static_cast<int>(WrongUse));
    QCOMPARE(place.value("import.format"), text("wav"));
}

void TestConsoleCommands::commentsAndQuit()
{
    const Place place;
    QCOMPARE(place.console({text("# status"), text(""), text("help"), text("quit"), text("exit")}),
             static_cast<int>(Ok));
}

void TestConsoleCommands::changes()
{
    const Place place;
    QCOMPARE(
        place.console({text("config change import.format mp3"), text("config change exchange.name \"a b\""),
                       text("config show"), text("config write")}),
        static_cast<int>(Ok));
    QCOMPARE(place.value("import.format"), text("mp3"));
    QCOMPARE(place.value("exchange.name"), text("a b"));
    QCOMPARE(place.console({text("config rem import.format"), text("config activate")}),
             static_cast<int>(Ok));
    QCOMPARE(place.value("import.format"), text("wav"));
    QCOMPARE(place.console("config write"), static_cast<int>(Ok)); // nothing was changed
}

void TestConsoleCommands::lists()
{
    const Place place;
    QCOMPARE(place.console({text("config add capture.interfaces eth0"),
                            text("config add capture.interfaces eth1,eth0"), text("config write")}),
             static_cast<int>(Ok));
    QCOMPARE(place.value("capture.interfaces"), text("eth0,eth1"));
    QCOMPARE(place.console({text("config rem capture.interfaces eth0"), text("config write")}),
             static_cast<int>(Ok));
    QCOMPARE(place.value("capture.interfaces"), text("eth1"));
    QCOMPARE(place.console("config rem capture.interfaces eth7"), static_cast<int>(Failed));
}

void TestConsoleCommands::secretsAndUnknown()
{
    const Place place;
    QCOMPARE(place.console("config change cdr.password secret"), static_cast<int>(WrongUse));
    QCOMPARE(place.console("config change no.such x"), static_cast<int>(Failed));
    QCOMPARE(place.console("config change import.format ogg"), static_cast<int>(Failed));
    QCOMPARE(place.value("cdr.password"), QString());
}

void TestConsoleCommands::forgottenWrite()
{
    const Place place;
    QCOMPARE(place.console("config change import.format mp3"), static_cast<int>(Failed));
    QCOMPARE(place.value("import.format"), text("wav"));
}

/// Until something is changed the settings are read anew each time; what another program changed stays.
void TestConsoleCommands::othersWriteMeanwhile()
{
    const Place place;
    ConsoleConfig mine(place.config());
    QCOMPARE(mine.run({text("show")}), static_cast<int>(Ok));
    ConsoleConfig theirs(place.config());
    QCOMPARE(theirs.run({text("change"), text("sip.guesses"), text("20")}), static_cast<int>(Ok));
    QCOMPARE(theirs.run({text("write")}), static_cast<int>(Ok));
    QCOMPARE(mine.run({text("change"), text("import.format"), text("mp3")}), static_cast<int>(Ok));
    QVERIFY(mine.unwritten());
    QCOMPARE(mine.run({text("write")}), static_cast<int>(Ok));
    QVERIFY(!mine.unwritten());
    QCOMPARE(place.value("sip.guesses"), text("20"));
    QCOMPARE(place.value("import.format"), text("mp3"));
}

void TestConsoleCommands::factory()
{
    const QTemporaryDir parent;
    Place place;
    const QString config = parent.filePath(text("config"));
    const Path path = pathOf(config.toStdString());
    const auto console = [&](const char* line) {
        return runConsole({text("switchroomctl console"), text("--config"), config, text("-c"), text(line)});
    };
    QCOMPARE(console("reset factory"), static_cast<int>(Ok)); // there is nothing
    QCOMPARE(console("config show"), static_cast<int>(Ok));   // makes keys
    QVERIFY(!engine::isUnused(path));
    QCOMPARE(console("reset factory"), static_cast<int>(WrongUse));
    QVERIFY(!engine::isUnused(path));
    QCOMPARE(console("reset factory yes"), static_cast<int>(Ok));
    QVERIFY(engine::isUnused(path));
    QCOMPARE(listDir(pathOf(parent.path().toStdString()))->size(), 1U); // kept beside
}

void TestConsoleCommands::receiverIsMissing()
{
    const Place place;
    QCOMPARE(place.console("mod cmd CDR1 test-cdr"), static_cast<int>(Failed));
    QCOMPARE(place.console({text("config change cdr1.url nonsense"), text("config write"),
                            text("mod cmd CDR1 test-cdr")}),
             static_cast<int>(Failed));
}

QTEST_GUILESS_MAIN(TestConsoleCommands)
#include "tst_console_commands.moc"
