// SPDX-License-Identifier: GPL-3.0-or-later
// Each figure in a cell as wide as the widest figure; Qt 6.4 cannot ask the font for tabular ones.
#include "app/widgets/tabular_text.h"

#include <QEvent>
#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace sr::widgets {

namespace {

qreal figureWidth(const QFontMetricsF& metrics)
{
    qreal width = 0;
    for (char16_t figure = u'0'; figure <= u'9'; ++figure)
        width = std::max(width, metrics.horizontalAdvance(QChar(figure)));
    return width;
}

bool isFigure(QChar c)
{
    return c >= u'0' && c <= u'9';
}

/// Length of the run at `from` that is all figures or all else.
qsizetype runAt(const QString& text, qsizetype from)
{
    qsizetype end = from + 1;
    while (end < text.size() && isFigure(text[end]) == isFigure(text[from]))
        ++end;
    return end - from;
}

} // namespace

qreal tabularWidth(const QFont& font, const QString& text)
{
    const QFontMetricsF metrics(font);
    const qreal cell = figureWidth(metrics);
    qreal width = 0;
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype run = runAt(text, at);
        width += isFigure(text[at]) ? cell * static_cast<qreal>(run)
                                    : metrics.horizontalAdvance(text.mid(at, run));
        at += run;
    }
    return width;
}

void drawTabular(QPainter& painter, const QRectF& rect, const QString& text)
{
    const QFontMetricsF metrics(painter.font());
    const qreal cell = figureWidth(metrics);
    const qreal base = rect.top() + (rect.height() + metrics.ascent() - metrics.descent()) / 2;
    qreal x = rect.left();
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype run = runAt(text, at);
        if (isFigure(text[at])) {
            for (qsizetype i = at; i < at + run; ++i, x += cell)
                painter.drawText(QPointF(x + (cell - metrics.horizontalAdvance(text[i])) / 2, base), text[i]);
        } else {
            const QString part = text.mid(at, run);
            painter.drawText(QPointF(x, base), part);
            x += metrics.horizontalAdvance(part);
        }
        at += run;
    }
}

QFont scaledFont(const QFont& base, qreal factor, QFont::Weight weight)
{
    QFont font = base;
    if (base.pointSizeF() > 0)
        font.setPointSizeF(base.pointSizeF() * factor);
    else
        font.setPixelSize(static_cast<int>(std::lround(base.pixelSize() * factor)));
    font.setWeight(weight);
    return font;
}

CounterLabel::CounterLabel(qreal factor, QFont::Weight weight, QWidget* parent)
    : QWidget(parent)
    , m_factor(factor)
    , m_weight(weight)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QFont CounterLabel::counterFont() const
{
    return scaledFont(font(), m_factor, m_weight);
}

void CounterLabel::setText(const QString& text)
{
    if (text == m_text)
        return;
    const int before = sizeHint().width();
    m_text = text;
    if (sizeHint().width() != before)
        updateGeometry();
    update();
}

QSize CounterLabel::sizeHint() const
{
    const QFontMetricsF metrics(counterFont());
    return {static_cast<int>(std::ceil(tabularWidth(counterFont(), m_text))),
            static_cast<int>(std::ceil(metrics.height()))};
}

int CounterLabel::baseline() const
{
    return static_cast<int>(std::lround(QFontMetricsF(counterFont()).descent()));
}

void CounterLabel::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setFont(counterFont());
    painter.setPen(palette().color(QPalette::WindowText));
    drawTabular(painter, rect(), m_text);
}

void CounterLabel::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QWidget::changeEvent(event);
}

} // namespace sr::widgets
