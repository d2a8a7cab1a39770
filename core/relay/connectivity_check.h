// SPDX-License-Identifier: GPL-3.0-or-later
// The lite side of ICE (RFC 8445 §2.5): answers connectivity checks, sends none, is always controlled.
#pragma once

#include "core/relay/relay.h"
#include "core/relay/stun_message.h"

namespace sr::relay {

struct CheckAnswer {
    stun::Writer message;
    bool isValid = false;   ///< it came with our credentials: its source may send us media
    bool nominates = false; ///< and media shall go to its source from now on (RFC 8445 §7.3.1.5)
};

/// What `request`, a request that came from `source`, is to be answered; nothing: not at all. `ours` are the
/// credentials of our description. Errors 400 and 401 (RFC 8489 §9.1.3) go out unsealed, 420 and 487 (RFC
/// 8445 §7.3.1.1: the peer thinks that we control) sealed. Any thread, wait-free.
std::optional<CheckAnswer> answerCheck(const stun::Message& request, const IceCredentials& ours,
                                       const Endpoint& source) noexcept;

} // namespace sr::relay
