// SPDX-License-Identifier: GPL-3.0-or-later
// Painting of one cell; only what is in memory, nothing is fetched here.
#include "player/ui/recording_delegate.h"

#include "app/widgets/chip.h"
#include "app/widgets/icon.h"
#include "app/widgets/tabular_text.h"
#include "app/widgets/theme.h"
#include "core/archive/archive.h"
#include "player/model/recording_list_model.h"

#include <QPainter>
#include <QPainterPath>
#include <QPixmapCache>

#include <algorithm>

namespace sr::player {

using namespace Qt::StringLiterals;
using Model = RecordingListModel;
using widgets::ChipTone;

namespace {
constexpr qreal kPadding = 8;
constexpr int kMinRow = 28;
constexpr int kLock = 15;
constexpr qreal kMark = 6; // of the recording in the deck, beside its time

QPixmap lockPixmap(const QColor& color, qreal ratio)
{
    const QString key = u"sr-lock-%1-%2"_s.arg(color.name()).arg(ratio);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = widgets::tintedPixmap(u"lock"_s, color, kLock, ratio);
        QPixmapCache::insert(key, pixmap);
    }
    return pixmap;
}
} // namespace

RecordingDelegate::RecordingDelegate(const widgets::Theme& theme, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
{}

int RecordingDelegate::rowHeight(const QFontMetrics& metrics)
{
    return std::max(kMinRow, metrics.height() + 11);
}

void RecordingDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const
{
    const widgets::Tokens& colors = m_theme.tokens();
    const bool selected = (option.state & QStyle::State_Selected) != 0;
    const QRectF cell = option.rect;
    painter->save();
    if (selected)
        painter->fillRect(cell, colors.selected);
    painter->fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), colors.line);
    if (selected && index.column() == 0 && (option.state & QStyle::State_Active) != 0)
        painter->fillRect(QRectF(cell.left(), cell.top(), 3, cell.height() - 1), colors.accent);
    painter->setFont(option.font);
    painter->setPen(colors.ink);
    const QRectF inner = cell.adjusted(kPadding, 0, -kPadding, -1);
    painter->setClipRect(cell);
    if (index.data(Model::LoadingRole).toBool()) {
        paintPlaceholder(*painter, inner, index.row());
    } else {
        switch (index.column()) {
        case Model::Internal:
        case Model::External:
            paintParty(*painter, inner, index, selected);
            break;
        case Model::Direction:
            paintArrow(*painter, inner, index.data(Model::OutgoingRole).toBool());
            break;
        case Model::State:
            paintState(*painter, inner, index, option);
            break;
        case Model::Start:
            if (index.data(Model::LoadedRole).toBool())
                paintMark(*painter, inner);
            [[fallthrough]];
        default:
            widgets::drawTabular(*painter, inner, index.data().toString());
            break;
        }
    }
    painter->restore();
}

void RecordingDelegate::paintParty(QPainter& painter, const QRectF& cell, const QModelIndex& index,
                                   bool selected) const
{
    const QFontMetricsF metrics(painter.font());
    const QString number = index.data().toString();
    const QString name = index.data(Model::NameRole).toString();
    const qreal numberWidth = widgets::tabularWidth(painter.font(), number);
    if (numberWidth > cell.width()) {
        painter.drawText(cell, Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(number, Qt::ElideRight, cell.width()));
        return;
    }
    widgets::drawTabular(painter, cell, number);
    if (name.isEmpty() || name == number)
        return;
    const qreal gap = metrics.horizontalAdvance(u' ') * 1.5;
    const QRectF rest = cell.adjusted(numberWidth + gap, 0, 0, 0);
    if (rest.width() < metrics.averageCharWidth() * 3)
        return;
    painter.setPen(selected ? m_theme.tokens().ink : m_theme.tokens().muted);
    painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(name, Qt::ElideRight, rest.width()));
}

void RecordingDelegate::paintMark(QPainter& painter, const QRectF& cell) const
{
    const qreal left = cell.right() + 2; // within the padding
    const qreal middle = cell.center().y() + 0.5;
    QPainterPath play(QPointF(left, middle - kMark * 0.7));
    play.lineTo(left + kMark, middle);
    play.lineTo(left, middle + kMark * 0.7);
    play.closeSubpath();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillPath(play, m_theme.tokens().accent);
}

int RecordingDelegate::markWidth()
{
    return static_cast<int>(kMark + 2 - kPadding + 3);
}

void RecordingDelegate::paintArrow(QPainter& painter, const QRectF& cell, bool outgoing) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(outgoing ? m_theme.tokens().outgoing : m_theme.tokens().incoming, 1.6, Qt::SolidLine,
                        Qt::RoundCap, Qt::RoundJoin));
    const QPointF middle = cell.center();
    const qreal way = outgoing ? 1 : -1;
    QPainterPath arrow(middle - QPointF(5 * way, 0));
    arrow.lineTo(middle + QPointF(5 * way, 0));
    arrow.moveTo(middle + QPointF(1.5 * way, -3.5));
    arrow.lineTo(middle + QPointF(5 * way, 0));
    arrow.lineTo(middle + QPointF(1.5 * way, 3.5));
    painter.drawPath(arrow);
}

void RecordingDelegate::paintState(QPainter& painter, const QRectF& cell, const QModelIndex& index,
                                   const QStyleOptionViewItem& option) const
{
    const bool selected = (option.state & QStyle::State_Selected) != 0;
    const auto ground = selected ? widgets::ChipGround::Selected : widgets::ChipGround::Plain;
    QRectF rest = cell;
    const auto chip = [&](const QString& words, ChipTone tone) {
        const qreal width = widgets::drawChip(painter, rest, words, tone, m_theme, option.font, ground);
        if (width > 0)
            rest.adjust(width + 4, 0, 0, 0);
    };
    const QVariant integrity = index.data(Model::IntegrityRole);
    if (integrity.isValid()) {
        switch (static_cast<archive::Integrity>(integrity.toInt())) {
        case archive::Integrity::Original:
            chip(tr("original"), ChipTone::Quiet);
            break;
        case archive::Integrity::Manipulated:
            chip(tr("manipulated"), ChipTone::Alarm);
            break;
        case archive::Integrity::Unknown:
            chip(tr("unknown"), ChipTone::Quiet);
            break;
        }
    }
    if (const QString tan = index.data(Model::TanRole).toString(); !tan.isEmpty())
        chip(tr("TAN %1").arg(tan), ChipTone::Quiet);
    if (index.data(Model::SealedRole).toBool() && rest.width() >= kLock) {
        const QColor color = selected ? m_theme.tokens().ink : m_theme.tokens().muted;
        painter.drawPixmap(QPointF(rest.left() + 1, rest.center().y() - kLock / 2.0),
                           lockPixmap(color, painter.device()->devicePixelRatioF()));
    }
}

void RecordingDelegate::paintPlaceholder(QPainter& painter, const QRectF& cell, int row) const
{
    // Bars of uneven length look like text to come, without moving.
    const qreal part = 0.45 + 0.1 * (row % 4);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.tokens().line);
    painter.drawRoundedRect(QRectF(cell.left(), cell.center().y() - 4, cell.width() * part, 8), 4, 4);
}

} // namespace sr::player
