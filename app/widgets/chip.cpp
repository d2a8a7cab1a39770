// SPDX-License-Identifier: GPL-3.0-or-later
// Painting of chips.
#include "app/widgets/chip.h"

#include "app/widgets/tabular_text.h"
#include "app/widgets/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

namespace sr::widgets {

namespace {
constexpr qreal kPadding = 6;
constexpr qreal kTriangle = 9;
constexpr qreal kGap = 4;

QFont chipFont(const QFont& base)
{
    return scaledFont(base, 11.0 / 13.0, QFont::Normal);
}
} // namespace

qreal chipWidth(const QString& text, ChipTone tone, const QFont& base)
{
    const qreal mark = tone == ChipTone::Alarm ? kTriangle + kGap : 0;
    return QFontMetricsF(chipFont(base)).horizontalAdvance(text) + 2 * kPadding + mark;
}

qreal drawChip(QPainter& painter, const QRectF& rect, const QString& text, ChipTone tone, const Theme& theme,
               const QFont& base, ChipGround ground)
{
    const qreal width = chipWidth(text, tone, base);
    if (width > rect.width())
        return 0;
    const Tokens& colors = theme.tokens();
    const QFont font = chipFont(base);
    const qreal height = QFontMetricsF(font).height() + 3;
    const QRectF frame(rect.left() + 0.5, rect.center().y() - height / 2, width - 1, height);
    const bool selected = ground == ChipGround::Selected;
    const QColor ink = tone == ChipTone::Alarm  ? colors.alarm
                       : selected               ? colors.ink
                       : tone == ChipTone::Good ? colors.incoming
                                                : colors.muted;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(tone == ChipTone::Alarm ? colors.alarm : selected ? colors.muted : colors.line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(frame, 4, 4);
    qreal x = frame.left() + kPadding;
    if (tone == ChipTone::Alarm) {
        QPainterPath triangle(QPointF(x, frame.center().y() + kTriangle / 2 - 1));
        triangle.lineTo(x + kTriangle, frame.center().y() + kTriangle / 2 - 1);
        triangle.lineTo(x + kTriangle / 2, frame.center().y() - kTriangle / 2);
        triangle.closeSubpath();
        painter.fillPath(triangle, ink);
        x += kTriangle + kGap;
    }
    painter.setFont(font);
    painter.setPen(ink);
    painter.drawText(QRectF(x, frame.top(), frame.right() - x, frame.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, text);
    painter.restore();
    return width;
}

} // namespace sr::widgets
