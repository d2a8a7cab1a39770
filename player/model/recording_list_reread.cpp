// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the list anew when positions moved in its midst: all in one reset, with the landmarks in memory.
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
