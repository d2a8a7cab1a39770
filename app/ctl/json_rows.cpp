// SPDX-License-Identifier: GPL-3.0-or-later
// Field by field, in the contract's spelling.
#include "app/ctl/json_rows.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QTimeZone>

#include <algorithm>

namespace sr::ctl {
namespace {

using archive::CallDirection;

QJsonArray pair(const std::array<std::string, 2>& values)
{
    return {qstr(values[0]), qstr(values[1])};
}

QJsonArray pair(const std::array<std::uint64_t, 2>& values)
{
    return {static_cast<qint64>(values[0]), static_cast<qint64>(values[1])};
}

const char* layoutName(archive::ChannelLayout layout)
{
    switch (layout) {
    case archive::ChannelLayout::Stereo:
        return "internal-left";
    case archive::ChannelLayout::Mono:
        return "mono";
    case archive::ChannelLayout::InternalOnly:
        return "internal-only";
    case archive::ChannelLayout::ExternalOnly:
        return "external-only";
    }
    return "";
}

QJsonArray flowOf(const archive::Recording& recording)
{
    QJsonArray flow;
    for (const archive::FlowStep& step : recording.flow)
        flow.append(QJsonObject{{QStringLiteral("time"), isoTime(step.time, recording.utcOffsetMinutes)},
                                {QStringLiteral("kind"), qstr(step.kind)},
                                {QStringLiteral("by"), qstr(step.by)},
                                {QStringLiteral("detail"), qstr(step.detail)}});
    return flow;
}

double secondsAt(std::uint64_t frame, std::uint32_t rate)
{
    return rate == 0 ? 0 : static_cast<double>(frame) / rate;
}

QJsonArray digitsOf(const archive::Recording& recording)
{
    QJsonArray digits;
    for (const archive::DigitMark& digit : recording.digits)
        digits.append(QJsonObject{{QStringLiteral("party"), qstr(digit.party)},
                                  {QStringLiteral("digit"), QString(QLatin1Char(digit.symbol))},
                                  {QStringLiteral("seconds"), secondsAt(digit.frame, recording.sampleRate)},
                                  {QStringLiteral("durationMs"), static_cast<qint64>(digit.durationMs)}});
    return digits;
}

QJsonArray insertionsOf(const archive::Recording& recording)
{
    QJsonArray insertions;
    for (const archive::InsertionMark& mark : recording.insertions)
        insertions.append(
            QJsonObject{{QStringLiteral("party"), qstr(mark.party)},
                        {QStringLiteral("kind"), qstr(mark.kind)},
                        {QStringLiteral("seconds"), secondsAt(mark.frame, recording.sampleRate)},
                        {QStringLiteral("lengthSeconds"), secondsAt(mark.frames, recording.sampleRate)}});
    return insertions;
}

QJsonArray pausesOf(const archive::Recording& recording)
{
    QJsonArray pauses;
    for (const archive::PauseMark& mark : recording.pauses)
        pauses.append(
            QJsonObject{{QStringLiteral("seconds"), secondsAt(mark.frame, recording.sampleRate)},
                        {QStringLiteral("lengthSeconds"), secondsAt(mark.frames, recording.sampleRate)}});
    return pauses;
}

/// Where in the sound; the end for what was marked afterwards.
QJsonArray marksOf(const archive::Recording& recording)
{
    QJsonArray marks;
    for (const archive::CallMark& mark : recording.marks) {
        const auto ms = std::chrono::floor<milliseconds>(mark.time - recording.start).count();
        const auto at = std::clamp<std::int64_t>(ms, 0, static_cast<std::int64_t>(recording.durationMs));
        marks.append(QJsonObject{{QStringLiteral("party"), qstr(mark.party)},
                                 {QStringLiteral("time"), isoTime(mark.time, recording.utcOffsetMinutes)},
                                 {QStringLiteral("seconds"), static_cast<double>(at) / 1000.0}});
    }
    return marks;
}

} // namespace

QString qstr(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

QString isoTime(UtcTime time, int utcOffsetMinutes)
{
    const auto ms = std::chrono::floor<milliseconds>(time).time_since_epoch().count();
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::OffsetFromUTC, utcOffsetMinutes * 60)
        .toString(Qt::ISODateWithMs);
}

QJsonObject toJson(const archive::RecordingRow& row)
{
    return {{QStringLiteral("uid"), qstr(row.uid)},
            {QStringLiteral("file"), qstr(row.file)},
            {QStringLiteral("internal"), qstr(row.internal)},
            {QStringLiteral("external"), qstr(row.external)},
            {QStringLiteral("internalName"), qstr(row.internalName)},
            {QStringLiteral("externalName"), qstr(row.externalName)},
            {QStringLiteral("direction"),
             row.direction == CallDirection::In ? QStringLiteral("in") : QStringLiteral("out")},
            {QStringLiteral("start"), isoTime(row.start, row.utcOffsetMinutes)},
            {QStringLiteral("answerSeconds"), static_cast<qint64>(row.answerSeconds)},
            {QStringLiteral("durationSeconds"), static_cast<double>(row.durationMs) / 1000.0},
            {QStringLiteral("owner"), qstr(row.owner)},
            {QStringLiteral("tan"), qstr(row.tan)},
            {QStringLiteral("format"), qstr(std::string(archive::extensionOf(row.format)))},
            {QStringLiteral("codecs"), pair(row.codecs)},
            {QStringLiteral("lostPackets"), pair(row.lostPackets)},
            {QStringLiteral("dtmf"), qstr(row.dtmf)},
            {QStringLiteral("sealed"), row.sealed},
            {QStringLiteral("sidecar"), row.hasSidecar}};
}

QJsonArray toJson(const std::vector<archive::RecordingRow>& rows)
{
    QJsonArray all;
    for (const archive::RecordingRow& row : rows)
        all.append(toJson(row));
    return all;
}

QJsonObject toJson(const archive::RecordingRow& row, const archive::Recording& recording)
{
    QJsonObject object = toJson(row);
    QJsonArray former;
    for (const std::string& name : recording.formerNames)
        former.append(qstr(name));
    object.insert(QStringLiteral("callId"), qstr(recording.callId));
    object.insert(QStringLiteral("source"), qstr(recording.source));
    object.insert(QStringLiteral("coding"), qstr(recording.coding));
    object.insert(QStringLiteral("sampleRate"), static_cast<qint64>(recording.sampleRate));
    object.insert(QStringLiteral("frames"), static_cast<qint64>(recording.frames));
    object.insert(QStringLiteral("layout"), QString::fromLatin1(layoutName(recording.layout)));
    object.insert(QStringLiteral("clearBytes"), static_cast<qint64>(recording.clearBytes));
    object.insert(QStringLiteral("sha256"), qstr(recording.sha256));
    object.insert(QStringLiteral("duplicatePackets"), pair(recording.duplicatePackets));
    object.insert(QStringLiteral("undecodablePackets"), pair(recording.undecodablePackets));
    object.insert(QStringLiteral("lockedPackets"), pair(recording.lockedPackets));
    object.insert(QStringLiteral("droppedPackets"),
                  recording.droppedPackets ? QJsonValue(static_cast<qint64>(*recording.droppedPackets))
                                           : QJsonValue());
    object.insert(QStringLiteral("finalStatus"), recording.finalStatus);
    object.insert(QStringLiteral("formerNames"), former);
    object.insert(QStringLiteral("flow"), flowOf(recording));
    object.insert(QStringLiteral("digits"), digitsOf(recording));
    object.insert(QStringLiteral("insertions"), insertionsOf(recording));
    object.insert(QStringLiteral("pauses"), pausesOf(recording));
    object.insert(QStringLiteral("marks"), marksOf(recording));
    return object;
}

std::string compact(const QJsonObject& object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

} // namespace sr::ctl
