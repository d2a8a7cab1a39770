// SPDX-License-Identifier: GPL-3.0-or-later
// The hint is painted over the free part of the field.
#include "app/widgets/hint_edit.h"

#include <QPainter>

namespace sr::widgets {

namespace {
constexpr int kPadding = 9; // border and padding of the style sheet
constexpr int kGap = 12;
} // namespace

HintEdit::HintEdit(QWidget* parent)
    : QLineEdit(parent)
{}

void HintEdit::setHint(const QString& hint)
{
    m_hint = hint;
    update();
}

void HintEdit::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    const int clear = isClearButtonEnabled() && !text().isEmpty() ? height() : 0;
    const int room = width() - 2 * kPadding - clear - kGap - fontMetrics().horizontalAdvance(text());
    if (fontMetrics().horizontalAdvance(m_hint) > room)
        return;
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect().adjusted(kPadding, 0, -kPadding - clear, 0), Qt::AlignRight | Qt::AlignVCenter,
                     m_hint);
}

} // namespace sr::widgets
