// SPDX-License-Identifier: GPL-3.0-or-later
// A level bar with a held peak; green, attention, alarm by height.
#pragma once

#include <QWidget>

namespace sr::widgets {

class Theme;

class LevelMeter final : public QWidget {
    Q_OBJECT
public:
    explicit LevelMeter(const Theme& theme, QWidget* parent = nullptr);
    /// dB of full scale; the bar begins at `floorDb`.
    void setLevel(float db, float peakDb, float floorDb);
    QSize sizeHint() const override { return {80, 6}; }
    QSize minimumSizeHint() const override { return {40, 6}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& m_theme;
    qreal m_level = 0; ///< 0 to 1
    qreal m_peak = 0;
};

} // namespace sr::widgets
