// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the JSON fields.
#include "app/control/service_rows.h"

#include <QDateTime>
#include <QJsonArray>

#include <algorithm>

namespace sr::control {
namespace {

constexpr std::array kLampNames{"pbx", "reporting", "pcap", "disk", "backup", "software"};

std::array<Lamp, kLampNames.size()> allOf(const Lamps& lamps)
{
    return {lamps.pbx, lamps.reporting, lamps.pcap, lamps.disk, lamps.backup, lamps.software};
}

QString nameOf(Lamp lamp)
{
    return lamp == Lamp::Red     ? QStringLiteral("red")
           : lamp == Lamp::Green ? QStringLiteral("green")
                                 : QStringLiteral("grey");
}

QJsonValue number(std::uint64_t value)
{
    return static_cast<qint64>(value);
}

} // namespace

bool Lamps::alarm() const
{
    const auto all = allOf(*this);
    return std::ranges::find(all, Lamp::Red) != all.end();
}

QJsonObject toJson(const ServiceStatus& status)
{
    QJsonObject lamps;
    const auto all = allOf(status.lamps);
    for (std::size_t i = 0; i < all.size(); ++i)
        lamps.insert(QString::fromLatin1(kLampNames[i]), nameOf(all[i]));
    return {{QStringLiteral("calls"), number(status.calls)},
            {QStringLiteral("recording"), number(status.recording)},
            {QStringLiteral("registrations"), number(status.registrations)},
            {QStringLiteral("filesRecorded"), number(status.filesRecorded)},
            {QStringLiteral("filesToProcess"), number(status.filesToProcess)},
            {QStringLiteral("unreadable"), number(status.unreadable)},
            {QStringLiteral("lamps"), lamps},
            {QStringLiteral("masterAlarm"), status.lamps.alarm()}};
}

QJsonObject toJson(const CallRow& row)
{
    return {{QStringLiteral("id"), QString::fromStdString(row.id)},
            {QStringLiteral("from"), QString::fromStdString(row.from)},
            {QStringLiteral("to"), QString::fromStdString(row.to)},
            {QStringLiteral("since"), isoLocal(row.since)},
            {QStringLiteral("answered"), row.answered ? isoLocal(*row.answered) : QJsonValue()},
            {QStringLiteral("recording"), row.recording},
            {QStringLiteral("paused"), row.paused}};
}

QJsonObject toJson(std::vector<CallRow> rows, std::size_t most)
{
    const std::size_t total = rows.size();
    std::ranges::stable_sort(rows, {}, &CallRow::since);
    rows.resize(std::min(total, most));
    QJsonArray calls;
    for (const CallRow& row : rows)
        calls.append(toJson(row));
    return {{QStringLiteral("calls"), calls}, {QStringLiteral("total"), number(total)}};
}

QString isoLocal(UtcTime time)
{
    const auto ms = std::chrono::floor<milliseconds>(time).time_since_epoch().count();
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(ms);
    return local.toOffsetFromUtc(local.offsetFromUtc()).toString(Qt::ISODateWithMs);
}

} // namespace sr::control
