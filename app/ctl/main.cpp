// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomctl: the command line for administrators and scripts (design.md, Command contract).
#include "app/ctl/cmd_archive.h"
#include "app/ctl/cmd_import.h"
#include "app/ctl/cmd_key.h"
#include "app/ctl/cmd_settings.h"
#include "app/ctl/command.h"

#include <QCoreApplication>

#include <algorithm>

namespace sr::ctl {

const std::vector<Command>& commands()
{
    static const std::vector<Command> all{
        {"import", "Archive the calls of capture files", &runImport},
        {"list", "List recordings", &runList},
        {"show", "Show one recording", &runShow},
        {"verify", "Check every file of an archive", &runVerify},
        {"unseal", "Decrypt one file", &runUnseal},
        {"export", "Copy recordings, decrypted", &runExport},
        {"convert", "Bring recordings into another format", &runConvert},
        {"reindex", "Build the catalog anew", &runReindex},
        {"key", "List, add, rotate, export and import keys", &runKey},
        {"settings", "Read and change settings", &runSettings},
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

int run(const QStringList& arguments)
{
    if (arguments.size() < 2)
        return wrongUse("which command?");
    const std::string name = arguments.at(1).toStdString();
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
    QStringList rest = arguments.mid(2);
    rest.prepend(QStringLiteral("switchroomctl ") + QString::fromStdString(name));
    return found->run(rest);
}

} // namespace
} // namespace sr::ctl

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("switchroomctl"));
    return sr::ctl::run(QCoreApplication::arguments());
}
