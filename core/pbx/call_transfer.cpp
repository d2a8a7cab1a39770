// SPDX-License-Identifier: GPL-3.0-or-later
// REFER (RFC 3515), alone for a blind transfer, with Replaces (RFC 3891) for one with consultation.
//
//   blind:         target rings, answers ----------------------+
//   consulted:     target gets the stayer's description (200) -+-> stayer gets the target's (200) -> done
//   while ringing: the other call rings on, is answered -------+
#include "core/pbx/call_transfer.h"

#include "core/crypto/digest.h"
#include "core/pbx/q850.h"
#include "core/sdp/hold.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr unsigned kGlares = 5; ///< then the transfer has failed (chosen)

/// Until the next attempt, in steps of 10 ms (RFC 3261 14.1); the sweep of the calls makes it up to a second
/// more.
std::chrono::milliseconds glareWait(bool isOurs)
{
    const unsigned drawn = loadBe<std::uint32_t>(crypto::randomArray<4>().data());
    return std::chrono::milliseconds(isOurs ? 2100 + 10 * (drawn % 191) : 10 * (drawn % 201));
}

} // namespace

void Call::onRefer(Leg& leg, const sip::ReferRequest& request)
{
    if (m_state != State::Connected || m_exchange || m_transfer || !isSeated(leg))
        return leg.session()->referred(kPending);
    if (request.replaces)
        transferTo(leg, *request.replaces);
    else
        transferBlind(leg, request.target);
}

void Call::transferBlind(Leg& by, const std::string& dialled)
{
    auto destination = m_environment.neighbours.destination(
        {dialled, partyOf(otherSide(by.side())), partyOf(by.side()).name, {}, m_plan.id});
    if (destination.status != 0)
        return by.session()->referred(destination.status);
    auto transfer = std::make_unique<Transfer>();
    transfer->by = by.side();
    transfer->stayer = otherSide(by.side());
    transfer->guid = m_guid;
    transfer->since = m_environment.clock.utcNow();
    transfer->asked = m_environment.clock.steadyNow();
    transfer->ringsSince = transfer->asked;
    transfer->callee = std::move(destination);
    const auto devices = std::exchange(transfer->callee.devices, {});
    const auto offer = openTransferMedia(*transfer, devices.front().at.source);
    if (offer.empty())
        return by.session()->referred(503);
    m_diversions.clear(); // of the call so far
    addDiversions(transfer->callee.steps);
    ringTargets(*transfer, devices, offer);
    if (transfer->ringing.empty() && !ringTransferSpare(*transfer))
        return by.session()->referred(kUnavailable);
    m_transfer = std::move(transfer);
    by.session()->referred(202);
}

/// Who has dialled there while it rang is who is shown so far, and whose number the ways are for.
void Call::ringTargets(Transfer& transfer, const std::vector<CalledDevice>& devices, const std::string& offer)
{
    const CallParty* const shown = transfer.second != 0 ? &partyOf(transfer.by) : nullptr;
    for (const CalledDevice& device : devices)
        if (auto leg = ring(device, transfer.by, offer, shown)) {
            recordTarget(transfer, device.owner);
            transfer.ringing.push_back(std::move(leg));
        }
}

bool Call::isBy(const std::string& object) const
{
    const auto rings = [&](const Legs& legs) {
        return std::ranges::any_of(legs, [&](const auto& leg) { return leg->called.owner.name == object; });
    };
    return m_plan.caller.name == object || m_plan.callee.party.name == object || rings(m_ringing) ||
           (m_transfer && (m_transfer->callee.party.name == object || rings(m_transfer->ringing)));
}

/// For the stayer and a target at `there`, in the seats that they will have: the stayer's description as the
/// target is to get it, with SRTP and ICE as `terms` say or else as the stayer has it, and behind what
/// `origin` says that it has been told. Empty: it cannot be.
std::string Call::openTransferMedia(Transfer& transfer, const sip::Source& there,
                                    std::optional<CallMedia::Terms> terms,
                                    std::optional<CallMedia::Origin> origin)
{
    const Side stays = otherSide(transfer.by); // in the call as it was
    const sip::Source& here = legOf(stays)->device;
    const bool calls = transfer.stayer == Side::Caller;
    transfer.media = openMedia(calls ? here : there, calls ? there : here);
    if (transfer.media == nullptr)
        return {};
    transfer.media->setOrigin(transfer.stayer, m_media->origin(stays));
    if (origin)
        transfer.media->setOrigin(otherSide(transfer.stayer), *origin);
    if (!terms && !transfer.callee.party.srtp)
        terms = CallMedia::Terms();
    if (terms)
        transfer.media->setTerms(otherSide(transfer.stayer), *terms);
    const auto active = sdp::withoutHold(described(stays));
    return transfer.media->passOffer(transfer.stayer, active).valueOr(std::string());
}

