// SPDX-License-Identifier: GPL-3.0-or-later
// Formatting that depends on the locale but on no window.
#include "player/model/format_text.h"

#include <QTimeZone>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {

/// The locale's short date with or without its year, never with a two-digit one.
QString datePattern(const QLocale& locale, bool withYear)
{
    QString pattern = locale.dateFormat(QLocale::ShortFormat);
    pattern.replace("yyyy"_L1, "yy"_L1).replace("yy"_L1, "yyyy"_L1);
    if (withYear)
        return pattern;
    const bool dots = pattern.contains(u'.');
    pattern.remove("yyyy"_L1);
    while (!pattern.isEmpty() && !pattern.front().isLetter())
        pattern.remove(0, 1);
    while (!pattern.isEmpty() && !pattern.back().isLetter())
        pattern.chop(1);
    return dots ? pattern + u'.' : pattern; // German writes `21.11.`
}

} // namespace

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

QString plainTip(const QString& text)
{
    return text.isEmpty() ? text
                          : u"<span style=\"white-space:pre\">"_s + text.toHtmlEscaped() + u"</span>"_s;
}

QDateTime archiveTime(UtcTime utc, int utcOffsetMinutes)
{
    const qint64 ms = std::chrono::duration_cast<milliseconds>(utc.time_since_epoch()).count();
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::OffsetFromUTC, utcOffsetMinutes * 60);
}

QString startText(const archive::RecordingRow& row, bool withYear, const QLocale& locale)
{
    const QDateTime start = archiveTime(row.start, row.utcOffsetMinutes);
    return locale.toString(start.date(), datePattern(locale, withYear)) + u' ' +
           start.time().toString("HH:mm:ss"_L1);
}

QString dateText(const QDate& date, const QLocale& locale)
{
    return locale.toString(date, datePattern(locale, true));
}

QString lengthText(std::uint64_t durationMs)
{
    const std::uint64_t total = (durationMs + 500) / 1000;
    const QString rest = u"%1"_s.arg(total % 60, 2, 10, QLatin1Char('0'));
    if (total < 3600)
        return u"%1:%2"_s.arg(total / 60).arg(rest);
    return u"%1:%2:%3"_s.arg(total / 3600).arg(total / 60 % 60, 2, 10, QLatin1Char('0')).arg(rest);
}

QString tenthsText(std::int64_t durationMs)
{
    const bool negative = durationMs < 0;
    const std::int64_t tenths = (negative ? -durationMs : durationMs) / 100;
    const std::int64_t total = tenths / 10;
    QString out = negative ? QString(QChar(0x2212)) : QString();
    if (total >= 3600)
        out += u"%1:%2"_s.arg(total / 3600).arg(total / 60 % 60, 2, 10, QLatin1Char('0'));
    else
        out += QString::number(total / 60);
    return out + u":%1.%2"_s.arg(total % 60, 2, 10, QLatin1Char('0')).arg(tenths % 10);
}

QString clockText(UtcTime utc, int offsetMinutes)
{
    const QTime time = archiveTime(utc, offsetMinutes).time();
    return time.toString("HH:mm:ss"_L1) + u".%1"_s.arg(time.msec() / 100);
}

QString partyText(const std::string& number, const std::string& name)
{
    if (name.empty() || name == number)
        return text(number);
    return text(number) + u' ' + text(name);
}

QString bytesText(std::uint64_t bytes, const QLocale& locale)
{
    return locale.formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

} // namespace sr::player
