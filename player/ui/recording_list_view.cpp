// SPDX-License-Identifier: GPL-3.0-or-later
// Columns, paging by what is visible, and the selection through changes of the list.
#include "player/ui/recording_list_view.h"

#include "app/widgets/chip.h"
#include "app/widgets/tabular_text.h"
#include "player/model/recording_list_model.h"
#include "player/ui/recording_delegate.h"

#include <QEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sr::player {

using namespace Qt::StringLiterals;
using Model = RecordingListModel;

namespace {
constexpr int kCellPadding = 17; // both sides of a cell, and a hairline
constexpr int kParties = 172;    // both numbers can be told apart
} // namespace

RecordingListView::RecordingListView(RecordingListModel& model, const widgets::Theme& theme, QWidget* parent)
    : QTableView(parent)
    , m_model(model)
{
    setModel(&model);
    setItemDelegate(new RecordingDelegate(theme, this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false); // Tab leaves the list
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(1);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsClickable(true);
    horizontalHeader()->setMinimumSectionSize(16);
    horizontalHeader()->setFocusPolicy(Qt::NoFocus);
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this, [this](int section) {
        if (section == Model::Start)
            emit orderToggled();
    });
    connect(this, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex& index) {
        const QString uid = index.data(Model::UidRole).toString();
        if (!uid.isEmpty())
            emit playRequested(uid.toStdString());
    });
    connect(&model, &Model::sought, this, &RecordingListView::selectRow);
    connect(&model, &Model::aboutToReread, this, &RecordingListView::nameLandmarks);
    connect(&model, &QAbstractItemModel::modelAboutToBeReset, this, &RecordingListView::keepPlace);
    connect(&model, &QAbstractItemModel::modelReset, this, &RecordingListView::restoreCurrent);
    connect(&model, &Model::stateChanged, this, &RecordingListView::fitColumns); // with or without the year
    connect(&model, &Model::pageLoaded, this, [this] {
        if (!currentIndex().isValid())
            restoreCurrent();
        else
            announceCurrent();
    });
    connect(&model, &QAbstractItemModel::rowsAboutToBeInserted, this,
            [this](const QModelIndex&, int first, int last) {
                // Above the view: what the person looks at stays where it is.
                if (first > 0 || verticalScrollBar()->value() == 0)
                    return;
                const int added = (last - first + 1) * verticalHeader()->defaultSectionSize();
                const int target = verticalScrollBar()->value() + added;
                QMetaObject::invokeMethod(
                    this, [this, target] { verticalScrollBar()->setValue(target); }, Qt::QueuedConnection);
            });
    fitColumns();
}

void RecordingListView::fitColumns()
{
    verticalHeader()->setDefaultSectionSize(RecordingDelegate::rowHeight(fontMetrics()));
    QFont head = widgets::scaledFont(font(), 11.0 / 13.0, QFont::DemiBold);
    horizontalHeader()->setFont(head);
    horizontalHeader()->viewport()->setFont(head); // paints them; under a style sheet it inherits no font
    horizontalHeader()->setFixedHeight(QFontMetrics(head).height() + 12);
    const auto wide = [this](const QString& sample) {
        return static_cast<int>(std::ceil(widgets::tabularWidth(font(), sample))) + kCellPadding;
    };
    const auto underHead = [&](Model::Column column, const QString& sample) {
        return std::max(wide(sample), horizontalHeader()->sectionSizeHint(column));
    };
    const int start = underHead(Model::Start, m_model.startSample()) + RecordingDelegate::markWidth();
    const int direction = 34;
    const int length = underHead(Model::Length, u"12:05:00"_s);
    const int lock = 24; // icon and gap after the widest chip
    const int state = static_cast<int>(widgets::chipWidth(RecordingDelegate::tr("manipulated"),
                                                          widgets::ChipTone::Alarm, font())) +
                      kCellPadding + lock;
    // The ringing gives way first, the details tell it too; the state never does.
    setColumnHidden(Model::Ring, false);
    int ring = underHead(Model::Ring, u"120 s"_s);
    const int others = start + direction + length + state;
    if (viewport()->width() < others + ring + kParties) {
        setColumnHidden(Model::Ring, true);
        ring = 0;
    }
    const int rest = std::max(kParties, viewport()->width() - others - ring);
    setColumnWidth(Model::Start, start);
    setColumnWidth(Model::Direction, direction);
    setColumnWidth(Model::Length, length);
    if (ring > 0)
        setColumnWidth(Model::Ring, ring);
    setColumnWidth(Model::State, state);
    setColumnWidth(Model::Internal, rest * 2 / 5); // own numbers are short, others' are not
    setColumnWidth(Model::External, rest - rest * 2 / 5);
}

