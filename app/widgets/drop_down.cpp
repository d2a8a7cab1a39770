// SPDX-License-Identifier: GPL-3.0-or-later
// The arrow of the combo box.
#include "app/widgets/drop_down.h"

#include <QPainter>
#include <QPainterPath>

namespace sr::widgets {

namespace {
constexpr qreal kFromRight = 14;
constexpr qreal kHalf = 3.5;
} // namespace

DropDown::DropDown(QWidget* parent)
    : QComboBox(parent)
{}

void DropDown::paintEvent(QPaintEvent* event)
{
    QComboBox::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(
        QPen(palette().color(QPalette::PlaceholderText), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF tip(width() - kFromRight, height() / 2.0 + kHalf / 2);
    QPainterPath arrow(tip - QPointF(kHalf, kHalf));
    arrow.lineTo(tip);
    arrow.lineTo(tip + QPointF(kHalf, -kHalf));
    painter.drawPath(arrow);
}

} // namespace sr::widgets
