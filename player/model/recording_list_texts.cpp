// SPDX-License-Identifier: GPL-3.0-or-later
// What the list says in each cell and head.
#include "player/model/format_text.h"
#include "player/model/recording_list_model.h"

namespace sr::player {

using namespace Qt::StringLiterals;

QString RecordingListModel::displayText(const archive::RecordingRow& row, int column) const
{
    switch (column) {
    case Start:
        return startText(row, m_filter.year == 0, m_locale);
    case Internal:
        return text(row.internal);
    case Direction:
        return row.direction == archive::CallDirection::Out ? tr("outgoing") : tr("incoming");
    case External:
        return text(row.external);
    case Length:
        return lengthText(row.durationMs);
    case Ring:
        return tr("%1 s", "seconds of ringing").arg(row.answerSeconds);
    case State: {
        QStringList parts;
        if (const auto known = integrityOf(row.uid); known || !row.hasSidecar) {
            switch (known.value_or(archive::Integrity::Unknown)) {
            case archive::Integrity::Original:
                parts << tr("original");
                break;
            case archive::Integrity::Manipulated:
                parts << tr("manipulated");
                break;
            case archive::Integrity::Unknown:
                parts << tr("unknown");
                break;
            }
        }
        if (!row.tan.empty())
            parts << tr("TAN %1").arg(text(row.tan));
        if (row.sealed)
            parts << tr("sealed");
        return parts.join(", "_L1);
    }
    default:
        return {};
    }
}

QString RecordingListModel::startSample() const
{
    archive::RecordingRow widest;
    widest.start = UtcTime(std::chrono::sys_days(std::chrono::year(2028) / 12 / 28)); // two digits everywhere
    return startText(widest, m_filter.year == 0, m_locale);
}

QVariant RecordingListModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= m_count)
        return {};
    const archive::RecordingRow* row = m_cache.row(index.row());
    if (role == LoadingRole)
        return row == nullptr;
    if (!row)
        return role == Qt::AccessibleTextRole ? QVariant(tr("loading")) : QVariant();
    switch (role) {
    case Qt::AccessibleTextRole:
        if (index.column() == Start && row->uid == m_loaded)
            return tr("%1, in the deck").arg(displayText(*row, Start));
        return displayText(*row, index.column());
    case Qt::DisplayRole:
        return displayText(*row, index.column());
    case Qt::ToolTipRole:
        return plainTip(index.column() == Internal   ? partyText(row->internal, row->internalName)
                        : index.column() == External ? partyText(row->external, row->externalName)
                                                     : displayText(*row, index.column()));
    case UidRole:
        return text(row->uid);
    case OutgoingRole:
        return row->direction == archive::CallDirection::Out;
    case LoadedRole:
        return row->uid == m_loaded;
    case SealedRole:
        return row->sealed;
    case TanRole:
        return text(row->tan);
    case NameRole:
        return index.column() == Internal   ? text(row->internalName)
               : index.column() == External ? text(row->externalName)
                                            : QString();
    case IntegrityRole: {
        const auto known = integrityOf(row->uid);
        if (!row->hasSidecar)
            return static_cast<int>(archive::Integrity::Unknown);
        return known ? QVariant(static_cast<int>(*known)) : QVariant();
    }
    default:
        return {};
    }
}

QVariant RecordingListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::AccessibleTextRole && section == Direction)
        return tr("Direction");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Start:
        return m_filter.oldestFirst ? tr("Start ↑", "column; oldest first")
                                    : tr("Start ↓", "column; newest first");
    case Internal:
        return tr("Internal");
    case External:
        return tr("External");
    case Length:
        return tr("Length");
    case Ring:
        return tr("Ring", "column: seconds of ringing");
    case State:
        return tr("State", "column: integrity of the recording");
    default:
        return QString();
    }
}

} // namespace sr::player
