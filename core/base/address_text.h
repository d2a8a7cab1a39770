// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses as text, by the system's own converters, which know RFC 4291 and 5952.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace sr {

using Ip4Octets = std::array<std::uint8_t, 4>; ///< network byte order
using Ip6Octets = std::array<std::uint8_t, 16>;

bool readIp4(const std::string& text, Ip4Octets& out); ///< false if it is no address; any thread
bool readIp6(const std::string& text, Ip6Octets& out);
std::string textOfIp4(const std::uint8_t* octets);
std::string textOfIp6(const std::uint8_t* octets);

} // namespace sr
