// SPDX-License-Identifier: GPL-3.0-or-later
// What the clocks of the exchange's time zone show.
#pragma once

#include "core/base/clock.h"

#include <QDateTime>

#include <functional>

namespace sr::pbx {

/// Of a time zone, east of Greenwich; none: that of the machine.
using UtcOffset = std::function<seconds(UtcTime)>;

/// Date and time of day alone count; where the machine's zone is not that of the exchange, Qt takes them for
/// UTC.
inline QDateTime localTime(UtcTime time, const UtcOffset& offset)
{
    const seconds utc = std::chrono::floor<seconds>(time).time_since_epoch();
    return offset ? QDateTime::fromSecsSinceEpoch((utc + offset(time)).count(), Qt::UTC)
                  : QDateTime::fromSecsSinceEpoch(utc.count()).toLocalTime();
}

} // namespace sr::pbx
