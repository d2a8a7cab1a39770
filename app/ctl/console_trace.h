// SPDX-License-Identifier: GPL-3.0-or-later
// `trace on|off|show` of the console.
#pragma once

#include "core/base/file.h"

#include <QStringList>

namespace sr::ctl {

/// Whether the service traces SIP messages; `show` prints the newest of them, too. The exit code.
int runTrace(const Path& configDir, const QStringList& words);

} // namespace sr::ctl
