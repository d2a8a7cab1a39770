// SPDX-License-Identifier: GPL-3.0-or-later
// How much of what was written to a TCP socket the other system does not have yet.
#pragma once

#include <cstdint>

namespace sr {

/// [octets] in the system's send queue, sent or not; 0 where the system does not tell.
std::int64_t unacknowledged(std::intptr_t socket);

} // namespace sr
