// SPDX-License-Identifier: GPL-3.0-or-later
// Surfaces, hairlines and states of the native widgets: 4 px grid, radius 6, one accent.
#include "app/widgets/theme.h"

#include <utility>

namespace sr::widgets {

using namespace Qt::StringLiterals;

namespace {

constexpr QLatin1StringView kSheet(R"(
QMainWindow, QWidget#page { background: @background; }
QWidget[surface="card"] { background: @card; }
QFrame[hairline="true"] { background: @line; border: 0; }
QLabel { background: transparent; }
QLabel[selectable="true"] { border: 1px solid transparent; border-radius: 4px; }
QLabel[selectable="true"]:focus { border-color: @accent; }
QLabel[tone="muted"] { color: @muted; }
QLabel[tone="alarm"] { color: @alarm; }
QLabel:disabled { color: @muted; }
QLineEdit, QComboBox, QSpinBox { background: @card; border: 1px solid @line; border-radius: 6px; padding: 0 8px;
  min-height: 26px; selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus { border: 1px solid @accent; }
QComboBox { padding-right: 2px; }
QComboBox:disabled { color: @muted; background: @background; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox QAbstractItemView { background: @card; border: 1px solid @line; outline: 0;
  selection-background-color: @selected; selection-color: @ink; }
QPushButton, QToolButton { background: @card; border: 1px solid @line; border-radius: 6px; padding: 0 11px;
  min-height: 26px; }
QPushButton, QToolButton, QSlider { outline: 0; }
QToolButton { padding: 0; min-width: 26px; }
QPushButton:hover, QToolButton:hover { border-color: @muted; }
QPushButton:pressed, QToolButton:pressed { background: @selected; }
QPushButton:focus, QToolButton:focus { border: 1px solid @accent; }
QPushButton:checked, QToolButton:checked { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton:checked:focus { border-color: @ink; }
QPushButton:disabled, QToolButton:disabled { color: @muted; background: @background; }
QToolButton::menu-indicator { image: none; }
QToolButton#play { background: @accent; border: 1px solid @accent; border-radius: 20px; min-width: 38px;
  min-height: 38px; max-width: 38px; max-height: 38px; }
QToolButton#play:hover, QToolButton#play:focus { border-color: @ink; }
QToolButton#play:disabled { background: @line; border-color: @line; }
QPushButton[segment] { padding: 0 9px; }
QPushButton[segment="first"] { border-top-right-radius: 0; border-bottom-right-radius: 0; }
QPushButton[segment="middle"] { border-radius: 0; border-left: 0; }
QPushButton[segment="last"] { border-top-left-radius: 0; border-bottom-left-radius: 0; border-left: 0; }
QPushButton[segment="middle"]:focus, QPushButton[segment="last"]:focus { border-left: 1px solid @accent; }
QTableView { background: @background; border: 0; outline: 0; gridline-color: transparent;
  selection-background-color: @selected; selection-color: @ink; }
QTableView::item { border: 0; }
QHeaderView { background: @card; border: 0; }
QHeaderView::section { background: @card; color: @muted; border: 0; border-bottom: 1px solid @line;
  padding: 0 8px; }
QTableCornerButton::section { background: @card; border: 0; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: 0; }
QScrollArea#details { border: 1px solid transparent; }
QScrollArea#details:focus { border: 1px solid @accent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @line; }
QMenu { background: @card; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: @selected; color: @ink; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @line; margin: 4px; }
QToolTip { background: @card; color: @ink; border: 1px solid @line; padding: 4px 6px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::sub-page:horizontal:disabled { background: @muted; }
QSlider::handle:horizontal { width: 10px; height: 10px; margin: -5px 0; border-radius: 7px; background: @card;
  border: 2px solid @accent; }
QSlider::handle:horizontal:focus { background: @accent; border-color: @ink; }
)");

} // namespace

QString styleSheetOf(const Tokens& t)
{
    QString sheet = kSheet;
    const std::pair<QLatin1StringView, QColor> values[] = {{"@background"_L1, t.background},
                                                           {"@card"_L1, t.card},
                                                           {"@line"_L1, t.line},
                                                           {"@ink"_L1, t.ink},
                                                           {"@muted"_L1, t.muted},
                                                           {"@accent"_L1, t.accent},
                                                           {"@onAccent"_L1, t.onAccent},
                                                           {"@selected"_L1, t.selected},
                                                           {"@alarm"_L1, t.alarm}};
    for (const auto& [name, color] : values)
        sheet.replace(name, color.name());
    return sheet;
}

} // namespace sr::widgets
