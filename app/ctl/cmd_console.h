// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl console`: the administrator's console (features.md B12), for people and for scripts.
#pragma once

#include "app/ctl/command.h"

namespace sr::ctl {

int runConsole(const QStringList& arguments);

} // namespace sr::ctl
