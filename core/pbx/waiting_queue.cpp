// SPDX-License-Identifier: GPL-3.0-or-later
// The order of callers is that of their coming, the order of operators that of their last call's end.
#include "core/pbx/waiting_queue.h"

#include <algorithm>
#include <set>

namespace sr::pbx {

using Presence = QueueOperator::Presence;

std::optional<WaitingQueue::CallerId> WaitingQueue::arrive()
{
    if (m_callers.size() >= m_rules.most)
        return std::nullopt;
    m_callers.push_back({++m_last, m_clock.steadyNow(), false});
    return m_last;
}

WaitingQueue::Caller* WaitingQueue::find(CallerId caller)
{
    const auto found = std::ranges::find(m_callers, caller, &Caller::id);
    return found == m_callers.end() ? nullptr : &*found;
}

void WaitingQueue::leave(CallerId caller)
{
    if (m_offer && m_offer->caller == caller)
        withdrawn();
    std::erase_if(m_callers, [&](const Caller& one) { return one.id == caller; });
}

void WaitingQueue::setAside(CallerId caller, bool aside)
{
    if (aside && m_offer && m_offer->caller == caller)
        withdrawn();
    if (Caller* const one = find(caller))
        one->aside = aside;
}

std::vector<WaitingQueue::CallerId> WaitingQueue::takeOverdue()
{
    std::vector<CallerId> overdue;
    const TimePoint now = m_clock.steadyNow();
    for (Caller& one : m_callers) {
        const bool offered = m_offer && m_offer->caller == one.id;
        if (m_rules.longest.count() == 0 || one.aside || offered || now - one.patientSince < m_rules.longest)
            continue;
        one.patientSince = now;
        overdue.push_back(one.id);
    }
    return overdue;
}

std::optional<std::size_t> WaitingQueue::position(CallerId caller) const
{
    const auto found = std::ranges::find(m_callers, caller, &Caller::id);
    if (found == m_callers.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - m_callers.begin()) + 1;
}

/// Who was away or busy is idle from now on. Who is an operator no longer is forgotten, but not while he
/// rings.
void WaitingQueue::observe(std::span<const QueueOperator> operators)
{
    const TimePoint now = m_clock.steadyNow();
    std::set<std::string_view> names;
    for (const QueueOperator& one : operators) {
        names.insert(one.name);
        const auto [at, isNew] = m_staff.try_emplace(one.name, Staff{one, now, now});
        Staff& staff = at->second;
        if (one.presence == Presence::Free && staff.who.presence != Presence::Free) {
            staff.idleSince = now;
            if (std::exchange(staff.served, false))
                staff.restsUntil = std::max(staff.restsUntil, now + m_rules.rest);
        }
        staff.who = one;
    }
    std::erase_if(m_staff, [&](const auto& entry) {
        return !names.contains(entry.first) && !(m_offer && m_offer->to == entry.first);
    });
}

const WaitingQueue::Staff* WaitingQueue::longestIdle(bool primary) const
{
    const TimePoint now = m_clock.steadyNow();
    const Staff* best = nullptr;
    for (const auto& [name, staff] : m_staff) {
        const bool can = staff.who.presence == Presence::Free && staff.restsUntil <= now;
        if (can && staff.who.primary == primary && (best == nullptr || staff.idleSince < best->idleSince))
            best = &staff;
    }
    return best;
}

std::optional<WaitingQueue::Offer> WaitingQueue::nextOffer()
{
    if (m_offer)
        return std::nullopt;
    const auto first = std::ranges::find(m_callers, false, &Caller::aside);
    if (first == m_callers.end())
        return std::nullopt;
    const Staff* staff = longestIdle(true);
    if (staff == nullptr)
        staff = longestIdle(false);
    if (staff == nullptr)
        return std::nullopt;
    m_offer = Offer{first->id, staff->who.name, m_clock.steadyNow(), false};
    return m_offer;
}

bool WaitingQueue::hasRungOut() const
{
    return m_offer && !m_offer->answered && m_clock.steadyNow() - m_offer->since >= m_rules.ring;
}

void WaitingQueue::answered()
{
    if (m_offer)
        m_offer->answered = true;
}

void WaitingQueue::connected()
{
    if (!m_offer)
        return;
    const Offer done = *std::exchange(m_offer, std::nullopt);
    leave(done.caller);
    if (const auto staff = m_staff.find(done.to); staff != m_staff.end()) {
        staff->second.served = true;
        staff->second.who.presence = Presence::Busy; // whatever was observed while they were being connected
    }
}

void WaitingQueue::refused()
{
    if (!m_offer)
        return;
    const auto staff = m_staff.find(std::exchange(m_offer, std::nullopt)->to);
    if (staff == m_staff.end())
        return;
    const TimePoint now = m_clock.steadyNow();
    ++staff->second.missed;
    staff->second.idleSince = now; // the others come first
    staff->second.restsUntil = now + m_rules.pause;
}

void WaitingQueue::withdrawn()
{
    m_offer.reset();
}

std::vector<WaitingQueue::OperatorState> WaitingQueue::operators() const
{
    const TimePoint now = m_clock.steadyNow();
    std::vector<OperatorState> all;
    for (const auto& [name, staff] : m_staff) {
        const auto rests = std::chrono::ceil<std::chrono::seconds>(staff.restsUntil - now);
        all.push_back({staff.who, m_offer && m_offer->to == name, std::max(rests, std::chrono::seconds(0)),
                       staff.missed});
    }
    return all;
}

} // namespace sr::pbx
