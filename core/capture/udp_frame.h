// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams as they would have been on a wire.
#pragma once

#include "core/base/bytes.h"
#include "core/base/endpoint.h"

namespace sr::capture {

inline constexpr std::size_t kMaxUdpPayload = 65507; ///< 65535 less the headers of IPv4 and UDP [octets]
inline constexpr std::uint16_t kEthernetLink = 1;    ///< LINKTYPE_ETHERNET

/// Appends Ethernet II, IPv4 or (unless both are IPv4) IPv6, UDP, with right checksums, and `payload` of at
/// most kMaxUdpPayload. How many octets it is. Any thread.
std::size_t appendUdpFrame(Bytes& out, const Endpoint& from, const Endpoint& to, ByteView payload);

} // namespace sr::capture
