// SPDX-License-Identifier: GPL-3.0-or-later
// Taking a call back is a transfer with consultation: of who waits, to who asks.
#include "core/pbx/park_service.h"

#include <algorithm>

namespace sr::pbx {

ParkService::ParkService(SoundFinder find, PlaceFinder placeOf)
    : m_find(std::move(find))
    , m_placeOf(std::move(placeOf))
{
    m_parking.take = [this](std::unique_ptr<LocalCall> call) { park(std::move(call)); };
    m_taking.take = [this](std::unique_ptr<LocalCall> call) { unpark(std::move(call)); };
}

bool ParkService::takesOneMore(const ParkPlace& place) const
{
    const auto inLot =
        std::ranges::count_if(m_waiting, [&](const auto& entry) { return entry.first.first == place.lot; });
    return m_waiting.size() < kMost && !m_waiting.contains({place.lot, place.position}) &&
           (place.most == 0 || static_cast<std::size_t>(inLot) < place.most);
}

void ParkService::park(std::unique_ptr<LocalCall> call)
{
    ParkPlace place = m_placeOf(call->info().service);
    if (place.position.empty())
        for (unsigned free = 1; place.position.empty() || m_waiting.contains({place.lot, place.position});
             ++free)
            place.position = std::to_string(free);
    if (!takesOneMore(place))
        return call->hangUp(486);
    if (!call->answer())
        return; // it has been refused
    if (const media::SoundPtr music = m_find("music"); music != nullptr)
        (void)call->play(music, 0); // a codec that is not spoken here waits in silence
    const Place at{place.lot, place.position};
    call->setEvents(eventsOfWaiting(at));
    m_waiting.emplace(at, Parked{++m_lastTicket, std::move(call), nullptr});
}

/// Who hangs up takes the other with him, as in any call.
LocalCallEvents ParkService::eventsOfWaiting(const Place& place)
{
    LocalCallEvents events;
    events.ended = [this, place](int) { m_waiting.erase(place); };
    events.transferred = [this, place](int status) {
        const auto at = m_waiting.find(place);
        if (status < 300 || at == m_waiting.end())
            return;
        at->second.taker.reset();
        at->second.leaves = false; // and waits on
    };
    return events;
}

/// The end: nobody.
ParkService::Waiting::iterator ParkService::waitingAt(const ParkPlace& place)
{
    if (!place.position.empty())
        return m_waiting.find({place.lot, place.position});
    auto longest = m_waiting.end();
    for (auto at = m_waiting.begin(); at != m_waiting.end(); ++at)
        if (at->first.first == place.lot && !at->second.leaves &&
            (longest == m_waiting.end() || at->second.ticket < longest->second.ticket))
            longest = at;
    return longest;
}

void ParkService::unpark(std::unique_ptr<LocalCall> call)
{
    const ParkPlace place = m_placeOf(call->info().service);
    if (!place.mayTake)
        return call->hangUp(403);
    const auto at = waitingAt(place);
    if (at == m_waiting.end() || at->second.leaves)
        return call->hangUp(404);
    if (!call->answer())
        return; // it has been refused
    LocalCallEvents events;
    events.ended = [this, where = at->first](int) { m_waiting.at(where).taker.reset(); };
    call->setEvents(std::move(events));
    at->second.taker = std::move(call);
    at->second.leaves = true;
    at->second.call->transferTo(*at->second.taker);
}

} // namespace sr::pbx
