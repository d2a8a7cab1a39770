// SPDX-License-Identifier: GPL-3.0-or-later
// Positions, pages and the order of use.
#include "player/model/page_cache.h"

#include <algorithm>

namespace sr::player {

namespace {

bool sameRow(const archive::RecordingRow& a, const archive::RecordingRow& b)
{
    return a.uid == b.uid && a.file == b.file && a.tan == b.tan && a.sealed == b.sealed &&
           a.format == b.format && a.internalName == b.internalName && a.externalName == b.externalName &&
           a.durationMs == b.durationMs && a.fileBytes == b.fileBytes && a.hasSidecar == b.hasSidecar;
}

int floorDivide(int value, int by)
{
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

} // namespace

void PageCache::clear()
{
    m_pages.clear();
    m_used.clear();
    m_shift = 0;
}

int PageCache::pageOf(int position) const
{
    return floorDivide(position - m_shift, kPageRows);
}

std::pair<int, int> PageCache::rangeOf(int page) const
{
    const int first = page * kPageRows + m_shift;
    const int from = std::max(0, first);
    return {from, first + kPageRows - from};
}

const archive::RecordingRow* PageCache::row(int position)
{
    const int number = pageOf(position);
    const auto found = m_pages.find(number);
    if (found == m_pages.end())
        return nullptr;
    Page& page = found->second;
    m_used.splice(m_used.begin(), m_used, page.use);
    const int index = position - m_shift - number * kPageRows - page.offset;
    if (index < 0 || index >= static_cast<int>(page.rows.size()))
        return nullptr;
    return &page.rows[static_cast<std::size_t>(index)];
}

bool PageCache::put(int number, int first, std::vector<archive::RecordingRow> rows)
{
    const int offset = first - m_shift - number * kPageRows;
    const auto found = m_pages.find(number);
    if (found != m_pages.end()) {
        Page& page = found->second;
        const bool same = page.offset == offset &&
                          std::equal(page.rows.begin(), page.rows.end(), rows.begin(), rows.end(), sameRow);
        page.rows = std::move(rows);
        page.offset = offset;
        return !same;
    }
    m_used.push_front(number);
    m_pages.emplace(number, Page{std::move(rows), offset, m_used.begin()});
    while (m_pages.size() > m_maxPages) {
        m_pages.erase(m_used.back());
        m_used.pop_back();
    }
    return true;
}

std::optional<int> PageCache::find(const std::string& uid) const
{
    for (const auto& [number, page] : m_pages) {
        for (std::size_t i = 0; i < page.rows.size(); ++i) {
            if (page.rows[i].uid == uid)
                return number * kPageRows + page.offset + static_cast<int>(i) + m_shift;
        }
    }
    return {};
}

} // namespace sr::player
