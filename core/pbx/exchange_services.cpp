// SPDX-License-Identifier: GPL-3.0-or-later
// What queues and scripts ask of the exchange.
#include "core/pbx/exchange.h"

namespace sr::pbx {

void Exchange::serveScripts(ScriptParts& parts)
{
    parts.tanOfCall = [this](const std::string& user, const std::string& digits,
                             const ScriptParts::Done& done) { setTan(user, digits, done); };
    parts.markCall = [this, recorded = parts.markRecorded](const std::string& user,
                                                           const ScriptParts::Done& done) {
        mark(user, recorded, done);
    };
    parts.onMailbox = [this](const std::string& user, std::uint32_t fresh, std::uint32_t old) {
        m_subscriptions.setMessages(user, {fresh, old});
    };
    parts.sendMessage = [this](const ScriptMessage& message) { sendMessage(message); };
}

/// Between two whose calls are recorded the mark of the called one counts alone (decisions.md 18).
bool Exchange::mayMark(const std::string& user, const std::string& caller, const std::string& callee) const
{
    const auto isRecorded = [this](const std::string& name) {
        const Object* const object = m_directory->byName(name);
        return object != nullptr && object->record != RecordMode::Off &&
               (object->kind == Kind::User || object->kind == Kind::Executive);
    };
    return user == callee || !isRecorded(caller) || !isRecorded(callee);
}

bool Exchange::markRunning(Call& call, const std::string& user) const
{
    return mayMark(user, call.party(relay::Side::Caller).name, call.party(relay::Side::Callee).name) &&
           call.mark(user);
}

bool Exchange::controlRecordingOf(Call& call, const std::string& user, RecordingAction action) const
{
    using relay::Side;
    switch (action) {
    case RecordingAction::Pause:
        call.pause();
        return true;
    case RecordingAction::Resume:
        call.resume();
        return true;
    case RecordingAction::Mark:
        return markRunning(call, user);
    case RecordingAction::Start:
    case RecordingAction::Stop:
        return call.switchRecording(call.party(Side::Caller).name == user ? Side::Caller : Side::Callee,
                                    action == RecordingAction::Start);
    }
    return false;
}

Exchange::Controlled Exchange::controlRecording(std::uint64_t id, RecordingAction action)
{
    Call* const call = m_calls ? m_calls->call(id) : nullptr;
    if (call == nullptr)
        return Controlled::NoCall;
    bool done = false;
    for (const relay::Side side : {relay::Side::Caller, relay::Side::Callee})
        if (action != RecordingAction::Mark)
            done = controlRecordingOf(*call, call->party(side).name, action) || done;
    return done ? Controlled::Done : Controlled::NotPossible;
}

void Exchange::startKeys()
{
    m_calls->setKeys(m_options.keys, [this](Call& call, const std::string& user, RecordingAction action) {
        controlRecordingOf(call, user, action);
    });
}

void Exchange::onKey(std::uint64_t tag, relay::Side by, char key)
{
    if (m_calls)
        m_calls->onKey(tag, by, key);
}

/// Who talks means that talk, recorded or not.
void Exchange::mark(const std::string& user, const decltype(ScriptParts::markRecorded)& recorded,
                    const ScriptParts::Done& done) const
{
    using Code = script::Answer::Code;
    const script::Answer nothing{Code::Missing, {}, 0, {}};
    if (Call* const call = m_calls ? m_calls->talkOf(user) : nullptr; call != nullptr)
        return done(markRunning(*call, user) ? script::Answer{Code::Done, "running", 0, {}} : nothing);
    const RecordedTalk* const last = m_calls ? m_calls->lastRecorded(user) : nullptr;
    if (last == nullptr || !recorded || !mayMark(user, last->caller, last->callee))
        return done(nothing);
    recorded({last->guid, last->callId, last->caller == user, m_clock.utcNow()},
             [done, nothing](const Status& marked) {
                 done(marked ? script::Answer{Code::Done, "last", 0, {}} : nothing);
             });
}

/// Recorded or not, it stands in the call data.
void Exchange::setTan(const std::string& user, const std::string& digits, const ScriptParts::Done& done)
{
    using Code = script::Answer::Code;
    Call* const call = m_calls ? m_calls->talkOf(user) : nullptr;
    if (call != nullptr)
        call->setTan(user, digits);
    done(script::Answer{call != nullptr ? Code::Done : Code::Missing, {}, 0, {}});
}

void Exchange::sendMessage(const ScriptMessage& message)
{
    const Object* const object = m_directory->byName(message.object);
    const User* const to = m_directory->byName(message.to);
    if (object == nullptr || to == nullptr || !m_messages)
        return;
    User from = *object;
    if (!message.number.empty())
        from.number = message.number;
    m_messages->send(message.text, from, *to, m_registrar.bindings(to->name, m_clock.steadyNow()));
}

/// It hears of all calls, like those who watch.
void Exchange::startCompletion()
{
    CompletionOffice office;
    office.isRegistered = [this](const std::string& name) { return isRegistered(name); };
    office.refusal = [this](const std::string& name, const std::string& digits) {
        const Object* const user = m_directory->byName(name);
        return user == nullptr ? 404 : m_calls->refusalOf(*user, digits);
    };
    CompletionService& completion = m_services->completion();
    completion.open(m_clock, std::move(office));
    m_calls->setOnFailed([&completion](const FailedCall& call) { completion.onFailed(call); });
    m_observers.emplace(std::vector<CallObserver*>{&m_subscriptions, &completion});
    m_records->setObserver(&*m_observers);
}

QueueOffice Exchange::queueOffice()
{
    QueueOffice office;
    office.talking = [this] {
        std::vector<std::string> names;
        for (const CallRow& row : calls()) {
            names.push_back(row.caller.name);
            names.push_back(row.callee.name);
        }
        return names;
    };
    office.isRegistered = [this](const std::string& name) {
        return !m_registrar.bindings(name, m_clock.steadyNow()).empty();
    };
    office.overflow = [this](const Object& queue, const LocalCallInfo& caller) {
        const std::string& name = caller.service["caller"];
        const Object* const object = m_directory->byName(name);
        const bool outside =
            object == nullptr || object->kind == Kind::Gateway || object->kind == Kind::Trunk;
        return m_calls->forwards(queue, {name, caller.from.user, caller.from.display, {}, {}, outside})
            .noAnswer;
    };
    return office;
}

} // namespace sr::pbx
