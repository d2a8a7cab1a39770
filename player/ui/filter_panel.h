// SPDX-License-Identifier: GPL-3.0-or-later
// The filter column: month, day, parties, direction, format, TAN and the count.
#pragma once

#include "player/model/filter_state.h"

#include <QTimer>
#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;

namespace sr::widgets {
class DropDown;
class HintEdit;
class SectionHead;
class Segmented;
} // namespace sr::widgets

namespace sr::player {

/// Writes into the filter state; typing is taken over when the person pauses or presses Enter.
class FilterPanel final : public QWidget {
    Q_OBJECT
public:
    explicit FilterPanel(FilterState& state, QWidget* parent = nullptr);

    void setMonths(const MonthList& months); ///< the first list chooses the newest month
    void setFormats(const std::vector<archive::MediaFormat>& present);
    void setCounts(quint64 shown, quint64 total);
    void focusFirst(); ///< Ctrl+F
    void clearAll();
    void chooseMonth(int year, int month);  ///< instead of the newest one
    QSize minimumSizeHint() const override; ///< the fields scroll, but only up and down

signals:
    void cleared(); ///< the person wants to see everything again

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();
    void buildFields();
    void wire();
    void retranslate();
    void fillYears();
    void fillMonths();
    void fillDays();
    void fillFormats();
    void takeTyped();
    void showCounts();
    QWidget* group(widgets::SectionHead* head, QWidget* field);

    FilterState& m_state;
    MonthList m_months;
    bool m_monthChosen = false;
    std::vector<archive::MediaFormat> m_formats;
    quint64 m_shown = 0;
    quint64 m_total = 0;
    QTimer m_typing;
    QWidget* m_fields;
    widgets::SectionHead* m_monthHead;
    widgets::SectionHead* m_dayHead;
    widgets::SectionHead* m_internalHead;
    widgets::SectionHead* m_externalHead;
    widgets::SectionHead* m_directionHead;
    widgets::SectionHead* m_formatHead;
    widgets::SectionHead* m_tanHead;
    widgets::DropDown* m_year;
    widgets::DropDown* m_month;
    widgets::DropDown* m_day;
    widgets::HintEdit* m_internal;
    widgets::HintEdit* m_external;
    widgets::Segmented* m_direction;
    widgets::DropDown* m_format;
    QWidget* m_formatGroup = nullptr;
    QLineEdit* m_tan;
    QPushButton* m_clear;
    QLabel* m_count;
};

} // namespace sr::player
