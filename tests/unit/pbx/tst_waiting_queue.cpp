// SPDX-License-Identifier: GPL-3.0-or-later
// Who is rung for whom: the rules one by one, and strict order whatever happens.
#include "core/base/clock.h" // before what moc cannot read first
#include "core/pbx/waiting_queue.h"
#include "tests/support/fake_clock.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace sr;
using namespace sr::pbx;
using Presence = QueueOperator::Presence;
using CallerId = WaitingQueue::CallerId;

namespace {

struct Scene {
    test::FakeClock clock;
    WaitingQueue queue{clock};
    std::vector<QueueOperator> staff;

    /// Whom the queue rings now; empty: nobody.
    std::string next()
    {
        queue.observe(staff);
        const auto offer = queue.nextOffer();
        return offer ? offer->to : std::string();
    }
    QueueOperator& who(const std::string& name)
    {
        return *std::ranges::find(staff, name, &QueueOperator::name);
    }
    void become(const std::string& name, Presence presence)
    {
        who(name).presence = presence;
        queue.observe(staff);
    }
    void pass(int s) { clock.advance(std::chrono::seconds(s)); }
};

} // namespace

class TestWaitingQueue : public QObject {
    Q_OBJECT

private slots:
    void longestIdleRingsFirst();
    void secondaryHelpsWhileNoPrimaryIsFree();
    void nextCallerWaitsForTheConnection();
    void whoDoesNotAnswerPauses();
    void whoServedRests();
    void refusesWhenFull();
    void namesWhoWaitsTooLong();
    void whoIsAsideKeepsHisPlace();
    void callerWhoGoesEndsTheOffer();
    void forgetsWhoIsNoOperator();
    void neverServesOutOfOrder();
};

void TestWaitingQueue::longestIdleRingsFirst()
{
    Scene s;
    s.staff = {{"anna", true, Presence::Busy}, {"bert", true, Presence::Free}};
    QCOMPARE(s.next(), std::string());
    s.pass(10);
    s.become("anna", Presence::Free);
    s.queue.arrive();
    QCOMPARE(s.next(), std::string("bert"));
    s.queue.answered();
    s.queue.connected();
    s.become("bert", Presence::Busy);
    s.pass(5);
    s.become("bert", Presence::Free);
    s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
}

void TestWaitingQueue::secondaryHelpsWhileNoPrimaryIsFree()
{
    Scene s;
    s.staff = {{"anna", true, Presence::Free}, {"zoe", false, Presence::Free}};
    s.queue.arrive();
    s.pass(5);
    QCOMPARE(s.next(), std::string("anna"));
    s.queue.refused();
    QCOMPARE(s.next(), std::string("zoe")); // anna pauses
    s.queue.withdrawn();
    s.pass(30);
    QCOMPARE(s.next(), std::string("anna"));
    s.queue.withdrawn();
    s.become("anna", Presence::Away);
    QCOMPARE(s.next(), std::string("zoe"));
}

void TestWaitingQueue::nextCallerWaitsForTheConnection()
{
    Scene s;
    s.staff = {{"anna", true, Presence::Free}, {"bert", true, Presence::Free}};
    const CallerId first = *s.queue.arrive();
    const CallerId second = *s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
    QCOMPARE(s.next(), std::string());
    QCOMPARE(s.queue.offer()->caller, first);
    s.queue.answered();
    QCOMPARE(s.next(), std::string());
    s.queue.connected();
    QCOMPARE(s.queue.waiting(), std::size_t{1});
    s.become("anna", Presence::Busy);
    QCOMPARE(s.next(), std::string("bert"));
    QCOMPARE(s.queue.offer()->caller, second);
}

