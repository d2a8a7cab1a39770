// SPDX-License-Identifier: GPL-3.0-or-later
// Making switchroomd a service of the machine, and taking it away.
#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

namespace sr::service {

struct Installation {
    std::string program;                ///< absolute path of switchroomd, UTF-8
    std::vector<std::string> arguments; ///< UTF-8
    std::vector<std::string> folders;   ///< absolute; that the service writes to
};

/// Started with the machine and again when it fails; not started yet. What the administrator should know
/// comes back in words. Errors: Denied (needs an administrator), Exists, Io.
Result<std::string> installService(const Installation& installation);

/// Stops it first. Errors: Denied, NotFound, Io.
Result<std::string> uninstallService();

} // namespace sr::service
