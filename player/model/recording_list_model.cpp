// SPDX-License-Identifier: GPL-3.0-or-later
// Paging, live update and the texts of the list.
#include "player/model/recording_list_model.h"

#include "player/model/format_text.h"
#include "player/model/recording_list_head.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {

constexpr std::size_t kMaxPages = 64; // chosen: 12,800 rows, a few megabytes
constexpr std::size_t kMaxWanted = 4; // pages a window can show at once; older wishes have scrolled away

} // namespace

struct RecordingListModel::Fetched {
    quint64 generation = 0;
    int page = 0;
    int first = 0;
    std::optional<Error> error;
    std::vector<archive::RecordingRow> rows;
};

RecordingListModel::RecordingListModel(QObject* parent)
    : QAbstractTableModel(parent)
    , m_cache(kMaxPages)
    , m_counting(std::make_shared<std::atomic<quint64>>(0))
{}

RecordingListModel::~RecordingListModel() = default;

void RecordingListModel::setArchive(archive::Archive* archive)
{
    m_worker.reset(); // nothing reads the old one any more
    m_counter.reset();
    m_archive = archive;
    m_refreshing = m_fetching = false;
    m_wanted.clear();
    m_integrity.clear();
    m_months.clear();
    m_sought.reset();
    m_total = 0;
    if (m_archive)
        m_worker = std::make_unique<Worker>(u"catalog"_s);
    if (m_archive)
        m_counter = std::make_unique<Worker>(u"count"_s);
    reload();
}

void RecordingListModel::setFilter(const archive::RecordingFilter& filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    reload();
}

