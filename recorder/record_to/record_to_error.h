// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with calls that are written beside the archive.
#pragma once

#include "core/base/error.h"

namespace sr::recorder {

enum class RecordToErrc {
    FolderFails = 1, ///< what goes there waits in the configuration's folder
    Unreachable,     ///< a server takes no files now; they wait
    Full,            ///< what waits takes as much room as it may
    Unwritten,       ///< nor can it be written in the configuration's folder: it waits in memory
    Lost,            ///< packets found no room in memory
    Damaged,         ///< a note of the last run about a file cannot be read
};

const std::error_category& recordToCategory() noexcept;
inline std::error_code make_error_code(RecordToErrc e) noexcept
{
    return {static_cast<int>(e), recordToCategory()};
}

} // namespace sr::recorder

template <>
struct std::is_error_code_enum<sr::recorder::RecordToErrc> : std::true_type {};
