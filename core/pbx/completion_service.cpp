// SPDX-License-Identifier: GPL-3.0-or-later
// Calls around the rules of CallCompletion; each event looks its recall up anew, as it may be gone.
#include "core/pbx/completion_service.h"

#include "core/pbx/destination.h"
#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr unsigned kConnectTries = 10; ///< a second apart, while the caller's phone is busy with a re-INVITE
constexpr int kPending = 491;
constexpr unsigned kBusyRounds = 4; ///< of the tone

/// The user has called somebody, or talked: is there.
bool isSign(const CallState& last)
{
    return last.role == CallRole::Initiator || last.stage == CallStage::Confirmed;
}

const CallState* callIn(const std::vector<CallState>& calls, std::uint64_t call)
{
    const auto found = std::ranges::find(calls, call, &CallState::call);
    return found == calls.end() ? nullptr : &*found;
}

/// Of the two in one conference.
bool talksIn(const std::vector<CallState>& calls, const std::string& conference)
{
    return std::ranges::any_of(calls, [&](const CallState& one) {
        return one.conference == conference && one.stage == CallStage::Confirmed;
    });
}

} // namespace

void CompletionService::open(const Clock& clock, CompletionOffice office, const CompletionRules& rules)
{
    m_clock = &clock;
    m_office = std::move(office);
    m_rules.emplace(clock, rules);
}

void CompletionService::setDirectory(std::shared_ptr<const Directory> directory)
{
    m_directory = std::move(directory);
    for (const Request& one : requests())
        for (const std::string& user : {one.caller, one.callee})
            if (m_directory->byName(user) == nullptr)
                m_rules->forget(user);
}

std::vector<CallCompletion::Request> CompletionService::requests() const
{
    return m_rules ? m_rules->all() : std::vector<Request>();
}

void CompletionService::onFailed(const FailedCall& call)
{
    if (!m_rules)
        return;
    const bool isBusy = std::ranges::any_of(
        m_calls.of(call.callee), [&](const CallState& one) { return one.conference != call.conference; });
    m_rules->failed(call, isBusy);
}

void CompletionService::onCallState(const CallState& state)
{
    const bool isEnd = m_rules && state.stage == CallStage::Over && m_rules->watches(state.user);
    const CallState* const known = isEnd ? callIn(m_calls.of(state.user), state.call) : nullptr;
    const bool showed = known != nullptr && isSign(*known);
    m_calls.take(state);
    if (!m_rules)
        return;
    if (isEnd) {
        if (showed)
            m_rules->showed(state.user);
        if (m_calls.of(state.user).empty())
            m_rules->freed(state.user);
    }
    if (state.stage != CallStage::Confirmed)
        return;
    for (const Request& one : m_rules->all()) {
        const bool calls = one.caller == state.user;
        if ((calls || one.callee == state.user) &&
            talksIn(m_calls.of(calls ? one.callee : one.caller), state.conference))
            m_rules->talked(one.caller, one.callee);
    }
}

Status CompletionService::request(const std::string& caller)
{
    if (!m_rules)
        return fail(PbxErrc::NotFound, caller);
    return m_rules->request(caller);
}

Status CompletionService::cancel(const std::string& caller)
{
    if (!m_rules || m_rules->cancel(caller) == 0)
        return fail(PbxErrc::NotFound, "a request of " + caller);
    std::erase_if(m_recalls, [&](const auto& entry) {
        return entry.second.request.caller == caller && entry.second.toCallee == nullptr;
    });
    return {};
}

bool CompletionService::isFree(const std::string& user) const
{
    return m_calls.of(user).empty() && m_office.isRegistered(user);
}

/// Who registers shows to be there.
void CompletionService::watchRegistrations()
{
    std::unordered_map<std::string, bool> now;
    for (const std::string& user : m_rules->watched()) {
        const bool isThere = m_office.isRegistered(user);
        const auto before = m_registered.find(user);
        if (isThere && before != m_registered.end() && !before->second) {
            m_rules->showed(user);
            m_rules->freed(user);
        }
        now[user] = isThere;
    }
    m_registered = std::move(now);
}

void CompletionService::onSecond()
{
    if (!m_rules)
        return;
    watchRegistrations();
    std::vector<Id> unanswered;
    for (auto& [id, recall] : m_recalls) {
        if (std::exchange(recall.tryAgain, false))
            connect(recall);
        else if (!recall.toCaller->isAnswered() &&
                 m_clock->steadyNow() - recall.since >= m_rules->rules().recall)
            unanswered.push_back(id);
    }
    for (const Id id : unanswered) {
        m_recalls.erase(id);
        m_rules->done(id);
    }
    for (const Request& one : m_rules->takeDue([this](const std::string& user) { return isFree(user); }))
        start(one);
}