/// Only a user's own two calls become one.
void Call::transferTo(Leg& by, const sip::DialogId& dialog)
{
    Call* const other = m_environment.neighbours.callWith(dialog);
    if (other == nullptr || other == this || other->m_transfer || other->m_exchange)
        return by.session()->referred(other == nullptr ? 481 : kPending);
    const Leg* const theirs = other->m_caller && other->m_caller->session()->isDialog(dialog)
                                  ? other->m_caller.get()
                                  : other->m_callee.get();
    const bool recalls = other->isRecall() && other->m_state == State::Connected && by.side() == Side::Caller;
    const Side meant = recalls ? otherSide(theirs->side()) : theirs->side();
    if (other->partyOf(meant).name != partyOf(by.side()).name)
        return by.session()->referred(403);
    if (other->m_state == State::Calling && other->m_media->isDirect()) {
        const std::string number = other->m_plan.callee.party.number;
        other->refuse(kUnavailable); // its devices have been told where `by` is, and ring anew
        return transferBlind(by, number);
    }
    auto transfer = std::make_unique<Transfer>();
    transfer->by = by.side();
    transfer->own = recalls;
    transfer->asked = m_environment.clock.steadyNow();
    if (other->m_state == State::Calling)
        takeRinging(*transfer, *other);
    else if (!takeConnected(*transfer, *other, otherSide(theirs->side())))
        return by.session()->referred(503);
    if (recalls) // the target is another device of the same user
        transfer->switched = switched(by.side());
    m_transfer = std::move(transfer);
    by.session()->referred(202);
}

/// The devices ring on; the stayer takes the place of who called them.
void Call::takeRinging(Transfer& transfer, Call& other)
{
    transfer.stayer = Side::Caller;
    transfer.guid = other.m_guid;
    transfer.callee = other.m_plan.callee;
    transfer.callee.devices.clear();
    transfer.callee.steps.clear(); // in the other call's records already
    transfer.callee.record = other.m_plan.record;
    transfer.paused = other.m_paused;
    transfer.since = other.m_since;
    transfer.ringing = std::move(other.m_ringing);
    other.m_ringing.clear();
    transfer.ringsSince = other.m_ringsSince;
    m_diversions = std::move(other.m_diversions); // for those
    for (const auto& leg : transfer.ringing)
        leg->move(*this, Side::Callee);
    transfer.media = std::move(other.m_media);
    transfer.media->reset(Side::Caller, m_media->terms(otherSide(transfer.by)));
    transfer.second = std::exchange(other.record(Side::Caller), 0);
    transfer.records = std::move(other.m_ringingRecords);
    other.record(Side::Callee) = 0;
    other.m_caller->session()->respond(kUnavailable);
    if (other.m_transcript)
        other.m_transcript->refused(m_environment.clock.utcNow(), kUnavailable);
    other.tearDown();
}

/// The device at `side` of the other call becomes the target.
bool Call::takeConnected(Transfer& transfer, Call& other, Side side)
{
    transfer.stayer = otherSide(transfer.by);
    transfer.callee.party = other.partyOf(side);
    transfer.callee.record = other.m_plan.record;
    transfer.switched = other.switched(side);
    transfer.paused = other.m_paused;
    transfer.since = other.m_since;
    transfer.answered = other.m_answeredAt;
    const auto offer = openTransferMedia(transfer, other.legOf(side)->device, other.m_media->terms(side),
                                         other.m_media->origin(side));
    if (offer.empty())
        return false;
    transfer.target = std::move(other.seat(side));
    transfer.target->move(*this, transfer.by);
    transfer.second = std::exchange(other.record(otherSide(side)), 0); // its records go on in this call
    transfer.targetRecord = std::exchange(other.record(side), 0);
    other.end(otherSide(side));
    transfer.phase = Transfer::Phase::AskingTarget;
    transfer.talked = true;
    transfer.offer = offer;
    transfer.target->session()->offer(offer);
    return true;
}

