// SPDX-License-Identifier: GPL-3.0-or-later
// On whose behalf the program runs.
#pragma once

namespace sr {

/// For the machine rather than for a person: root, or a Windows service and its accounts. Any thread.
bool runsForMachine();

} // namespace sr
