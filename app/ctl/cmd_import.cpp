// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl import` and `convert`: captures into the archive, and recordings into another format.
#include "app/ctl/cmd_import.h"

#include "app/ctl/cmd_settings.h"
#include "app/ctl/command.h"
#include "app/ctl/import_words.h"
#include "app/ctl/json_rows.h"
#include "app/ctl/terminal_progress.h"
#include "core/base/console.h"
#include "core/sdp/crypto_line.h"
#include "core/settings/settings.h"
#include "recorder/pipeline/convert_job.h"
#include "recorder/pipeline/import_job.h"

#include <limits>

namespace sr::ctl {
namespace {

constexpr const char* kFormats = "wav|mp3|mp3-mono|mp3-internal|mp3-external|pcap";

/// `SUITE:BASE64` or BASE64 alone for AES_CM_128_HMAC_SHA1_80; `inline:` before the key and lifetime and MKI
/// behind it may stand as in SDP. Nothing for an unknown suite or a key that is not as long as its suite
/// wants.
std::optional<rtp::SrtpKey> parseSrtpKey(const std::string& text)
{
    constexpr std::string_view kInline = "inline:";
    std::string suite = "AES_CM_128_HMAC_SHA1_80";
    std::string key = text;
    if (const auto colon = text.find(':'); colon != std::string::npos && !text.starts_with(kInline)) {
        suite = text.substr(0, colon);
        key = text.substr(colon + 1);
    }
    if (!key.starts_with(kInline))
        key.insert(0, kInline);
    auto keys = sdp::parseCrypto("1 " + suite + " " + key);
    // A suite nobody knows comes without its key.
    return keys.size() == 1 && !keys.front().keySalt.empty() ? std::optional(std::move(keys.front()))
                                                             : std::nullopt;
}

std::optional<int> parseLimit(const Options& options, const char* name, std::uint32_t& limit)
{
    if (!options.has(name))
        return std::nullopt;
    bool valid = false;
    limit = qstr(options.value(name)).toUInt(&valid);
    if (!valid || limit == 0)
        return wrongUse(std::string("--") + name + " takes a number from 1 on.");
    return std::nullopt;
}

/// What the command line does not say comes from the settings.
std::optional<int> fillOptions(const Options& options, const settings::Settings& settings,
                               recorder::ImportOptions& import)
{
    const std::string name =
        options.has("format") ? options.value("format") : settings.get(settings::kImportFormat).toStdString();
    const auto format = recorder::parseOutputFormat(name);
    if (!format)
        return wrongUse("--format takes " + std::string(kFormats) + ".");
    import.format = *format;
    import.internalPattern = options.has("internal")
                                 ? options.value("internal")
                                 : settings.get(settings::kImportInternalPattern).toStdString();
    import.seal = options.has("seal") || settings.get(settings::kImportSeal);
    import.alwaysG711 = options.has("always-g711") || settings.get(settings::kImportAlwaysG711);
    for (const std::string& text : options.values("srtp-key")) {
        auto key = parseSrtpKey(text);
        if (!key)
            return wrongUse(
                "--srtp-key takes SUITE:BASE64, as in an a=crypto line: a suite of RFC 4568, 6188 "
                "or 7714 and its key and salt, exactly as long as the suite wants.");
        import.srtpKeys.push_back(std::move(*key));
    }
    if (const auto wrong = parseLimit(options, "max-calls", import.maxCalls))
        return wrong;
    return parseLimit(options, "max-streams", import.maxStreams);
}

} // namespace

int runImport(const QStringList& arguments)
{
    Options options("Reads capture files and archives every call in them.", Options::Archive | Options::Json);
    options.add("format", "What to keep (default wav).", kFormats);
    options.add("internal", "Numbers that are internal; * and ? allowed.", "PATTERN");
    options.add("seal", "Encrypt the audio too (sidecars always are).");
    options.add("always-g711", "Wideband calls become G.711 as well.");
    options.add("srtp-key", "Key for SRTP whose SDP carries none that fits.", "SUITE:BASE64");
    options.add("max-calls", "Calls followed at once (default 100000).", "N");
    options.add("max-streams", "RTP streams kept at once (default 200000).", "N");
    options.addPositional("file", "pcap or pcapng files.", "FILE...", std::numeric_limits<int>::max());
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().isEmpty())
        return wrongUse("name at least one capture file.");
    const auto settings = openSettings(options.configDir());
    if (!settings)
        return Failed;
    recorder::ImportOptions import;
    if (const auto wrong = fillOptions(options, *settings, import))
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
    options.add("format", "The new format.", kFormats);
    options.add("seal", "Encrypt clear recordings while at it; sealed ones stay sealed.");
    if (const auto done = options.process(arguments))
        return *done;
    const auto format = recorder::parseOutputFormat(options.value("format"));
    if (!format)
        return wrongUse("--format takes " + std::string(kFormats) + ".");
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
