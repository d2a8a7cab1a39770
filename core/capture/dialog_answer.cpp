// SPDX-License-Identifier: GPL-3.0-or-later
// How the INVITE of a call ends: ringing, answer, refusal, and answers that only their consequences show.
#include "core/capture/call_parties.h"
#include "core/capture/dialog_follower.h"
#include "core/capture/dialog_step.h"

#include <charconv>

namespace sr::capture {
namespace {

/// RFC 3840 10.14.
bool isMachine(const SipMessage& message)
{
    const auto contact = parseAddress(message.header(SipHeader::Contact));
    return contact && parameter(contact->params, "automata").data() != nullptr;
}

} // namespace

void DialogFollower::inviteAnswer(TrackedCall& call, const Step& step)
{
    const int status = step.message.status();
    const std::pair request{other(step.by), step.message.cseq()};
    if (call.reinvites.contains(request) || step.by == Party::Caller) {
        if (status / 100 == 2) {
            media(call, step, call.offerless.contains(request));
        } else if (status >= 300) {
            withdraw(call, request.first, request.second);
        }
        return;
    }
    if (status < 200)
        provisional(call, step);
    else if (status < 300)
        accepted(call, step);
    else
        refused(call, step);
}

void DialogFollower::provisional(TrackedCall& call, const Step& step)
{
    const int status = step.message.status();
    if (status == 100 || call.out.answered)
        return;
    const bool rings = status == 180;
    const bool rangBefore = std::any_of(call.out.flow.begin(), call.out.flow.end(),
                                        [](const FlowEvent& e) { return e.kind == FlowKind::Ringing; });
    if (!call.out.ringing || (rings && !rangBefore))
        call.out.ringing = step.time();
    if (call.out.calleeTag.empty())
        call.out.callee.signalling = step.datagram.from;
    if (!step.message.header(SipHeader::AssertedIdentity).empty())
        identify(call, step);
    const bool early = !step.message.sdp().empty();
    const std::string detail = shortened(step.message.statusText());
    if (step.first && rings)
        call.event(step.time(), FlowKind::Ringing, step.by, detail);
    if (step.first && early)
        call.event(step.time(), FlowKind::EarlyMedia, step.by, detail);
    if (step.first && !rings && !early)
        call.event(step.time(), FlowKind::Progress, step.by, detail);
    media(call, step, false);
}

/// The first 2xx makes the call; those of other forks will get a BYE (RFC 3261 §13.2.2.4).
void DialogFollower::accepted(TrackedCall& call, const Step& step)
{
    const SipMessage& message = step.message;
    if (call.out.answered && call.answerSeen) {
        const bool sameTag = message.toTag() == call.out.calleeTag;
        const bool otherHop = message.fromTag() != call.out.callerTag;
        if (sameTag || otherHop)
            media(call, step, false);
        else if (step.first)
            call.event(step.time(), FlowKind::Progress, step.by,
                       shortened(message.statusText()) + " of another branch, not followed");
        return;
    }
    const bool acknowledged = call.out.answered && !call.answerEstimated; // the first copy of this was lost
    answer(call, step, acknowledged ? std::min(*call.out.answered, step.time()) : step.time());
    call.answerSeen = true;
    identify(call, step);
    call.machineAnswered = isMachine(message);
    call.event(step.time(), FlowKind::Answer, step.by, shortened(message.statusText()));
    media(call, step, false);
}

/// Who answered names itself, else the number dialled stands; so it does for a fork that rang and lost.
void DialogFollower::identify(TrackedCall& call, const Step& step)
{
    const std::string_view tag = step.calleeTag();
    if (step.message.header(SipHeader::AssertedIdentity).empty() && tag == call.identifiedBy)
        return; // its ringing has said so
    CallParty& callee = call.out.callee;
    callee.number = call.dialled.number;
    callee.displayName = call.dialled.displayName;
    callee.host = call.dialled.host;
    call.identifiedBy = tag;
    readConnected(step.message, call.out.caller.number, callee);
}

/// Where a machine has answered (RFC 3840 10.14), a queue say, the call is that of the first person who names
/// itself in its place.
void DialogFollower::followed(TrackedCall& call, const Step& step)
{
    if (step.by != Party::Callee || step.message.header(SipHeader::AssertedIdentity).empty() ||
        !call.machineAnswered)
        return;
    call.machineAnswered = isMachine(step.message);
    CallParty& callee = call.out.callee;
    callee.displayName.clear();
    readConnected(step.message, call.out.caller.number, callee);
    call.event(step.time(), FlowKind::Reinvite, step.by, callee.number);
    const std::string_view text = step.message.header(SipHeader::AlertSeconds);
    std::uint32_t alerted = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), alerted);
        error == std::errc() && !text.empty())
        call.out.alerted = seconds(alerted);
}

