// SPDX-License-Identifier: GPL-3.0-or-later
// A lock between programs that change the same small file in one configuration folder.
#pragma once

#include "core/base/file.h"

#include <chrono>

namespace sr::crypto {

/// Waits up to `patience` for the lock of `path`, made if missing; held while the File lives. The file itself
/// stays for good: removing it would let two programs hold two locks. BaseErrc::Locked afterwards. Blocks.
Result<std::unique_ptr<File>> waitForLock(const Path& path,
                                          std::chrono::milliseconds patience = std::chrono::seconds(10));

} // namespace sr::crypto
