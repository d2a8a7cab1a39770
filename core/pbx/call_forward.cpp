// SPDX-License-Identifier: GPL-3.0-or-later
// A call goes to somebody else than it rings: by the forwards of who is called, or as a phone of theirs says.
#include "core/pbx/call_transfer.h"
#include "core/pbx/feature_codes.h"
#include "core/pbx/q850.h"

namespace sr::pbx {

/// To another user instead; false: there is no such forward, or it leads nowhere.
bool Call::forward(const std::string& number, LegId rung, const char* reason)
{
    if (number.empty() || number == "-")
        return false;
    Destination next = m_environment.neighbours.destination(
        {number, m_plan.caller, m_plan.callee.party.name, m_plan.callee.passed, m_plan.id});
    if (next.status != 0)
        return false;
    m_media->reset(Side::Callee, m_media->isSecure(Side::Caller));
    // Who does not answer wants the call all the same; who is busy does not (reference, recording rules).
    const bool wanted = std::string_view(reason) != sip::kUserBusy ? m_plan.record : m_wantedBefore;
    const bool recorded = std::exchange(m_plan.record, wanted || next.record);
    std::swap(m_plan.callee, next); // then `next` is whom it leaves
    std::string offer;
    if (!m_request.sdp.empty()) {
        auto passed = passOffer(Side::Caller, m_request.sdp);
        if (!passed) {
            std::swap(m_plan.callee, next);
            m_plan.record = recorded;
            return false;
        }
        offer = std::move(*passed);
    }
    m_wantedBefore = wanted;
    m_ringing.clear();
    m_caller->session()->respond(181);
    missTranscript();
    m_environment.records.forwarded(record(Side::Caller), recordParty(next.party), {.e164 = number}, rung);
    addDiversions({{next.party, number, reason}});
    addDiversions(m_plan.callee.steps);
    recordCallees();
    m_bestRefusal = 0;
    m_rang = false;
    described(Side::Callee).clear();
    startTranscript();
    ringAll(offer);
    if (m_ringing.empty())
        refuse(kUnavailable);
    return true;
}

void Call::addDiversions(const std::vector<ForwardStep>& steps)
{
    for (const ForwardStep& step : steps)
        m_diversions.insert(m_diversions.begin(), {step.by.name, step.by.number, step.reason});
}

/// The exchange, as the device knows it: by the name that it is registered at, or by address.
bool Call::isOurHost(const Leg& leg, const std::string& host) const
{
    return !host.empty() && (host == leg.called.at.domain ||
                             host == hostText(m_environment.dialer.addressTowards(leg.device)));
}

/// Whether a phone has sent the call to somebody else of this exchange (RFC 3261 21.3.3), by a key or a
/// setting of its own, and it goes there, with the rights of whom it was for; his other phones stop ringing,
/// too. Whom a queue or a call back rings is meant alone, and a code would be dialled in the caller's name.
bool Call::isDiverted(const Leg& leg, const sip::Reply& reply)
{
    const CallParty& owner = leg.called.owner;
    if (owner.name != m_plan.callee.party.name || isRecall() || isQueue(m_plan.caller))
        return false;
    const auto to = divertedTo(leg, reply);
    return to && forward(*to, recordOf(owner), "deflection");
}

std::optional<std::string> Call::divertedTo(const Leg& leg, const sip::Reply& reply) const
{
    if (!isUser(leg.called.owner) || !reply.contact || !isOurHost(leg, reply.contact->host) ||
        featureCodeOf(reply.contact->user))
        return std::nullopt;
    return reply.contact->user;
}

/// Where a call goes that nobody takes.
Call::Forwarding Call::forwardBehind(int refusal, const Forwards& forwards)
{
    if (refusal == 486 || refusal == 600 || refusal == 603)
        return {forwards.busy, sip::kUserBusy, true};
    return {refusal == kUnavailable ? forwards.noAnswer : std::string(), "no-answer"};
}

bool Call::isTargetDiverted(const Leg& leg, const sip::Reply& reply)
{
    if (m_transfer->phase != Transfer::Phase::Ringing ||
        leg.called.owner.name != m_transfer->callee.party.name)
        return false;
    const auto to = divertedTo(leg, reply);
    return to && forwardTransfer(*to, "deflection");
}

void Call::forwardLateTransfer(TimePoint now)
{
    if (!m_transfer || m_transfer->phase != Transfer::Phase::Ringing ||
        now - m_transfer->ringsSince < m_transfer->callee.ring)
        return;
    forwardTransfer(std::string(m_transfer->callee.forwards.noAnswer), "no-answer");
}

/// As forward(), for who is to take the place of the one who hands over.
bool Call::forwardTransfer(const std::string& number, const char* reason)
{
    if (number.empty() || number == "-")
        return false;
    Transfer& transfer = *m_transfer;
    const CallParty left = transfer.callee.party;
    Destination next = m_environment.neighbours.destination(
        {number, partyOf(otherSide(transfer.by)), left.name, transfer.callee.passed, m_plan.id});
    if (next.status != 0)
        return false;
    std::swap(transfer.callee, next); // then `next` is whom it leaves
    const auto devices = std::exchange(transfer.callee.devices, {});
    auto before = std::move(transfer.media);
    const std::string offer = openTransferMedia(transfer, devices.front().at.source);
    if (offer.empty()) {
        transfer.media = std::move(before);
        std::swap(transfer.callee, next);
        return false;
    }
    transfer.ringing.clear();
    for (const auto& [owner, rung] : std::exchange(transfer.records, {}))
        m_environment.records.dropped(rung, q850::kNone);
    std::vector<ForwardStep>& steps = transfer.callee.steps;
    steps.insert(steps.begin(), {left, number, reason});
    addDiversions(steps);
    steps.insert(steps.begin(), next.steps.begin(), next.steps.end());
    transfer.callee.record = transfer.callee.record || next.record;
    transfer.ringsSince = m_environment.clock.steadyNow();
    transfer.bestRefusal = 0;
    ringTargets(transfer, devices, offer);
    if (transfer.ringing.empty() && !ringTransferSpare(transfer))
        failTransfer(kUnavailable);
    return true;
}

} // namespace sr::pbx
