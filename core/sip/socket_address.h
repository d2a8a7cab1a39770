// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses as Sofia takes and gives them. Internal to core/sip.
#pragma once

#include "core/base/endpoint.h"

#include <cstddef>

extern "C" {
union su_sockaddr_u;
}

namespace sr::sip {

/// Fills `out` and returns how many octets of it count.
std::size_t toSocketAddress(const Endpoint& endpoint, su_sockaddr_u& out);
Endpoint endpointOf(const su_sockaddr_u& address); ///< all zeros if it is of another family
/// Our address on the way there, as the system routes now; unspecified if there is no way.
IpAddress localAddressTowards(const Endpoint& there);

} // namespace sr::sip
