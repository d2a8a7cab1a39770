// SPDX-License-Identifier: GPL-3.0-or-later
// The list of recordings: only the pages on view are in memory, all reading is done by a worker.
#pragma once

#include "core/archive/archive.h"
#include "player/engine/worker.h"
#include "player/model/filter_state.h"
#include "player/model/page_cache.h"

#include <QAbstractTableModel>
#include <QLocale>

#include <memory>
#include <optional>
#include <unordered_map>

namespace sr::player {

enum class ListState : std::uint8_t { NoArchive, Loading, Ready, Failed };

/// Main thread; never waits. An empty placeholder stands for each row whose page is still on its way.
class RecordingListModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Start, Internal, Direction, External, Length, Ring, State, ColumnCount };
    enum Role {
        UidRole = Qt::UserRole + 1, ///< QString; empty for a placeholder
        LoadingRole,                ///< bool
        OutgoingRole,               ///< bool
        SealedRole,                 ///< bool
        TanRole,                    ///< QString
        NameRole,                   ///< QString: the party's display name
        LoadedRole,                 ///< bool: in the deck
        IntegrityRole,              ///< int of archive::Integrity, invalid while not known
    };

    explicit RecordingListModel(QObject* parent = nullptr);
    ~RecordingListModel() override;

    /// nullptr detaches; the archive outlives the attachment. Waits for the worker when detaching.
    void setArchive(archive::Archive* archive);
    void setFilter(const archive::RecordingFilter& filter);
    const archive::RecordingFilter& filter() const { return m_filter; }
    void setLocale(const QLocale& locale);
    void setLoaded(const std::string& uid); ///< in the deck now; empty: none
    void setIntegrity(const std::string& uid, archive::Integrity integrity);

    /// Looks for what other programs have done, keeps everything that stands on view. Ignored while one runs.
    void refresh();
    /// This row stays in memory through the reread that is about to come, so that its place is found again.
    void addLandmark(const archive::RecordingRow& row) { m_landmarks.push_back(row); }

    ListState state() const { return m_state; }
    const std::optional<Error>& error() const { return m_error; }
    bool countKnown() const
    {
        return m_countKnown;
    }                                         ///< false: the first rows are here, the rest is being counted
    quint64 total() const { return m_total; } ///< recordings of the archive, whatever the filter
    const MonthList& months() const { return m_months; }
    const archive::RecordingRow* rowAt(int row); ///< nullptr for a placeholder
    std::optional<archive::Integrity> integrityOf(const std::string& uid) const;
    int rowOf(const std::string& uid) const; ///< among the rows in memory, else -1
    std::size_t cachedPages() const { return m_cache.pages(); }
    /// As wide as any start time of this list.
    QString startSample() const;
    /// Looks for this recording in the whole list; sought() tells its row, if the filter has it.
    void seek(const archive::RecordingRow& row);
    bool seeking() const { return m_sought.has_value(); }
    /// Fetches the page of this row unless it is here.
    void want(int row);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    void stateChanged();
    void totalChanged();
    void monthsChanged();
    void pageLoaded(int firstRow, int lastRow);
    void sought(int row);
    void aboutToReread(); ///< something went, or came in its midst: name the landmarks now

private:
    struct Head;
    struct Fetched;
    void reload();
    void applyHead(Head head);
    void applyCount(Head head);
    void applyRefresh(Head head);
    void reread();
    void applyReread(Head head);
    void seekNow();
    void fetchNext();
    void applyPage(Fetched fetched);
    void tellPage(int first, int last);
    void fail(const Error& error);
    void setState(ListState state);
    QString displayText(const archive::RecordingRow& row, int column) const;

    archive::Archive* m_archive = nullptr;
    archive::RecordingFilter m_filter;
    QLocale m_locale;
    ListState m_state = ListState::NoArchive;
    std::optional<Error> m_error;
    int m_count = 0;
    quint64 m_total = 0;
    MonthList m_months;
    quint64 m_generation = 0; ///< of the filter; older answers are dropped
    bool m_refreshing = false;
    bool m_fetching = false;
    std::deque<int> m_wanted; ///< pages, the newest wish first
    mutable PageCache m_cache;
    std::vector<archive::RecordingRow> m_landmarks;
    std::optional<archive::RecordingRow> m_sought;
    std::string m_loaded;
    std::unordered_map<std::string, archive::Integrity> m_integrity;
    std::unique_ptr<Worker> m_worker;
    std::shared_ptr<std::atomic<quint64>> m_counting; ///< the generation whose count is wanted
    std::unique_ptr<Worker> m_counter; ///< apart: a count over everything never delays the rows
    bool m_countKnown = false;
    std::unique_ptr<Head> m_pendingCount; ///< arrived before its first rows
};

} // namespace sr::player
