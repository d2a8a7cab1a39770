// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the rows of the list: tabular times, party with name, arrow, chips, hairlines, placeholders.
#pragma once

#include <QStyledItemDelegate>

namespace sr::widgets {
class Theme;
}

namespace sr::player {

class RecordingDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit RecordingDelegate(const widgets::Theme& theme, QObject* parent = nullptr);
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    static int rowHeight(const QFontMetrics& metrics); ///< 28 px, more for large fonts
    static int markWidth(); ///< what the mark of the recording in the deck adds to its time

private:
    void paintParty(QPainter& painter, const QRectF& cell, const QModelIndex& index, bool selected) const;
    void paintMark(QPainter& painter, const QRectF& cell) const;
    void paintArrow(QPainter& painter, const QRectF& cell, bool outgoing) const;
    void paintState(QPainter& painter, const QRectF& cell, const QModelIndex& index,
                    const QStyleOptionViewItem& option) const;
    void paintPlaceholder(QPainter& painter, const QRectF& cell, int row) const;

    const widgets::Theme& m_theme;
};

} // namespace sr::player
