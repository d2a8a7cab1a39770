// SPDX-License-Identifier: GPL-3.0-or-later
// Which sessions an agent has a part in.
#include "core/pbx/ice_dialer.h"

#include "core/pbx/ice_session.h"
#include "core/pbx/object_settings.h"

namespace sr::pbx {

sip::IceUse iceUseOf(const Object& object)
{
    const std::string& said = textSetting(object, "ice");
    return said == "full"    ? sip::IceUse::Full
           : said == "relay" ? sip::IceUse::Relay
           : said == "off"   ? sip::IceUse::Off
                             : sip::IceUse::Lite;
}

IceDialer::IceDialer(sip::Dialer& network, IceParts parts)
    : m_network(network)
    , m_parts(std::move(parts))
{}

std::unique_ptr<sip::Session> IceDialer::invite(const sip::OutgoingInvite& invite, sip::SessionEvents& events)
{
    if (invite.ice == sip::IceUse::Lite)
        return m_network.invite(invite, events);
    auto session = std::make_unique<IceSession>(
        m_parts, IceSession::Plan{invite.ice, m_network.addressTowards(invite.way), invite.to.user});
    session->call(m_network, invite, events);
    return session;
}

IpAddress IceDialer::addressTowards(const sip::Source& device) const
{
    return m_network.addressTowards(device);
}

std::unique_ptr<sip::Session> IceDialer::admit(std::unique_ptr<sip::Session> session,
                                               sip::InviteRequest& request, sip::IceUse use)
{
    if (use == sip::IceUse::Lite)
        return session;
    auto out = std::make_unique<IceSession>(
        m_parts, IceSession::Plan{use, m_network.addressTowards(request.source), request.from.user});
    request.sdp = out->take(std::move(session), request.sdp);
    return out;
}

} // namespace sr::pbx
