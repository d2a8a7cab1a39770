// SPDX-License-Identifier: GPL-3.0-or-later
// Who may touch what we make: the user, the system and its administrators, as 0700 and 0600 say on POSIX.
#pragma once

#include "core/base/file.h"

#include <windows.h>

namespace sr {

/// For CreateFileW() and CreateDirectoryW(): a protected list of this user, SYSTEM and Administrators. Null,
/// which means what the folder passes on, where the user cannot be told. Any thread.
SECURITY_ATTRIBUTES* privateAccess();

} // namespace sr
