// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange's trunks: begun with its calls, asked before any password, and the last to go.
#include "core/pbx/exchange.h"

#include <utility>

namespace sr::pbx {

void Exchange::startTrunks(const TrunkParts& parts)
{
    m_trunks = std::make_unique<TrunkService>(parts, m_clock);
    m_calls->setLines(m_trunks->lines());
    m_trunks->setDirectory(*m_directory);
}

/// Nobody there has a password of ours: who it is was told by our contact, or by the address.
void Exchange::onTrunkInvite(std::unique_ptr<sip::Session> session, const TrunkService::Call& call)
{
    const Object* const trunk = m_directory->byName(call.trunk);
    if (trunk == nullptr || call.request.target.empty())
        return session->respond(404);
    sip::InviteRequest admitted = call.request;
    session = m_ice->admit(std::move(session), admitted, iceUseOf(*trunk));
    m_calls->onInvite(std::move(session), admitted, *trunk);
}

bool Exchange::leave()
{
    if (m_calls && !std::exchange(m_isLeaving, true))
        m_calls->hangUpAll();
    return !m_trunks || m_trunks->leave();
}

} // namespace sr::pbx
