// SPDX-License-Identifier: GPL-3.0-or-later
// HMAC-SHA1 (RFC 2104) for STUN (RFC 8489 §14.5), where media threads need it: no allocation. For nothing
// new.
#pragma once

#include "core/base/bytes.h"

#include <array>
#include <initializer_list>

namespace sr::crypto {

using Sha1 = std::array<std::byte, 20>;

/// Of the parts, one behind the other. Any thread, wait-free.
Sha1 hmacSha1(ByteView key, std::initializer_list<ByteView> parts) noexcept;

} // namespace sr::crypto
