// SPDX-License-Identifier: GPL-3.0-or-later
// What a program writes down when it crashes, for whoever has to find out why.
#pragma once

#include "core/base/file.h"

namespace sr {

inline constexpr std::uint64_t kCrashNotesMost = 64U << 10U; ///< octets of the file; later crashes leave none

/// From now on a crash appends to `file`, for its owner alone: `about` (a line, such as name and version),
/// the time, the fault, and the calls that led there, as addresses within each module; no contents of memory,
/// which may hold keys. Then the program ends as it would have. Once in a process, before other threads run;
/// a stack that has overflowed is seen on this thread alone. Errors: BaseErrc::Malformed, the path is too
/// long.
Status noteCrashes(const Path& file, const std::string& about);

} // namespace sr