void TestWaitingQueue::whoDoesNotAnswerPauses()
{
    Scene s;
    s.queue.setRules({.ring = std::chrono::seconds(10), .pause = std::chrono::seconds(60)});
    s.staff = {{"anna", true, Presence::Free}};
    const CallerId caller = *s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
    s.pass(9);
    QVERIFY(!s.queue.hasRungOut());
    s.pass(1);
    QVERIFY(s.queue.hasRungOut());
    s.queue.refused();
    QCOMPARE(s.next(), std::string());
    QCOMPARE(s.queue.operators().front().missed, 1U);
    QCOMPARE(s.queue.operators().front().rests, std::chrono::seconds(60));
    s.pass(59);
    QCOMPARE(s.next(), std::string());
    s.pass(1);
    QCOMPARE(s.next(), std::string("anna"));
    QCOMPARE(s.queue.offer()->caller, caller);
    s.queue.answered();
    s.pass(100);
    QVERIFY(!s.queue.hasRungOut()); // they talk
}

void TestWaitingQueue::whoServedRests()
{
    Scene s;
    s.queue.setRules({.rest = std::chrono::seconds(20)});
    s.staff = {{"anna", true, Presence::Free}};
    s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
    s.queue.answered();
    s.queue.connected();
    s.become("anna", Presence::Busy);
    s.pass(100);
    s.become("anna", Presence::Free);
    s.queue.arrive();
    QCOMPARE(s.next(), std::string());
    s.pass(20);
    QCOMPARE(s.next(), std::string("anna"));
    s.queue.withdrawn();
    s.become("anna", Presence::Busy); // a call of her own
    s.become("anna", Presence::Free);
    QCOMPARE(s.next(), std::string("anna"));
}

void TestWaitingQueue::refusesWhenFull()
{
    Scene s;
    s.queue.setRules({.most = 2});
    const CallerId first = *s.queue.arrive();
    QVERIFY(s.queue.arrive().has_value());
    QVERIFY(!s.queue.arrive().has_value());
    s.queue.leave(first);
    QVERIFY(s.queue.arrive().has_value());
}

void TestWaitingQueue::namesWhoWaitsTooLong()
{
    Scene s;
    s.queue.setRules({.longest = std::chrono::seconds(60)});
    const CallerId first = *s.queue.arrive();
    s.pass(30);
    const CallerId second = *s.queue.arrive();
    s.pass(29);
    QVERIFY(s.queue.takeOverdue().empty());
    s.pass(1);
    QCOMPARE(s.queue.takeOverdue(), std::vector<CallerId>{first});
    QVERIFY(s.queue.takeOverdue().empty()); // not again at once
    s.staff = {{"anna", true, Presence::Free}};
    QCOMPARE(s.next(), std::string("anna"));
    s.pass(60);
    QCOMPARE(s.queue.takeOverdue(), std::vector<CallerId>{second}); // the first rings
}

void TestWaitingQueue::whoIsAsideKeepsHisPlace()
{
    Scene s;
    s.staff = {{"anna", true, Presence::Free}};
    const CallerId first = *s.queue.arrive();
    const CallerId second = *s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
    s.queue.setAside(first, true);
    QVERIFY(!s.queue.offer().has_value());
    QCOMPARE(s.next(), std::string("anna"));
    QCOMPARE(s.queue.offer()->caller, second);
    s.queue.withdrawn();
    s.queue.setAside(first, false);
    QCOMPARE(s.queue.position(first), std::optional<std::size_t>(1));
    QCOMPARE(s.next(), std::string("anna"));
    QCOMPARE(s.queue.offer()->caller, first);
}

void TestWaitingQueue::callerWhoGoesEndsTheOffer()
{
    Scene s;
    s.staff = {{"anna", true, Presence::Free}};
    const CallerId caller = *s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
    s.queue.leave(caller);
    QVERIFY(!s.queue.offer().has_value());
    QCOMPARE(s.next(), std::string());
    QCOMPARE(s.queue.operators().front().missed, 0U);
    QVERIFY(!s.queue.position(caller).has_value());
}

