// SPDX-License-Identifier: GPL-3.0-or-later
// Where settings live by default on POSIX.
#include "core/base/account.h"
#include "core/engine/engine.h"

#include <QString>

namespace sr::engine {
namespace {

/// A folder from the environment, empty if it is not set to an absolute path.
Path folderOf(const char* variable)
{
    const auto value = qEnvironmentVariable(variable);
    const Path path = value.isEmpty() ? Path() : pathOf(value.toStdString());
    return path.is_absolute() ? path : Path();
}

} // namespace

Path defaultConfigDir()
{
    // A variable is set on purpose, also for root; without one root and services share the machine's folder.
    if (const Path xdg = folderOf("XDG_CONFIG_HOME"); !xdg.empty())
        return xdg / "switchroom";
    const Path home = folderOf("HOME");
    return runsForMachine() || home.empty() ? Path("/etc/switchroom") : home / ".config" / "switchroom";
}

} // namespace sr::engine