void RecordingListView::wantVisible()
{
    const int first = rowAt(0);
    if (first < 0)
        return;
    const int bottom = rowAt(viewport()->height() - 1);
    const int last = bottom < 0 ? m_model.rowCount() - 1 : bottom;
    // The page after what is on view first, so that the visible ones are the newest wishes.
    m_model.want(std::min(m_model.rowCount() - 1, last + kPageRows / 4));
    m_model.want(last);
    m_model.want(first);
}

void RecordingListView::scrollContentsBy(int dx, int dy)
{
    QTableView::scrollContentsBy(dx, dy);
    wantVisible();
}

void RecordingListView::paintEvent(QPaintEvent* event)
{
    QTableView::paintEvent(event);
    wantVisible(); // pages may have been dropped, or the list has moved under the view
}

void RecordingListView::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitColumns();
    wantVisible();
}

void RecordingListView::changeEvent(QEvent* event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::LanguageChange)
        fitColumns();
}

void RecordingListView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (const std::string uid = currentUid(); !uid.empty())
            emit playRequested(uid);
        return;
    }
    QTableView::keyPressEvent(event);
}

void RecordingListView::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTableView::currentChanged(current, previous);
    if (!m_restoring)
        announceCurrent();
}

std::string RecordingListView::currentUid() const
{
    const archive::RecordingRow* row = m_model.rowAt(currentIndex().row());
    return row ? row->uid : std::string();
}

void RecordingListView::announceCurrent()
{
    const std::string uid = currentUid();
    if (uid.empty() || uid == m_keptUid)
        return;
    m_keptUid = uid;
    emit currentRecordingChanged(uid);
}

void RecordingListView::selectRow(int row)
{
    setCurrentIndex(m_model.index(row, 0));
    scrollTo(m_model.index(row, 0));
}

void RecordingListView::nameLandmarks()
{
    for (const int row : {currentIndex().row(), rowAt(0)}) {
        if (const archive::RecordingRow* known = m_model.rowAt(row))
            m_model.addLandmark(*known);
    }
}

void RecordingListView::keepPlace()
{
    m_place.reset();
    if (m_model.state() != ListState::Ready)
        return; // another filter: another list
    const int top = rowAt(0);
    const archive::RecordingRow* known = m_model.rowAt(top);
    m_place = Place{known ? known->uid : std::string(), top < 0 ? 0 : -rowViewportPosition(top),
                    currentIndex().row()};
}

void RecordingListView::restoreCurrent()
{
    const std::optional<Place> place = std::exchange(m_place, std::nullopt);
    if (m_model.rowCount() == 0) {
        if (!m_keptUid.empty()) {
            m_keptUid.clear();
            emit currentRecordingChanged({});
        }
        return;
    }
    const int row = m_keptUid.empty() ? -1 : m_model.rowOf(m_keptUid);
    if (row >= 0) {
        m_restoring = true;
        selectRow(row);
        m_restoring = false;
    } else {
        // A recording that went leaves the place to its neighbour.
        const int near = place ? std::clamp(place->currentRow, 0, m_model.rowCount() - 1) : 0;
        setCurrentIndex(m_model.index(near, 0));
    }
    if (const int top = place ? m_model.rowOf(place->topUid) : -1; top >= 0) {
        executeDelayedItemsLayout();
        verticalScrollBar()->setValue(top * verticalHeader()->defaultSectionSize() + place->above);
    }
}

} // namespace sr::player
