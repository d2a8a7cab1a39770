// SPDX-License-Identifier: GPL-3.0-or-later
// Subcommands that bring sound into the archive or into another format.
#pragma once

#include <QStringList>

namespace sr::ctl {

int runImport(const QStringList& arguments);
int runConvert(const QStringList& arguments);

} // namespace sr::ctl
