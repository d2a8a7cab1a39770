// SPDX-License-Identifier: GPL-3.0-or-later
// Ways out by trunks and gateways: who may go there, as which number, and by whom else if they cannot.
#include "core/pbx/ice_dialer.h"
#include "core/pbx/line_recording.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/routing.h"
#include "core/pbx/trunk_settings.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr int kForbidden = 403;
constexpr int kUnavailable = 480;
constexpr int kIncomplete = 484;
constexpr int kNoService = 503;

/// As those outside know the caller; empty: by the number of the line.
std::string callingNumber(const Trunk& trunk, const Object& line, const CallParty& caller)
{
    if (trunk.isInside || (line.kind == Kind::Gateway && !caller.line))
        return caller.number;
    if (caller.line)
        return caller.line->behind; // others called us, and are called back by that
    return trunk.ownNumber.empty() || !checkNumber(caller.number) ? std::string()
                                                                  : trunk.ownNumber + caller.number;
}

RouteCaller routeCaller(const Trunk& trunk, const Object& line, const CallParty& caller, const Object* by)
{
    RouteCaller out{caller.name, caller.groups, callingNumber(trunk, line, caller)};
    if (by != nullptr) {
        out.name = by->name;
        out.groups.clear();
        for (const Membership& one : by->groups)
            out.groups.push_back(one.group);
    }
    return out;
}

} // namespace

bool Routing::isFull(const Object& object, std::uint64_t but) const
{
    const unsigned most = numberSetting(object, isLine(object) ? "calls" : "busy-on").value_or(0);
    return most != 0 && m_callCount && m_callCount(object.name, but) >= most;
}

/// The line that was dialled, then whoever stands in for it.
Routing::LineWays Routing::lineWays(const Object& first, const LineCall& call) const
{
    LineWays ways;
    std::vector<const Object*> tried;
    const Object* line = &first;
    while (line != nullptr && isLine(*line) && std::ranges::count(tried, line) == 0) {
        const int status = addLine(*line, call, ways);
        if (tried.empty())
            ways.status = status;
        tried.push_back(line);
        line = m_directory->byName(textSetting(*line, "next"));
    }
    if (!ways.devices.empty())
        ways.status = 0;
    return ways;
}

/// All devices of a gateway ring at once, accounts of a trunk are taken one after the other.
int Routing::addLine(const Object& line, const LineCall& call, LineWays& ways) const
{
    const auto found = m_lines.find(line.name);
    if (found == m_lines.end() || isFull(line))
        return kNoService;
    const Trunk& trunk = *found->second;
    const RouteAnswer answer = wayOut(trunk, call.rest, routeCaller(trunk, line, call.caller, call.by));
    if (answer.verdict != RouteAnswer::Verdict::Found)
        return answer.verdict == RouteAnswer::Verdict::Incomplete ? kIncomplete : kForbidden;
    const CallParty owner = askingBy(line, LineWay::Out, behindLine(partyOf(line, call.node), call.rest));
    const std::size_t before = ways.devices.size() + ways.spare.size();
    for (CalledDevice& exit : exitsOf(line, answer.steps.front(), owner)) {
        const bool rings = ways.devices.empty() ||
                           (line.kind == Kind::Gateway && ways.devices.front().owner.name == line.name);
        (rings ? ways.devices : ways.spare).push_back(std::move(exit));
    }
    const bool added = ways.devices.size() + ways.spare.size() > before;
    return added ? 0 : trunk.accounts.empty() ? kUnavailable : kNoService;
}

std::vector<CalledDevice> Routing::exitsOf(const Object& line, const RouteStep& step,
                                           const CallParty& owner) const
{
    std::vector<CalledDevice> exits;
    const auto add = [&](Binding at, std::shared_ptr<const Trunk> trunk, std::optional<std::size_t> account) {
        auto exit =
            std::make_shared<const LineExit>(LineExit{std::move(trunk), account, step.called, step.calling});
        exits.push_back({std::move(at), owner, std::move(exit), iceUseOf(line)});
    };
    const auto addGateway = [&](Binding at) {
        if (!step.called.empty())
            at.contact.uri = uriWithUser(at.contact.uri, step.called);
        add(std::move(at), m_lines.at(line.name), std::nullopt);
    };
    const bool hasAddress = !textSetting(line, "address").empty();
    if (line.kind == Kind::Gateway && !hasAddress) {
        for (Binding& binding : m_registrar.bindings(line.name, m_clock.steadyNow()))
            addGateway(std::move(binding));
        return exits;
    }
    if (line.kind == Kind::Gateway && m_trunkLines != nullptr) {
        for (const TrunkWay& way : m_trunkLines->ways(line.name)) {
            Binding at;
            at.contact.uri = "sip:" + textSetting(line, "address");
            at.source = way.way;
            addGateway(std::move(at));
        }
        return exits;
    }
    if (m_trunkLines == nullptr || step.called.empty())
        return exits;
    for (TrunkWay& way : m_trunkLines->ways(line.name)) {
        Binding at;
        at.source = way.way;
        add(std::move(at), std::move(way.trunk), way.account);
    }
    return exits;
}

} // namespace sr::pbx
