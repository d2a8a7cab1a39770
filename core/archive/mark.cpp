// SPDX-License-Identifier: GPL-3.0-or-later
// A mark in the sidecar of a recording that is in the archive already.
#include "core/archive/folder_archive.h"

#include <algorithm>

namespace sr::archive {

Result<RecordingRow> FolderArchive::mark(const std::string& uid, const CallMark& mark)
{
    auto held = hold(uid, "mark");
    if (!held)
        return held.error();
    auto& r = held->sidecar.recording;
    if (std::ranges::find(r.marks, mark.party, &CallMark::party) != r.marks.end())
        return rowOf(r);
    r.marks.push_back(mark);
    return change(std::move(*held), JobKind::Revise, nullptr);
}

} // namespace sr::archive