/// Rings the caller, who sees whom the call is about.
void CompletionService::start(const Request& request)
{
    const Object* const caller = m_directory->byName(request.caller);
    const Object* const callee = m_directory->byName(request.callee);
    if (caller == nullptr || callee == nullptr || m_office.refusal(request.caller, request.dialled) != 0)
        return m_rules->done(request.id);
    const std::string name = callee->longName.empty() ? callee->name : callee->longName;
    LocalCallPlan plan{{{}, kFeatures, {}}, request.caller};
    plan.shownAs = {"Call back: " + name, m_directory->numberFrom(caller->node, *callee), {}};
    auto placed = m_dialer.placeCall(plan);
    if (!placed)
        return m_rules->again(request.id); // no port is free: later there may be one
    Recall& recall = m_recalls[request.id];
    recall.request = request;
    recall.since = m_clock->steadyNow();
    recall.toCaller = std::move(*placed);
    LocalCallEvents events;
    events.progress = [this, id = request.id](int status) {
        if (status >= 200)
            onCallerAnswered(id);
    };
    events.ended = [this, id = request.id](int) { onCallerEnded(id); };
    recall.toCaller->setEvents(std::move(events));
}

void CompletionService::onCallerAnswered(Id id)
{
    static const media::SoundPtr ringing = media::Sound::tone(media::Tone::ringBack());
    const auto at = m_recalls.find(id);
    if (at == m_recalls.end())
        return;
    Recall& recall = at->second;
    (void)recall.toCaller->play(ringing, 0); // a codec that is not spoken here waits in silence
    const Object* const caller = m_directory->byName(recall.request.caller);
    auto placed = caller == nullptr
                      ? Result<std::unique_ptr<LocalCall>>(fail(PbxErrc::NotFound, recall.request.caller))
                      : m_dialer.placeCall({{caller->longName, caller->name, {}}, recall.request.dialled});
    if (!placed)
        return onCalleeEnded(id, LocalCall::kUnavailable);
    recall.toCallee = std::move(*placed);
    LocalCallEvents events;
    events.progress = [this, id](int status) {
        const auto found = m_recalls.find(id);
        if (status < 200 || found == m_recalls.end())
            return;
        found->second.triesLeft = kConnectTries;
        connect(found->second);
    };
    events.transferred = [this, id](int status) { connecting(id, status); };
    events.ended = [this, id](int status) { onCalleeEnded(id, status); };
    recall.toCallee->setEvents(std::move(events));
}

/// Who does not want to be called back, or hangs up, has had the chance. While the two are being connected
/// the end of this call belongs to that.
void CompletionService::onCallerEnded(Id id)
{
    const auto at = m_recalls.find(id);
    if (at == m_recalls.end() || at->second.triesLeft > 0)
        return;
    const bool answered = at->second.toCallee != nullptr;
    const bool isBusy = !answered && !m_calls.of(at->second.request.caller).empty();
    m_recalls.erase(at);
    isBusy ? m_rules->again(id) : m_rules->done(id);
}

/// Somebody else was faster: then the request keeps its place.
void CompletionService::onCalleeEnded(Id id, int status)
{
    const auto at = m_recalls.find(id);
    if (at == m_recalls.end())
        return;
    Recall recall = std::move(at->second);
    m_recalls.erase(at);
    const bool isBusy = status == 486 && !m_calls.of(recall.request.callee).empty();
    isBusy ? m_rules->again(id) : m_rules->done(id);
    if (recall.triesLeft == 0)
        sayFailed(std::move(recall.toCaller));
}

void CompletionService::connect(Recall& recall)
{
    --recall.triesLeft;
    recall.toCallee->transferTo(*recall.toCaller);
}

void CompletionService::connecting(Id id, int status)
{
    const auto at = m_recalls.find(id);
    if (at == m_recalls.end())
        return;
    Recall& recall = at->second;
    if (status == kPending && recall.triesLeft > 1 && !recall.toCaller->isOver()) {
        recall.tryAgain = true;
        return;
    }
    if (status < 200 || status == 202)
        return;
    m_recalls.erase(at); // connected, or both are gone
    m_rules->done(id);
}

void CompletionService::sayFailed(std::unique_ptr<LocalCall> call)
{
    static const media::SoundPtr busy = media::Sound::tone(media::Tone::busy());
    if (!call->play(busy, kBusyRounds))
        return;
    m_goodbyes.push_back(std::move(call));
    const auto at = std::prev(m_goodbyes.end());
    LocalCallEvents events;
    events.ended = [this, at](int) { m_goodbyes.erase(at); };
    events.played = [this, at](media::PlayEnd) { m_goodbyes.erase(at); };
    (*at)->setEvents(std::move(events));
}

} // namespace sr::pbx
