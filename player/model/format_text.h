// SPDX-License-Identifier: GPL-3.0-or-later
// How times, lengths and parties read in lists and on the deck.
#pragma once

#include "core/archive/recording.h"

#include <QDateTime>
#include <QLocale>
#include <QString>

namespace sr::player {

/// The moment on the clock of the archive: `utc` shifted by the offset that stood with the recording.
QDateTime archiveTime(UtcTime utc, int utcOffsetMinutes);
/// `21.11. 09:55:27` in the locale's order of day and month; with the year if `withYear`.
QString startText(const archive::RecordingRow& row, bool withYear, const QLocale& locale);
QString dateText(const QDate& date, const QLocale& locale); ///< `21.11.2026`, always four digits
QString lengthText(std::uint64_t durationMs);               ///< `4:12`, `1:02:05`
QString tenthsText(std::int64_t durationMs);       ///< `1:04.4`, with a true minus sign when negative
QString clockText(UtcTime utc, int offsetMinutes); ///< `09:56:31.4`
QString partyText(const std::string& number, const std::string& name); ///< `24 Front desk`
QString bytesText(std::uint64_t bytes, const QLocale& locale);
QString text(const std::string& utf8);
/// For tool tips, which would show markup as such: names come from whoever calls.
QString plainTip(const QString& text);

} // namespace sr::player
