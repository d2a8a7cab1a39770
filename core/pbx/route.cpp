// SPDX-License-Identifier: GPL-3.0-or-later
// Two walks through the table: for the length of the prefix, then for its routes.
#include "core/pbx/route.h"

#include "core/pbx/object.h"
#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {
namespace {

bool isNamed(const RouteFilter& filter, const RouteCaller& who)
{
    const auto isIn = [&](const std::string& group) { return std::ranges::count(filter.groups, group) > 0; };
    return std::ranges::count(filter.users, who.name) > 0 || std::ranges::any_of(who.groups, isIn);
}

bool mayGo(const RouteFilter& filter, const RouteCaller& who)
{
    switch (filter.kind) {
    case RouteFilter::Kind::Everybody:
        return true;
    case RouteFilter::Kind::Only:
        return isNamed(filter, who);
    case RouteFilter::Kind::Except:
        return !isNamed(filter, who);
    }
    return false;
}

RouteStep stepOf(const Route& route, const DialPlan& plan, std::string_view dialled, const RouteCaller& from)
{
    const std::string called = route.add + std::string(dialled.substr(std::min(route.strip, dialled.size())));
    return {route.name, route.gateway, changed(route.called, plan, called),
            from.number.empty() ? std::string() : changed(route.calling, plan, from.number),
            route.relaysMedia};
}

} // namespace

RouteAnswer route(const RoutingTable& table, std::string_view dialled, const RouteCaller& from)
{
    std::optional<std::size_t> longest;
    for (const Route& one : table.routes)
        if (dialled.starts_with(one.prefix))
            longest = std::max(longest.value_or(0), one.prefix.size());
    if (!longest)
        return {};
    RouteAnswer answer{RouteAnswer::Verdict::Forbidden, {}};
    bool isIncomplete = false;
    for (const Route& one : table.routes) {
        if (one.prefix.size() != *longest || !dialled.starts_with(one.prefix) || !mayGo(one.filter, from))
            continue;
        if (dialled.size() - *longest < one.enblock)
            isIncomplete = true;
        else
            answer.steps.push_back(stepOf(one, table.plan, dialled, from));
    }
    if (!answer.steps.empty())
        answer.verdict = RouteAnswer::Verdict::Found;
    else if (isIncomplete)
        answer.verdict = RouteAnswer::Verdict::Incomplete;
    return answer;
}

/// 401, 403 and 407 are about our account, 408 and 430 about the way, 5xx about the other exchange; 501 and
/// 513 about what we sent, which would be the same elsewhere.
bool isLocalFailure(int status)
{
    const bool isServer = status >= 500 && status < 600 && status != 501 && status != 513;
    return isServer || status == 401 || status == 403 || status == 407 || status == 408 || status == 430;
}

Status checkRoute(const Route& route)
{
    const auto at = [&](const Error& error) {
        return Error{error.code, "route " + route.name + ": " + error.context};
    };
    if (auto good = checkName(route.name); !good)
        return good;
    if (auto good = checkName(route.gateway); !good)
        return at(good.error());
    for (const std::string* prefix : {&route.prefix, &route.add})
        if (auto good = checkPrefix(*prefix); !good)
            return at(good.error());
    for (const NumberChange* change : {&route.called, &route.calling})
        if (auto good = checkChange(*change); !good)
            return at(good.error());
    for (const std::string& user : route.filter.users)
        if (auto good = checkName(user); !good)
            return at(good.error());
    if (auto good = checkGroups({route.filter.groups.begin(), route.filter.groups.end()}); !good)
        return at(good.error());
    if (route.strip > kMaxNumberDigits || route.enblock > kMaxNumberDigits)
        return fail(PbxErrc::BadRoute, "route " + route.name + ": a number has at most " +
                                           std::to_string(kMaxNumberDigits) + " digits");
    return {};
}

Status checkRouting(const RoutingTable& table)
{
    if (table.routes.size() > kMaxRoutes)
        return fail(PbxErrc::BadRoute, std::to_string(table.routes.size()) + " routes, at most " +
                                           std::to_string(kMaxRoutes) + " are possible");
    for (const Route& route : table.routes)
        if (auto good = checkRoute(route); !good)
            return good;
    return checkDialPlan(table.plan);
}

} // namespace sr::pbx
