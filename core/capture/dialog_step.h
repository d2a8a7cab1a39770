// SPDX-License-Identifier: GPL-3.0-or-later
// One SIP message on its way through DialogFollower.
#pragma once

#include "core/capture/dialog_follower.h"

namespace sr::capture {

struct DialogFollower::Step {
    const SipMessage& message;
    const Datagram& datagram;
    Party by;   ///< who sent it
    bool first; ///< not a retransmission, a double or another hop

    UtcTime time() const { return datagram.time; }
};

} // namespace sr::capture
