// SPDX-License-Identifier: GPL-3.0-or-later
// Painting of the flow; long words wrap.
#include "player/ui/flow_view.h"

#include "app/widgets/tabular_text.h"
#include "app/widgets/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {
constexpr int kGutter = 20; // line and dots
constexpr int kGap = 6;
constexpr int kBetween = 7;
constexpr qreal kDot = 4;
} // namespace

FlowView::FlowView(const widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(&theme, &widgets::Theme::changed, this, qOverload<>(&QWidget::update));
}

void FlowView::setLines(std::vector<FlowLine> lines)
{
    m_lines = std::move(lines);
    QStringList spoken;
    for (const FlowLine& line : m_lines)
        spoken << line.time + u' ' + line.words;
    setAccessibleDescription(spoken.join(u'\n'));
    updateGeometry();
    update();
}

int FlowView::textLeft() const
{
    return kGutter + static_cast<int>(std::ceil(widgets::tabularWidth(font(), u"00:00:00"_s))) + kGap;
}

int FlowView::lineHeight(const FlowLine& line, int width) const
{
    const QRect room(0, 0, std::max(40, width - textLeft()), 10000);
    return fontMetrics().boundingRect(room, Qt::TextWordWrap, line.words).height() + kBetween;
}

int FlowView::heightForWidth(int width) const
{
    int height = 0;
    for (const FlowLine& line : m_lines)
        height += lineHeight(line, width);
    return height;
}

QSize FlowView::sizeHint() const
{
    return {260, heightForWidth(std::max(260, width()))};
}

void FlowView::paintEvent(QPaintEvent* /*event*/)
{
    const widgets::Tokens& colors = m_theme.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(QRectF(5, 0, 2, height() - kBetween), colors.line);
    qreal top = 0;
    const qreal first = fontMetrics().height();
    for (const FlowLine& line : m_lines) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.accent);
        painter.drawEllipse(QPointF(6, top + first / 2), kDot, kDot);
        painter.setPen(colors.ink);
        widgets::drawTabular(painter, QRectF(kGutter, top, 100, first), line.time);
        painter.setPen(colors.muted);
        painter.drawText(QRectF(textLeft(), top, width() - textLeft(), height()), Qt::TextWordWrap,
                         line.words);
        top += lineHeight(line, width());
    }
}

} // namespace sr::player
