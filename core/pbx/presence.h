// SPDX-License-Identifier: GPL-3.0-or-later
// What users say of themselves: an activity (RFC 4480, pbx-interfaces.md 1.3) and a note, set by command or
// published by their devices (RFC 3903).
#pragma once

#include "core/base/clock.h"
#include "core/sip/event_types.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sr::pbx {

inline constexpr std::size_t kMaxPresenceNote = 255; ///< [octets]; longer ones are cut

enum class Activity : std::uint8_t {
    None,
    Appointment,
    Away,
    Breakfast,
    Busy,
    Dinner,
    Holiday,
    InTransit,
    LookingForWork,
    Lunch,
    Meal,
    Meeting,
    OnThePhone,
    Other,
    Performance,
    PermanentAbsence,
    Playing,
    Presentation,
    Shopping,
    Sleeping,
    Spectator,
    Steering,
    Travel,
    Tv,
    Unknown,
    Vacation,
    Working,
    Worship,
    Dnd, ///< do not disturb; not in RFC 4480
};

std::string_view nameOf(Activity activity) noexcept; ///< as in RFC 4480; None: empty
std::optional<Activity> activityNamed(std::string_view name) noexcept;

struct Presence {
    bool open = true; ///< can be reached
    Activity activity = Activity::None;
    std::string note; ///< UTF-8
    bool operator==(const Presence&) const = default;
};

struct PublishLimits {
    std::uint32_t shortest = 60;  ///< [s]; less is refused with 423
    std::uint32_t longest = 3600; ///< [s]; more is cut to it, and it is what nothing said means
    std::size_t perUser = 8;      ///< devices that publish
};

/// Control thread.
class PresenceBook {
public:
    explicit PresenceBook(const Clock& clock, PublishLimits limits = {})
        : m_clock(clock)
        , m_limits(limits)
    {}
    /// Until it is set anew. False: nothing has changed.
    bool set(const std::string& user, Presence presence);
    /// The caller has made sure that it is `user`'s own. 200, 400, 403 for too many devices, 412, 415, 423 or
    /// 489 (RFC 3903 6).
    sip::PublishAnswer publish(const std::string& user, const sip::PublishRequest& request);
    /// Do not disturb wins, then an own call, then the newest of what is published, then what was set.
    /// A user without a device is closed.
    Presence of(const std::string& user, bool isRegistered, bool isTalking) const;
    /// Users whose publications have run out.
    std::vector<std::string> sweep();
    /// Forgets all others.
    void keep(const std::function<bool(const std::string& user)>& stays);

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Publication {
        std::string etag;
        Presence presence;
        TimePoint ends{};
        std::uint64_t change = 0; ///< larger: newer
    };
    struct Entry {
        std::optional<Presence> set;
        std::vector<Publication> published;
    };

    const Clock& m_clock;
    const PublishLimits m_limits;
    std::unordered_map<std::string, Entry> m_users;
    std::uint64_t m_changes = 0;
};

} // namespace sr::pbx
