// SPDX-License-Identifier: GPL-3.0-or-later
// A call that is over has let go of everything but itself; it is destroyed outside its own callbacks.
#include "core/pbx/call_control.h"

#include "core/crypto/digest.h"
#include "core/pbx/call_leg.h"
#include "core/pbx/feature_codes.h"
#include "core/pbx/line_recording.h"
#include "core/pbx/q850.h"
#include "core/pbx/trunk_settings.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr int kBusy = 486;
constexpr int kIncomplete = 484;            // RFC 3578
const std::string kAnonymous = "anonymous"; // RFC 3323 4.1.1.3

/// Behind a gateway there are many callers: the number that it names counts, behind its own. One that names
/// none calls for itself; a provider never does. Who withholds the number has no name either.
CallParty callerOf(const sip::InviteRequest& request, CallParty object)
{
    object.withheld = request.isPrivate || request.from.user == kAnonymous;
    if (!object.external)
        return object;
    const bool isKnown = !object.withheld && !request.from.user.empty() && checkNumber(request.from.user);
    if (isKnown || object.withheld || object.pseudo == nameOf(Kind::Trunk))
        return behindLine(std::move(object), isKnown ? request.from.user : std::string(),
                          object.withheld ? std::string() : request.from.display);
    if (!request.from.display.empty())
        object.longName = request.from.display;
    return object;
}

/// They are meant, not whom they forward to: mailboxes neither work at queues nor take part in conferences.
bool callsItsMembers(const Object& caller)
{
    return caller.kind == Kind::WaitingQueue || caller.kind == Kind::Conference;
}

} // namespace

Call* CallControl::callWith(const sip::DialogId& dialog) const
{
    const auto found =
        std::ranges::find_if(m_calls, [&](const auto& entry) { return entry.second->hasDialog(dialog); });
    return found == m_calls.end() ? nullptr : found->second.get();
}

void CallControl::onInvite(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                           const Object& caller)
{
    CallParty party = callerOf(request, m_routing.partyOf(caller));
    if (isLine(caller))
        party = askingBy(caller, LineWay::In, std::move(party));
    if (isLine(caller) && m_routing.isFull(caller)) {
        session->respond(kBusy);
        Destination nowhere;
        nowhere.status = kBusy;
        return recordRefused(party, nowhere);
    }
    if (request.replaces)
        return replace(std::move(session), request, caller);
    if (const auto code = featureCodeOf(request.target);
        code && caller.kind != Kind::Trunk &&
        (code->action == FeatureCode::Action::PickUp || code->action == FeatureCode::Action::PickUpGroup))
        return pickUp(std::move(session), request, caller, code->number);
    auto callee = destination({request.target, party, caller.name});
    if (callee.status != 0) {
        session->respond(callee.status);
        if (!callsItsMembers(caller)) // queues try again and again
            recordRefused(party, callee);
        const bool isBusy = callee.status == kBusy;
        if ((isBusy || callee.status == kUnavailable) && isUser(party) && isUser(callee.party))
            failed({party.name,
                    callee.party.name,
                    request.target,
                    {},
                    isBusy ? FailedCall::Why::Refused : FailedCall::Why::Away});
        return;
    }
    if (callsItsMembers(caller)) {
        if (!callee.steps.empty())
            return session->respond(kUnavailable);
        callee.forwards = {};
    }
    begin(std::move(party), std::move(callee), request, std::move(session));
}

/// Who could not be rung has missed the call all the same. Digits that are still missing make no call.
void CallControl::recordRefused(const CallParty& caller, const Destination& callee)
{
    if (callee.status == kIncomplete)
        return;
    CallRecords& records = m_environment.records;
    const LegId asked =
        records.beginCaller(recordParty(caller, caller.name), toHex(crypto::randomArray<16>()));
    for (const ForwardStep& step : callee.steps)
        records.forwarded(asked, recordParty(step.by), {.e164 = step.to});
    if (!callee.party.name.empty() && !isNobody(callee.party))
        (void)records.beginCallee(asked, recordParty(callee.party));
    records.dropped(asked, q850::causeOfStatus(callee.status));
}

void CallControl::begin(CallParty caller, Destination callee, const sip::InviteRequest& request,
                        std::unique_ptr<sip::Session> session)
{
    const std::uint64_t id = ++m_lastId;
    const bool record = callee.record || caller.record == RecordMode::Transparent;
    auto call =
        std::make_unique<Call>(m_environment, Call::Plan{id, std::move(caller), std::move(callee), record},
                               request, std::move(session));
    Call& begun = *m_calls.emplace(id, std::move(call)).first->second;
    begun.begin();
}

void CallControl::onRecall(std::unique_ptr<sip::Session> session, sip::InviteRequest request)
{
    CallParty about{kFeatures, request.shownAs.user, request.shownAs.display, {}, std::string(kCodesPseudo)};
    request.shownAs = {};
    auto callee = destination({request.target, about, {}});
    if (callee.status != 0 || !callee.steps.empty())
        return session->respond(kUnavailable);
    callee.forwards = {};
    begin(std::move(about), std::move(callee), request, std::move(session));
}

int CallControl::refusalOf(const Object& user, const std::string& digits) const
{
    return destination({digits, m_routing.partyOf(user), user.name}).status;
}

