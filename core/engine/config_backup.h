// SPDX-License-Identifier: GPL-3.0-or-later
// The whole configuration of a machine as one sealed file: settings, users and objects, keys, certificates,
// and whatever else stands in `<config>`. Not in it: calls and their records, catalog, logs.
//
//   manifest            XML: version, program, machine, time
//   secrets             of core/crypto, in clear within the seal
//   config/<path>       a file of `<config>`; databases as they stood at one moment
//   outside/<setting>   a file elsewhere that a setting names, such as the key of a certificate
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/engine/backup_error.h"

#include <string>
#include <vector>

namespace sr::engine {

struct BackupReport {
    std::size_t files = 0;
    std::vector<std::string> missing = {}; ///< settings that name a file which cannot be read
};

/// Writes `file` anew. A service may run meanwhile. Needs a QCoreApplication; blocks on the disk. Errors:
/// WeakPassphrase, BaseErrc::NotFound (there is no configuration), those of crypto, settings, store and disk.
Result<BackupReport> backupConfig(const Path& configDir, const Path& file, std::string_view passphrase,
                                  const Clock& clock);

struct RestoreReport {
    std::string made = {};               ///< ISO 8601, UTC
    std::string machine = {};            ///< where it was made
    Path former = {};                    ///< where the configuration before is now; empty: there was none
    std::vector<std::string> moved = {}; ///< settings whose files stand in `<config>/restored` now
};

/// All or nothing: the folder is touched once the whole backup has been read and proven. Blocks on the disk.
/// `replace`: a configuration that is there is kept as `<config>.before-<time>`. Errors: Used, Running, those
/// of BackupReader and of the disk.
Result<RestoreReport> restoreConfig(const Path& file, const Path& configDir, std::string_view passphrase,
                                    bool replace, const Clock& clock);

/// Nothing but locks and empty folders stands there, or it is not there.
bool isUnused(const Path& configDir);

/// Moves the folder to `<config>.before-<time>`. Running; errors of the disk.
Result<Path> putConfigAside(const Path& configDir, const Clock& clock);

} // namespace sr::engine