void DialogFollower::answer(TrackedCall& call, const Step& step, UtcTime at)
{
    call.out.answered = at;
    call.answerEstimated = false;
    call.out.callerTag = std::string(step.callerTag());
    call.out.calleeTag = std::string(step.calleeTag());
    if (step.by == Party::Callee)
        call.out.callee.signalling = step.datagram.from;
    call.out.finalStatus = 0;
    call.out.endSeen = false;
    call.over = false;
    for (Announcement& one : call.announcements) {
        if (one.side == Party::Callee && one.tag != call.out.calleeTag)
            one.until = std::min(one.until, step.time());
    }
}

/// The ACK of a 2xx is a transaction of its own (RFC 3261 §13.2.2.4), that of a refusal has the branch of its
/// INVITE (§17.1.1.3). Gear that does not care leaves it open until the media tells.
void DialogFollower::acknowledged(TrackedCall& call, const Step& step)
{
    const SipMessage& message = step.message;
    const bool refused = std::find(call.refusedTags.begin(), call.refusedTags.end(), message.toTag()) !=
                         call.refusedTags.end();
    if (call.out.answered || !call.inviteSeen || step.by != Party::Caller || message.toTag().empty() ||
        refused || message.cseq() != call.inviteCseq)
        return;
    if (!call.acked)
        call.acked = step.time();
    const std::string_view branch = topBranch(message);
    const bool ofInvite =
        branch.empty() || std::any_of(call.branches.begin(), call.branches.end(),
                                      [&](const InviteBranch& one) { return one.branch == branch; });
    if (!ofInvite)
        answer(call, step, step.time());
}

/// BYE, re-INVITE and REFER belong to an answered call. When it was answered is settled when it is handed
/// out.
void DialogFollower::proven(TrackedCall& call, const Step& step)
{
    const std::string_view tag = step.calleeTag();
    const bool refused =
        std::find(call.refusedTags.begin(), call.refusedTags.end(), tag) != call.refusedTags.end();
    if (call.out.answered || !call.inviteSeen || tag.empty() || step.callerTag().empty() || refused)
        return;
    answer(call, step, call.acked.value_or(step.time()));
    call.answerEstimated = !call.acked;
}

void DialogFollower::takeBack(TrackedCall& call)
{
    call.out.answered.reset();
    call.acked.reset();
    call.answerEstimated = false;
}

/// Final for the call when the caller's own INVITE gets it, or every branch that was seen has got one.
void DialogFollower::refused(TrackedCall& call, const Step& step)
{
    const SipMessage& message = step.message;
    const int status = message.status();
    const bool challenge = status == 401 || status == 407;
    if (message.cseq() < call.inviteCseq || (call.out.answered && call.answerSeen))
        return;
    addTag(call.refusedTags, message.toTag());
    if (call.out.answered) { // by a BYE of the early dialog, or by an ACK that came before its refusal
        // Only an ACK tells whose answer it was; behind a BYE alone any refusal shows that there was none.
        if (message.toTag() != call.out.calleeTag && !call.answerEstimated)
            return;
        takeBack(call);
    }
    if (step.first) {
        const FlowKind kind = challenge      ? FlowKind::Challenge
                              : status < 400 ? FlowKind::Redirect
                                             : FlowKind::Reject;
        std::string detail = shortened(message.statusText());
        if (status < 400)
            detail += " " + target(message.header(SipHeader::Contact));
        call.event(step.time(), kind, step.by, std::move(detail));
    }
    const std::string_view branch = topBranch(message);
    bool known = false;
    for (InviteBranch& one : call.branches) {
        known = known || one.branch == branch;
        one.finished = one.finished || one.branch == branch;
    }
    const bool all = std::all_of(call.branches.begin(), call.branches.end(),
                                 [](const InviteBranch& one) { return one.finished; });
    if (known && !all && !call.branches.front().finished)
        return;
    const bool cancelled = call.over && call.out.finalStatus == 0; // the end was the CANCEL or BYE
    const UtcTime ended = cancelled ? call.out.ended : step.time();
    call.out.finalStatus = status;
    end(call, ended, challenge || status < 400 ? milliseconds(kRetry) : m_linger);
    call.due = std::max(call.due, step.time() + m_linger);
}

} // namespace sr::capture
