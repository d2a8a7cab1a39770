// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 3261 10.3, steps 6 to 8.
#include "core/pbx/registrar.h"

#include <algorithm>

namespace sr::pbx {
namespace {

using sip::Contact;
using sip::RegisterAnswer;
using sip::RegisterRequest;

/// A device that names itself is the same wherever it calls from (RFC 5626); else its URI tells.
bool isSameDevice(const Contact& a, const Contact& b)
{
    return a.instance.empty() || b.instance.empty() ? a.uri == b.uri : a.instance == b.instance;
}

RegisterAnswer answerOf(int status, const char* reason)
{
    RegisterAnswer answer;
    answer.status = status;
    answer.reason = reason;
    return answer;
}

/// A request that was overtaken by a later one of the same device must not undo it.
bool isOvertaken(const Binding& bound, const RegisterRequest& request)
{
    return bound.callId == request.callId && request.cseq <= bound.cseq;
}

RegisterAnswer withBindings(const std::vector<Binding>& devices, TimePoint now)
{
    RegisterAnswer answer = answerOf(200, "OK");
    for (const Binding& device : devices) {
        Contact contact = device.contact;
        const auto left = std::chrono::ceil<std::chrono::seconds>(device.ends - now).count();
        contact.expires = static_cast<std::uint32_t>(left);
        answer.contacts.push_back(std::move(contact));
    }
    return answer;
}

} // namespace

std::uint32_t Registrar::secondsFor(const RegisterRequest& request, const Contact& contact) const
{
    const auto asked = contact.expires ? contact.expires : request.expires;
    return asked ? std::min(*asked, m_limits.longest) : m_limits.usual;
}

RegisterAnswer Registrar::take(const std::string& user, const RegisterRequest& request, TimePoint now)
{
    Devices devices = bindings(user, now);
    const auto overtakes = [&, before = devices](const auto& isMeant) {
        return std::ranges::any_of(before,
                                   [&](const Binding& d) { return isMeant(d) && isOvertaken(d, request); });
    };
    if (request.allContacts) {
        if (!request.contacts.empty() || request.expires.value_or(1) != 0)
            return answerOf(400, "Contact * needs Expires 0 and no other Contact");
        if (overtakes([](const Binding&) { return true; }))
            return answerOf(500, "Overtaken");
        m_users.erase(user);
        return answerOf(200, "OK");
    }
    for (const Contact& contact : request.contacts) {
        if (contact.uri.empty())
            return answerOf(400, "Contact Is No URI");
        const std::uint32_t seconds = secondsFor(request, contact);
        if (seconds != 0 && seconds < m_limits.shortest) {
            RegisterAnswer answer = answerOf(423, "Interval Too Brief");
            answer.minExpires = m_limits.shortest;
            return answer;
        }
        const auto isIt = [&](const Binding& d) { return isSameDevice(d.contact, contact); };
        if (overtakes(isIt))
            return answerOf(500, "Overtaken");
        std::erase_if(devices, isIt);
        if (seconds != 0)
            devices.push_back({contact, request.source, request.userAgent, request.callId, request.cseq,
                               now + std::chrono::seconds(seconds), request.domain});
    }
    if (devices.size() > m_limits.devicesPerUser)
        return answerOf(403, "Too Many Devices");
    const RegisterAnswer answer = withBindings(devices, now);
    if (devices.empty())
        m_users.erase(user);
    else
        m_users[user] = std::move(devices);
    return answer;
}

bool Registrar::restore(const std::string& user, Binding binding, TimePoint now)
{
    Devices devices = bindings(user, now);
    const auto isIt = [&](const Binding& d) { return isSameDevice(d.contact, binding.contact); };
    if (binding.ends <= now || devices.size() >= m_limits.devicesPerUser ||
        std::ranges::any_of(devices, isIt))
        return false;
    binding.ends = std::min(binding.ends, now + std::chrono::seconds(m_limits.longest));
    devices.push_back(std::move(binding));
    m_users[user] = std::move(devices);
    return true;
}

std::vector<Binding> Registrar::bindings(const std::string& user, TimePoint now) const
{
    const auto found = m_users.find(user);
    if (found == m_users.end())
        return {};
    Devices devices = found->second;
    std::erase_if(devices, [&](const Binding& d) { return d.ends <= now; });
    return devices;
}

void Registrar::visit(TimePoint now,
                      const std::function<void(const std::string&, const Binding&)>& each) const
{
    for (const auto& [user, devices] : m_users)
        for (const Binding& device : devices)
            if (device.ends > now)
                each(user, device);
}

void Registrar::forget(const std::string& user)
{
    m_users.erase(user);
}

void Registrar::sweep(TimePoint now)
{
    for (auto user = m_users.begin(); user != m_users.end();) {
        std::erase_if(user->second, [&](const Binding& d) { return d.ends <= now; });
        user = user->second.empty() ? m_users.erase(user) : std::next(user);
    }
}

std::size_t Registrar::count(TimePoint now) const
{
    std::size_t sum = 0;
    for (const auto& [user, devices] : m_users)
        sum += static_cast<std::size_t>(
            std::ranges::count_if(devices, [&](const Binding& d) { return d.ends > now; }));
    return sum;
}

} // namespace sr::pbx
