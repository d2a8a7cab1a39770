// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl backup` and `restore`, and the factory reset of the console.
#pragma once

#include "core/base/file.h"

#include <QStringList>

namespace sr::ctl {

int runBackup(const QStringList& arguments);
int runRestore(const QStringList& arguments);

/// `sure`: it was confirmed. The exit code.
int factoryReset(const Path& configDir, bool sure);

} // namespace sr::ctl
