// SPDX-License-Identifier: GPL-3.0-or-later
// Names of activities, publications by entity tag, and which of them counts.
#include "core/pbx/presence.h"

#include "core/crypto/digest.h"
#include "core/pbx/event_bodies.h"

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

using sip::PublishAnswer;

constexpr std::array<std::string_view, 29> kNames{"",
                                                  "appointment",
                                                  "away",
                                                  "breakfast",
                                                  "busy",
                                                  "dinner",
                                                  "holiday",
                                                  "in-transit",
                                                  "looking-for-work",
                                                  "lunch",
                                                  "meal",
                                                  "meeting",
                                                  "on-the-phone",
                                                  "other",
                                                  "performance",
                                                  "permanent-absence",
                                                  "playing",
                                                  "presentation",
                                                  "shopping",
                                                  "sleeping",
                                                  "spectator",
                                                  "steering",
                                                  "travel",
                                                  "tv",
                                                  "unknown",
                                                  "vacation",
                                                  "working",
                                                  "worship",
                                                  "dnd"};
static_assert(kNames.size() == static_cast<std::size_t>(Activity::Dnd) + 1);

PublishAnswer refusal(int status, const char* reason)
{
    PublishAnswer answer;
    answer.status = status;
    answer.reason = reason;
    return answer;
}

std::string newTag()
{
    return toHex(crypto::randomArray<8>());
}

} // namespace

std::string_view nameOf(Activity activity) noexcept
{
    return kNames[static_cast<std::size_t>(activity)];
}

std::optional<Activity> activityNamed(std::string_view name) noexcept
{
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end())
        return std::nullopt;
    return static_cast<Activity>(found - kNames.begin());
}

bool PresenceBook::set(const std::string& user, Presence presence)
{
    auto& set = m_users[user].set;
    if (set == presence)
        return false;
    set = std::move(presence);
    return true;
}

PublishAnswer PresenceBook::publish(const std::string& user, const sip::PublishRequest& request)
{
    if (request.event != "presence")
        return refusal(489, "Bad Event");
    const std::uint32_t expires = std::min(request.expires.value_or(m_limits.longest), m_limits.longest);
    if (expires != 0 && expires < m_limits.shortest) {
        PublishAnswer answer = refusal(423, "Interval Too Brief");
        answer.minExpires = m_limits.shortest;
        return answer;
    }
    const TimePoint now = m_clock.steadyNow();
    auto& all = m_users[user].published;
    std::erase_if(all, [&](const Publication& one) { return one.ends <= now; });
    auto known = std::ranges::find(all, request.ifMatch, &Publication::etag);
    if (!request.ifMatch.empty() && known == all.end())
        return refusal(412, "Conditional Request Failed");
    if (request.body.empty() && known == all.end())
        return refusal(400, "Missing Body");
    Publication next;
    if (request.body.empty()) {
        next = *known;
    } else {
        if (request.contentType != kPidfType)
            return refusal(415, "Unsupported Media Type");
        auto presence = parsePidf(request.body);
        if (!presence)
            return refusal(400, "Bad Presence");
        next.presence = std::move(*presence);
        next.change = ++m_changes;
    }
    if (known == all.end() && expires != 0 && all.size() >= m_limits.perUser)
        return refusal(403, "Too Many Devices");
    PublishAnswer answer;
    answer.etag = next.etag = newTag();
    answer.expires = expires;
    next.ends = now + std::chrono::seconds(expires);
    if (known != all.end())
        all.erase(known);
    if (expires != 0)
        all.push_back(std::move(next));
    return answer;
}

Presence PresenceBook::of(const std::string& user, bool isRegistered, bool isTalking) const
{
    const TimePoint now = m_clock.steadyNow();
    Presence out;
    if (const auto found = m_users.find(user); found != m_users.end()) {
        out = found->second.set.value_or(Presence{});
        const Publication* newest = nullptr;
        for (const Publication& one : found->second.published)
            if (one.ends > now && (newest == nullptr || one.change > newest->change))
                newest = &one;
        if (newest != nullptr && out.activity != Activity::Dnd)
            out = newest->presence;
    }
    if (isTalking && out.activity != Activity::Dnd)
        out.activity = Activity::OnThePhone;
    out.open = out.open && isRegistered;
    return out;
}

std::vector<std::string> PresenceBook::sweep()
{
    const TimePoint now = m_clock.steadyNow();
    std::vector<std::string> changed;
    for (auto& [user, entry] : m_users)
        if (std::erase_if(entry.published, [&](const Publication& one) { return one.ends <= now; }) > 0)
            changed.push_back(user);
    std::erase_if(m_users, [](const auto& one) { return !one.second.set && one.second.published.empty(); });
    return changed;
}

void PresenceBook::keep(const std::function<bool(const std::string&)>& stays)
{
    std::erase_if(m_users, [&](const auto& one) { return !stays(one.first); });
}

} // namespace sr::pbx
