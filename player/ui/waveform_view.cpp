// SPDX-License-Identifier: GPL-3.0-or-later
// Two pre-drawn waves, bright up to the position and faded behind it, so that a tick only moves a clip.
#include "player/ui/waveform_view.h"

#include "app/widgets/theme.h"
#include "player/model/format_text.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <limits>

namespace sr::player {

namespace {
constexpr int kStep = 5000;    // [ms] arrow keys
constexpr int kPage = 30000;   // [ms] page keys
constexpr qreal kBarPitch = 3; // a bar of two pixels and a gap
constexpr qreal kBarWidth = 2;
constexpr qreal kFaded = 0.45;
constexpr qreal kRadius = 6;
constexpr qreal kGain =
    1.6; // telephone speech fills about 60 % of full scale (reference, Volume and Metering)
} // namespace

WaveformView::WaveformView(const widgets::Theme& theme, QWidget* parent)
    : QAbstractSlider(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setSingleStep(kStep);
    setPageStep(kPage);
    setRange(0, 0);
    connect(this, &QAbstractSlider::actionTriggered, this, &WaveformView::takeAction);
    connect(&theme, &widgets::Theme::changed, this, &WaveformView::redraw);
}

void WaveformView::setPeaks(PeaksPtr peaks)
{
    m_peaks = std::move(peaks);
    redraw();
}

void WaveformView::setHint(const QString& hint)
{
    m_hint = hint;
    update();
}

void WaveformView::setDuration(std::int64_t ms)
{
    setRange(0, static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max())));
}

void WaveformView::setPosition(std::int64_t ms)
{
    if (m_dragging)
        return;
    const int before = value();
    setValue(static_cast<int>(std::clamp<std::int64_t>(ms, 0, maximum())));
    if (value() != before)
        update();
}

void WaveformView::redraw()
{
    m_played = m_waiting = QPixmap();
    update();
}

void WaveformView::takeAction(int action)
{
    if (action != QAbstractSlider::SliderNoAction && action != QAbstractSlider::SliderMove)
        emit seekRequested(sliderPosition());
    update();
}

std::int64_t WaveformView::timeAt(int x) const
{
    const int last = std::max(1, width() - 1);
    return static_cast<std::int64_t>(std::clamp(x, 0, last)) * maximum() / last;
}

void WaveformView::seekTo(std::int64_t ms)
{
    setValue(static_cast<int>(ms));
    update();
    emit seekRequested(ms);
}

void WaveformView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || maximum() == 0)
        return;
    m_dragging = true;
    seekTo(timeAt(event->position().toPoint().x()));
}

void WaveformView::mouseMoveEvent(QMouseEvent* event)
{
    if (maximum() == 0)
        return;
    const std::int64_t there = timeAt(event->position().toPoint().x());
    QToolTip::showText(event->globalPosition().toPoint(), tenthsText(there), this);
    if (m_dragging)
        seekTo(there);
}

void WaveformView::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        m_dragging = false;
}

void WaveformView::resizeEvent(QResizeEvent* event)
{
    QAbstractSlider::resizeEvent(event);
    redraw();
}

QPixmap WaveformView::drawWave(qreal opacity) const
{
    QPixmap pixmap(size() * devicePixelRatioF());
    pixmap.setDevicePixelRatio(devicePixelRatioF());
    pixmap.fill(Qt::transparent);
    const std::size_t slices = m_peaks ? m_peaks->slices() : 0;
    if (slices == 0)
        return pixmap;
    QPainter painter(&pixmap);
    painter.setOpacity(opacity);
    const widgets::Tokens& tokens = m_theme.tokens();
    const std::array colors{m_peaks->mixed ? tokens.muted : tokens.internalParty, tokens.externalParty};
    const bool both = !m_peaks->party[0].empty() && !m_peaks->party[1].empty();
    const int bars = static_cast<int>(width() / kBarPitch);
    for (std::size_t party = 0; party < 2; ++party) {
        const std::vector<PeakPair>& pairs = m_peaks->party[party];
        if (pairs.empty())
            continue;
        const qreal middle = height() * (!both ? 0.5 : party == 0 ? 0.26 : 0.74);
        const qreal reach = height() * (both ? 0.23 : 0.46);
        for (int bar = 0; bar < bars; ++bar) {
            const std::size_t from = static_cast<std::size_t>(bar) * slices / static_cast<std::size_t>(bars);
            const std::size_t to = std::max(from + 1, static_cast<std::size_t>(bar + 1) * slices /
                                                          static_cast<std::size_t>(bars));
            if (from >= m_peaks->ready)
                break;
            qreal loudest = 0;
            for (std::size_t i = from; i < to && i < pairs.size(); ++i)
                loudest = std::max<qreal>(loudest, std::max<int>(pairs[i].high, -int{pairs[i].low}));
            const qreal half = std::max(0.75, std::min(1.0, loudest / 32768.0 * kGain) * reach);
            painter.fillRect(QRectF(bar * kBarPitch, middle - half, kBarWidth, half * 2), colors[party]);
        }
    }
    return pixmap;
}

void WaveformView::paintEvent(QPaintEvent* /*event*/)
{
    const widgets::Tokens& colors = m_theme.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath frame;
    frame.addRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    painter.fillPath(frame, colors.background);
    if (m_played.isNull()) {
        m_played = drawWave(1.0);
        m_waiting = drawWave(kFaded);
    }
    painter.setClipPath(frame);
    const qreal x = maximum() > 0 ? static_cast<qreal>(value()) * (width() - 1) / maximum() : 0;
    const QRectF before(0, 0, x, height());
    const QRectF after(x, 0, width() - x, height());
    painter.setClipRect(before, Qt::IntersectClip);
    painter.drawPixmap(0, 0, m_played);
    painter.setClipPath(frame);
    painter.setClipRect(after, Qt::IntersectClip);
    painter.drawPixmap(0, 0, m_waiting);
    painter.setClipPath(frame);
    if (maximum() > 0)
        painter.fillRect(QRectF(std::clamp(x - 1, 1.0, width() - 3.0), 0, 2, height()), colors.alarm);
    painter.setClipping(false);
    if (maximum() == 0) {
        painter.setPen(colors.muted);
        painter.drawText(rect(), Qt::AlignCenter, m_hint);
    }
    painter.setPen(hasFocus() ? colors.accent : colors.line);
    painter.drawPath(frame);
}

} // namespace sr::player
