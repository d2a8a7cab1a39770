// SPDX-License-Identifier: GPL-3.0-or-later
// What stands against saving a configuration, or bringing one back.
#pragma once

#include "core/base/error.h"

namespace sr::engine {

enum class BackupErrc {
    NoBackup = 1,    ///< the file is no backup of this program
    NewerVersion,    ///< written by a newer program
    WrongPassphrase, ///< it does not open under these words
    Damaged,         ///< altered or cut since it was written
    WeakPassphrase,  ///< too short to seal every key of a machine
    Used,            ///< the folder has a configuration already
    Running,         ///< a service runs on that folder
};

const std::error_category& backupCategory() noexcept;
inline std::error_code make_error_code(BackupErrc e) noexcept
{
    return {static_cast<int>(e), backupCategory()};
}

} // namespace sr::engine

template <>
struct std::is_error_code_enum<sr::engine::BackupErrc> : std::true_type {};