void RecordingListModel::setLocale(const QLocale& locale)
{
    m_locale = locale;
    if (m_count > 0)
        emit dataChanged(index(0, 0), index(m_count - 1, ColumnCount - 1), {Qt::DisplayRole});
    emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

void RecordingListModel::setState(ListState state)
{
    m_state = state;
    emit stateChanged();
}

void RecordingListModel::fail(const Error& error)
{
    m_error = error;
    setState(ListState::Failed);
}

void RecordingListModel::reload()
{
    ++m_generation;
    m_pendingCount.reset();
    m_wanted.clear();
    m_error.reset();
    if (!m_archive) {
        m_countKnown = true; // none
        beginResetModel();
        m_cache.clear();
        m_count = 0;
        endResetModel();
        setState(ListState::NoArchive);
        return;
    }
    setState(ListState::Loading);
    m_countKnown = false;
    m_counting->store(m_generation);
    // The first rows decide how fast a filter feels: they do not wait for a count over the whole archive.
    m_worker->run(
        this,
        [archive = m_archive, filter = m_filter, generation = m_generation, first = m_months.empty()] {
            Head head;
            head.generation = generation;
            Result<std::vector<archive::RecordingRow>> rows = readPage(*archive, filter, 0, kPageRows);
            Result<MonthList> months = first ? archive->months() : Result<MonthList>(MonthList{});
            if (!rows || !months) {
                head.error = !rows ? rows.error() : months.error();
                return head;
            }
            head.rows = std::move(rows).value();
            head.months = std::move(months).value();
            return head;
        },
        [this](Head head) {
            if (head.generation == m_generation)
                applyHead(std::move(head));
        });
    m_counter->run(
        this,
        [archive = m_archive, filter = m_filter, generation = m_generation, newest = m_counting] {
            Head head;
            head.generation = generation;
            if (newest->load() != generation)
                return head; // typed on: nobody waits for this count
            const Result<std::uint64_t> count = archive->count(filter);
            const Result<std::uint64_t> total =
                filter == archive::RecordingFilter{} ? count : archive->count({});
            if (!count || !total)
                head.error = !count ? count.error() : total.error();
            head.count = count ? *count : 0;
            head.total = total ? *total : 0;
            return head;
        },
        [this](Head head) {
            if (head.generation == m_generation)
                applyCount(std::move(head));
        });
}

void RecordingListModel::applyHead(Head head)
{
    if (head.error) {
        fail(*head.error);
        return;
    }
    if (!head.months.empty() && m_months != head.months) {
        m_months = std::move(head.months);
        emit monthsChanged();
        if (head.generation != m_generation)
            return; // the first months chose another filter: its rows are on their way
    }
    beginResetModel();
    m_cache.clear();
    m_count = static_cast<int>(head.rows.size());
    if (m_count > 0)
        m_cache.put(0, 0, std::move(head.rows));
    endResetModel();
    setState(ListState::Ready);
    emit pageLoaded(0, m_count - 1);
    if (m_pendingCount)
        applyCount(*std::exchange(m_pendingCount, nullptr));
}

/// The rest of the rows, known by number only.
void RecordingListModel::applyCount(Head head)
{
    if (m_state == ListState::Loading) {
        m_pendingCount = std::make_unique<Head>(std::move(head)); // overtook the first rows
        return;
    }
    if (m_state != ListState::Ready)
        return;
    if (head.error) {
        fail(*head.error);
        return;
    }
    m_countKnown = true;
    const int count = static_cast<int>(std::min<std::uint64_t>(head.count, std::numeric_limits<int>::max()));
    if (m_count == kPageRows && count > m_count) {
        beginInsertRows({}, m_count, count - 1);
        m_count = count;
        endInsertRows();
    }
    m_total = head.total;
    emit totalChanged();
    if (m_sought)
        seekNow();
}

void RecordingListModel::want(int row)
{
    if (row < 0 || row >= m_count || !m_archive)
        return;
    const int page = m_cache.pageOf(row);
    if (m_cache.has(page))
        return;
    std::erase(m_wanted, page);
    m_wanted.push_front(page);
    if (m_wanted.size() > kMaxWanted)
        m_wanted.pop_back();
    fetchNext();
}

void RecordingListModel::fetchNext()
{
    if (m_fetching || m_wanted.empty() || !m_worker)
        return;
    const int page = m_wanted.front();
    m_wanted.pop_front();
    m_fetching = true;
    const auto [first, rows] = m_cache.rangeOf(page);
    m_worker->run(
        this,
        [archive = m_archive, filter = m_filter, generation = m_generation, page, first = first,
         rows = rows]() -> Fetched {
            Fetched fetched;
            fetched.generation = generation;
            fetched.page = page;
            fetched.first = first;
            Result<std::vector<archive::RecordingRow>> read = readPage(*archive, filter, first, rows);
            if (read)
                fetched.rows = std::move(read).value();
            else
                fetched.error = read.error();
            return fetched;
        },
        [this](Fetched fetched) {
            m_fetching = false;
            if (fetched.generation == m_generation)
                applyPage(std::move(fetched));
            fetchNext();
        });
}

void RecordingListModel::applyPage(Fetched fetched)
{
    if (fetched.error) {
        fail(*fetched.error);
        return;
    }
    if (fetched.first != m_cache.rangeOf(fetched.page).first)
        return; // the list moved meanwhile; the view asks again
    const int last = std::min(fetched.first + static_cast<int>(fetched.rows.size()), m_count) - 1;
    if (m_cache.put(fetched.page, fetched.first, std::move(fetched.rows)) && last >= fetched.first) {
        tellPage(fetched.first, last);
    }
}

void RecordingListModel::tellPage(int first, int last)
{
    emit dataChanged(index(first, 0), index(last, ColumnCount - 1));
    emit pageLoaded(first, last);
}

void RecordingListModel::refresh()
{
    if (!m_archive || m_refreshing || m_state == ListState::Loading)
        return;
    if (m_state == ListState::Failed) {
        reload();
        return;
    }
    if (!m_countKnown)
        return;
    m_refreshing = true;
    m_worker->run(
        this,
        [archive = m_archive, filter = m_filter, generation = m_generation, known = m_count]() -> Head {
            Head head;
            head.generation = generation;
            if (const Status caught = archive->catchUp(); !caught) {
                head.error = caught.error();
                return head;
            }
            const Result<std::uint64_t> count = archive->count(filter);
            const Result<std::uint64_t> total = archive->count({});
            if (!count || !total) {
                head.error = !count ? count.error() : total.error();
                return head;
            }
            head.count = *count;
            head.total = *total;
            // New recordings stand at the newest end: the rows there tell whether that is all that happened.
            const std::int64_t grown = static_cast<std::int64_t>(head.count) - known;
            const int fresh = static_cast<int>(std::clamp<std::int64_t>(grown, 0, 10 * kPageRows));
            head.first = filter.oldestFirst ? std::max(0, known - kPageRows) : 0;
            Result<std::vector<archive::RecordingRow>> rows =
                readPage(*archive, filter, head.first, kPageRows + fresh);
            Result<MonthList> months = archive->months();
            if (!rows || !months) {
                head.error = !rows ? rows.error() : months.error();
                return head;
            }
            head.rows = std::move(rows).value();
            head.months = std::move(months).value();
            return head;
        },
        [this](Head head) {
            m_refreshing = false;
            if (head.generation == m_generation)
                applyRefresh(std::move(head));
        });
}

void RecordingListModel::applyRefresh(Head head)
{
    if (head.error) {
        fail(*head.error);
        return;
    }
    if (m_months != head.months) {
        m_months = std::move(head.months);
        emit monthsChanged();
        if (head.generation != m_generation)
            return;
    }
    if (m_total != head.total) {
        m_total = head.total;
        emit totalChanged();
    }
    const int count = static_cast<int>(std::min<std::uint64_t>(head.count, std::numeric_limits<int>::max()));
    const int grown = count - m_count;
    const int anchor = m_filter.oldestFirst ? m_count - 1 : 0; // the newest row that we knew
    const int anchorNow = m_filter.oldestFirst ? anchor : anchor + grown;
    const archive::RecordingRow* known = m_count > 0 ? m_cache.row(anchor) : nullptr;
    const std::size_t at = static_cast<std::size_t>(std::max(0, anchorNow - head.first));
    const bool sameEnd =
        m_count == 0 || !known ||
        (anchorNow >= head.first && at < head.rows.size() && head.rows[at].uid == known->uid);
    if (grown < 0 || !sameEnd) {
        reread();
        return;
    }
    if (grown > 0) {
        const int first = m_filter.oldestFirst ? m_count : 0;
        beginInsertRows({}, first, first + grown - 1);
        m_count = count;
        if (!m_filter.oldestFirst)
            m_cache.shift(grown);
        endInsertRows();
    }
    // The rows read anyway replace their copies, so that a new TAN or a conversion shows.
    for (std::size_t i = 0; i < head.rows.size();) {
        const int position = head.first + static_cast<int>(i);
        const int page = m_cache.pageOf(position);
        const auto [first, rows] = m_cache.rangeOf(page);
        const std::size_t skip = static_cast<std::size_t>(position - first);
        const std::size_t take = std::min(head.rows.size() - i, static_cast<std::size_t>(rows) - skip);
        const bool whole = skip == 0 && (take == static_cast<std::size_t>(rows) ||
                                         first + static_cast<int>(take) == m_count);
        if (whole) {
            const auto begin = head.rows.begin() + static_cast<std::ptrdiff_t>(i);
            std::vector<archive::RecordingRow> part(begin, begin + static_cast<std::ptrdiff_t>(take));
            if (m_cache.put(page, first, std::move(part)))
                tellPage(first, first + static_cast<int>(take) - 1);
        }
        i += take;
    }
    if (m_state != ListState::Ready)
        setState(ListState::Ready);
}

const archive::RecordingRow* RecordingListModel::rowAt(int row)
{
    return row >= 0 && row < m_count ? m_cache.row(row) : nullptr;
}

int RecordingListModel::rowOf(const std::string& uid) const
{
    const std::optional<int> row = m_cache.find(uid);
    return row && *row < m_count ? *row : -1;
}

void RecordingListModel::setLoaded(const std::string& uid)
{
    const std::string before = std::exchange(m_loaded, uid);
    for (const std::string& changed : {before, uid}) {
        if (const int row = rowOf(changed); row >= 0)
            emit dataChanged(index(row, Start), index(row, Start));
    }
}

void RecordingListModel::setIntegrity(const std::string& uid, archive::Integrity integrity)
{
    m_integrity[uid] = integrity;
    if (const int row = rowOf(uid); row >= 0)
        emit dataChanged(index(row, State), index(row, State));
}

std::optional<archive::Integrity> RecordingListModel::integrityOf(const std::string& uid) const
{
    const auto found = m_integrity.find(uid);
    return found == m_integrity.end() ? std::nullopt : std::optional(found->second);
}

int RecordingListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_count;
}

int RecordingListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

Qt::ItemFlags RecordingListModel::flags(const QModelIndex& index) const
{
    return index.isValid() ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren
                           : Qt::NoItemFlags;
}

} // namespace sr::player
