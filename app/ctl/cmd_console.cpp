// SPDX-License-Identifier: GPL-3.0-or-later
// A table of commands; each line is one of them.
#include "app/ctl/cmd_console.h"

#include "app/ctl/cmd_backup.h"
#include "app/ctl/cmd_status.h"
#include "app/ctl/console_cdr.h"
#include "app/ctl/console_config.h"
#include "app/ctl/console_crash.h"
#include "app/ctl/console_ping.h"
#include "app/ctl/console_trace.h"
#include "app/ctl/console_words.h"
#include "core/base/console.h"

#include <QDateTime>
#include <QJsonArray>
#include <QProcess>

#include <algorithm>
#include <iostream>

namespace sr::ctl {
namespace {

constexpr std::size_t kLongestLine = 64U << 10U; ///< [octets]

struct Console;

struct ConsoleCommand {
    const char* name;
    const char* usage; ///< behind the name
    const char* summary;
    int most; ///< words behind the name
    int (*run)(Console& console, const QStringList& words);
};

struct Console {
    Path configDir;
    ConsoleConfig config;
    bool ended = false;
};

std::optional<QJsonObject> ask(const Console& console, const char* name, QJsonObject request = {})
{
    request.insert(QStringLiteral("do"), QString::fromLatin1(name));
    return askService(console.configDir, request);
}

QString clockTime(const QJsonValue& time)
{
    return time.isString() ? QDateTime::fromString(time.toString(), Qt::ISODateWithMs)
                                 .toLocalTime()
                                 .toString(QStringLiteral("hh:mm:ss"))
                           : QStringLiteral("-");
}

/// Rows under their head, and how many there are in all.
int printList(const QStringList& head, std::vector<QStringList> rows, const QJsonObject& answer,
              const char* none)
{
    if (rows.empty()) {
        print(none);
        return Ok;
    }
    const auto shown = static_cast<qint64>(rows.size());
    rows.insert(rows.begin(), head);
    std::string text = columns(rows);
    if (const qint64 total = answer.value(QLatin1String("total")).toInteger(); total > shown)
        text += std::to_string(shown) + " of " + std::to_string(total) + ".\n";
    print(text);
    return Ok;
}

int status(Console& console, const QStringList&)
{
    const auto answer = ask(console, "status");
    if (!answer)
        return Failed;
    print(statusWords(*answer));
    return Ok;
}

QString recordingWord(const QJsonObject& call)
{
    if (call.value(QLatin1String("paused")).toBool())
        return QStringLiteral("paused");
    return call.value(QLatin1String("recording")).toBool() ? QStringLiteral("yes") : QStringLiteral("no");
}

int calls(Console& console, const QStringList&)
{
    const auto answer = ask(console, "calls");
    if (!answer)
        return Failed;
    std::vector<QStringList> rows;
    const QJsonArray list = answer->value(QLatin1String("calls")).toArray();
    for (const QJsonValue& one : list)
        rows.push_back({clockTime(one[QLatin1String("since")]), clockTime(one[QLatin1String("answered")]),
                        one[QLatin1String("from")].toString(), one[QLatin1String("to")].toString(),
                        recordingWord(one.toObject()), one[QLatin1String("id")].toString()});
    return printList({QStringLiteral("Since"), QStringLiteral("Answered"), QStringLiteral("From"),
                      QStringLiteral("To"), QStringLiteral("Recording"), QStringLiteral("Id")},
                     std::move(rows), *answer, "No call runs.");
}

/// ID of a call, for what is done to its recording.
int call(Console& console, const QStringList& words)
{
    static const std::map<QString, const char*> actions{
        {QStringLiteral("pause"), "The recording pauses until `call resume`."},
        {QStringLiteral("resume"), "The recording goes on."},
        {QStringLiteral("start"), "A recording begins."},
        {QStringLiteral("stop"), "The recording has ended."}};
    const auto action = words.isEmpty() ? actions.end() : actions.find(words.constFirst());
    if (action == actions.end() || words.size() != 2) {
        say("switchroomctl: it is `call pause|resume|start|stop ID`; `calls` has the ids.");
        return WrongUse;
    }
    const auto answer =
        ask(console, "recording",
            {{QStringLiteral("call"), words.at(1)}, {QStringLiteral("action"), action->first}});
    if (!answer)
        return Failed;
    const QString done = answer->value(QLatin1String("done")).toString();
    if (done == QLatin1String("no-call"))
        say("switchroomctl: the exchange has no call " + words.at(1).left(80).toStdString() + ".");
    else if (done != QLatin1String("yes"))
        say("switchroomctl: nobody in that call has `record` at manual or optional.");
    else
        print(action->second);
    return done == QLatin1String("yes") ? Ok : Failed;
}

/// Each queue, then who waits in them.
int queues(Console& console, const QStringList&)
{
    const auto answer = ask(console, "queues");
    if (!answer)
        return Failed;
    std::vector<QStringList> rows;
    std::vector<QStringList> waiting;
    const QJsonArray list = answer->value(QLatin1String("queues")).toArray();
    for (const QJsonValue& queue : list) {
        const auto count = [&](const char* key) {
            return QString::number(queue[QLatin1String(key)].toInteger());
        };
        const QString name = queue[QLatin1String("queue")].toString();
        const QJsonArray callers = queue[QLatin1String("callers")].toArray();
        rows.push_back({name, QString::number(callers.size()), queue[QLatin1String("offeredTo")].toString(),
                        count("free") + u'/' + count("operators"), count("delivered"), count("overflowed"),
                        count("missed")});
        for (const QJsonValue& one : callers)
            waiting.push_back({name, clockTime(one[QLatin1String("since")]),
                               one[QLatin1String("number")].toString(),
                               one[QLatin1String("name")].toString()});
    }
    const bool anybody = !rows.empty();
    printList({QStringLiteral("Queue"), QStringLiteral("Waiting"), QStringLiteral("Rings at"),
               QStringLiteral("Free"), QStringLiteral("Delivered"), QStringLiteral("Overflowed"),
               QStringLiteral("Missed")},
              std::move(rows), {}, "No queue was called.");
    return anybody ? printList({QStringLiteral("Queue"), QStringLiteral("Since"), QStringLiteral("Number"),
                                QStringLiteral("Name")},
                               std::move(waiting), {}, "Nobody waits.")
                   : int{Ok};
}

int registrations(Console& console, const QStringList& words)
{
    const auto answer = words.isEmpty()
                            ? ask(console, "registrations")
                            : ask(console, "registrations", {{QStringLiteral("of"), words.constFirst()}});
    if (!answer)
        return Failed;
    std::vector<QStringList> rows;
    const QJsonArray list = answer->value(QLatin1String("registrations")).toArray();
    for (const QJsonValue& one : list)
        rows.push_back({one[QLatin1String("user")].toString(), one[QLatin1String("number")].toString(),
                        one[QLatin1String("source")].toString(), one[QLatin1String("transport")].toString(),
                        QString::number(one[QLatin1String("secondsLeft")].toInteger()),
                        one[QLatin1String("contact")].toString(),
                        one[QLatin1String("userAgent")].toString()});
    return printList({QStringLiteral("User"), QStringLiteral("Number"), QStringLiteral("Source"),
                      QStringLiteral("By"), QStringLiteral("Seconds"), QStringLiteral("Contact"),
                      QStringLiteral("Device")},
                     std::move(rows), *answer, "Nobody is registered.");
}

int trunks(Console& console, const QStringList&)
{
    const auto answer = ask(console, "registrations");
    if (!answer)
        return Failed;
    std::vector<QStringList> rows;
    const QJsonArray list = answer->value(QLatin1String("trunks")).toArray();
    for (const QJsonValue& one : list)
        rows.push_back({one[QLatin1String("trunk")].toString(), one[QLatin1String("account")].toString(),
                        one[QLatin1String("state")].toString()});
    const QJsonObject shown{{QStringLiteral("total"), list.size()}};
    return printList({QStringLiteral("Trunk"), QStringLiteral("Account"), QStringLiteral("State")},
                     std::move(rows), shown, "There is no trunk, and no gateway with an address.");
}

int alarmReset(Console& console, const QStringList&)
{
    if (!ask(console, "resetAlarm"))
        return Failed;
    print("The software lamp is green.");
    return Ok;
}

int config(Console& console, const QStringList& words)
{
    return console.config.run(words);
}

template <Probe Kind>
int probe(Console&, const QStringList& words)
{
    if (!words.isEmpty())
        return runProbe(Kind, words.constFirst());
    say("switchroomctl: which address?");
    return WrongUse;
}

template <unsigned Interface>
int testRecord(Console& console, const QStringList&)
{
    return testCdr(console.configDir, Interface);
}

int trace(Console& console, const QStringList& words)
{
    return runTrace(console.configDir, words);
}

int crash(Console& console, const QStringList& words)
{
    return runCrash(console.configDir, words);
}

int reset(Console& console, const QStringList& words)
{
    const bool idle = words == QStringList{QStringLiteral("idle")};
    if (!words.isEmpty() && !idle) {
        say("switchroomctl: reset | reset idle | reset factory.");
        return WrongUse;
    }
    if (!(idle ? ask(console, "reset", {{QStringLiteral("when"), QStringLiteral("idle")}})
               : ask(console, "reset")))
        return Failed;
    print(idle ? "The service starts anew when no call runs." : "The service starts anew.");
    return Ok;
}

int resetFactory(Console& console, const QStringList& words)
{
    if (console.config.unwritten()) {
        say("switchroomctl: settings were changed and not written; `config write` or `quit` first.");
        return Failed;
    }
    return factoryReset(console.configDir, words == QStringList{QStringLiteral("yes")});
}

int quit(Console& console, const QStringList&)
{
    console.ended = true;
    return Ok;
}

int help(Console& console, const QStringList& words);

const std::vector<ConsoleCommand>& consoleCommands()
{
    static const std::vector<ConsoleCommand> all{
        {"help", "", "this list", 0, &help},
        {"status", "", "calls, registrations, files, lamps", 0, &status},
        {"calls", "", "the calls that run", 0, &calls},
        {"call", "pause ID", "nothing that is said from now on is recorded", 2, &call},
        {"call", "resume ID", "and from now on again", 2, &call},
        {"call", "start ID", "a recording, of users whose `record` is manual or optional", 2, &call},
        {"call", "stop ID", "and its end", 2, &call},
        {"queues", "", "waiting queues, and who waits", 0, &queues},
        {"registrations", "[USER]", "who is registered, where, and how long yet", 1, &registrations},
        {"trunks", "", "where the exchange is registered itself, and which gateways answer", 0, &trunks},
        {"alarm reset", "", "the software lamp is green again", 0, &alarmReset},
        {"trace", "on|off|show", "SIP messages into a file, without secrets; off after a restart", 1, &trace},
        {"crash", "show|clear", "what the service has written when it crashed; forgets it", 1, &crash},
        {"config", "show", "settings that are not at their default, without secrets", 3, &config},
        {"config", "add KEY VALUE", "one more item of a list, like capture.interfaces", 3, &config},
        {"config", "change KEY VALUE", "another value", 3, &config},
        {"config", "rem KEY [VALUE]", "one item less, or back to the default", 3, &config},
        {"config", "write", "keeps what was changed", 3, &config},
        {"config", "activate", "the same, and tells what it takes to work", 3, &config},
        {"reset factory", "yes", "puts the configuration aside; no service may run", 1, &resetFactory},
        {"reset", "[idle]", "the service starts anew with the settings of now; idle: when no call runs", 1,
         &reset},
        {"mod cmd CDR0 test-cdr", "", "does the receiver of CDR0 take a record, from here?", 0,
         &testRecord<0>},
        {"mod cmd CDR1 test-cdr", "", "the same of CDR1", 0, &testRecord<1>},
        {"mod cmd PING0 ping", "ADDR", "does it answer, from here?", 1, &probe<Probe::Ping>},
        {"mod cmd PING0 tracert", "ADDR", "the way there", 1, &probe<Probe::Trace>},
        {"quit", "", "ends the console", 0, &quit},
        {"exit", "", "the same", 0, &quit},
    };
    return all;
}

int help(Console&, const QStringList&)
{
    std::vector<QStringList> rows;
    for (const ConsoleCommand& command : consoleCommands())
        rows.push_back(
            {(QString::fromLatin1(command.name) + QLatin1Char(' ') + QString::fromLatin1(command.usage))
                 .trimmed(),
             QString::fromLatin1(command.summary)});
    print(columns(rows));
    return Ok;
}

/// The nearest one, measured on as many words as it has itself.
int unknown(const QStringList& words)
{
    QStringList known;
    qsizetype most = 0;
    for (const ConsoleCommand& command : consoleCommands()) {
        known << QString::fromLatin1(command.name);
        most = std::max(most, known.constLast().count(QLatin1Char(' ')) + 1);
    }
    QString guess;
    for (qsizetype length = std::min(most, words.size()); length > 0 && guess.isEmpty(); --length)
        guess = nearest(words.mid(0, length).join(QLatin1Char(' ')), known);
    say("switchroomctl: there is no command `" + words.join(QLatin1Char(' ')).left(80).toStdString() + "`" +
        (guess.isEmpty() ? "; `help` lists them." : "; did you mean `" + guess.toStdString() + "`?"));
    return WrongUse;
}

int runLine(Console& console, const QString& line)
{
    const QStringList words = QProcess::splitCommand(line);
    if (words.isEmpty() || words.constFirst().startsWith(QLatin1Char('#')))
        return Ok;
    for (const ConsoleCommand& command : consoleCommands()) {
        const QStringList name = QString::fromLatin1(command.name).split(QLatin1Char(' '));
        if (words.mid(0, name.size()) != name)
            continue;
        if (words.size() - name.size() <= command.most)
            return command.run(console, words.mid(name.size()));
        say("switchroomctl: `" + words.at(name.size() + command.most).toStdString() +
            "` is one word too many.");
        return WrongUse;
    }
    return unknown(words);
}

/// A script's lines all run; the first that failed gives the exit code.
int runInput(Console& console)
{
    const bool person = inputIsTerminal();
    int code = Ok;
    std::string line;
    if (person)
        say("`help` lists the commands, `quit` ends.");
    while (!console.ended) {
        if (person)
            std::cerr << "switchroom> " << std::flush;
        if (!std::getline(std::cin, line))
            break;
        if (line.size() > kLongestLine) {
            say("switchroomctl: a line has 64 KiB at most.");
            return WrongUse;
        }
        const int done = runLine(console, QString::fromStdString(line).trimmed());
        if (code == Ok && !person)
            code = done;
    }
    return code;
}

} // namespace

int runConsole(const QStringList& arguments)
{
    Options options("Console of the service that runs on this --config: commands line by line, `help` lists "
                    "them. Settings are read and written here, whether it runs or not.",
                    0);
    options.add("c", "Only this command; may stand several times.", "COMMAND");
    if (const auto done = options.process(arguments))
        return *done;
    Console console{options.configDir(), ConsoleConfig(options.configDir())};
    int code = Ok;
    if (options.has("c")) {
        for (const std::string& line : options.values("c"))
            if (code == Ok)
                code = runLine(console, QString::fromStdString(line).trimmed());
    } else {
        code = runInput(console);
    }
    if (!console.config.unwritten())
        return code;
    say("switchroomctl: what was changed is not written and gone; `config write` keeps it.");
    return code == Ok ? Failed : code;
}

} // namespace sr::ctl
