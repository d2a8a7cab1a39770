// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets at rest, bound to this machine where the system can do that.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace sr {

/// Sealed so that only this machine opens it (Windows: DPAPI in machine scope, with a mark of ours before
/// it); the octets themselves on POSIX, where the file's mode is what protects them. The caller wipes its
/// own. Error: Denied. Any thread.
Result<Bytes> protectForMachine(ByteView secret);
/// What protectForMachine() made; other octets come back as they are, so that a file brought from another
/// system is read. Denied if another machine sealed it.
Result<Bytes> unprotectForMachine(ByteView stored);

} // namespace sr
