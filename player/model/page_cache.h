// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of a long list that are in memory: least recently used go first.
#pragma once

#include "core/archive/recording.h"

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sr::player {

inline constexpr int kPageRows = 200;

/// Rows by position, kept in pages. New recordings at the head shift all positions without touching a page:
/// pages are counted from the position that row 0 had at the last clear(). Main thread.
class PageCache {
public:
    explicit PageCache(std::size_t maxPages)
        : m_maxPages(maxPages)
    {}
    void clear();
    void shift(int rowsAtHead) { m_shift += rowsAtHead; }

    /// The row, or nullptr while its page is not here. Touches the page.
    const archive::RecordingRow* row(int position);
    /// Number of the page with this row: negative for rows that came after clear().
    int pageOf(int position) const;
    /// Rows to fetch for a page: first position, never under 0, and how many.
    std::pair<int, int> rangeOf(int page) const;
    bool has(int page) const { return m_pages.contains(page); }
    /// Keeps the rows that begin at `first`. True if they differ from what was there.
    bool put(int page, int first, std::vector<archive::RecordingRow> rows);
    /// Position of a recording among the cached rows.
    std::optional<int> find(const std::string& uid) const;
    std::size_t pages() const { return m_pages.size(); }

private:
    struct Page {
        std::vector<archive::RecordingRow> rows;
        int offset = 0; ///< of the first row within the page
        std::list<int>::iterator use;
    };

    std::size_t m_maxPages;
    int m_shift = 0;
    std::unordered_map<int, Page> m_pages;
    std::list<int> m_used; ///< most recent first
};

} // namespace sr::player
