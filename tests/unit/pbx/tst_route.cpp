// SPDX-License-Identifier: GPL-3.0-or-later
// Ways out of the exchange: which prefix, who may, what becomes of the numbers, and what comes next.
#include "core/base/error.h" // before <algorithm>, whose <compare> moc cannot read first
#include "core/pbx/pbx_error.h"
#include "core/pbx/route.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace std::string_literals;
using Verdict = RouteAnswer::Verdict;

namespace {

Route routeTo(const char* gateway, const char* prefix)
{
    Route route;
    route.name = gateway;
    route.prefix = prefix;
    route.gateway = gateway;
    route.strip = std::string_view(prefix).size();
    return route;
}

const RouteCaller kAnna{"anna", {"sales"}, "21"};
const RouteCaller kBob{"bob", {"ware", "night"}, "22"};

/// The gateways in turn, or why there is none.
std::string waysOf(const RoutingTable& table, const char* dialled, const RouteCaller& from = kAnna)
{
    const RouteAnswer answer = route(table, dialled, from);
    if (answer.verdict == Verdict::NoRoute)
        return "no route";
    if (answer.verdict == Verdict::Forbidden)
        return "forbidden";
    if (answer.verdict == Verdict::Incomplete)
        return "incomplete";
    std::string all;
    for (const RouteStep& step : answer.steps)
        all += (all.empty() ? "" : " ") + step.gateway;
    return all;
}

} // namespace

class TestRoute : public QObject {
    Q_OBJECT
private slots:
    void longestPrefixWins();
    void oneBehindTheOther();
    void whoMayNotDialTheLongPrefixDoesNotGetThereByTheShort();
    void filters();
    void missingDigits();
    void numbersAreChanged();
    void flagsGoWithTheWay();
    void localFailures();
    void checks();
};

void TestRoute::longestPrefixWins()
{
    const RoutingTable table{{}, {routeTo("any", ""), routeTo("out", "0"), routeTo("abroad", "000")}};
    QCOMPARE(waysOf(table, "21"), "any"s);
    QCOMPARE(waysOf(table, ""), "any"s);
    QCOMPARE(waysOf(table, "0123"), "out"s);
    QCOMPARE(waysOf(table, "000123"), "abroad"s);
    QCOMPARE(waysOf({{}, {routeTo("out", "0")}}, "123"), "no route"s);
    QCOMPARE(waysOf({}, "123"), "no route"s);
}

void TestRoute::oneBehindTheOther()
{
    const RoutingTable table{{}, {routeTo("second", "0"), routeTo("x", "1"), routeTo("third", "0")}};
    QCOMPARE(waysOf(table, "0123"), "second third"s);
}

void TestRoute::whoMayNotDialTheLongPrefixDoesNotGetThereByTheShort()
{
    Route abroad = routeTo("abroad", "000");
    abroad.filter = {RouteFilter::Kind::Only, {}, {"sales"}};
    const RoutingTable table{{}, {routeTo("out", "0"), abroad}};
    QCOMPARE(waysOf(table, "000123", kAnna), "abroad"s);
    QCOMPARE(waysOf(table, "000123", kBob), "forbidden"s);
    QCOMPARE(waysOf(table, "0123", kBob), "out"s);
}

void TestRoute::filters()
{
    Route a = routeTo("a", "0");
    a.filter = {RouteFilter::Kind::Only, {"bob"}, {}};
    Route b = routeTo("b", "0");
    b.filter = {RouteFilter::Kind::Except, {}, {"night"}};
    const RoutingTable table{{}, {a, b}};
    QCOMPARE(waysOf(table, "01", kAnna), "b"s);
    QCOMPARE(waysOf(table, "01", kBob), "a"s);
    QCOMPARE(waysOf(table, "01", {"carol", {}, ""}), "b"s);
}

void TestRoute::missingDigits()
{
    Route slow = routeTo("slow", "0");
    slow.enblock = 3;
    QCOMPARE(waysOf({{}, {slow}}, "012"), "incomplete"s);
    QCOMPARE(waysOf({{}, {slow}}, "0123"), "slow"s);
    QCOMPARE(waysOf({{}, {slow, routeTo("fast", "0")}}, "012"), "fast"s);
}

void TestRoute::numbersAreChanged()
{
    Route out = routeTo("out", "0");
    out.called = {{}, NumberForm::CountryCode};
    out.calling = {{{"", "4930555"}}, NumberForm::AsItIs};
    const RoutingTable table{{.country = "49", .area = "30"}, {out}};
    const auto step = [&](const char* dialled, const RouteCaller& from) {
        return route(table, dialled, from).steps.at(0);
    };
    QCOMPARE(step("00891234", kAnna).called, "49891234"s);
    QCOMPARE(step("00891234", kAnna).calling, "493055521"s);
    QCOMPARE(step("0112", kAnna).called, "112"s);
    QCOMPARE(step("0112", {"x", {}, ""}).calling, ""s);
    Route add = routeTo("add", "8");
    add.add = "0190";
    QCOMPARE(route({{}, {add}}, "87", kAnna).steps.at(0).called, "01907"s);
    add.strip = 30;
    QCOMPARE(route({{}, {add}}, "87", kAnna).steps.at(0).called, "0190"s);
}

void TestRoute::flagsGoWithTheWay()
{
    Route out = routeTo("out", "9");
    out.relaysMedia = false;
    const RouteStep step = route({{}, {out}}, "91", kAnna).steps.at(0);
    QVERIFY(!step.relaysMedia);
}

void TestRoute::localFailures()
{
    for (const int status : {401, 403, 407, 408, 430, 500, 502, 503, 504})
        QVERIFY(isLocalFailure(status));
    for (const int status : {200, 302, 404, 480, 484, 486, 487, 488, 501, 513, 600, 603})
        QVERIFY(!isLocalFailure(status));
}

void TestRoute::checks()
{
    QVERIFY(checkRouting({{.country = "49"}, {routeTo("out", "0")}}));
    const auto codeOf = [](Route route) { return checkRouting({{}, {std::move(route)}}).error().code; };
    Route route = routeTo("out", "0");
    route.prefix = "0x";
    QVERIFY(codeOf(route) == PbxErrc::BadNumber);
    route = routeTo("out", "0");
    route.gateway = "";
    QVERIFY(codeOf(route) == PbxErrc::BadName);
    route = routeTo("out", "0");
    route.enblock = 99;
    QVERIFY(codeOf(route) == PbxErrc::BadRoute);
    route = routeTo("out", "0");
    route.filter.groups = {" "};
    QVERIFY(codeOf(route) == PbxErrc::BadGroup);
    QVERIFY(!checkRouting({{}, std::vector<Route>(kMaxRoutes + 1)}));
}

QTEST_GUILESS_MAIN(TestRoute)
#include "tst_route.moc"
