// SPDX-License-Identifier: GPL-3.0-or-later
// Whose connections are closed: those of strangers that stay too long, and those that are too many.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/sip/stranger_watch.h"

#include <QTest>

using namespace sr;
using namespace sr::sip;
using std::chrono::seconds;

namespace {

Endpoint at(const char* address, std::uint16_t port)
{
    return {*IpAddress::parse(address), port};
}

bool everybody(const Endpoint&)
{
    return true;
}

bool nobody(const Endpoint&)
{
    return false;
}

} // namespace

class StrangerWatchTest : public QObject {
    Q_OBJECT

private slots:
    void whoProvesNothingGoes()
    {
        StrangerWatch watch({.longest = seconds(60)});
        const std::vector<Connection> all{{7, at("10.0.0.1", 1)}, {8, at("10.0.0.1", 2)}};
        const auto isFirst = [](const Endpoint& there) { return there.port == 1; };
        const std::chrono::steady_clock::time_point start{};
        QVERIFY(watch.overdue(all, isFirst, start).empty());
        QVERIFY(watch.overdue(all, isFirst, start + seconds(60)).empty());
        QCOMPARE(watch.overdue(all, isFirst, start + seconds(61)), std::vector<int>{7});
        QVERIFY(watch.overdue(all, nobody, start + seconds(1000)).empty());
    }
    /// What comes from the same port later is another connection.
    void aNewConnectionHasItsOwnTime()
    {
        StrangerWatch watch({.longest = seconds(60)});
        const std::vector<Connection> one{{7, at("10.0.0.1", 1)}};
        const std::chrono::steady_clock::time_point start{};
        QVERIFY(watch.overdue(one, everybody, start).empty());
        QVERIFY(watch.overdue({}, everybody, start + seconds(50)).empty());
        QVERIFY(watch.overdue(one, everybody, start + seconds(100)).empty());
        QCOMPARE(watch.overdue(one, everybody, start + seconds(161)), std::vector<int>{7});
    }
    void whoIsTooManyGoes()
    {
        StrangerWatch watch({.longest = seconds(60), .perAddress = 2, .most = 3});
        const std::chrono::steady_clock::time_point start{};
        std::vector<Connection> all{{1, at("10.0.0.1", 1)}, {2, at("10.0.0.1", 2)}};
        QVERIFY(watch.overdue(all, everybody, start).empty());
        all.insert(all.begin(), {3, at("10.0.0.1", 3)}); // it came last, wherever it stands
        QCOMPARE(watch.overdue(all, everybody, start + seconds(1)), std::vector<int>{3});
        all.front() = {4, at("10.0.0.2", 1)};
        all.push_back({5, at("10.0.0.3", 1)});
        QCOMPARE(watch.overdue(all, everybody, start + seconds(2)).size(), std::size_t{1});
        const auto isOther = [](const Endpoint& there) { return there.address != at("10.0.0.1", 0).address; };
        QVERIFY(watch.overdue(all, isOther, start + seconds(3)).empty()); // the first two have registered
    }
};

QTEST_GUILESS_MAIN(StrangerWatchTest)
#include "tst_stranger_watch.moc"
