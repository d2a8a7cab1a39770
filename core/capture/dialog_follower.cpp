// SPDX-License-Identifier: GPL-3.0-or-later
// Requests and responses of a call; how it is answered is in dialog_answer.cpp, what is said of media in
// dialog_media.cpp.
#include "core/capture/dialog_follower.h"

#include "core/capture/call_parties.h"
#include "core/capture/dialog_step.h"

namespace sr::capture {
namespace {

constexpr std::size_t kMaxSeen = 1024;

} // namespace

DialogFollower::DialogFollower(Lookup lookup, Announced announced, milliseconds linger)
    : m_lookup(std::move(lookup))
    , m_announced(std::move(announced))
    , m_linger(linger)
{}

bool DialogFollower::opensCall(const SipMessage& message) noexcept
{
    const std::string_view method = message.method();
    if (!message.isRequest())
        return method == "INVITE" && message.status() > 100;
    return method == "INVITE" || ((method == "BYE" || method == "UPDATE") && !message.toTag().empty());
}

bool DialogFollower::reopens(const TrackedCall& call, const SipMessage& message)
{
    return call.over && call.out.answered && message.isRequest() && message.method() == "INVITE" &&
           message.toTag().empty() &&
           (message.cseq() > call.inviteCseq || !call.isCallerTag(message.fromTag()));
}

/// Who sent it. A dialog keeps its tags on every hop; the From of an INVITE outside a dialog is the caller's.
Party DialogFollower::sender(TrackedCall& call, const SipMessage& message)
{
    Party from = Party::Caller;
    if (call.isCallerTag(message.fromTag())) {
        from = Party::Caller;
    } else if (call.isCalleeTag(message.fromTag())) {
        from = Party::Callee;
    } else if (message.method() == "INVITE" && message.isRequest() && message.toTag().empty()) {
        from = Party::Caller;
    } else if (!message.toTag().empty() && call.isCallerTag(message.toTag())) {
        from = Party::Callee;
    }
    std::vector<std::string>& fromTags = from == Party::Caller ? call.callerTags : call.calleeTags;
    std::vector<std::string>& toTags = from == Party::Caller ? call.calleeTags : call.callerTags;
    addTag(fromTags, message.fromTag());
    addTag(toTags, message.toTag());
    return message.isRequest() ? from : other(from);
}

/// False for retransmissions, for mirror-port doubles and for the same message on another hop.
bool DialogFollower::firstTime(TrackedCall& call, const SipMessage& message)
{
    const auto text = std::hash<std::string_view>{};
    std::size_t h = text(message.method());
    for (const std::size_t part : {text(message.fromTag()), text(message.toTag()),
                                   std::size_t{message.cseq()}, static_cast<std::size_t>(message.status())})
        h = (h ^ part) * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL;
    return call.seen.size() < kMaxSeen && call.seen.insert(h).second;
}

/// The message goes into the native capture of the call once: a mirror port brings each one twice at once.
void DialogFollower::keep(TrackedCall& call, const Step& step)
{
    constexpr milliseconds kDouble{20};
    auto& kept = call.out.signalling;
    const std::string_view text = textOf(step.datagram.payload);
    for (std::size_t n = 0; n < 4 && n < kept.size(); ++n) {
        const SignallingMessage& one = kept[kept.size() - 1 - n];
        if (step.time() - one.time <= kDouble && one.from == step.datagram.from &&
            one.to == step.datagram.to && one.bytes == text)
            return;
    }
    if (kept.size() >= TrackedCall::kMaxMessages ||
        call.messageOctets + text.size() > TrackedCall::kMaxMessageOctets)
        return;
    call.messageOctets += text.size();
    kept.push_back({step.time(), step.datagram.from, step.datagram.to, std::string(text)});
}

void DialogFollower::end(TrackedCall& call, UtcTime at, milliseconds linger)
{
    call.over = true;
    call.out.endSeen = true;
    call.out.ended = at;
    call.due = at + linger;
}

void DialogFollower::apply(TrackedCall& call, const SipMessage& message, const Datagram& datagram)
{
    const bool fresh = call.out.signalling.empty() && call.lastSignalling == UtcTime{};
    if (fresh) {
        call.out.callId = std::string(message.callId());
        call.out.firstPacket = datagram.time;
        readCaller(message, call.out.caller);
        readCallee(message, call.out.callee);
        call.dialled = call.out.callee;
    }
    const Party by = sender(call, message);
    if (fresh) {
        CallParty& near = by == Party::Caller ? call.out.caller : call.out.callee;
        CallParty& far = by == Party::Caller ? call.out.callee : call.out.caller;
        near.signalling = datagram.from;
        far.signalling = datagram.to;
    }
    const Step step{message, datagram, by, firstTime(call, message)};
    if (call.out.guid.empty())
        call.out.guid = conferenceGuid(message);
    for (const auto& [header, party] : {std::pair(SipHeader::InternalParty, &call.out.internal),
                                        std::pair(SipHeader::OwnerParty, &call.out.owner)})
        if (const std::string_view name = message.header(header); name == "caller" || name == "callee")
            *party = name == "caller" ? Party::Caller : Party::Callee;
        else if (name == "none")
            party->reset();
    if (const std::string_view said = message.header(SipHeader::Recording); fresh && said == "provisional")
        call.out.provisional = true;
    else if (said == "kept")
        call.out.provisional = false;
    call.lastSignalling = std::max(call.lastSignalling, datagram.time);
    keep(call, step);
    if (message.isRequest())
        request(call, step);
    else
        response(call, step);
    if (!call.over)
        call.due = call.lastSignalling + (call.out.answered || !call.inviteSeen ? seconds(kAnsweredIdle)
                                                                                : seconds(kUnansweredIdle));
}

void DialogFollower::request(TrackedCall& call, const Step& step)
{
    const std::string_view method = step.message.method();
    if (method == "INVITE") {
        if (step.message.toTag().empty())
            invite(call, step);
        else
            reinvite(call, step);
    } else if (method == "UPDATE") { // RFC 3311
        media(call, step, true);
    } else if (method == "ACK" || method == "PRACK") {
        media(call, step, method == "PRACK" && !call.offerless.contains({step.by, call.inviteCseq}));
        if (method == "ACK")
            acknowledged(call, step);
    } else if (method == "CANCEL") {
        if (step.first)
            call.event(step.time(), FlowKind::Cancel, step.by, {});
        if (!call.out.answered && !call.over)
            end(call, step.time(), kCancelled); // a 2xx may have crossed it (RFC 3261 §9.1)
    } else if (method == "BYE") {
        bye(call, step);
    } else if (method == "REFER" && step.first) {
        refer(call, step);
    } else if (method == "INFO" && step.first) {
        const std::string_view recording = step.message.header(SipHeader::Recording);
        if (recording == "paused")
            call.event(step.time(), FlowKind::Pause, step.by, {});
        else if (recording == "resumed")
            call.event(step.time(), FlowKind::Resume, step.by, {});
        else if (recording == "marked")
            call.event(step.time(), FlowKind::Mark, step.by, {});
    }
}

/// An INVITE outside the dialog: the first, a hop or a fork of it, or a retry after 401, 407, 3xx, 422, 491.
void DialogFollower::invite(TrackedCall& call, const Step& step)
{
    const SipMessage& message = step.message;
    const bool retry = call.inviteSeen && step.first && !(call.out.answered && call.answerSeen);
    if (!call.inviteSeen || retry) {
        if (call.inviteSeen)
            takeBack(call); // the ACK before it was that of a challenge
        call.branches.clear();
        call.inviteCseq = message.cseq();
        call.out.callerTag = std::string(message.fromTag());
        if (!call.out.answered) {
            call.over = false;
            call.out.endSeen = false;
            call.out.finalStatus = 0;
        }
    }
    if (step.first) {
        const auto by = parseAddress(message.header(SipHeader::ReferredBy));
        call.event(step.time(), FlowKind::Invite, step.by, shortened(message.requestUri()));
        if (by)
            call.event(step.time(), FlowKind::Refer, step.by, target(message.header(SipHeader::ReferredBy)));
        replaces(call, step);
    }
    call.inviteSeen = true;
    const std::string_view branch = topBranch(message);
    const bool known = std::any_of(call.branches.begin(), call.branches.end(),
                                   [&](const InviteBranch& one) { return one.branch == branch; });
    if (!known && call.branches.size() < kMaxTags)
        call.branches.push_back({std::string(branch), false});
    if (message.sdp().empty())
        call.offerless.insert({step.by, message.cseq()});
    media(call, step, false);
}

void DialogFollower::reinvite(TrackedCall& call, const Step& step)
{
    const std::pair key{step.by, step.message.cseq()};
    proven(call, step);
    if (call.reinvites.size() < kMaxSeen)
        call.reinvites.insert(key);
    const std::size_t before = call.out.flow.size();
    followed(call, step);
    if (step.message.sdp().empty() && call.offerless.size() < kMaxSeen)
        call.offerless.insert(key);
    media(call, step, true);
    if (step.first && call.out.flow.size() == before) // neither hold nor retrieve, nor somebody new
        call.event(step.time(), FlowKind::Reinvite, step.by, {});
}

void DialogFollower::response(TrackedCall& call, const Step& step)
{
    const SipMessage& message = step.message;
    const std::string_view method = message.method();
    if (method == "INVITE") {
        inviteAnswer(call, step);
    } else if (method == "BYE" && message.status() >= 200 && message.status() < 300 && !call.over) {
        if (step.first)
            call.event(step.time(), FlowKind::Bye, other(step.by), "request not captured");
        end(call, step.time(), m_linger);
    } else if (method == "UPDATE" || method == "PRACK") {
        if (message.status() / 100 == 2)
            media(call, step, false);
        else if (message.status() >= 300)
            withdraw(call, other(step.by), message.cseq());
    }
}

void DialogFollower::bye(TrackedCall& call, const Step& step) const
{
    proven(call, step);
    // The BYE of a fork that came second ends that fork only.
    const std::string& tag = call.out.calleeTag;
    const bool otherFork =
        call.out.answered && !tag.empty() && step.message.toTag() != tag && step.message.fromTag() != tag &&
        (step.message.toTag() == call.out.callerTag || step.message.fromTag() == call.out.callerTag);
    if (otherFork)
        return;
    if (step.first)
        call.event(step.time(), FlowKind::Bye, step.by, {});
    if (step.first || !call.over)
        end(call, step.time(), m_linger);
}

/// RFC 3515; with Replaces inside its target the two calls become one (RFC 3891).
void DialogFollower::refer(TrackedCall& call, const Step& step)
{
    const std::string_view value = step.message.header(SipHeader::ReferTo);
    call.event(step.time(), FlowKind::Refer, step.by, target(value));
    proven(call, step);
    const auto address = parseAddress(value);
    if (!address)
        return;
    std::string_view headers = address->uri.headers;
    constexpr std::string_view kReplaces = "Replaces=";
    while (!headers.empty()) {
        const std::size_t end = std::min(headers.find('&'), headers.size());
        const std::string_view one = headers.substr(0, end);
        headers.remove_prefix(std::min(end + 1, headers.size()));
        if (!startsWithText(one, kReplaces))
            continue;
        std::string id = unescape(one.substr(kReplaces.size()));
        id.erase(std::min(id.find(';'), id.size()));
        call.event(step.time(), FlowKind::Replaces, step.by, shortened(id));
        if (TrackedCall* replaced = m_lookup(id); replaced != nullptr && replaced != &call)
            replaced->event(step.time(), FlowKind::Replaces, Party::Caller,
                            call.out.callId.substr(0, kMaxDetail));
        return;
    }
}

/// Replaces header of an INVITE: this call takes over from another one.
void DialogFollower::replaces(TrackedCall& call, const Step& step)
{
    std::string_view value = step.message.header(SipHeader::Replaces);
    if (value.empty())
        return;
    const std::string_view id = trimLws(value.substr(0, value.find(';')));
    call.event(step.time(), FlowKind::Replaces, step.by, shortened(id));
    if (TrackedCall* replaced = m_lookup(id); replaced != nullptr && replaced != &call)
        replaced->event(step.time(), FlowKind::Replaces, Party::Callee,
                        call.out.callId.substr(0, kMaxDetail));
}

} // namespace sr::capture
