// SPDX-License-Identifier: GPL-3.0-or-later
// Authorities whose certificates the exchange believes.
#pragma once

#include "core/base/file.h"

namespace sr::exchange {

/// Those of the system and those of `more` (PEM; empty: none), as PEM. Blocks on the disk; the first time on
/// the main thread. Errors: of files; CdrErrc::Malformed if there is no certificate in it.
Result<std::string> trustedRoots(const Path& more);

} // namespace sr::exchange
