// SPDX-License-Identifier: GPL-3.0-or-later
// `mod cmd CDR0 test-cdr` of the console.
#pragma once

#include "core/base/file.h"

namespace sr::ctl {

/// Sends a test record to the receiver of CDR0 or CDR1 as the settings that are written name it, whether the
/// service runs or not. The exit code.
int testCdr(const Path& configDir, unsigned interface);

} // namespace sr::ctl
