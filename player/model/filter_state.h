// SPDX-License-Identifier: GPL-3.0-or-later
// What the filter column asks for, with the rules of its fields.
#pragma once

#include "core/archive/recording.h"

#include <QObject>
#include <QString>

#include <optional>
#include <utility>
#include <vector>

namespace sr::player {

/// Years and months that hold recordings, newest first.
using MonthList = std::vector<std::pair<int, int>>;

/// Main thread. Setters with the value that stands already change nothing and signal nothing.
class FilterState final : public QObject {
    Q_OBJECT
public:
    explicit FilterState(QObject* parent = nullptr);

    const archive::RecordingFilter& filter() const { return m_filter; }
    /// Anything set besides year and month?
    bool narrowed() const { return narrowed(m_filter); }
    static bool narrowed(const archive::RecordingFilter& filter);

    void setYear(int year);   ///< 0 = all; then month and day are all, too
    void setMonth(int month); ///< 0 = all; then the day is, too
    void setDay(int day);     ///< 0 = all; without a month it stays 0
    void setInternal(const QString& pattern);
    void setExternal(const QString& pattern);
    void setDirection(std::optional<archive::CallDirection> direction);
    void setFormat(std::optional<archive::MediaFormat> format);
    void setOldestFirst(bool oldestFirst);
    /// Enter in the TAN field (reference, features P4): six digits ask for that TAN, anything less resets.
    /// Returns what the field shall show.
    QString enterTan(const QString& text);
    /// All but year and month back to "all".
    void clear();

    static int daysIn(int year, int month); ///< 28 to 31

signals:
    void changed();

private:
    void apply(archive::RecordingFilter next);

    archive::RecordingFilter m_filter;
};

} // namespace sr::player
