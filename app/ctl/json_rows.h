// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings as JSON, as the command contract of design.md fixes it.
#pragma once

#include "core/archive/recording.h"

#include <QJsonArray>
#include <QJsonObject>

namespace sr::ctl {

QJsonObject toJson(const archive::RecordingRow& row);
QJsonArray toJson(const std::vector<archive::RecordingRow>& rows);
/// Everything of the sidecar beside what the row says.
QJsonObject toJson(const archive::RecordingRow& row, const archive::Recording& recording);
/// ISO 8601 with milliseconds and offset.
QString isoTime(UtcTime time, int utcOffsetMinutes);
QString qstr(const std::string& utf8);
std::string compact(const QJsonObject& object);

} // namespace sr::ctl
