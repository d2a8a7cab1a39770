// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of the console: words, columns, and which command was meant by one that there is not.
#pragma once

#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace sr::ctl {

/// The one of `known` with the fewest letters to change, add or take away; empty if none comes near.
QString nearest(const QString& typed, const QStringList& known);

/// Columns as wide as their longest text; the last is open. Control characters become `?`: rows hold what
/// strangers' phones say of themselves.
std::string columns(const std::vector<QStringList>& rows);

} // namespace sr::ctl
