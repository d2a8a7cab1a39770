// SPDX-License-Identifier: GPL-3.0-or-later
// errno in the words of BaseErrc, for the POSIX files of this folder.
#pragma once

#include "core/base/file.h"

namespace sr {

/// `code` is errno, read before anything else can change it; `what` says what was tried on `path`.
Error systemError(int code, const char* what, const Path& path);

} // namespace sr
