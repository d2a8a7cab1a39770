// SPDX-License-Identifier: GPL-3.0-or-later
// Win32 errors in the words of BaseErrc, for the Win32 files of this folder.
#pragma once

#include "core/base/file.h"

namespace sr {

/// `code` is GetLastError(), read before anything else can change it; `what` says what was tried on `path`.
Error systemError(unsigned long code, const char* what, const Path& path);

} // namespace sr
