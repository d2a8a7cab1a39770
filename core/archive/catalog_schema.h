// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of the catalog and the way of a row into and out of them.
#pragma once

#include "core/archive/recording.h"
#include "core/store/database.h"

namespace sr::archive {

/// File, kind and schema versions of a catalog.
store::DatabaseOptions catalogOptions(const Path& file);

/// Columns of `details d` and `calls c` in the order rowOf() reads them.
extern const char* const kRowColumns;
inline constexpr int kIdColumn = 6; ///< the number, negative for a call without audio
RecordingRow rowOf(const store::Statement& statement);

/// Writes both halves of a row under number `id`, replacing what stands there.
Status insertRow(store::Connection& connection, std::int64_t id, const RecordingRow& row);
/// Takes both halves away.
Status eraseRow(store::Connection& connection, std::int64_t id);

} // namespace sr::archive
