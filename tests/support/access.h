// SPDX-License-Identifier: GPL-3.0-or-later
// Who may use a file, as tests ask it on POSIX (mode) and Win32 (access list).
#pragma once

#include "core/base/file.h"

namespace sr::test {

/// Nobody but the owner may do anything with it, on Windows the system and its administrators besides.
bool isPrivate(const Path& path);
/// Everybody may read it from now on, as after a careless copy.
bool letOthersIn(const Path& path);

} // namespace sr::test
