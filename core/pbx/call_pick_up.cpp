// SPDX-License-Identifier: GPL-3.0-or-later
// Pick-up: the picker's own call becomes a device that rings. Both it and the caller have made an offer, so
// it gets an answer without sound first, and then the caller's offer in a re-INVITE.
#include "core/pbx/call_transfer.h"
#include "core/pbx/q850.h"

#include <algorithm>

namespace sr::pbx {

std::vector<std::string> Call::ringing() const
{
    std::vector<std::string> names;
    if (m_state == State::Calling && !isRecall())
        for (const auto& leg : m_ringing)
            names.push_back(leg->called.owner.name);
    if (isTargetRinging())
        for (const auto& leg : m_transfer->ringing)
            names.push_back(leg->called.owner.name);
    return names;
}

TimePoint Call::ringsSince() const
{
    return isTargetRinging() ? m_transfer->ringsSince : m_ringsSince;
}

/// Whom a call is handed over to; not another device of the one who has it.
bool Call::isTargetRinging() const
{
    return m_transfer && !m_transfer->own && m_transfer->phase == Transfer::Phase::Ringing;
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
    if (isTargetRinging())
        return pickUpTransfer(session, request, std::move(picker));
    const bool picked = std::ranges::any_of(m_ringing, [](const auto& leg) { return leg->picksUp; });
    if (m_state != State::Calling || picked || m_request.sdp.empty() || request.sdp.empty())
        return false;
    m_media->reset(Side::Callee, m_media->isSecure(Side::Caller));
    const auto answer = m_media->answerAlone(Side::Callee, request.sdp);
    if (!answer)
        return false;
    if (!m_ringing.empty())
        picker.through = m_ringing.front()->called.owner.through;
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

/// The picker is who the call is handed over to. The stayer is asked for the answer to its offer.
bool Call::pickUpTransfer(std::unique_ptr<sip::Session>& session, const sip::InviteRequest& request,
                          CallParty picker)
{
    Transfer& transfer = *m_transfer;
    const Side there = otherSide(transfer.stayer);
    auto before = std::move(transfer.media);
    const bool isOpen =
        !request.sdp.empty() && !openTransferMedia(transfer, request.source, CallMedia::Terms()).empty();
    auto offer = isOpen ? transfer.media->passOffer(there, request.sdp) : fail(sdp::SdpErrc::NoCommon, "");
    if (!offer) {
        transfer.media = std::move(before); // it rings on
        return false;
    }
    const CallParty& owner = transfer.ringing.front()->called.owner;
    picker.through = owner.through;
    const LegId rung = transfer.records[owner.name];
    transfer.targetRecord = m_environment.records.pickedUp(rung, recordParty(picker));
    transfer.records = {{picker.name, transfer.targetRecord}};
    transfer.ringing.clear(); // their devices stop ringing
    transfer.pickedFrom = std::exchange(transfer.callee.party, picker);
    transfer.callee.record = transfer.callee.record || picker.record == RecordMode::Transparent;
    transfer.invited = true;
    transfer.answered = m_environment.clock.utcNow();
    transfer.phase = Transfer::Phase::AskingStayer;
    transfer.targetSdp = request.sdp;
    transfer.offer = std::move(*offer);
    transfer.target = callingLeg(std::move(session), request, std::move(picker), there);
    legOf(otherSide(transfer.by))->session()->offer(transfer.offer);
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
