// SPDX-License-Identifier: GPL-3.0-or-later
// From a code to a change of the database.
#include "core/pbx/feature_service.h"

#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {
namespace {

using Action = FeatureCode::Action;

/// Into or out of all groups that the object may join and leave.
Status joinAll(DirectoryStore& store, const std::string& name, bool joined)
{
    const auto directory = store.read();
    if (!directory)
        return directory.error();
    const Object* object = (*directory)->byName(name);
    if (object == nullptr)
        return fail(PbxErrc::NotFound, name);
    bool any = false;
    for (const Membership& one : object->groups) {
        if (one.dynamic == Membership::Dynamic::No)
            continue;
        if (auto done = store.setJoined(name, one.group, joined); !done)
            return done;
        any = true;
    }
    return any ? Status{} : Status(fail(PbxErrc::BadGroup, name + " has no group to join or leave"));
}

std::optional<RecordingAction> recordingActionOf(Action action)
{
    switch (action) {
    case Action::PauseRecording:
        return RecordingAction::Pause;
    case Action::ResumeRecording:
        return RecordingAction::Resume;
    case Action::StartRecording:
        return RecordingAction::Start;
    case Action::StopRecording:
        return RecordingAction::Stop;
    default:
        return std::nullopt;
    }
}

/// What the service is asked for; empty: nothing that can be done.
DirectoryWriter::Change changeOf(const ServiceUri& service)
{
    if (const std::string boolean = service["boolean"]; !boolean.empty())
        return [boolean, state = service["state"]](DirectoryStore& store) {
            ObjectChange change;
            change.settings["state"] = state;
            return store.modify(boolean, change);
        };
    const auto code = featureCodeOf(service["code"]);
    const std::string by = service["by"];
    if (!code)
        return {};
    switch (code->action) {
    case Action::SetForward:
    case Action::ClearForward: // there the number is empty
        return [by, code](DirectoryStore& store) { return store.setForward(by, code->type, code->number); };
    case Action::JoinGroups:
    case Action::LeaveGroups:
        return [by, joined = code->action == Action::JoinGroups](DirectoryStore& store) {
            return joinAll(store, by, joined);
        };
    case Action::PickUpGroup:
    case Action::PickUp:
    case Action::Park:
    case Action::Unpark:
    case Action::PauseRecording: // no matter of the database
    case Action::ResumeRecording:
    case Action::StartRecording:
    case Action::StopRecording:
    case Action::CompleteCall:
    case Action::ForgetCalls:
        break;
    }
    return {};
}

} // namespace

/// What is no matter of the database; nothing: the service is asked for something else.
std::optional<Status> FeatureService::doAtOnce(const ServiceUri& service)
{
    const auto code = featureCodeOf(service["code"]);
    if (!code)
        return std::nullopt;
    const std::string by = service["by"];
    if (const auto action = recordingActionOf(code->action); action && m_recording)
        return m_recording(by, *action) ? Status() : fail(PbxErrc::NotFound, "a call");
    const bool completes = code->action == Action::CompleteCall;
    if ((completes || code->action == Action::ForgetCalls) && m_complete)
        return m_complete(by, completes);
    return std::nullopt;
}

void FeatureService::onCall(std::unique_ptr<LocalCall> call)
{
    const ServiceUri service = call->info().service;
    if (const auto done = doAtOnce(service)) {
        if (const LocalCall* const which = answer(std::move(call)))
            say(which, *done);
        return;
    }
    DirectoryWriter::Change change = changeOf(service);
    if (!change)
        return call->hangUp(404);
    const LocalCall* const which = answer(std::move(call));
    if (which == nullptr)
        return;
    m_order(std::move(change), [this, which, alive = std::weak_ptr(m_alive)](const Status& how) {
        if (!alive.expired())
            say(which, how);
    });
}

/// Null: it has been refused.
const LocalCall* FeatureService::answer(std::unique_ptr<LocalCall> call)
{
    if (!call->answer())
        return nullptr;
    m_calls.push_back(std::move(call));
    const LocalCall* const which = m_calls.back().get();
    LocalCallEvents events;
    const auto gone = [this, which](auto) {
        std::erase_if(m_calls, [&](const auto& one) { return one.get() == which; });
    };
    events.ended = gone;
    events.played = gone;
    m_calls.back()->setEvents(std::move(events));
    return which;
}

/// The caller may have hung up meanwhile.
void FeatureService::say(const LocalCall* call, const Status& how)
{
    static const media::SoundPtr good = media::Sound::tone(media::Tone::beep());
    static const media::SoundPtr bad = media::Sound::tone(media::Tone::congestion());
    const auto at = std::ranges::find(m_calls, call, &std::unique_ptr<LocalCall>::get);
    if (at == m_calls.end())
        return;
    if (!(*at)->play(how ? good : bad, how ? 1 : 4))
        m_calls.erase(at);
}

} // namespace sr::pbx
