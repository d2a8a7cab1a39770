// SPDX-License-Identifier: GPL-3.0-or-later
// Rules of the filter fields.
#include "player/model/filter_state.h"

#include <QDate>

#include <algorithm>

namespace sr::player {

namespace {
constexpr int kTanDigits = 6;
constexpr int kPatternLimit = 128; // chosen: twice the longest party of a file name
} // namespace

FilterState::FilterState(QObject* parent)
    : QObject(parent)
{}

void FilterState::apply(archive::RecordingFilter next)
{
    if (next.year == 0)
        next.month = 0;
    if (next.month == 0)
        next.day = 0;
    if (next.day > 0)
        next.day = std::min(next.day, daysIn(next.year, next.month));
    if (next == m_filter)
        return;
    m_filter = std::move(next);
    emit changed();
}

bool FilterState::narrowed(const archive::RecordingFilter& filter)
{
    archive::RecordingFilter plain;
    plain.year = filter.year;
    plain.month = filter.month;
    plain.oldestFirst = filter.oldestFirst;
    return !(plain == filter);
}

void FilterState::setYear(int year)
{
    archive::RecordingFilter next = m_filter;
    next.year = year;
    apply(std::move(next));
}

void FilterState::setMonth(int month)
{
    archive::RecordingFilter next = m_filter;
    next.month = month;
    apply(std::move(next));
}

void FilterState::setDay(int day)
{
    archive::RecordingFilter next = m_filter;
    next.day = day;
    apply(std::move(next));
}

void FilterState::setInternal(const QString& pattern)
{
    archive::RecordingFilter next = m_filter;
    next.internal = pattern.trimmed().left(kPatternLimit).toStdString();
    apply(std::move(next));
}

void FilterState::setExternal(const QString& pattern)
{
    archive::RecordingFilter next = m_filter;
    next.external = pattern.trimmed().left(kPatternLimit).toStdString();
    apply(std::move(next));
}

void FilterState::setDirection(std::optional<archive::CallDirection> direction)
{
    archive::RecordingFilter next = m_filter;
    next.direction = direction;
    apply(std::move(next));
}

void FilterState::setFormat(std::optional<archive::MediaFormat> format)
{
    archive::RecordingFilter next = m_filter;
    next.format = format;
    apply(std::move(next));
}

void FilterState::setOldestFirst(bool oldestFirst)
{
    archive::RecordingFilter next = m_filter;
    next.oldestFirst = oldestFirst;
    apply(std::move(next));
}

QString FilterState::enterTan(const QString& text)
{
    const bool complete = text.size() == kTanDigits && std::all_of(text.begin(), text.end(), [](QChar c) {
                              return c >= u'0' && c <= u'9';
                          });
    archive::RecordingFilter next = m_filter;
    next.tan = complete ? text.toStdString() : std::string();
    apply(std::move(next));
    return complete ? text : QString();
}

void FilterState::clear()
{
    archive::RecordingFilter next;
    next.year = m_filter.year;
    next.month = m_filter.month;
    next.oldestFirst = m_filter.oldestFirst;
    apply(std::move(next));
}

int FilterState::daysIn(int year, int month)
{
    const int days = QDate(year, month, 1).daysInMonth();
    return days > 0 ? days : 31;
}

} // namespace sr::player
