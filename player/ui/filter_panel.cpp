// SPDX-License-Identifier: GPL-3.0-or-later
// Building and wiring of the filter column.
#include "player/ui/filter_panel.h"

#include "app/widgets/drop_down.h"
#include "app/widgets/hint_edit.h"
#include "app/widgets/section_head.h"
#include "app/widgets/segmented.h"

#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace sr::player {

using namespace Qt::StringLiterals;
using archive::CallDirection;
using archive::MediaFormat;

namespace {
constexpr int kMargin = 12;
constexpr int kScrollBar = 10;    // as wide as the style sheet makes it
constexpr int kTypingPause = 150; // [ms] chosen: between two keys of a quick typist
constexpr std::array<std::optional<CallDirection>, 3> kDirections{std::nullopt, CallDirection::In,
                                                                  CallDirection::Out};

/// A combo box entry that keeps its value; the current one stays selected if it is still there.
void select(QComboBox& box, int value)
{
    box.setCurrentIndex(std::max(0, box.findData(value)));
}
} // namespace

FilterPanel::FilterPanel(FilterState& state, QWidget* parent)
    : QWidget(parent)
    , m_state(state)
    , m_fields(new QWidget(this))
    , m_monthHead(new widgets::SectionHead(this))
    , m_dayHead(new widgets::SectionHead(this))
    , m_internalHead(new widgets::SectionHead(this))
    , m_externalHead(new widgets::SectionHead(this))
    , m_directionHead(new widgets::SectionHead(this))
    , m_formatHead(new widgets::SectionHead(this))
    , m_tanHead(new widgets::SectionHead(this))
    , m_year(new widgets::DropDown(this))
    , m_month(new widgets::DropDown(this))
    , m_day(new widgets::DropDown(this))
    , m_internal(new widgets::HintEdit(this))
    , m_external(new widgets::HintEdit(this))
    , m_direction(new widgets::Segmented(static_cast<int>(kDirections.size()), this))
    , m_format(new widgets::DropDown(this))
    , m_tan(new QLineEdit(this))
    , m_clear(new QPushButton(this))
    , m_count(new QLabel(this))
{
    build();
    wire();
    retranslate();
}

QWidget* FilterPanel::group(widgets::SectionHead* head, QWidget* field)
{
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(head);
    column->addWidget(field);
    head->setBuddy(field);
    return box;
}

void FilterPanel::build()
{
    buildFields();
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(m_fields);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus); // the fields have it, and come into view with it
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(scroll->verticalScrollBar(), &QScrollBar::rangeChanged, this, [this](int, int last) {
        const int right = last > 0 ? kMargin - kScrollBar : kMargin; // the bar stands in the margin
        m_fields->layout()->setContentsMargins(kMargin, kMargin, right, kMargin);
    });
    connect(qApp, &QApplication::focusChanged, this, [this, scroll](QWidget*, QWidget* now) {
        if (!now || !m_fields->isAncestorOf(now))
            return;
        const QPoint middle = now->mapTo(m_fields, now->rect().center());
        scroll->ensureVisible(middle.x(), middle.y(), 0,
                              now->height() / 2 + kMargin); // all of it, not its text
    });
    auto* foot = new QVBoxLayout;
    foot->setContentsMargins(kMargin, 8, kMargin, kMargin);
    foot->setSpacing(8);
    foot->addWidget(m_clear, 0, Qt::AlignLeft);
    foot->addWidget(m_count);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(scroll, 1);
    column->addLayout(foot);
}

QSize FilterPanel::minimumSizeHint() const
{
    const int fields = m_fields->minimumSizeHint().width() - m_fields->layout()->contentsMargins().right();
    return {fields + kMargin, QWidget::minimumSizeHint().height()};
}

