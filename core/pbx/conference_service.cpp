// SPDX-License-Identifier: GPL-3.0-or-later
// A room lives as long as somebody is in it or called by it.
#include "core/pbx/conference_service.h"

#include <algorithm>
#include <charconv>

namespace sr::pbx {
namespace {

std::size_t mostOf(const ServiceUri& service)
{
    std::size_t most = 0;
    const std::string& text = service["most"];
    std::from_chars(text.data(), text.data() + text.size(), most);
    return most == 0 ? media::Conference::kMost : std::min(most, media::Conference::kMost);
}

} // namespace

std::size_t ConferenceService::talkers(const std::string& object) const
{
    const auto room = m_rooms.find(object);
    return room == m_rooms.end() ? 0 : room->second.mix.members();
}

void ConferenceService::onCall(std::unique_ptr<LocalCall> call)
{
    const std::string object = call->info().service["object"];
    const std::string caller = call->info().service["caller"];
    const auto [at, isNew] = m_rooms.try_emplace(object, mostOf(call->info().service));
    Room& room = at->second;
    LocalCall* const self = call.get();
    if (room.mix.members() >= room.mix.most()) {
        call->hangUp(486);
    } else if (call->answer() && call->join(room.mix)) {
        LocalCallEvents events;
        events.ended = [this, object, self](int) { leave(object, self); };
        call->setEvents(std::move(events));
        room.calls.push_back(std::move(call));
        if (isNew)
            callMembers(object, room, caller);
        return;
    }
    if (room.calls.empty())
        m_rooms.erase(at);
}

void ConferenceService::callMembers(const std::string& object, Room& room, const std::string& caller)
{
    for (const std::string& number : m_members(object, caller)) {
        auto placed = m_dialer.placeCall({{{}, object, {}}, number});
        if (!placed)
            return; // no port is free: those who are in it go on
        LocalCall* const self = placed->get();
        LocalCallEvents events;
        events.ended = [this, object, self](int) { leave(object, self); };
        events.progress = [this, object, self](int status) {
            const auto at = m_rooms.find(object);
            if (status >= 200 && at != m_rooms.end() && !self->join(at->second.mix))
                leave(object, self);
        };
        (*placed)->setEvents(std::move(events));
        room.calls.push_back(std::move(*placed));
    }
}

/// Who is called alone, with nobody in the room, is called no longer.
void ConferenceService::leave(const std::string& object, const LocalCall* call)
{
    const auto at = m_rooms.find(object);
    if (at == m_rooms.end())
        return;
    auto& calls = at->second.calls;
    const auto one = std::ranges::find(calls, call, &std::unique_ptr<LocalCall>::get);
    if (one == calls.end())
        return;
    const std::unique_ptr<LocalCall> gone = std::move(*one);
    calls.erase(one);
    gone->leave();
    if (at->second.mix.members() == 0)
        m_rooms.erase(at);
}

} // namespace sr::pbx
