// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl import` and `convert`: captures into the archive, and recordings into another format.
#include "app/ctl/cmd_import.h"

#include "app/ctl/cmd_settings.h"
#include "app/ctl/command.h"
#include "app/ctl/import_words.h"
#include "app/ctl/json_rows.h"
#include "app/ctl/record_options.h"
#include "app/ctl/terminal_progress.h"
#include "core/base/console.h"
#include "core/settings/settings.h"
#include "recorder/pipeline/convert_job.h"
#include "recorder/pipeline/import_job.h"

#include <limits>

namespace sr::ctl {

int runImport(const QStringList& arguments)
{
    Options options("Reads capture files and archives every call in them.", Options::Archive | Options::Json);
    addRecordOptions(options);
    options.addPositional("file", "pcap or pcapng files.", "FILE...", std::numeric_limits<int>::max());
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().isEmpty())
        return wrongUse("name at least one capture file.");
    const auto settings = openSettings(options.configDir());
    if (!settings)
        return Failed;
    recorder::ImportOptions import;
    if (const auto wrong = fillRecordOptions(options, *settings, import))
        return *wrong;
    const auto engine = options.openEngine(true);
    if (!engine)
        return Failed;

    std::vector<Path> files;
    for (const QString& file : options.positional())
        files.push_back(pathOf(file.toStdString()));
    recorder::ImportOutcome outcome;
    {
        TerminalProgress progress("importing", Unit::Octets, systemClock());
        const StopSignal stop([&progress] { progress.cancel(); });
        outcome = recorder::importCaptures(engine->archive(), files, import, progress);
    }
    for (const capture::FileError& error : outcome.report.errors)
        say("switchroomctl: " + fileErrorLine(error));
    for (const std::string& line :
         options.json() ? importWarnings(outcome.report) : importLines(outcome.report))
        say(line);
    if (options.json())
        print(compact(toJson(outcome.report)));
    if (outcome.stopped)
        return failWith(*outcome.stopped);
    return outcome.report.errors.empty() ? Ok : Failed;
}

int runConvert(const QStringList& arguments)
{
    Options options(
        "Brings every recording of the archive into another format. A recording is proven first: one "
        "that is not what was recorded stays as it is, and the exit code is 3. To pcap nothing can be "
        "brought back, as the packets are gone; only what is pcap already passes.",
        Options::Archive | Options::Json);
    options.add("format", "The new format.", kFormatNames);
    options.add("seal", "Encrypt clear recordings while at it; sealed ones stay sealed.");
    if (const auto done = options.process(arguments))
        return *done;
    const auto format = recorder::parseOutputFormat(options.value("format"));
    if (!format)
        return wrongUse("--format takes " + std::string(kFormatNames) + ".");
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    Result<recorder::ConvertReport> report = [&] {
        TerminalProgress progress("converting", Unit::Recordings, systemClock());
        const StopSignal stop([&progress] { progress.cancel(); });
        return recorder::convertArchive(engine->archive(), *format, options.has("seal"), progress);
    }();
    if (!report)
        return failWith(report.error());
    QJsonArray failed;
    int code = Ok;
    for (const auto& [uid, error] : report->failed) {
        code = std::max(code, exitCodeOf(error));
        say("switchroomctl: " + uid + ": " + error.text());
        failed.append(
            QJsonObject{{QStringLiteral("uid"), qstr(uid)}, {QStringLiteral("message"), qstr(error.text())}});
    }
    if (options.json())
        print(compact({{QStringLiteral("converted"), static_cast<qint64>(report->converted)},
                       {QStringLiteral("skipped"), static_cast<qint64>(report->skipped)},
                       {QStringLiteral("failed"), failed}}));
    else
        say(std::to_string(report->converted) + " converted, " + std::to_string(report->skipped) +
            " left as they were, " + std::to_string(report->failed.size()) + " failed");
    return code;
}

} // namespace sr::ctl