void FilterPanel::buildFields()
{
    auto* months = new QWidget(this);
    auto* two = new QHBoxLayout(months);
    two->setContentsMargins(0, 0, 0, 0);
    two->setSpacing(6);
    two->addWidget(m_year, 1);
    two->addWidget(m_month, 1);
    for (widgets::DropDown* box : {m_year, m_month, m_day, m_format}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(4);
    }
    m_tan->setValidator(new QRegularExpressionValidator(QRegularExpression(u"[0-9]{0,6}"_s), m_tan));
    for (QLineEdit* edit : {static_cast<QLineEdit*>(m_internal), static_cast<QLineEdit*>(m_external), m_tan})
        edit->setMaxLength(128);
    m_count->setProperty("tone", u"muted"_s);
    m_count->setWordWrap(true);

    auto* column = new QVBoxLayout(m_fields);
    column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
    column->setSpacing(12);
    column->addWidget(group(m_monthHead, months));
    column->addWidget(group(m_dayHead, m_day));
    column->addWidget(group(m_internalHead, m_internal));
    column->addWidget(group(m_externalHead, m_external));
    column->addWidget(group(m_directionHead, m_direction));
    m_formatGroup = group(m_formatHead, m_format);
    m_formatGroup->hide();
    column->addWidget(m_formatGroup);
    column->addWidget(group(m_tanHead, m_tan));
    column->addStretch();
    m_internal->setObjectName(u"internal"_s);
    m_external->setObjectName(u"external"_s);
    m_tan->setObjectName(u"tan"_s);
    m_year->setObjectName(u"year"_s);
    m_month->setObjectName(u"month"_s);
    m_day->setObjectName(u"day"_s);
}

void FilterPanel::wire()
{
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingPause);
    connect(&m_typing, &QTimer::timeout, this, &FilterPanel::takeTyped);
    for (QLineEdit* edit : {static_cast<QLineEdit*>(m_internal), static_cast<QLineEdit*>(m_external)}) {
        connect(edit, &QLineEdit::textEdited, this, [this] { m_typing.start(); });
        connect(edit, &QLineEdit::returnPressed, this, &FilterPanel::takeTyped);
    }
    connect(m_tan, &QLineEdit::returnPressed, this,
            [this] { m_tan->setText(m_state.enterTan(m_tan->text())); });
    connect(m_year, &QComboBox::activated, this, [this] {
        m_state.setYear(m_year->currentData().toInt());
        m_state.setMonth(0);
        fillMonths();
        fillDays();
    });
    connect(m_month, &QComboBox::activated, this, [this] {
        m_state.setMonth(m_month->currentData().toInt());
        fillDays();
    });
    connect(m_day, &QComboBox::activated, this, [this] { m_state.setDay(m_day->currentData().toInt()); });
    connect(m_direction, &widgets::Segmented::chosen, this,
            [this](int choice) { m_state.setDirection(kDirections.at(static_cast<std::size_t>(choice))); });
    connect(m_format, &QComboBox::activated, this, [this] {
        const int value = m_format->currentData().toInt();
        m_state.setFormat(value == 0 ? std::nullopt : std::optional(static_cast<MediaFormat>(value)));
    });
    connect(m_clear, &QPushButton::clicked, this, &FilterPanel::clearAll);
    connect(&m_state, &FilterState::changed, this, [this] {
        m_clear->setVisible(m_state.narrowed());
        m_direction->setCurrent(!m_state.filter().direction                        ? 0
                                : *m_state.filter().direction == CallDirection::In ? 1
                                                                                   : 2);
    });
    m_clear->hide();
}

void FilterPanel::takeTyped()
{
    m_typing.stop();
    m_state.setInternal(m_internal->text());
    m_state.setExternal(m_external->text());
}

void FilterPanel::clearAll()
{
    m_typing.stop();
    m_internal->clear();
    m_external->clear();
    m_tan->clear();
    m_state.clear();
    select(*m_day, 0);
    select(*m_format, 0);
    m_internal->setFocus(); // the button that had it is gone
    emit cleared();
}

void FilterPanel::chooseMonth(int year, int month)
{
    m_monthChosen = true;
    m_state.setYear(year);
    m_state.setMonth(month);
    fillYears();
    fillMonths();
    fillDays();
}

void FilterPanel::focusFirst()
{
    m_internal->setFocus(Qt::ShortcutFocusReason);
    m_internal->selectAll();
}

void FilterPanel::setMonths(const MonthList& months)
{
    m_months = months;
    if (!m_monthChosen && !months.empty()) {
        m_monthChosen = true;
        m_state.setYear(months.front().first);
        m_state.setMonth(months.front().second);
    }
    fillYears();
    fillMonths();
    fillDays();
}