/// Whether the reply belonged to the transfer.
bool Call::onTransferReply(Leg& leg, const sip::Reply& reply)
{
    Transfer& transfer = *m_transfer;
    const bool rings =
        std::ranges::any_of(transfer.ringing, [&](const auto& one) { return one.get() == &leg; });
    if (rings || transfer.target.get() == &leg) {
        onTargetReply(leg, reply);
        return true;
    }
    const bool isAsked =
        transfer.phase == Transfer::Phase::AskingStayer || transfer.phase == Transfer::Phase::Returning;
    if (!isAsked || leg.side() == transfer.by)
        return false;
    if (reply.status >= 200)
        onStayerReply(reply);
    return true;
}

void Call::onTargetReply(Leg& leg, const sip::Reply& reply)
{
    Transfer& transfer = *m_transfer;
    Leg* const by = legOf(transfer.by);
    if (reply.status < 200) {
        if (reply.status > 100 && by != nullptr)
            by->session()->referred(reply.status);
        if (reply.status > 100 && transfer.phase == Transfer::Phase::Ringing)
            m_environment.records.alerted(transfer.records[leg.called.owner.name]);
        if (!reply.sdp.empty())
            leg.early = reply.sdp;
        return;
    }
    if (reply.status >= 300)
        return isGlare(leg, reply.status) || isTargetDiverted(leg, reply) ? void()
                                                                          : targetRefused(leg, reply.status);
    if (transfer.phase == Transfer::Phase::Ringing) {
        const auto self =
            std::ranges::find_if(transfer.ringing, [&](const auto& one) { return one.get() == &leg; });
        transfer.target = std::move(*self);
        transfer.ringing.clear();
        transfer.callee.party = transfer.target->called.owner;
        transfer.targetRecord = transfer.records[transfer.callee.party.name];
    }
    leg.session()->acknowledge();
    targetAnswered(reply.sdp.empty() ? leg.early : reply.sdp);
}

void Call::targetAnswered(const std::string& sdp)
{
    Transfer& transfer = *m_transfer;
    transfer.targetSdp = sdp;
    transfer.phase = Transfer::Phase::AskingStayer;
    transfer.media->setOrigin(transfer.stayer, m_media->origin(otherSide(transfer.by))); // may have run on
    if (!transfer.answered)
        transfer.answered = m_environment.clock.utcNow();
    if (!transfer.media->passAnswer(otherSide(transfer.stayer), sdp))
        return failTransfer(488);
    const auto offer = transfer.media->describeFor(transfer.stayer, sdp);
    if (!offer)
        return failTransfer(488);
    transfer.offer = *offer;
    legOf(otherSide(transfer.by))->session()->offer(*offer);
}

/// Whether it has been refused for now alone, because it has met an offer of theirs, and is made again.
bool Call::isGlare(const Leg& leg, int status)
{
    Transfer& transfer = *m_transfer;
    if (status != kPending || transfer.phase == Transfer::Phase::Ringing || transfer.glares == kGlares)
        return false;
    ++transfer.glares;
    transfer.again = m_environment.clock.steadyNow() + glareWait(leg.isOurs);
    return true;
}

void Call::offerAgain(TimePoint now)
{
    if (!m_transfer || !m_transfer->again || now < *m_transfer->again)
        return;
    m_transfer->again.reset();
    const bool toTarget = m_transfer->phase == Transfer::Phase::AskingTarget;
    Leg& asked = toTarget ? *m_transfer->target : *legOf(otherSide(m_transfer->by));
    asked.session()->offer(m_transfer->offer);
}

