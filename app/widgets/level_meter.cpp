// SPDX-License-Identifier: GPL-3.0-or-later
// Painting of the level bar.
#include "app/widgets/level_meter.h"

#include "app/widgets/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace sr::widgets {

namespace {
// Of a bar from -60 dB to 0 dB: attention from -12 dB, alarm from -3 dB.
constexpr qreal kAttention = 0.80;
constexpr qreal kAlarm = 0.95;
constexpr qreal kPeakWidth = 2.0;
} // namespace

LevelMeter::LevelMeter(const Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void LevelMeter::setLevel(float db, float peakDb, float floorDb)
{
    const auto part = [floorDb](float value) {
        return std::clamp<qreal>(1.0 - static_cast<qreal>(value / floorDb), 0.0, 1.0);
    };
    if (part(db) == m_level && part(peakDb) == m_peak)
        return;
    m_level = part(db);
    m_peak = part(peakDb);
    update();
}

void LevelMeter::paintEvent(QPaintEvent* /*event*/)
{
    const Tokens& colors = m_theme.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF bar = rect();
    QPainterPath shape;
    shape.addRoundedRect(bar, bar.height() / 2, bar.height() / 2);
    painter.setClipPath(shape);
    // Where lines are as bright as ink, a full bar of that colour would read as a full level.
    const bool bright = colors.line == colors.ink;
    painter.fillRect(bar, bright ? colors.background : colors.line);
    const auto fill = [&](qreal from, qreal to, const QColor& color) {
        if (m_level > from)
            painter.fillRect(
                QRectF(bar.width() * from, 0, bar.width() * (std::min(m_level, to) - from), bar.height()),
                color);
    };
    fill(0.0, kAttention, colors.incoming);
    fill(kAttention, kAlarm, colors.attention);
    fill(kAlarm, 1.0, colors.alarm);
    if (m_peak > 0) {
        const QColor mark = m_peak >= kAlarm       ? colors.alarm
                            : m_peak >= kAttention ? colors.attention
                                                   : colors.ink;
        const qreal x = std::min(bar.width() * m_peak, bar.width() - kPeakWidth);
        painter.fillRect(QRectF(x, 0, kPeakWidth, bar.height()), mark);
    }
    if (bright) {
        painter.setPen(colors.line);
        painter.drawPath(shape);
    }
}

} // namespace sr::widgets
