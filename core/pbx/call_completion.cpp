// SPDX-License-Identifier: GPL-3.0-or-later
// Queues of requests, one for each callee.
#include "core/pbx/call_completion.h"

#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {

void CallCompletion::failed(const FailedCall& call, bool isBusy)
{
    m_failed[call.caller] = {call, isBusy, m_clock.steadyNow()};
}

std::size_t CallCompletion::countOf(const std::string& caller) const
{
    std::size_t count = 0;
    for (const auto& [name, callee] : m_callees)
        count += static_cast<std::size_t>(std::ranges::count(callee.requests, caller, &Request::caller));
    return count;
}

Status CallCompletion::request(const std::string& caller)
{
    dropOld();
    const auto failed = m_failed.find(caller);
    if (failed == m_failed.end())
        return fail(PbxErrc::NotFound, "a call of " + caller + " that has failed");
    const Failed& meant = failed->second;
    const TimePoint now = m_clock.steadyNow();
    const auto known = m_callees.find(meant.call.callee);
    if (known != m_callees.end()) {
        const auto& requests = known->second.requests;
        if (std::ranges::find(requests, caller, &Request::caller) != requests.end())
            return {};
        if (requests.size() >= m_rules.perCallee)
            return fail(PbxErrc::TooMany, meant.call.callee);
    }
    if (countOf(caller) >= m_rules.perCaller)
        return fail(PbxErrc::TooMany, caller);
    Callee& callee = m_callees[meant.call.callee];
    if (callee.requests.empty())
        callee.freeSince = now;
    const bool busy = meant.call.why == FailedCall::Why::Refused && meant.isBusy;
    callee.requests.push_back({++m_last, caller, meant.call.callee, meant.call.dialled, !busy,
                               now + (busy ? m_rules.busy : m_rules.noAnswer)});
    return {};
}

void CallCompletion::eraseIf(const std::function<bool(const Request&)>& gone)
{
    for (auto& [name, callee] : m_callees)
        std::erase_if(callee.requests, gone);
    std::erase_if(m_callees, [](const auto& entry) { return entry.second.requests.empty(); });
}

std::size_t CallCompletion::cancel(const std::string& caller)
{
    const std::size_t count = countOf(caller);
    m_failed.erase(caller);
    eraseIf([&](const Request& one) { return one.caller == caller; });
    return count;
}

void CallCompletion::forget(const std::string& user)
{
    std::erase_if(m_failed,
                  [&](const auto& entry) { return entry.first == user || entry.second.call.callee == user; });
    eraseIf([&](const Request& one) { return one.caller == user || one.callee == user; });
}

void CallCompletion::talked(const std::string& caller, const std::string& callee)
{
    if (const auto failed = m_failed.find(caller);
        failed != m_failed.end() && failed->second.call.callee == callee)
        m_failed.erase(failed);
    eraseIf([&](const Request& one) { return one.caller == caller && one.callee == callee; });
}

std::vector<std::string> CallCompletion::watched() const
{
    std::vector<std::string> names;
    for (const auto& [name, callee] : m_callees)
        names.push_back(name);
    return names;
}

void CallCompletion::showed(const std::string& callee)
{
    const auto at = m_callees.find(callee);
    if (at == m_callees.end())
        return;
    for (Request& one : at->second.requests)
        one.awaitsSign = false;
}

void CallCompletion::freed(const std::string& callee)
{
    if (const auto at = m_callees.find(callee); at != m_callees.end())
        at->second.freeSince = m_clock.steadyNow();
}

bool CallCompletion::isWanted(const std::string& user) const
{
    return std::ranges::any_of(m_callees, [&](const auto& entry) {
        return std::ranges::any_of(entry.second.requests, [&](const Request& one) {
            return one.underWay && (one.caller == user || one.callee == user);
        });
    });
}

std::vector<CallCompletion::Request> CallCompletion::takeDue(const IsFree& isFree)
{
    dropOld();
    std::vector<Request> due;
    for (auto& [name, callee] : m_callees) {
        const bool settled = m_clock.steadyNow() - callee.freeSince >= m_rules.guard;
        if (!settled || isWanted(name) || !isFree(name))
            continue;
        for (Request& one : callee.requests) {
            if (one.awaitsSign || isWanted(one.caller) || !isFree(one.caller))
                continue;
            one.underWay = true;
            due.push_back(one);
            break;
        }
    }
    return due;
}

void CallCompletion::done(Id id)
{
    eraseIf([&](const Request& one) { return one.id == id; });
}

void CallCompletion::again(Id id)
{
    for (auto& [name, callee] : m_callees)
        for (Request& one : callee.requests)
            if (one.id == id) {
                one.underWay = false;
                callee.freeSince = m_clock.steadyNow();
            }
}

std::vector<CallCompletion::Request> CallCompletion::all() const
{
    std::vector<Request> requests;
    for (const auto& [name, callee] : m_callees)
        requests.insert(requests.end(), callee.requests.begin(), callee.requests.end());
    return requests;
}

void CallCompletion::dropOld()
{
    const TimePoint now = m_clock.steadyNow();
    std::erase_if(m_failed, [&](const auto& entry) { return now - entry.second.at > m_rules.retention; });
    eraseIf([&](const Request& one) { return now >= one.ends && !one.underWay; });
}

} // namespace sr::pbx
