// SPDX-License-Identifier: GPL-3.0-or-later
// Where calls wait, with music, until somebody takes them back.
#pragma once

#include "core/pbx/announcement.h"
#include "core/pbx/local_call.h"

namespace sr::pbx {

/// Where one call waits.
struct ParkPlace {
    std::string lot;      ///< the park object that it belongs to; empty: none
    std::string position; ///< digits; empty: any of the lot
    std::size_t most = 0; ///< calls in the lot at once; 0: as many as there are at all
    bool mayTake = true;  ///< who asks is one of those who take calls from the lot
};

/// `service:park?...` puts the caller at a place; one that is taken, and a lot that is full, answer 486.
/// `service:unpark?...` connects the caller with who waits there, of a whole lot with who waits longest; 404
/// if nobody does or somebody else is just taking that call, 403 who may not. What else the URIs say is for
/// the finder of places.
///
/// Control thread.
class ParkService {
public:
    static constexpr std::size_t kMost = 200; ///< calls that wait; more are refused with 486
    using PlaceFinder = std::function<ParkPlace(const ServiceUri& service)>;

    ParkService(SoundFinder find, PlaceFinder placeOf);
    LocalApplication& parking() { return m_parking; }
    LocalApplication& taking() { return m_taking; }
    std::size_t waiting() const { return m_waiting.size(); }

private:
    struct Desk final : LocalApplication {
        std::function<void(std::unique_ptr<LocalCall>)> take;
        void onCall(std::unique_ptr<LocalCall> call) override { take(std::move(call)); }
    };
    struct Parked {
        std::uint64_t ticket = 0;         ///< grows with the time of coming
        std::unique_ptr<LocalCall> call;  ///< who waits
        std::unique_ptr<LocalCall> taker; ///< until the two are connected
        bool leaves = false;              ///< somebody takes the call
    };
    using Place = std::pair<std::string, std::string>; ///< lot, position
    using Waiting = std::map<Place, Parked>;
    void park(std::unique_ptr<LocalCall> call);
    void unpark(std::unique_ptr<LocalCall> call);
    bool takesOneMore(const ParkPlace& place) const;
    Waiting::iterator waitingAt(const ParkPlace& place);
    LocalCallEvents eventsOfWaiting(const Place& place);
    void dropTaker(const Place& place);

    SoundFinder m_find;
    PlaceFinder m_placeOf;
    Desk m_parking;
    Desk m_taking;
    Waiting m_waiting;
    std::uint64_t m_lastTicket = 0;
};

} // namespace sr::pbx
