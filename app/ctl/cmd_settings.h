// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl settings`, and the setup password that key export and import ask for.
#pragma once

#include "app/ctl/command.h"
#include "core/settings/settings.h"

namespace sr::ctl {

int runSettings(const QStringList& arguments);

/// The settings of this --config; says in words why not.
std::unique_ptr<settings::Settings> openSettings(const Path& configDir);

/// Reads the setup password from standard input and checks it; the first one ever given becomes the setup
/// password. The exit code when it is wrong; nothing when it is right.
std::optional<int> askSetupPassword(const Path& configDir, const crypto::MachineSecrets& secrets);

} // namespace sr::ctl
