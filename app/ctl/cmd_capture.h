// SPDX-License-Identifier: GPL-3.0-or-later
// The subcommand `capture`.
#pragma once

#include <QStringList>

namespace sr::ctl {

int runCapture(const QStringList& arguments);

} // namespace sr::ctl
