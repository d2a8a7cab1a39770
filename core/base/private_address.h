// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses that are known nearby alone, and so may be somebody else's elsewhere.
#pragma once

#include "core/base/endpoint.h"

namespace sr {

/// RFC 1918, 3927, 4193, 4291 2.5.6, 6598, or loopback.
bool isPrivate(const IpAddress& address) noexcept;

} // namespace sr
