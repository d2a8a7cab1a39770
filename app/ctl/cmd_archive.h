// SPDX-License-Identifier: GPL-3.0-or-later
// Subcommands that read and check an archive.
#pragma once

#include <QStringList>

namespace sr::ctl {

int runList(const QStringList& arguments);
int runShow(const QStringList& arguments);
int runVerify(const QStringList& arguments);
int runReindex(const QStringList& arguments);
int runUnseal(const QStringList& arguments);
int runExport(const QStringList& arguments);

} // namespace sr::ctl
