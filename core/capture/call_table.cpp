// SPDX-License-Identifier: GPL-3.0-or-later
// Bookkeeping of open and lately ended calls.
#include "core/capture/call_table.h"

namespace sr::capture {

TrackedCall* CallTable::find(std::string_view callId) const
{
    const auto found = m_calls.find(callId);
    return found == m_calls.end() ? nullptr : found->second.call.get();
}

TrackedCall& CallTable::add(std::string_view callId)
{
    Entry& entry = m_calls[std::string(callId)];
    entry.call = std::make_unique<TrackedCall>();
    entry.call->serial = ++m_serial;
    entry.call->out.callId = std::string(callId);
    entry.scheduled = {};
    m_due.emplace(entry.scheduled, entry.call.get());
    return *entry.call;
}

void CallTable::schedule(TrackedCall& call)
{
    Entry& entry = m_calls.find(call.out.callId)->second;
    if (entry.scheduled == call.due)
        return;
    m_due.erase({entry.scheduled, &call});
    entry.scheduled = call.due;
    m_due.emplace(entry.scheduled, &call);
}

TrackedCall* CallTable::nextDue(UtcTime now) const
{
    return m_due.empty() || m_due.begin()->first > now ? nullptr : m_due.begin()->second;
}

void CallTable::remove(TrackedCall& call, UtcTime now)
{
    const auto found = m_calls.find(call.out.callId);
    m_due.erase({found->second.scheduled, &call});
    const std::string_view tag = call.callerTags.empty() ? std::string_view{} : call.callerTags.front();
    m_ended.insert_or_assign(found->first, Ended{now, call.inviteCseq, Text{}(tag)});
    m_endedOrder.emplace_back(now, found->first);
    m_calls.erase(found);
    forgetEnded(now);
}

std::optional<bool> CallTable::newsAfterEnd(std::string_view callId, std::uint32_t cseq,
                                            std::string_view fromTag) const
{
    const auto found = m_ended.find(callId);
    if (found == m_ended.end())
        return std::nullopt;
    return cseq > found->second.cseq || Text{}(fromTag) != found->second.fromTag;
}

void CallTable::forgetEnded(UtcTime now)
{
    while (!m_endedOrder.empty() &&
           (m_endedOrder.size() > kMaxRemembered || now - m_endedOrder.front().first > kRemembered)) {
        const auto found = m_ended.find(m_endedOrder.front().second);
        if (found != m_ended.end() && found->second.at == m_endedOrder.front().first)
            m_ended.erase(found);
        m_endedOrder.pop_front();
    }
}

} // namespace sr::capture
