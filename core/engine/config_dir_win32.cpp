// SPDX-License-Identifier: GPL-3.0-or-later
// Where settings live by default on Win32.
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
    const Path roaming = folderOf("APPDATA");
    return (runsForMachine() || roaming.empty() ? folderOf("PROGRAMDATA") : roaming) / "Switchroom";
}

} // namespace sr::engine
