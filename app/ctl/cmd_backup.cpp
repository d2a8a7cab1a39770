// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration as one file; the passphrase comes on standard input, where no process list shows it.
#include "app/ctl/cmd_backup.h"

#include "app/ctl/command.h"
#include "app/ctl/json_rows.h"
#include "core/base/console.h"
#include "core/crypto/wipe.h"
#include "core/engine/config_backup.h"

namespace sr::ctl {
namespace {

QJsonArray arrayOf(const std::vector<std::string>& words)
{
    QJsonArray array;
    for (const std::string& word : words)
        array.append(qstr(word));
    return array;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out;
}

void tellBackup(const std::string& file, const engine::BackupReport& report, bool json)
{
    if (json)
        return print(compact({{QStringLiteral("file"), qstr(file)},
                              {QStringLiteral("files"), static_cast<qint64>(report.files)},
                              {QStringLiteral("missing"), arrayOf(report.missing)}}));
    print(file + ": " + std::to_string(report.files) +
          " files, sealed. Whoever has it and the passphrase has every key of this machine.");
}

void tellRestore(const engine::RestoreReport& report, bool json)
{
    const std::string former = utf8Of(report.former);
    if (json)
        return print(compact({{QStringLiteral("made"), qstr(report.made)},
                              {QStringLiteral("machine"), qstr(report.machine)},
                              {QStringLiteral("former"), qstr(former)},
                              {QStringLiteral("moved"), arrayOf(report.moved)}}));
    print("Restored what " + report.machine + " saved at " + report.made + ".");
    if (!report.moved.empty())
        print("Files of " + joined(report.moved) +
              " were not where they had been; the settings name copies.");
    if (!former.empty())
        print("The configuration before is kept in " + former +
              ", with call data records that wait for a receiver and calls that were not archived yet.");
}

} // namespace

int runBackup(const QStringList& arguments)
{
    Options options(
        "Saves the whole configuration in one file: settings, users, keys, certificates. Asks for "
        "a passphrase, which seals it, on standard input. The service may run meanwhile.",
        Options::Json);
    options.add("o", "Into this file.", "FILE");
    if (const auto done = options.process(arguments))
        return *done;
    if (!options.has("o"))
        return wrongUse("-o FILE is missing.");
    std::string passphrase = readSecretLine("Passphrase of the backup: ");
    const crypto::WipeLater wiped(passphrase);
    if (inputIsTerminal()) {
        std::string again = readSecretLine("Once more: ");
        const crypto::WipeLater wipedToo(again);
        if (again != passphrase) {
            say("switchroomctl: these were two different passphrases.");
            return Failed;
        }
    }
    const auto report =
        engine::backupConfig(options.configDir(), pathOf(options.value("o")), passphrase, systemClock());
    if (!report)
        return failWith(report.error());
    tellBackup(options.value("o"), *report, options.json());
    if (report->missing.empty())
        return Ok;
    say("switchroomctl: not in it, for they cannot be read: the files of " + joined(report->missing) + ".");
    return Failed;
}

int runRestore(const QStringList& arguments)
{
    Options options("Brings back a configuration that `backup` saved. Asks for its passphrase on standard "
                    "input. No service may run on this --config.",
                    Options::Json);
    options.add("replace", "Also where there is a configuration; it is kept as DIR.before-TIME.");
    options.addPositional("file", "What `backup` wrote.", "FILE");
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().isEmpty())
        return wrongUse("which file?");
    std::string passphrase = readSecretLine("Passphrase of the backup: ");
    const crypto::WipeLater wiped(passphrase);
    const auto report =
        engine::restoreConfig(pathOf(options.positional().constFirst().toStdString()), options.configDir(),
                              passphrase, options.has("replace"), systemClock());
    if (report) {
        tellRestore(*report, options.json());
        return Ok;
    }
    const int code = failWith(report.error());
    if (report.error().code == engine::BackupErrc::Used)
        say("restore --replace puts the backup in its place and keeps what is there beside it.");
    return code;
}

int factoryReset(const Path& configDir, bool sure)
{
    if (engine::isUnused(configDir)) {
        print("There is no configuration.");
        return Ok;
    }
    if (!sure) {
        say("switchroomctl: settings, users, keys and certificates would be put aside, and the next start "
            "would make new keys, which open no recording of today. `reset factory yes` does it.");
        return WrongUse;
    }
    const auto former = engine::putConfigAside(configDir, systemClock());
    if (!former)
        return failWith(former.error());
    print("As new. What was there is in " + utf8Of(*former) + "; its keys open the recordings of before.");
    return Ok;
}

} // namespace sr::ctl
