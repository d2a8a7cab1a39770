// SPDX-License-Identifier: GPL-3.0-or-later
// What the list's worker brings home; shared by the two sources of the list model only.
#pragma once

#include "player/model/recording_list_model.h"

#include <map>

namespace sr::player {

/// Count and first rows: what a filter needs to show something.
struct RecordingListModel::Head {
    quint64 generation = 0;
    std::optional<Error> error;
    std::uint64_t count = 0;
    std::uint64_t total = 0;
    MonthList months;
    int first = 0; ///< position of the rows
    std::vector<archive::RecordingRow> rows;
    std::map<int, std::vector<archive::RecordingRow>> pages; ///< whole ones, by number, of a reread
};

inline Result<std::vector<archive::RecordingRow>>
readPage(archive::Archive& archive, const archive::RecordingFilter& filter, int first, int rows)
{
    return archive.page(filter, static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(rows));
}

} // namespace sr::player
