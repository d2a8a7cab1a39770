// SPDX-License-Identifier: GPL-3.0-or-later
// Completion of calls: what call control has to know of calls that were in vain, and of those that come of
// it. CompletionService says how they are made.
#include "core/pbx/call_leg.h"

#include <algorithm>

namespace sr::pbx {

bool isUser(const CallParty& party)
{
    return !party.external && (party.pseudo.empty() || party.pseudo == nameOf(Kind::Executive));
}

/// Nobody else calls in that name.
bool Call::isRecall() const
{
    return m_plan.caller.pseudo == kCodesPseudo;
}

/// Only those of a user to one user: a group has no end of its calls, nor has who is outside.
void Call::tellFailed(int status) const
{
    const CallParty& callee = m_plan.callee.party;
    const auto& devices = m_plan.callee.devices;
    const bool own = std::ranges::all_of(
        devices, [&](const CalledDevice& device) { return device.owner.name == callee.name; });
    if (!isUser(m_plan.caller) || !isUser(callee) || !own)
        return;
    const bool refused = status == 486 || status == 600 || status == 603;
    const bool unanswered = m_rang && (status == 408 || status == 480 || status == 487);
    if (refused || unanswered)
        m_environment.neighbours.failed({m_plan.caller.name, callee.name, m_request.target, m_guid,
                                         refused ? FailedCall::Why::Refused : FailedCall::Why::NoAnswer});
}

/// At that side another device of the same user has taken the place, or the caller's own that of the one that
/// has called for it.
void Call::moveTranscript(Side changed)
{
    closeTag();
    const auto clear = [&](Side side) {
        return m_media->clearDescription(side, described(side)).valueOr(std::string());
    };
    m_transcript->reoffered(m_environment.clock.utcNow(), changed, clear(changed), clear(otherSide(changed)));
    tapMedia();
}

} // namespace sr::pbx
