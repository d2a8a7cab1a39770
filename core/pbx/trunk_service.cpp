// SPDX-License-Identifier: GPL-3.0-or-later
// Objects become trunks with each snapshot of the directory; TrunkLines finds what has changed.
#include "core/pbx/trunk_service.h"

#include "core/pbx/trunk_settings.h"

namespace sr::pbx {
namespace {

std::string whyOf(int failure, const std::string& trouble)
{
    if (failure == 0)
        return {};
    return " (" + std::to_string(failure) + (trouble.empty() ? ")" : "): " + trouble);
}

constexpr const char* kAnonymous = "anonymous"; // RFC 3323 4.1.1.3

/// Who calls, as the other side vouches for it: From is for people (RFC 3325 5).
sip::InviteRequest believed(sip::InviteRequest request)
{
    request.isPrivate = request.isPrivate || request.from.user == kAnonymous;
    if (!request.identity)
        return request;
    if (request.identity->display.empty())
        request.identity->display = std::move(request.from.display);
    request.from = std::move(*request.identity);
    request.identity.reset();
    return request;
}

/// A call of a gateway, with what it calls a number in our spelling.
sip::InviteRequest inward(const Trunk& gateway, sip::InviteRequest request)
{
    request = believed(std::move(request));
    request.target = dialledByGateway(gateway, request.target);
    if (const std::string number = callingIn(gateway, request.from.user); !number.empty())
        request.from.user = number;
    return request;
}

} // namespace

sip::InviteRequest gatewayCall(const Object& gateway, const sip::InviteRequest& request)
{
    const auto values = trunkOf(gateway);
    return values ? inward(*values, request) : request;
}

std::string wordsOf(const sip::RegistrationStatus& status)
{
    const std::string why = whyOf(status.failure, status.trouble);
    switch (status.state) {
    case sip::RegistrationState::Trying:
        return "not registered yet" + why;
    case sip::RegistrationState::Registered:
        return why.empty() ? "registered" : "registered, the last refresh failed" + why;
    case sip::RegistrationState::Failed:
        if (status.failure == 0)
            return "no longer registered";
        return (status.failure == 408 || status.failure == 503 ? "without an answer" : "refused") + why;
    case sip::RegistrationState::Leaving:
    case sip::RegistrationState::Gone:
        break;
    }
    return "leaving";
}

std::string wordsOf(const sip::KeepAliveStatus& status)
{
    switch (status.state) {
    case sip::KeepAliveState::Unknown:
        return status.isAsked ? "not asked yet" : "not asked";
    case sip::KeepAliveState::There:
        return "answers";
    case sip::KeepAliveState::Gone:
        break;
    }
    const bool isSilent = status.failure == 408;
    return std::string(isSilent ? "does not answer" : "is out of order") +
           whyOf(status.failure, status.trouble);
}

std::string wordsOf(const TrunkRow& row)
{
    return row.keepAlive ? wordsOf(*row.keepAlive) : wordsOf(row.status);
}

TrunkService::TrunkService(const TrunkParts& parts, const Clock& clock)
    : m_say(parts.say)
    , m_lines(*parts.sender, clock, parts.key, *this, parts.asker)
{}

void TrunkService::setDirectory(const Directory& directory)
{
    std::vector<Trunk> trunks;
    std::map<std::string, std::string> broken;
    for (const Object& object : directory.objects()) {
        if (!isLine(object))
            continue;
        auto trunk = trunkOf(object);
        if (trunk) {
            trunks.push_back(std::move(*trunk));
            continue;
        }
        const std::string words = trunk.error().text();
        if (const auto said = m_broken.find(object.name); said == m_broken.end() || said->second != words)
            say("Alarm: no call goes or comes by a line that is set up wrongly. " + words);
        broken[object.name] = words;
    }
    m_broken = std::move(broken);
    if (!m_leaving)
        m_lines.update(trunks);
}

std::optional<TrunkService::Call> TrunkService::callOf(const sip::InviteRequest& request) const
{
    const auto found = m_lines.callOf(request);
    if (!found)
        return std::nullopt;
    const Trunk& trunk = *found->trunk;
    if (trunk.isGateway)
        return Call{trunk.name, inward(trunk, request)};
    Call call{trunk.name, believed(request)};
    call.request.target = dialledIn(trunk, trunk.accounts.at(found->account), found->called);
    if (call.request.target.empty())
        call.request.target = trunk.incomplete;
    call.request.from.user = callingIn(trunk, call.request.from.user);
    return call;
}

bool TrunkService::leave()
{
    if (!std::exchange(m_leaving, true))
        m_lines.leave();
    m_lines.tick();
    return m_lines.isGone();
}

void TrunkService::onTrunk(const TrunkRow& row)
{
    const bool good = row.isGood();
    std::string peer;
    if (good)
        peer = " at " + (row.keepAlive ? row.keepAlive->peer->address : row.status.peer.address).toString();
    const char* const title = good ? (row.isGateway ? "Gateway " : "Trunk ")
                                   : (row.isGateway ? "Alarm: gateway " : "Alarm: trunk ");
    say(title + row.trunk + ", " + row.aor + ": " + wordsOf(row) + peer + ".");
}

void TrunkService::say(const std::string& words) const
{
    if (m_say)
        m_say(words);
}

} // namespace sr::pbx
