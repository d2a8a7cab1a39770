// SPDX-License-Identifier: GPL-3.0-or-later
// INVITE with Replaces (RFC 3891): a device names a dialog and takes the place of the one that has it.
#include "core/pbx/call_transfer.h"

namespace sr::pbx {

/// As one end or the other knows the dialog, or as those who watch its user are told it; of the two tags one
/// may be called the local one here and the other there.
std::optional<Call::Part> Call::partIn(const sip::DialogId& dialog) const
{
    const sip::DialogId other{dialog.callId, dialog.remoteTag, dialog.localTag};
    const auto isMeant = [&](const Leg* leg, LegId record, const std::string& guid) {
        const std::string tag = tagOf(record);
        const bool isTold = record != 0 && dialog.callId == guid &&
                            ((dialog.localTag == tag && dialog.remoteTag == kExchangeTag) ||
                             (other.localTag == tag && other.remoteTag == kExchangeTag));
        return leg != nullptr &&
               (isTold || leg->session()->isDialog(dialog) || leg->session()->isDialog(other));
    };
    if (m_state == State::Calling && !isRecall())
        for (const auto& leg : m_ringing)
            if (isMeant(leg.get(), recordOf(leg->called.owner), m_guid))
                return Part{leg->called.owner, Side::Callee, true};
    if (isTargetRinging())
        for (const auto& leg : m_transfer->ringing)
            if (isMeant(leg.get(), m_transfer->records[leg->called.owner.name], m_transfer->guid))
                return Part{leg->called.owner, Side::Callee, true};
    if (m_state == State::Connected)
        for (const Side side : {Side::Caller, Side::Callee})
            if (isMeant(legOf(side), m_records[static_cast<std::size_t>(side)], m_guid))
                return Part{party(side), side, false};
    return std::nullopt;
}

/// The other one gets what the taker offers, and its answer is the taker's; until then the call is as it was.
int Call::takeOver(std::unique_ptr<sip::Session>& session, const sip::InviteRequest& request, CallParty taker,
                   Side side)
{
    if (m_state != State::Connected || m_exchange || m_transfer)
        return kPending;
    auto transfer = std::make_unique<Transfer>();
    transfer->by = side;
    transfer->stayer = otherSide(side);
    transfer->phase = Transfer::Phase::AskingStayer;
    transfer->invited = transfer->replaces = true;
    transfer->own = party(side).name == taker.name;
    if (transfer->own)
        taker.through = party(side).through;
    transfer->callee.party = taker;
    transfer->callee.record = taker.record == RecordMode::Transparent;
    if (transfer->own)
        transfer->switched = switched(side);
    transfer->asked = m_environment.clock.steadyNow();
    transfer->since = m_environment.clock.utcNow();
    transfer->answered = transfer->since;
    transfer->targetSdp = request.sdp;
    if (openTransferMedia(*transfer, request.source, CallMedia::Terms()).empty())
        return kNoService;
    auto offer = transfer->media->passOffer(side, request.sdp);
    if (!offer)
        return 488;
    transfer->offer = std::move(*offer);
    transfer->target = callingLeg(std::move(session), request, std::move(taker), side);
    m_transfer = std::move(transfer);
    legOf(otherSide(side))->session()->offer(m_transfer->offer);
    return 0;
}

/// The taker has gone while the other one was asked: that one gets back to whom it talked with.
void Call::giveBack(const sip::Reply& reply)
{
    Transfer& transfer = *m_transfer;
    const Side stays = otherSide(transfer.by);
    Leg& stayer = *legOf(stays);
    const bool isBack = transfer.phase == Transfer::Phase::Returning;
    if (reply.status >= 300) {
        if (!isBack)
            return failTransfer(kUnavailable); // it has not left
        return isGlare(stayer, reply.status) ? void() : end(stays);
    }
    stayer.session()->acknowledge();
    if (isBack) {
        described(stays) = reply.sdp;
        if (!m_media->passAnswer(stays, reply.sdp))
            return end(stays);
        if (!transfer.replaces)
            legOf(transfer.by)->session()->referred(kUnavailable);
        return m_transfer.reset();
    }
    if (legOf(transfer.by) == nullptr)
        return end(transfer.by);
    m_media->setOrigin(stays, transfer.media->origin(transfer.stayer));
    auto offer = m_media->describeFor(stays, described(transfer.by));
    if (!offer)
        return end(stays);
    transfer.offer = offeredTo(stays, described(transfer.by), std::move(*offer));
    transfer.phase = Transfer::Phase::Returning;
    stayer.session()->offer(transfer.offer);
}

} // namespace sr::pbx
