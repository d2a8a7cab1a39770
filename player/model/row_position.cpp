// SPDX-License-Identifier: GPL-3.0-or-later
// Lists stand in the order of their start times: a search by halves, then a look at the neighbours.
#include "player/model/row_position.h"

#include <algorithm>

namespace sr::player {

namespace {
constexpr std::uint64_t kNeighbours = 100; // chosen: more calls never start in the same microsecond
}

Result<std::optional<int>> positionOf(archive::Archive& archive, const archive::RecordingFilter& filter,
                                      const archive::RecordingRow& row, std::uint64_t count)
{
    std::uint64_t from = 0;
    std::uint64_t to = count;
    while (from < to) {
        const std::uint64_t middle = from + (to - from) / 2;
        const Result<std::vector<archive::RecordingRow>> there = archive.page(filter, middle, 1);
        if (!there)
            return there.error();
        const bool before = !there->empty() && (filter.oldestFirst ? there->front().start < row.start
                                                                   : there->front().start > row.start);
        if (before)
            from = middle + 1;
        else
            to = middle;
    }
    const std::uint64_t first = from - std::min(from, kNeighbours);
    const Result<std::vector<archive::RecordingRow>> near = archive.page(filter, first, 2 * kNeighbours);
    if (!near)
        return near.error();
    const auto found = std::find_if(near->begin(), near->end(),
                                    [&](const archive::RecordingRow& one) { return one.uid == row.uid; });
    if (found == near->end())
        return std::optional<int>();
    return std::optional(static_cast<int>(first) + static_cast<int>(found - near->begin()));
}

} // namespace sr::player
