// SPDX-License-Identifier: GPL-3.0-or-later
// A port for a listener. Internal to core/sip.
#pragma once

#include "core/sip/sip_types.h"

namespace sr::sip {

/// Sofia chooses free ports for UDP and TCP apart and tells neither, so one is looked for before. Udp: one
/// that is free for TCP too. 0: there is none.
std::uint16_t freePort(const Endpoint& wanted, Transport transport);

} // namespace sr::sip