void Call::targetRefused(Leg& leg, int status)
{
    Transfer& transfer = *m_transfer;
    if (transfer.phase == Transfer::Phase::Ringing && transfer.ringing.size() == 1) {
        const auto active = sdp::withoutHold(described(otherSide(transfer.by)));
        if (auto again = ringOtherwise(leg, status, *transfer.media, transfer.stayer, active)) {
            transfer.ringing.front() = std::move(again);
            return;
        }
    }
    transfer.bestRefusal =
        betterRefusal(transfer.bestRefusal, isDeadWay(leg, status) ? kNoService : passedOn(status));
    const std::string owner = leg.called.owner.name;
    std::erase_if(transfer.ringing, [&](const auto& one) { return one.get() == &leg; });
    if (std::ranges::none_of(transfer.ringing,
                             [&](const auto& one) { return one->called.owner.name == owner; }))
        m_environment.records.released(transfer.records[owner], q850::causeOfStatus(status));
    if (!transfer.ringing.empty() || (isLocalFailure(status) && ringTransferSpare(transfer)))
        return;
    if (transfer.phase == Transfer::Phase::Ringing) {
        const Forwarding next = forwardBehind(transfer.bestRefusal, transfer.callee.forwards);
        if (forwardTransfer(next.to, next.reason))
            return;
    }
    failTransfer(transfer.bestRefusal);
}

void Call::onStayerReply(const sip::Reply& reply)
{
    if (m_transfer->target == nullptr)
        return giveBack(reply);
    Leg& stayer = *legOf(otherSide(m_transfer->by));
    if (reply.status >= 300)
        return isGlare(stayer, reply.status) ? void() : failTransfer(passedOn(reply.status));
    stayer.session()->acknowledge();
    const auto answer = m_transfer->media->passAnswer(m_transfer->stayer, reply.sdp);
    if (!answer)
        return end(otherSide(m_transfer->by)); // it has left the old media already
    if (m_transfer->invited)
        m_transfer->target->session()->respond(200, *answer);
    finishTransfer(reply.sdp);
}

/// The old call goes on, if the one who wanted to leave it is still there.
void Call::failTransfer(int status)
{
    dropSecondRecord(q850::causeOfStatus(status));
    const auto transfer = std::move(m_transfer);
    if (transfer->phase == Transfer::Phase::AskingStayer)
        m_media->setOrigin(otherSide(transfer->by), transfer->media->origin(transfer->stayer));
    for (const auto& [owner, rung] : transfer->records)
        m_environment.records.dropped(rung, q850::causeOfStatus(status));
    if (transfer->invited && transfer->target)
        transfer->target->session()->respond(status);
    Leg* const by = legOf(transfer->by);
    if (by == nullptr)
        return end(transfer->by);
    if (!transfer->replaces)
        by->session()->referred(status);
}

void Call::finishTransfer(const std::string& stayerSdp)
{
    const auto transfer = std::move(m_transfer);
    const Side stayed = otherSide(transfer->by);
    const TimePoint now = m_environment.clock.steadyNow();
    const bool isTalk = !isNobody(transfer->callee.party);
    const bool archived = isTalk && isArchivedBehind(*transfer);
    if (m_transcript && !archived && !(isTalk && mayBeKeptBehind(*transfer)))
        m_transcript->drop(m_environment.clock.utcNow(), transfer->by);
    const bool goesOn = m_transcript && (transfer->own || isQueue(partyOf(transfer->by))) &&
                        (m_transcript->isProvisional() || m_transcript->isArchived() == archived);
    if (!goesOn)
        endTranscript(transfer->by);
    if (auto leaver = std::move(seat(transfer->by)); leaver && !transfer->replaces) {
        leaver->session()->referred(200);
        leaver->probed = now;
        m_leaving.push_back(std::move(leaver));
    }
    recordTransfer(*transfer);
    if (!transfer->own)
        m_tan.reset();
    CallParty stays = partyOf(stayed);
    auto stayer = std::move(seat(stayed));
    const Side there = otherSide(transfer->stayer);
    stayer->move(*this, transfer->stayer);
    transfer->target->move(*this, there);
    seat(transfer->stayer) = std::move(stayer);
    seat(there) = std::move(transfer->target);
    partyOf(transfer->stayer) = std::move(stays);
    partyOf(there) = transfer->callee.party;
    described(transfer->stayer) = stayerSdp;
    described(there) = transfer->targetSdp;
    m_media->bridge().setTap(std::nullopt);
    m_music.reset();
    m_media = std::move(transfer->media);
    playHoldMusic(); // if one of the two has put the other one on hold in its answer
    m_caller->probed = m_callee->probed = now;
    m_plan.record = m_plan.record || transfer->callee.record;
    switched(transfer->stayer) = std::exchange(switched(stayed), std::nullopt);
    switched(there) = transfer->switched;
    m_paused = m_paused || transfer->paused;
    tellPeers();
    if (!goesOn)
        return restartTranscript();
    if (transfer->own)
        return moveTranscript(transfer->by);
    continueTranscript(std::chrono::floor<std::chrono::seconds>(*transfer->answered - transfer->since));
}

