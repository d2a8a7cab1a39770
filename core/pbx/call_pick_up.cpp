// SPDX-License-Identifier: GPL-3.0-or-later
// Pick-up: the picker's own call becomes a device that rings. Both it and the caller have made an offer, so
// it gets an answer without sound first, and then the caller's offer in a re-INVITE.
#include "core/pbx/call_leg.h"
#include "core/pbx/q850.h"

#include <algorithm>

namespace sr::pbx {

std::vector<std::string> Call::ringing() const
{
    std::vector<std::string> names;
    if (m_state == State::Calling && !isRecall())
        for (const auto& leg : m_ringing)
            names.push_back(leg->called.owner.name);
    return names;
}

/// Of somebody who has called to be in this call.
std::unique_ptr<Call::Leg> Call::callingLeg(std::unique_ptr<sip::Session> session,
                                            const sip::InviteRequest& request, CallParty owner, Side side)
{
    auto leg = std::make_unique<Leg>(*this, side);
    leg->device = request.source;
    leg->called.at.source = request.source;
    leg->called.owner = std::move(owner);
    leg->take(std::move(session));
    return leg;
}

bool Call::pickUp(std::unique_ptr<sip::Session>& session, const sip::InviteRequest& request, CallParty picker)
{
    const bool picked = std::ranges::any_of(m_ringing, [](const auto& leg) { return leg->picksUp; });
    if (m_state != State::Calling || picked || m_request.sdp.empty() || request.sdp.empty())
        return false;
    m_media->reset(Side::Callee, m_media->isSecure(Side::Caller));
    const auto answer = m_media->answerAlone(Side::Callee, request.sdp);
    if (!answer)
        return false;
    const LegId rung = this->record(Side::Callee);
    const LegId taken = m_environment.records.pickedUp(rung, recordParty(picker));
    this->record(Side::Callee) = taken;
    m_ringingRecords = {{picker.name, taken}};
    m_ringing.clear(); // their devices stop ringing
    missTranscript();
    auto leg = callingLeg(std::move(session), request, picker, Side::Callee);
    leg->picksUp = true;
    leg->refused = {Protection::None, Protection::Sdes, Protection::Dtls}; // what it has, it has said
    m_plan.callee.party = std::move(picker);
    m_plan.callee.devices = {leg->called};
    m_plan.callee.forwards = {};
    m_plan.record = m_plan.record || m_plan.callee.party.record == RecordMode::Transparent;
    described(Side::Callee).clear();
    startTranscript();
    m_ringing.push_back(std::move(leg));
    m_ringing.back()->session()->respond(200, *answer);
    return true;
}

void Call::offerToPicker(Leg& leg)
{
    leg.picksUp = false;
    const auto offer = passOffer(Side::Caller, m_request.sdp);
    if (!offer)
        return refuse(488);
    leg.session()->offer(*offer);
}

} // namespace sr::pbx
