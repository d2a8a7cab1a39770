// SPDX-License-Identifier: GPL-3.0-or-later
// Which way a number leaves the exchange: the routes of its gateways and trunks, and what each makes of
// called and calling number (B4). Pure functions on values; any thread.
#pragma once

#include "core/pbx/number_map.h"

#include <optional>

namespace sr::pbx {

inline constexpr std::size_t kMaxRoutes = 4096; ///< chosen

/// Who may go a way.
struct RouteFilter {
    enum class Kind : std::uint8_t {
        Everybody,
        Only,  ///< those named alone
        Except ///< all but those named
    };
    Kind kind = Kind::Everybody;
    std::vector<std::string> users;  ///< registration names
    std::vector<std::string> groups; ///< whoever is a member of one
    bool operator==(const RouteFilter&) const = default;
};

struct Route {
    std::string name;         ///< for people and records
    std::string prefix;       ///< of the dialled number; empty: every number
    std::size_t strip = 0;    ///< digits taken off the front, whatever they are
    std::string add;          ///< then set before it
    std::string gateway;      ///< name of the trunk or gateway
    NumberChange called = {}; ///< of what strip and add have left
    NumberChange calling = {};
    RouteFilter filter = {};
    /// Enblock Count: digits behind the prefix that must be there; fewer are not sent.
    std::size_t enblock = 0;
    bool relaysMedia = true;
    bool operator==(const Route&) const = default;
};

/// The order is that in which routes of the same prefix are tried.
struct RoutingTable {
    DialPlan plan;
    std::vector<Route> routes;
    bool operator==(const RoutingTable&) const = default;
};

struct RouteCaller {
    std::string name;                ///< registration name; of calls from outside: the trunk's
    std::vector<std::string> groups; ///< in any order
    std::string number;              ///< as the called person would see it; empty: unknown
};

/// One way for one call, with the numbers as they are sent.
struct RouteStep {
    std::string route;
    std::string gateway;
    std::string called;
    std::string calling;
    bool relaysMedia = true;
    bool operator==(const RouteStep&) const = default;
};

struct RouteAnswer {
    enum class Verdict : std::uint8_t {
        Found,
        NoRoute,   ///< no prefix fits: 404
        Forbidden, ///< none that fits is for this caller: 403
        Incomplete ///< digits are missing: 484 (RFC 3578), or wait for more
    };
    Verdict verdict = Verdict::NoRoute;
    std::vector<RouteStep> steps; ///< of Found: the next is for when one fails by isLocalFailure()
};

/// The routes with the longest prefix that fits count, in their order, and no shorter one: whoever may not
/// dial `00` shall not get there as `0`.
RouteAnswer route(const RoutingTable& table, std::string_view dialled, const RouteCaller& from);

/// Whether a final status says that this way is out of order, not that the called person is: the next way is
/// tried.
bool isLocalFailure(int status);

/// PbxErrc::BadRoute, BadNumber, BadName, BadGroup; the context names the route.
Status checkRoute(const Route& route);
Status checkRouting(const RoutingTable& table);

} // namespace sr::pbx