void Call::tellPeers() const
{
    for (const Side side : {Side::Caller, Side::Callee}) {
        const Leg& leg = *legOf(side);
        const CallParty& peer = party(otherSide(side));
        leg.session()->peerChanged({peer.name, shownTo(leg.device, peer), m_guid});
    }
}

/// Of who may take by's place. Its caller is who stays, or still the one who has called it.
void Call::recordTarget(Transfer& transfer, const CallParty& owner)
{
    const LegId caller = transfer.second != 0 ? transfer.second : record(otherSide(transfer.by));
    LegId& begun = transfer.records[owner.name];
    if (begun == 0)
        begun = m_environment.records.beginCallee(caller, recordParty(owner, owner.name));
}

/// Of the call that the target was taken from, if the transfer comes to nothing.
void Call::dropSecondRecord(int cause)
{
    if (m_transfer && m_transfer->second != 0)
        m_environment.records.dropped(m_transfer->second, cause);
}

/// The stayer's record and the target's are those of the sides from now on.
void Call::recordTransfer(Transfer& transfer)
{
    CallRecords& records = m_environment.records;
    const Destination& to = transfer.callee;
    if (transfer.own) // it has been the target's call all along
        return records.held(record(transfer.by), false);
    const LegId stayer = record(otherSide(transfer.by));
    if (transfer.second != 0) {
        records.transferred(record(transfer.by), transfer.second, transfer.asked);
    } else {
        const CallParty& meant =
            to.steps.empty() ? transfer.pickedFrom.value_or(to.party) : to.steps.front().by;
        records.transferredBlind(record(transfer.by), recordParty(meant), transfer.asked);
    }
    for (const ForwardStep& step : to.steps)
        records.forwarded(stayer, recordParty(step.by), {.e164 = step.to});
    if (transfer.targetRecord == 0)
        transfer.targetRecord = records.beginCallee(stayer, recordParty(to.party, to.party.name));
    if (!transfer.talked)
        records.connected(transfer.targetRecord, to.party.name);
    record(transfer.stayer) = stayer;
    record(otherSide(transfer.stayer)) = transfer.targetRecord;
}

/// Behind a queue: its announcements and what is said then are one recording.
void Call::continueTranscript(std::chrono::seconds rang)
{
    closeTag();
    const auto clear = [&](Side side) {
        return m_media->clearDescription(side, described(side)).valueOr(std::string());
    };
    m_transcript->setRoles(roles());
    m_transcript->followed(m_environment.clock.utcNow(),
                           transcriptDevice(m_plan.callee.party, m_callee->device), rang, clear(Side::Callee),
                           clear(Side::Caller));
    tapMedia();
}

/// Whether the end of a session is the transfer's business alone.
bool Call::onTransferEnded(Leg& leg)
{
    if (std::erase_if(m_leaving, [&](const auto& one) { return one.get() == &leg; }) > 0)
        return true;
    if (!m_transfer)
        return false;
    const bool rings =
        std::ranges::any_of(m_transfer->ringing, [&](const auto& one) { return one.get() == &leg; });
    const bool isTakerGone = m_transfer->invited && m_transfer->target == nullptr;
    if (rings) {
        targetRefused(leg, 408);
    } else if (m_transfer->target.get() == &leg) {
        m_transfer->target.reset();
        if (!m_transfer->invited || m_transfer->again)
            failTransfer(kUnavailable);
        else // the stayer is about to leave
            for (const auto& [owner, rung] : std::exchange(m_transfer->records, {}))
                m_environment.records.released(rung);
    } else if (leg.side() == m_transfer->by && !isTakerGone) {
        seat(m_transfer->by).reset(); // many phones hang up as soon as the transfer is under way
    } else {
        return false;
    }
    return true;
}

} // namespace sr::pbx
