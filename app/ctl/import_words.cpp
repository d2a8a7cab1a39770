// SPDX-License-Identifier: GPL-3.0-or-later
// The report of an import in words and in JSON.
#include "app/ctl/import_words.h"

#include "app/ctl/json_rows.h"

#include <QJsonArray>

#include <algorithm>

namespace sr::ctl {
namespace {

std::string counted(std::uint64_t number, const std::string& thing)
{
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string wordsOf(const recorder::Undecoded& call)
{
    return undecodedText(call.packets, call.locked, call.suite) +
           (call.keptAsPackets ? "; kept as pcap, so that nothing is lost" : "");
}

const recorder::Undecoded* undecodedOf(const recorder::ImportReport& report, const std::string& uid)
{
    const auto found = std::ranges::find(report.undecoded, uid, &recorder::Undecoded::uid);
    return found == report.undecoded.end() ? nullptr : &*found;
}

std::vector<std::string> refusals(const capture::CaptureStats& stats)
{
    std::vector<std::string> lines;
    if (stats.refusedCalls > 0)
        lines.push_back(counted(stats.refusedCalls, "call") + (stats.refusedCalls == 1 ? " was" : " were") +
                        " not followed, because too many calls were open at once. Import again with a "
                        "higher --max-calls: what is archived stays, what is missing is added.");
    if (stats.refusedStreams > 0)
        lines.push_back(counted(stats.refusedStreams, "RTP stream") +
                        (stats.refusedStreams == 1 ? " was" : " were") +
                        " not kept, because too many streams were open at once. Calls of this import may "
                        "lack sound: import into a new archive with a higher --max-streams.");
    return lines;
}

/// RTP that is in no recording, by the reason.
std::string leftOut(const recorder::ImportReport& report)
{
    std::string reasons;
    const auto add = [&](std::uint64_t packets, const char* reason) {
        if (packets > 0)
            reasons += (reasons.empty() ? "" : ", ") + std::to_string(packets) + " " + reason;
    };
    add(report.earlyPackets, "of calls that nobody answered");
    add(report.stats.otherMedia, "of video and other media");
    add(report.stats.lateRtp, "after the end of their call");
    add(report.stats.strayRtp, "too few to be a call");
    return reasons.empty() ? reasons : "RTP packets that are in no recording: " + reasons + ".";
}

/// What the captures themselves lack or got wrong.
std::vector<std::string> captureFaults(const capture::CaptureStats& stats)
{
    std::vector<std::string> lines;
    if (stats.cut > 0)
        lines.push_back(counted(stats.cut, "packet") + (stats.cut == 1 ? " was" : " were") +
                        " cut short when captured, so that sound and signalling are incomplete; cut sound "
                        "counts as lost. Capture whole packets (snapshot length 0 or 262144).");
    if (stats.misdated > 0)
        lines.push_back(counted(stats.misdated, "wrong time") +
                        " of capture, more than a minute off, put in order by the packets around.");
    return lines;
}

std::vector<std::string> generalWarnings(const recorder::ImportReport& report)
{
    std::vector<std::string> lines = refusals(report.stats);
    std::ranges::move(captureFaults(report.stats), std::back_inserter(lines));
    if (std::string left = leftOut(report); !left.empty())
        lines.push_back(std::move(left));
    return lines;
}

} // namespace

std::string undecodedText(std::uint64_t packets, std::uint64_t locked, const std::string& suite)
{
    const std::string why =
        suite.empty() ? "wrong or missing SRTP key" : "SRTP suite " + suite + ", which is not supported";
    const std::string words = counted(packets, "packet") + " could not be decoded";
    if (locked == 0)
        return words + " (unknown or damaged format)";
    if (locked == packets)
        return words + " (" + why + ")";
    return words + " (" + std::to_string(locked) + " for " + (suite.empty() ? "a " : "") + why + ", " +
           std::to_string(packets - locked) + " of unknown or damaged format)";
}

std::string fileErrorLine(const capture::FileError& error)
{
    const std::string text = error.error.text();
    return text.find(error.file) != std::string::npos
               ? text
               : error.file + " at offset " + std::to_string(error.offset) + ": " + text;
}

std::vector<std::string> importWarnings(const recorder::ImportReport& report)
{
    std::vector<std::string> lines;
    for (const recorder::Undecoded& call : report.undecoded)
        lines.push_back(call.uid + ": " + wordsOf(call));
    std::ranges::move(generalWarnings(report), std::back_inserter(lines));
    return lines;
}

std::vector<std::string> callLines(const recorder::ImportReport& report)
{
    std::vector<std::string> lines;
    for (const archive::RecordingRow& row : report.recordings) {
        const recorder::Undecoded* undecoded = undecodedOf(report, row.uid);
        lines.push_back(row.file + (undecoded == nullptr ? "" : ": " + wordsOf(*undecoded)));
    }
    for (const std::string& uid : report.duplicates)
        lines.push_back("duplicate " + uid);
    return lines;
}

std::vector<std::string> importLines(const recorder::ImportReport& report)
{
    std::vector<std::string> lines = callLines(report);
    std::ranges::move(generalWarnings(report), std::back_inserter(lines));
    lines.push_back(counted(report.recordings.size(), "recording") + ", " +
                    counted(report.unanswered.size(), "unanswered call") + ", " +
                    counted(report.duplicates.size(), "duplicate") + ", " +
                    counted(report.errors.size(), "error"));
    return lines;
}

QJsonObject toJson(const recorder::ImportReport& report)
{
    QJsonArray duplicates;
    for (const std::string& uid : report.duplicates)
        duplicates.append(qstr(uid));
    QJsonArray errors;
    for (const capture::FileError& error : report.errors)
        errors.append(QJsonObject{{QStringLiteral("file"), qstr(error.file)},
                                  {QStringLiteral("offset"), static_cast<qint64>(error.offset)},
                                  {QStringLiteral("message"), qstr(error.error.text())}});
    QJsonArray undecoded;
    for (const recorder::Undecoded& call : report.undecoded)
        undecoded.append(QJsonObject{{QStringLiteral("uid"), qstr(call.uid)},
                                     {QStringLiteral("packets"), static_cast<qint64>(call.packets)},
                                     {QStringLiteral("locked"), static_cast<qint64>(call.locked)},
                                     {QStringLiteral("keptAsPackets"), call.keptAsPackets},
                                     {QStringLiteral("suite"), qstr(call.suite)}});
    QJsonArray warnings;
    for (const std::string& line : importWarnings(report))
        warnings.append(qstr(line));
    return {{QStringLiteral("recordings"), toJson(report.recordings)},
            {QStringLiteral("unanswered"), toJson(report.unanswered)},
            {QStringLiteral("duplicates"), duplicates},
            {QStringLiteral("errors"), errors},
            {QStringLiteral("undecoded"), undecoded},
            {QStringLiteral("refusedCalls"), static_cast<qint64>(report.stats.refusedCalls)},
            {QStringLiteral("refusedStreams"), static_cast<qint64>(report.stats.refusedStreams)},
            {QStringLiteral("cutPackets"), static_cast<qint64>(report.stats.cut)},
            {QStringLiteral("misdatedPackets"), static_cast<qint64>(report.stats.misdated)},
            {QStringLiteral("leftOutPackets"),
             QJsonObject{{QStringLiteral("unanswered"), static_cast<qint64>(report.earlyPackets)},
                         {QStringLiteral("otherMedia"), static_cast<qint64>(report.stats.otherMedia)},
                         {QStringLiteral("afterEnd"), static_cast<qint64>(report.stats.lateRtp)},
                         {QStringLiteral("tooFew"), static_cast<qint64>(report.stats.strayRtp)}}},
            {QStringLiteral("warnings"), warnings}};
}

} // namespace sr::ctl
