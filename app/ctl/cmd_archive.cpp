// SPDX-License-Identifier: GPL-3.0-or-later
// `list`, `show`, `verify`, `reindex`: what is in the archive and whether it is still what was written.
#include "app/ctl/cmd_archive.h"

#include "app/ctl/command.h"
#include "app/ctl/json_rows.h"
#include "app/ctl/terminal_progress.h"
#include "core/base/console.h"

#include <QDate>
#include <QRegularExpression>

#include <limits>

namespace sr::ctl {
namespace {

using archive::RecordingFilter;

constexpr std::uint64_t kPage = 1000;

std::optional<int> parseDate(const Options& options, RecordingFilter& filter)
{
    if (options.has("day")) {
        const QDate day = QDate::fromString(qstr(options.value("day")), Qt::ISODate);
        if (!day.isValid())
            return wrongUse("--day takes YYYY-MM-DD.");
        filter.year = day.year();
        filter.month = day.month();
        filter.day = day.day();
    } else if (options.has("month")) {
        const QDate month =
            QDate::fromString(qstr(options.value("month")) + QStringLiteral("-01"), Qt::ISODate);
        if (!month.isValid())
            return wrongUse("--month takes YYYY-MM.");
        filter.year = month.year();
        filter.month = month.month();
    }
    return std::nullopt;
}

std::optional<int> parseFilter(const Options& options, RecordingFilter& filter)
{
    if (const auto wrong = parseDate(options, filter))
        return wrong;
    filter.internal = options.value("internal");
    filter.external = options.value("external");
    filter.owner = options.value("owner");
    filter.oldestFirst = options.has("oldest-first");
    filter.unanswered = options.has("unanswered");
    if (options.has("direction")) {
        const std::string direction = options.value("direction");
        if (direction != "in" && direction != "out")
            return wrongUse("--direction takes in or out.");
        filter.direction = direction == "in" ? archive::CallDirection::In : archive::CallDirection::Out;
    }
    if (options.has("tan")) {
        filter.tan = options.value("tan");
        static const QRegularExpression sixDigits(QStringLiteral("^[0-9]{6}$"));
        if (!sixDigits.match(qstr(filter.tan)).hasMatch())
            return wrongUse("--tan takes six digits.");
    }
    if (options.has("format")) {
        filter.format = archive::formatOfExtension(options.value("format"));
        if (!filter.format)
            return wrongUse("--format takes wav, mp3 or pcap.");
    }
    return std::nullopt;
}

std::optional<int> parseNumber(const Options& options, const char* name, std::uint64_t& number)
{
    if (!options.has(name))
        return std::nullopt;
    bool valid = false;
    number = qstr(options.value(name)).toULongLong(&valid);
    if (!valid)
        return wrongUse(std::string("--") + name + " takes a number.");
    return std::nullopt;
}

std::string counted(std::uint64_t number, const std::string& thing)
{
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

void printLine(const archive::RecordingRow& row)
{
    print(isoTime(row.start, row.utcOffsetMinutes).toStdString() + "  " + row.internal +
          (row.direction == archive::CallDirection::In ? " <- " : " -> ") + row.external + "  " +
          std::to_string(row.durationMs / 1000) + " s  " + row.uid +
          (row.hasSidecar ? "" : "  (from its name, status unknown)"));
}

/// Streams the page as it comes, so that a list of a million rows needs little memory.
int printList(archive::Archive& archive, const RecordingFilter& filter, std::uint64_t offset,
              std::uint64_t limit, bool json)
{
    const auto total = archive.count(filter);
    if (!total)
        return failWith(total.error());
    if (json)
        std::fputs(("{\"total\":" + std::to_string(*total) + ",\"recordings\":[").c_str(), stdout);
    for (std::uint64_t done = 0; done < limit;) {
        const auto rows = archive.page(filter, offset + done, std::min(kPage, limit - done));
        if (!rows)
            return failWith(rows.error());
        for (const archive::RecordingRow& row : *rows) {
            if (!json) {
                printLine(row);
                continue;
            }
            if (done++ > 0)
                std::fputc(',', stdout);
            std::fputs(compact(toJson(row)).c_str(), stdout);
        }
        if (!json)
            done += rows->size();
        if (rows->size() < kPage)
            break;
    }
    if (json)
        print("]}");
    else
        say(counted(*total, "recording"));
    return Ok;
}

} // namespace

int runList(const QStringList& arguments)
{
    Options options("Lists recordings, newest first.", Options::Archive | Options::Json);
    options.add("month", "Of this month.", "YYYY-MM");
    options.add("day", "Of this day.", "YYYY-MM-DD");
    options.add("internal", "Internal number: exact, or with * and ?.", "PATTERN");
    options.add("external", "External number begins with this; * and ? allowed.", "PATTERN");
    options.add("direction", "Incoming or outgoing.", "in|out");
    options.add("tan", "With this transaction number.", "N");
    options.add("format", "Of this format.", "wav|mp3|pcap");
    options.add("owner", "Of this owner.", "NAME");
    options.add("oldest-first", "Turns the order round.");
    options.add("unanswered", "Call records without audio instead of recordings.");
    options.add("limit", "At most so many.", "N");
    options.add("offset", "Leaves out the first so many.", "N");
    if (const auto done = options.process(arguments))
        return *done;
    RecordingFilter filter;
    std::uint64_t offset = 0;
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
    for (const auto& wrong : {parseFilter(options, filter), parseNumber(options, "limit", limit),
                              parseNumber(options, "offset", offset)}) {
        if (wrong)
            return *wrong;
    }
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    return printList(engine->archive(), filter, offset, limit, options.json());
}

int runShow(const QStringList& arguments)
{
    Options options("Shows all that is known of one recording.", Options::Archive | Options::Json);
    options.addPositional("uid", "Its id, or its file name.", "UID");
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().size() != 1)
        return wrongUse("name one recording by its uid.");
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    const auto row = engine->archive().row(options.positional().constFirst().toStdString());
    if (!row)
        return failWith(row.error());
    if (!row->hasSidecar) {
        print(compact(toJson(*row)));
        return Ok;
    }
    const auto recording = engine->archive().recording(row->uid);
    if (!recording)
        return failWith(recording.error());
    const QJsonObject object = toJson(*row, *recording);
    if (options.json()) {
        print(compact(object));
        return Ok;
    }
    for (auto field = object.begin(); field != object.end(); ++field) {
        const QJsonObject wrapped{{field.key(), field.value()}};
        const std::string text = compact(wrapped);
        print(text.substr(1, text.size() - 2));
    }
    return Ok;
}

int runVerify(const QStringList& arguments)
{
    Options options("Checks every file of the archive; exit code 3 if anything was changed.",
                    Options::Archive | Options::Json);
    options.add("log", "Journals and the central log too (they always are; kept for scripts).");
    if (const auto done = options.process(arguments))
        return *done;
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    Result<archive::VerifyReport> report = [&] {
        TerminalProgress progress("verifying", Unit::Octets, systemClock());
        const StopSignal stop([&progress] { progress.cancel(); });
        return engine->archive().verify(progress);
    }();
    if (!report)
        return failWith(report.error());
    QJsonArray findings;
    for (const archive::VerifyFinding& finding : report->findings) {
        say(finding.kind + "  " + finding.file + "  " + finding.detail);
        findings.append(QJsonObject{{QStringLiteral("file"), qstr(finding.file)},
                                    {QStringLiteral("uid"), qstr(finding.uid)},
                                    {QStringLiteral("kind"), qstr(finding.kind)},
                                    {QStringLiteral("detail"), qstr(finding.detail)}});
    }
    if (options.json())
        print(compact({{QStringLiteral("checked"), static_cast<qint64>(report->checked)},
                       {QStringLiteral("findings"), findings}}));
    else
        say(counted(report->checked, "file") + " checked, " + counted(report->findings.size(), "finding"));
    return report->findings.empty() ? Ok : IntegrityViolated;
}

int runReindex(const QStringList& arguments)
{
    Options options("Builds the catalog anew from the archive's files.", Options::Archive | Options::Json);
    if (const auto done = options.process(arguments))
        return *done;
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    const Result<std::uint64_t> found = [&] {
        TerminalProgress progress("reindexing", Unit::Recordings, systemClock());
        const StopSignal stop([&progress] { progress.cancel(); });
        return engine->archive().reindex(progress);
    }();
    if (!found)
        return failWith(found.error());
    if (options.json())
        print(compact({{QStringLiteral("recordings"), static_cast<qint64>(*found)}}));
    else
        say(counted(*found, "recording"));
    return Ok;
}

} // namespace sr::ctl
