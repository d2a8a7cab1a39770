// SPDX-License-Identifier: GPL-3.0-or-later
// Where a recording stands in a filtered list, without reading the list.
#pragma once

#include "core/archive/archive.h"

#include <optional>

namespace sr::player {

/// Nothing if the filter leaves it out. About twenty short queries in a million rows. Worker, may block.
Result<std::optional<int>> positionOf(archive::Archive& archive, const archive::RecordingFilter& filter,
                                      const archive::RecordingRow& row, std::uint64_t count);

} // namespace sr::player
