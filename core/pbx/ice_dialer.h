// SPDX-License-Identifier: GPL-3.0-or-later
// Full ICE for devices of objects that are to have it (`ice`): stands between calls and the SIP stack, so
// that a call knows such a device as one at the agent's inlets and its description as one without ICE.
#pragma once

#include "core/media/port.h"
#include "core/pbx/object.h"
#include "core/relay/ice_agent.h"
#include "core/sip/session.h"

namespace sr::pbx {

/// What the `ice` of an object says.
sip::IceUse iceUseOf(const Object& object);

/// What the dialer uses; all of it outlives it.
struct IceParts {
    relay::IceThread* thread = nullptr;               ///< null: full ICE is lite ICE
    media::Executor post = {};                        ///< onto the control thread
    std::function<void(const std::string&)> say = {}; ///< alarms, on the control thread
};

/// Control thread.
class IceDialer final : public sip::Dialer {
public:
    /// `network` outlives it and every session.
    IceDialer(sip::Dialer& network, IceParts parts);

    /// An INVITE goes out when all candidates are there, two seconds later at most.
    std::unique_ptr<sip::Session> invite(const sip::OutgoingInvite& invite,
                                         sip::SessionEvents& events) override;
    IpAddress addressTowards(const sip::Source& device) const override;
    /// An invitation that a device has sent, for whoever answers it: `request` changes with it.
    std::unique_ptr<sip::Session> admit(std::unique_ptr<sip::Session> session, sip::InviteRequest& request,
                                        sip::IceUse use);

private:
    sip::Dialer& m_network;
    const IceParts m_parts;
};

} // namespace sr::pbx
