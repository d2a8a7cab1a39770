// SPDX-License-Identifier: GPL-3.0-or-later
// The waveform of both parties, one above the other: click and drag to go there, arrow keys too.
#pragma once

#include "player/engine/peaks.h"

#include <QAbstractSlider>
#include <QPixmap>

namespace sr::widgets {
class Theme;
}

namespace sr::player {

/// A slider in [ms] for keyboard and screen readers. setPosition() never signals; seekRequested() only comes
/// from the person.
class WaveformView final : public QAbstractSlider {
    Q_OBJECT
public:
    explicit WaveformView(const widgets::Theme& theme, QWidget* parent = nullptr);
    void setPeaks(PeaksPtr peaks);
    bool hasBars() const { return m_peaks && m_peaks->ready > 0; }
    void setHint(const QString& hint); ///< stands where the waveform will be
    void setDuration(std::int64_t ms);
    void setPosition(std::int64_t ms); ///< ignored while the person drags
    QSize sizeHint() const override { return {600, 96}; }
    QSize minimumSizeHint() const override { return {200, 72}; }

signals:
    void seekRequested(qint64 ms);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void takeAction(int action);
    std::int64_t timeAt(int x) const;
    void seekTo(std::int64_t ms);
    QPixmap drawWave(qreal opacity) const;
    void redraw();

    const widgets::Theme& m_theme;
    PeaksPtr m_peaks;
    QString m_hint;
    bool m_dragging = false;
    QPixmap m_played;  ///< full colours
    QPixmap m_waiting; ///< faded
};

} // namespace sr::player
