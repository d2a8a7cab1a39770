// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptions that are put on hold or taken off it (RFC 3264 8.4).
#pragma once

#include "core/sdp/session_description.h"

#include <string>
#include <string_view>

namespace sr::sdp {

/// `text` without lines of direction, for who takes another one's place: all media is sendrecv again. Any
/// thread.
std::string withoutHold(std::string_view text);
/// `text` with this direction for all its media. Any thread.
std::string withDirection(std::string_view text, Direction direction);

} // namespace sr::sdp
