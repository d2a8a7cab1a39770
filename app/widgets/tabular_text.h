// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of equal width whatever the font: running counters and columns of times stand still.
#pragma once

#include <QFont>
#include <QRectF>
#include <QString>
#include <QWidget>

class QPainter;

namespace sr::widgets {

qreal tabularWidth(const QFont& font, const QString& text);
/// Left-aligned, vertically centred, in the painter's font and pen.
void drawTabular(QPainter& painter, const QRectF& rect, const QString& text);
/// The application's font scaled, e.g. 22.0 / 13 for counters.
QFont scaledFont(const QFont& base, qreal factor, QFont::Weight weight);

/// A number that changes many times a second; as wide as its widest text so far.
class CounterLabel final : public QWidget {
    Q_OBJECT
public:
    CounterLabel(qreal factor, QFont::Weight weight, QWidget* parent = nullptr);
    void setText(const QString& text);
    QString text() const { return m_text; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }
    int baseline() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QFont counterFont() const;
    qreal m_factor;
    QFont::Weight m_weight;
    QString m_text;
};

} // namespace sr::widgets
