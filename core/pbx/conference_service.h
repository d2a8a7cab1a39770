// SPDX-License-Identifier: GPL-3.0-or-later
// Conferences: whoever calls one hears all others in it; its members are called when the first caller comes.
#pragma once

#include "core/pbx/local_dialer.h"

#include <map>

namespace sr::pbx {

/// `service:conference?object=NAME&most=N`. Full: 486.
///
/// Control thread.
class ConferenceService final : public LocalApplication {
public:
    /// Numbers of whom the conference calls.
    using Members =
        std::function<std::vector<std::string>(const std::string& object, const std::string& caller)>;

    ConferenceService(LocalDialer& dialer, Members members)
        : m_dialer(dialer)
        , m_members(std::move(members))
    {}
    void onCall(std::unique_ptr<LocalCall> call) override;
    std::size_t talkers(const std::string& object) const;

private:
    struct Room {
        explicit Room(std::size_t most)
            : mix(most)
        {}
        media::Conference mix;
        std::vector<std::unique_ptr<LocalCall>> calls;
    };
    void callMembers(const std::string& object, Room& room, const std::string& caller);
    void leave(const std::string& object, const LocalCall* call);

    LocalDialer& m_dialer;
    Members m_members;
    std::map<std::string, Room> m_rooms; ///< by name of the object
};

} // namespace sr::pbx
