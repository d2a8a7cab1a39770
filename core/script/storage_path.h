// SPDX-License-Identifier: GPL-3.0-or-later
// Names of files as scripts write them: relative, below their own folder, spelled the same on every system.
#pragma once

#include "core/script/script_error.h"

#include <string>
#include <string_view>
#include <vector>

namespace sr::script {

/// `root` and `name` as one path with `/` between its parts; empty parts and `.` go. Errors: BadName for
/// `..`, an absolute path (`/`, `\`, a drive or a URL), control characters, no UTF-8, nothing at all, over 16
/// parts or 512 octets.
Result<std::string> storagePath(std::string_view root, std::string_view name);

/// The parts as the disk spells them: what Windows cannot store, `%` and a leading or last dot become %XX. A
/// part stays under 200 octets; BadName.
Result<std::vector<std::string>> diskParts(std::string_view path);

} // namespace sr::script
