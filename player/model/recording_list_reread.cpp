// SPDX-License-Identifier: GPL-3.0-or-later
// Positions of single recordings: to read the list anew when rows moved in its midst, in one reset and with
// the landmarks in memory, and to show a recording that was asked for from outside.
#include "player/model/recording_list_head.h"
#include "player/model/row_position.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sr::player {

void RecordingListModel::reread()
{
    m_landmarks.clear();
    emit aboutToReread();
    m_refreshing = true;
    m_worker->run(
        this,
        [archive = m_archive, filter = m_filter, generation = m_generation,
         landmarks = std::exchange(m_landmarks, {})]() -> Head {
            Head head;
            head.generation = generation;
            const Result<std::uint64_t> count = archive->count(filter);
            if (!count) {
                head.error = count.error();
                return head;
            }
            head.count = *count;
            std::vector<int> pages{0};
            for (const archive::RecordingRow& landmark : landmarks) {
                const Result<std::optional<int>> found = positionOf(*archive, filter, landmark, *count);
                if (found && *found)
                    pages.push_back(**found / kPageRows);
            }
            for (const int page : pages) {
                if (head.pages.contains(page))
                    continue;
                Result<std::vector<archive::RecordingRow>> rows =
                    readPage(*archive, filter, page * kPageRows, kPageRows);
                if (!rows) {
                    head.error = rows.error();
                    return head;
                }
                head.pages.emplace(page, std::move(rows).value());
            }
            return head;
        },
        [this](Head head) {
            m_refreshing = false;
            if (head.generation == m_generation)
                applyReread(std::move(head));
        });
}

void RecordingListModel::seek(const archive::RecordingRow& row)
{
    if (!m_archive)
        return;
    m_sought = row;
    if (m_state == ListState::Ready && m_countKnown)
        seekNow(); // else as soon as the rows are counted
}

void RecordingListModel::seekNow()
{
    m_worker->run(
        this,
        [archive = m_archive, filter = m_filter, generation = m_generation, row = *m_sought,
         count = static_cast<std::uint64_t>(m_count)] {
            return std::pair(generation, positionOf(*archive, filter, row, count));
        },
        [this](const std::pair<quint64, Result<std::optional<int>>>& answer) {
            const auto& [generation, found] = answer;
            if (generation != m_generation)
                return; // asked again when the new list is counted
            m_sought.reset();
            if (found && *found && **found < m_count)
                emit sought(**found);
        });
}

void RecordingListModel::applyReread(Head head)
{
    if (head.error) {
        fail(*head.error);
        return;
    }
    beginResetModel();
    m_wanted.clear();
    m_cache.clear();
    m_count = static_cast<int>(std::min<std::uint64_t>(head.count, std::numeric_limits<int>::max()));
    for (auto& [page, rows] : head.pages)
        m_cache.put(page, page * kPageRows, std::move(rows));
    endResetModel();
    setState(ListState::Ready);
}

} // namespace sr::player
