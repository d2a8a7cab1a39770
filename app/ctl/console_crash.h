// SPDX-License-Identifier: GPL-3.0-or-later
// `crash show|clear` of the console.
#pragma once

#include "core/base/file.h"

#include <QStringList>

namespace sr::ctl {

/// What the service has written when it crashed, whether it runs or not. The exit code.
int runCrash(const Path& configDir, const QStringList& words);

} // namespace sr::ctl