/// From whom a call is his to take.
bool CallControl::mayTakeFrom(const Object& owner, const Object& taker) const
{
    return owner.name == taker.name || m_routing.directory().shareGroup(taker, owner);
}

/// The call that is named, whoever was dialled: one that rings is picked up, one that is answered goes on
/// with the new device in the place of the former.
void CallControl::replace(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                          const Object& taker)
{
    Call* call = nullptr;
    std::optional<Call::Part> part;
    for (auto at = m_calls.begin(); at != m_calls.end() && !part; ++at) {
        call = at->second.get();
        part = call->partIn(request.replaces->dialog);
    }
    if (!part)
        return session->respond(481);
    const Object* const owner = m_routing.directory().byName(part->owner.name);
    const bool mayTake = mayDialCodes(taker.kind) && owner != nullptr && mayTakeFrom(*owner, taker);
    if (!mayTake || (!part->rings && !isUser(part->owner)))
        return session->respond(403);
    if (!part->rings && request.replaces->earlyOnly)
        return session->respond(kBusy);
    const CallParty party = m_routing.partyOf(taker);
    const int refusal = !part->rings ? call->takeOver(session, request, party, part->side)
                        : call->pickUp(session, request, party) ? 0
                                                                : 488;
    if (refusal != 0)
        session->respond(refusal);
}

/// Of the calls that ring somebody of the picker's groups the one that rings longest; with a number only
/// those that ring there.
void CallControl::pickUp(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                         const Object& picker, const std::string& number)
{
    const Directory& directory = m_routing.directory();
    const Object* meant = number.empty() ? nullptr : m_routing.directory().meant(picker.node, number).object;
    if (!number.empty() && meant == nullptr)
        return session->respond(404);
    const auto fits = [&](const std::string& name) {
        const Object* rung = directory.byName(name);
        return rung != nullptr && (meant == nullptr || rung == meant) && mayTakeFrom(*rung, picker);
    };
    Call* oldest = nullptr;
    for (const auto& [id, call] : m_calls)
        if (std::ranges::any_of(call->ringing(), fits))
            if (oldest == nullptr || call->ringsSince() < oldest->ringsSince())
                oldest = call.get();
    if (oldest == nullptr)
        return session->respond(404);
    if (!oldest->pickUp(session, request, m_routing.partyOf(picker)))
        session->respond(488);
}

void CallControl::sweep()
{
    std::erase_if(m_calls, [](const auto& entry) { return entry.second->isOver(); });
}

void CallControl::onSecond()
{
    sweep();
    for (const auto& [id, call] : m_calls)
        call->onSecond();
    m_environment.relay.onSecond();
}

void CallControl::hangUpAll()
{
    for (const auto& [id, call] : m_calls)
        call->hangUp();
    sweep();
}

std::vector<CallRow> CallControl::rows() const
{
    std::vector<CallRow> rows;
    for (const auto& [id, call] : m_calls)
        if (!call->isOver())
            rows.push_back(call->row());
    std::ranges::sort(rows, {}, &CallRow::id);
    return rows;
}

Call* CallControl::call(std::uint64_t id) const
{
    const auto found = m_calls.find(id);
    return found == m_calls.end() || found->second->isOver() ? nullptr : found->second.get();
}

Call* CallControl::talkOf(const std::string& user) const
{
    std::uint64_t newest = 0;
    for (const auto& [id, call] : m_calls)
        if (id > newest && call->isTalkOf(user))
            newest = id;
    return newest == 0 ? nullptr : m_calls.at(newest).get();
}

std::size_t CallControl::countBy(const std::string& object, std::uint64_t but) const
{
    return static_cast<std::size_t>(std::ranges::count_if(m_calls, [&](const auto& entry) {
        return entry.first != but && !entry.second->isOver() && entry.second->isBy(object);
    }));
}

void CallControl::recorded(const RecordedTalk& talk)
{
    m_recorded.insert_or_assign(talk.caller, talk);
    m_recorded.insert_or_assign(talk.callee, talk);
}

void CallControl::setKeys(CallKeys keys, OnKeys onKeys)
{
    m_keys = std::move(keys);
    m_onKeys = std::move(onKeys);
}

void CallControl::onKey(std::uint64_t tag, Side by, char key)
{
    const auto found = std::ranges::find_if(
        m_calls, [&](const auto& entry) { return entry.second->tag() == tag && !entry.second->isOver(); });
    if (found != m_calls.end())
        pressed(*found->second, by, key);
}

void CallControl::pressed(Call& call, Side by, char key)
{
    const CallParty& party = call.party(by);
    const Object* const user = isUser(party) ? m_routing.directory().byName(party.name) : nullptr;
    if (user == nullptr || user->record == RecordMode::Off)
        return;
    const auto action = call.keys(by).press(key, m_environment.clock.steadyNow(), m_keys);
    if (action && m_onKeys)
        m_onKeys(call, user->name, *action);
}

const RecordedTalk* CallControl::lastRecorded(const std::string& user) const
{
    const auto found = m_recorded.find(user);
    return found == m_recorded.end() ? nullptr : &found->second;
}

std::size_t CallControl::count() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_calls, [](const auto& entry) { return !entry.second->isOver(); }));
}

} // namespace sr::pbx