void TestWaitingQueue::forgetsWhoIsNoOperator()
{
    Scene s;
    s.staff = {{"anna", true, Presence::Free}};
    s.queue.arrive();
    QCOMPARE(s.next(), std::string("anna"));
    s.staff.clear();
    QCOMPARE(s.next(), std::string());
    QCOMPARE(s.queue.operators().size(), std::size_t{1}); // she rings
    s.queue.refused();
    QCOMPARE(s.next(), std::string());
    QVERIFY(s.queue.operators().empty());
}

/// 200 runs of 400 random events each: whoever is offered is the first who wants to talk, his operator is
/// free and does not rest, a secondary one only when no primary one could.
void TestWaitingQueue::neverServesOutOfOrder()
{
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
        Scene s;
        s.queue.setRules({.most = 12,
                          .ring = std::chrono::seconds(5),
                          .rest = std::chrono::seconds(below(3)),
                          .pause = std::chrono::seconds(1 + below(9)),
                          .longest = std::chrono::seconds(below(2) * 40)});
        s.staff = {{"a", true}, {"b", true}, {"c", false}, {"d", false}};
        std::vector<std::pair<CallerId, bool>> waiting; // and whether he is aside
        CallerId lastOffered = 0;
        CallerId lastServed = 0;
        const auto erase = [&](CallerId id) {
            std::erase_if(waiting, [&](const auto& one) { return one.first == id; });
        };
        for (int step = 0; step < 400; ++step) {
            const std::size_t one = waiting.empty() ? 0 : below(waiting.size());
            switch (below(9)) {
            case 0:
                if (const auto id = s.queue.arrive())
                    waiting.emplace_back(*id, false);
                else
                    QCOMPARE(waiting.size(), std::size_t{12});
                break;
            case 1:
                if (!waiting.empty()) {
                    s.queue.leave(waiting[one].first);
                    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(one));
                }
                break;
            case 2:
                if (!waiting.empty()) {
                    waiting[one].second = !waiting[one].second;
                    s.queue.setAside(waiting[one].first, waiting[one].second);
                }
                break;
            case 3:
                s.staff[below(4)].presence = static_cast<Presence>(below(3));
                break;
            case 4:
                s.pass(static_cast<int>(1 + below(4)));
                break;
            case 5:
                if (s.queue.offer())
                    s.queue.answered();
                break;
            case 6:
                if (s.queue.offer() && s.queue.offer()->answered) {
                    const CallerId served = s.queue.offer()->caller;
                    QCOMPARE(served, lastOffered);
                    lastServed = served;
                    erase(served);
                    s.queue.connected();
                }
                break;
            case 7:
                if (s.queue.hasRungOut())
                    s.queue.refused();
                break;
            default:
                for (const CallerId id : s.queue.takeOverdue()) {
                    s.queue.leave(id);
                    erase(id);
                }
            }
            QCOMPARE(s.queue.waiting(), waiting.size());
            s.queue.observe(s.staff);
            std::map<std::string, bool> can;
            for (const auto& state : s.queue.operators())
                can[state.who.name] =
                    state.who.presence == Presence::Free && state.rests == std::chrono::seconds(0);
            const bool had = s.queue.offer().has_value();
            const auto offer = s.queue.nextOffer();
            QVERIFY(!had || !offer);
            const auto first = std::ranges::find(waiting, false, &std::pair<CallerId, bool>::second);
            const bool possible = first != waiting.end() && (can["a"] || can["b"] || can["c"] || can["d"]);
            if (!had)
                QCOMPARE(offer.has_value(), possible); // nobody waits in vain either
            if (!offer)
                continue;
            QCOMPARE(offer->caller, first->first);
            lastOffered = offer->caller;
            QVERIFY(can[offer->to]);
            QVERIFY(offer->to == "a" || offer->to == "b" || (!can["a"] && !can["b"]));
        }
        QVERIFY(lastServed != 0);
    }
}

QTEST_GUILESS_MAIN(TestWaitingQueue)
#include "tst_waiting_queue.moc"
