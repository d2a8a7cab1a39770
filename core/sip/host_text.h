// SPDX-License-Identifier: GPL-3.0-or-later
// Hosts as people write them: `host`, `host:port`, `[v6]` or `[v6]:port`. Any thread.
#pragma once

#include "core/sip/sip_types.h"

namespace sr::sip {

/// With the port of the transport where none is named (RFC 3261 19.1.2); nothing if it is a name.
std::optional<Endpoint> endpointIn(const std::string& host, Transport transport);
/// Of a SIP URI, likewise.
std::optional<Endpoint> endpointOfUri(const std::string& uri);
/// Also of a name.
std::uint16_t portIn(const std::string& host, Transport transport);

} // namespace sr::sip