void FilterPanel::setFormats(const std::vector<MediaFormat>& present)
{
    m_formats = present;
    if (m_state.filter().format &&
        std::find(present.begin(), present.end(), *m_state.filter().format) == present.end())
        m_state.setFormat({});
    m_formatGroup->setVisible(present.size() > 1 || m_state.filter().format);
    fillFormats();
}

void FilterPanel::setCounts(quint64 shown, quint64 total)
{
    m_shown = shown;
    m_total = total;
    showCounts();
}

void FilterPanel::showCounts()
{
    const QLocale words = locale();
    const int total = static_cast<int>(std::min<quint64>(m_total, std::numeric_limits<int>::max()));
    m_count->setText(tr("%1 of %Ln recordings", nullptr, total).arg(words.toString(m_shown)));
}

void FilterPanel::fillYears()
{
    const QSignalBlocker quiet(m_year);
    std::set<int, std::greater<>> years;
    for (const auto& [year, month] : m_months)
        years.insert(year);
    if (m_state.filter().year != 0)
        years.insert(m_state.filter().year);
    m_year->clear();
    m_year->addItem(tr("All years"), 0);
    for (const int year : years)
        m_year->addItem(QString::number(year), year);
    select(*m_year, m_state.filter().year);
}

void FilterPanel::fillMonths()
{
    const QSignalBlocker quiet(m_month);
    m_month->clear();
    m_month->addItem(tr("All months"), 0);
    const int chosen = m_state.filter().month;
    for (const auto& [year, month] : m_months) {
        if (year == m_state.filter().year)
            m_month->addItem(locale().standaloneMonthName(month), month);
    }
    if (chosen != 0 && m_month->findData(chosen) < 0)
        m_month->addItem(locale().standaloneMonthName(chosen), chosen);
    select(*m_month, chosen);
    m_month->setEnabled(m_state.filter().year != 0);
}

void FilterPanel::fillDays()
{
    const QSignalBlocker quiet(m_day);
    m_day->clear();
    m_day->addItem(tr("all days"), 0);
    if (m_state.filter().month != 0) {
        for (int day = 1; day <= FilterState::daysIn(m_state.filter().year, m_state.filter().month); ++day)
            m_day->addItem(QString::number(day), day);
    }
    select(*m_day, m_state.filter().day);
    m_day->setEnabled(m_state.filter().month != 0);
}

void FilterPanel::fillFormats()
{
    const QSignalBlocker quiet(m_format);
    m_format->clear();
    m_format->addItem(tr("all formats"), 0);
    for (const MediaFormat format : m_formats)
        m_format->addItem(QString::fromUtf8(archive::extensionOf(format)).toUpper(),
                          static_cast<int>(format));
    select(*m_format, m_state.filter().format ? static_cast<int>(*m_state.filter().format) : 0);
}

void FilterPanel::retranslate()
{
    m_monthHead->setText(tr("Month"));
    m_dayHead->setText(tr("Day"));
    m_internalHead->setText(tr("Internal number"));
    m_externalHead->setText(tr("External number"));
    m_directionHead->setText(tr("Direction"));
    m_formatHead->setText(tr("Format"));
    m_tanHead->setText(tr("TAN"));
    m_internal->setHint(tr("exact, * ?"));
    m_external->setHint(tr("begins with"));
    m_tan->setPlaceholderText(tr("6 digits, Enter"));
    m_direction->setTexts({tr("Both"), tr("In"), tr("Out")});
    m_clear->setText(tr("Clear filters"));
    m_year->setAccessibleName(tr("Year"));
    m_month->setAccessibleName(tr("Month"));
    m_day->setAccessibleName(tr("Day"));
    m_internal->setAccessibleName(tr("Internal number"));
    m_external->setAccessibleName(tr("External number"));
    m_direction->setAccessibleName(tr("Direction"));
    m_format->setAccessibleName(tr("Format"));
    m_tan->setAccessibleName(tr("TAN"));
    m_internal->setToolTip(tr("The whole number; * stands for any digits, ? for one (Ctrl+F)"));
    m_external->setToolTip(tr("The first digits are enough; * stands for any digits, ? for one"));
    m_tan->setToolTip(tr("Six digits and Enter; remove a digit and press Enter to see all again"));
    fillYears();
    fillMonths();
    fillDays();
    fillFormats();
    showCounts();
}

void FilterPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange)
        retranslate();
}

} // namespace sr::player
