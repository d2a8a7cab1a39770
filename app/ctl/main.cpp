// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomctl: the command line for administrators and scripts (design.md, Command contract).
#include "app/ctl/cmd_archive.h"
#include "app/ctl/cmd_backup.h"
#include "app/ctl/cmd_capture.h"
#include "app/ctl/cmd_console.h"
#include "app/ctl/cmd_import.h"
#include "app/ctl/cmd_key.h"
#include "app/ctl/cmd_object.h"
#include "app/ctl/cmd_settings.h"
#include "app/ctl/cmd_status.h"
#include "app/ctl/command.h"
#include "core/base/console.h"

#include <QCoreApplication>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace sr::ctl {

const std::vector<Command>& commands()
{
    static const std::vector<Command> all{
        {"import", "Archive the calls of capture files", &runImport},
        {"capture", "Archive the calls that pass an interface", &runCapture},
        {"list", "List recordings", &runList},
        {"show", "Show one recording", &runShow},
        {"verify", "Check every file of an archive", &runVerify},
        {"unseal", "Decrypt one file", &runUnseal},
        {"export", "Copy recordings, decrypted", &runExport},
        {"convert", "Bring recordings into another format", &runConvert},
        {"reindex", "Build the catalog anew", &runReindex},
        {"key", "List, add, rotate, export and import keys", &runKey},
        {"settings", "Read and change settings", &runSettings},
        {"backup", "Save the whole configuration in one sealed file", &runBackup},
        {"restore", "Bring such a file back", &runRestore},
        {"console", "Talk to the service, line by line", &runConsole},
        {"status", "Tell how the service is", &runStatus},
        {"object", "List, add, change and remove objects of every kind", &runObject},
        {"user", "List, add, change and remove users of the exchange", &runUser},
    };
    return all;
}

namespace {

void printHelp()
{
    std::string text = "Usage: switchroomctl COMMAND [options]\n\n";
    for (const Command& command : commands()) {
        std::string name = command.name;
        name.resize(10, ' ');
        text += "  " + name + command.summary + "\n";
    }
    print(text + "\nswitchroomctl COMMAND --help tells more.");
}

/// `--config DIR` is every program's, so it may stand before the command too: it is moved behind.
QStringList commandFirst(QStringList arguments)
{
    static const QString config = QStringLiteral("--config");
    QStringList moved;
    while (!arguments.isEmpty()) {
        const bool joined = arguments.constFirst().startsWith(config + QLatin1Char('='));
        if (!joined && arguments.constFirst() != config)
            break;
        for (int words = joined ? 1 : 2; words > 0 && !arguments.isEmpty(); --words)
            moved << arguments.takeFirst();
    }
    if (!arguments.isEmpty())
        for (qsizetype i = 0; i < moved.size(); ++i)
            arguments.insert(1 + i, moved.at(i));
    return arguments;
}

int run(QStringList arguments)
{
    arguments = commandFirst(arguments.mid(1));
    if (arguments.isEmpty())
        return wrongUse("which command?");
    std::string name = arguments.takeFirst().toStdString();
    if (name == "help" && !arguments.isEmpty() && !arguments.constFirst().startsWith(QLatin1Char('-'))) {
        name = arguments.constFirst().toStdString();
        arguments = {QStringLiteral("--help")};
    }
    if (name == "help" || name == "--help" || name == "-h") {
        printHelp();
        return Ok;
    }
    if (name == "--version" || name == "version") {
        print("switchroomctl " SR_VERSION);
        return Ok;
    }
    const auto& all = commands();
    const auto found =
        std::ranges::find_if(all, [&name](const Command& command) { return name == command.name; });
    if (found == all.end())
        return wrongUse("there is no command `" + name + "`.");
    arguments.prepend(QStringLiteral("switchroomctl ") + QString::fromStdString(name));
    return found->run(arguments);
}

/// What could not be printed was not done.
int flushed(int code)
{
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
    say("switchroomctl: standard output cannot be written: " + std::generic_category().message(errno));
    return code == Ok ? Failed : code;
}

} // namespace
} // namespace sr::ctl

int main(int argc, char** argv)
{
    const sr::ConsoleSetup console;
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("switchroomctl"));
    return sr::ctl::flushed(sr::ctl::run(QCoreApplication::arguments()));
}
