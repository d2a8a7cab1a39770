// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts of the exchange find in this program: their folders, its words, the archive.
#pragma once

#include "core/archive/archive.h"
#include "core/pbx/script_parts.h"

namespace sr::exchange {

/// Where scripts and prompts that come along lie beside this program: installed, or in the folder of its
/// build. Empty: nowhere. Needs a QCoreApplication.
Path sharedScripts();

/// Marks a recording that has ended. It may still be on its way into the archive, so this waits for it, at
/// most five seconds, as long as `goesOn`. Errors: of archive::Archive.
Status markRecording(archive::Archive& archive, const pbx::ScriptParts::Mark& mark,
                     const std::function<bool()>& goesOn);

/// Scripts stand in `<config>/scripts`. `archive` outlives what it returns; words go to `say` by the loop of
/// the application.
pbx::ScriptParts scriptParts(const Path& configDir, archive::Archive& archive,
                             std::function<void(const std::string&)> say);

} // namespace sr::exchange
