// SPDX-License-Identifier: GPL-3.0-or-later
// A copy of a database that others write meanwhile.
#pragma once

#include "core/base/file.h"
#include "core/store/store_errors.h"

namespace sr::store {

/// Copies what is committed now into `to`, which is not there yet or is empty. The schema's version and kind
/// come along, whatever they are. Needs a QCoreApplication; blocks on the disk. Corrupt, Busy, errors of the
/// disk as Failed.
Status snapshotDatabase(const Path& file, const Path& to);

} // namespace sr::store
