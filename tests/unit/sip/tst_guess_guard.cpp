// SPDX-License-Identifier: GPL-3.0-or-later
// Guessing gets slower, then blocked; who shares the address with the guesser goes on; memory has an end.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/guess_guard.h"
#include "tests/support/fake_clock.h"

#include <QTest>

using namespace sr;
using namespace sr::sip;
using std::chrono::hours;
using std::chrono::minutes;
using Verdict = GuessGuard::Verdict;

namespace {

const IpAddress kOffice = *IpAddress::parse("192.0.2.7");
const IpAddress kOther = *IpAddress::parse("192.0.2.8");

struct Scene {
    GuessLimits limits = {};
    test::FakeClock clock = test::FakeClock();
    std::vector<std::pair<GuessGuard::Block, seconds>> alarms = {};
    GuessGuard guard{clock, limits, [this](const GuessGuard::Block& block, seconds length) {
                         alarms.emplace_back(block, length);
                     }};

    Verdict ask(const IpAddress& from, const char* user) { return guard.ask(from, user).verdict; }
    /// Guesses as fast as the guard lets it, until it has blocked or `most` were made. How many were made.
    int guess(const IpAddress& from, const char* user, int most)
    {
        for (int made = 0; made < most;) {
            const GuessGuard::Answer answer = guard.ask(from, user);
            if (answer.verdict == Verdict::Blocked)
                return made;
            if (answer.verdict == Verdict::Later) {
                clock.advance(answer.retryAfter);
                continue;
            }
            guard.failed(from, user);
            ++made;
        }
        return most;
    }
};

} // namespace

class TestGuessGuard : public QObject {
    Q_OBJECT
private slots:
    void tenAreFreeThenItGetsSlow();
    void thirtyAreBlocked();
    void blocksGrowToADayAndAreForgotten();
    void failuresRunOut();
    void successForgivesThatUserAlone();
    void othersBehindTheSameAddressGoOn();
    void aTrustedNameIsNoWayIn();
    void trustRunsOut();
    void anIpv6MachineHasItsWholeNetwork();
    void unblocking();
    void floodsAreToldToComeLater();
    void allSourcesTogetherHaveALimit();
    void memoryHasAnEnd();
    void manySourcesDoNotFreeABlockedOne();
    void longNamesAreCut();
};

void TestGuessGuard::tenAreFreeThenItGetsSlow()
{
    Scene scene;
    for (int i = 0; i < 10; ++i) {
        QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
        scene.guard.failed(kOffice, "anna");
    }
    for (const int expected : {1, 2, 4, 8, 16, 32, 32, 32}) {
        const GuessGuard::Answer answer = scene.guard.ask(kOffice, "bert"); // whoever it is
        QCOMPARE(answer.verdict, Verdict::Later);
        QCOMPARE(answer.retryAfter, seconds(expected));
        QCOMPARE(scene.ask(kOther, "bert"), Verdict::Pass);
        scene.clock.advance(seconds(expected) - microseconds(1));
        QCOMPARE(scene.guard.ask(kOffice, "anna").retryAfter, seconds(1)); // rounded up
        scene.clock.advance(microseconds(1));
        QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
        scene.guard.failed(kOffice, "anna");
    }
    QVERIFY(scene.alarms.empty());
}

void TestGuessGuard::thirtyAreBlocked()
{
    Scene scene;
    QCOMPARE(scene.guess(kOffice, "anna", 29), 29);
    QVERIFY(scene.alarms.empty());
    QCOMPARE(scene.guess(kOffice, "bert", 100), 1);
    QCOMPARE(scene.alarms.size(), std::size_t{1});
    const auto& [block, length] = scene.alarms[0];
    QCOMPARE(block.source.toString(), std::string("192.0.2.7"));
    QCOMPARE(block.lastUser, std::string("bert"));
    QCOMPARE(length, seconds(minutes(15)));
    QCOMPARE(scene.guard.blocked().size(), std::size_t{1});
    QCOMPARE(scene.ask(kOther, "anna"), Verdict::Pass);
    scene.clock.advance(minutes(15) - microseconds(1));
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Blocked);
    scene.clock.advance(microseconds(1));
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
    QVERIFY(scene.guard.blocked().empty());
    QCOMPARE(scene.alarms.size(), std::size_t{1});
}

void TestGuessGuard::blocksGrowToADayAndAreForgotten()
{
    Scene scene;
    const int expected[] = {15, 30, 60, 120, 240, 480, 960, 1440, 1440};
    for (const int length : expected) {
        QCOMPARE(scene.guess(kOffice, "anna", 100), 30);
        QCOMPARE(scene.alarms.back().second, seconds(minutes(length)));
        scene.clock.advance(minutes(length));
    }
    QCOMPARE(scene.alarms.back().first.times, unsigned(std::size(expected)));
    scene.clock.advance(hours(24));
    QCOMPARE(scene.guess(kOffice, "anna", 100), 30);
    QCOMPARE(scene.alarms.back().second, seconds(minutes(15)));
}

void TestGuessGuard::failuresRunOut()
{
    Scene scene;
    for (int i = 0; i < 200; ++i) { // a phone with an old password that tries once in ten minutes
        QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
        scene.guard.failed(kOffice, "anna");
        scene.clock.advance(minutes(10));
    }
    QVERIFY(scene.alarms.empty());
    QCOMPARE(scene.guess(kOffice, "anna", 9), 9);
    scene.clock.advance(hours(1));
    QCOMPARE(scene.guess(kOffice, "anna", 10), 10);
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Later);
}

void TestGuessGuard::successForgivesThatUserAlone()
{
    Scene scene;
    scene.guess(kOffice, "anna", 5);
    scene.guess(kOffice, "bert", 5);
    scene.guard.succeeded(kOffice, "carl"); // an account of one's own frees no guesses at others
    QCOMPARE(scene.ask(kOffice, "dora"), Verdict::Later);
    scene.clock.advance(seconds(1));
    scene.guard.succeeded(kOffice, "anna");
    for (int i = 0; i < 4; ++i)
        scene.guard.failed(kOffice, "bert");
    QCOMPARE(scene.ask(kOffice, "dora"), Verdict::Pass);
    scene.guard.failed(kOffice, "bert");
    QCOMPARE(scene.ask(kOffice, "dora"), Verdict::Later);
}

void TestGuessGuard::othersBehindTheSameAddressGoOn()
{
    Scene scene;
    scene.guard.succeeded(kOffice, "anna");
    scene.guess(kOffice, "bert", 10);
    QCOMPARE(scene.ask(kOffice, "bert"), Verdict::Later);
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
    for (int days = 0; days < 20; ++days) { // one phone with a wrong password, for weeks
        scene.guess(kOffice, "bert", 100);
        QCOMPARE(scene.ask(kOffice, "bert"), Verdict::Blocked);
        QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
        scene.guard.succeeded(kOffice, "anna");
        QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
        scene.clock.advance(hours(12));
    }
    QCOMPARE(scene.ask(kOther, "anna"), Verdict::Pass);
}

void TestGuessGuard::aTrustedNameIsNoWayIn()
{
    Scene scene;
    scene.guard.succeeded(kOffice, "anna");
    QCOMPARE(scene.guess(kOffice, "bert", 100), 30);
    int guesses = 0;
    while (scene.ask(kOffice, "anna") == Verdict::Pass && guesses < 100) {
        scene.guard.failed(kOffice, "anna");
        ++guesses;
    }
    QCOMPARE(guesses, 10);
    QCOMPARE(scene.alarms.size(), std::size_t{1}); // once per block
    QCOMPARE(scene.guard.blocked()[0].times, 1U);
    // A success between counts anew: the phone itself may be mistyped in later.
    Scene calm;
    for (int i = 0; i < 50; ++i) {
        calm.guard.failed(kOffice, "anna");
        calm.guard.succeeded(kOffice, "anna");
    }
    QCOMPARE(calm.ask(kOffice, "anna"), Verdict::Pass);
    QVERIFY(calm.alarms.empty());
}

void TestGuessGuard::trustRunsOut()
{
    Scene scene;
    scene.guard.succeeded(kOffice, "anna");
    scene.clock.advance(hours(24) - minutes(14));
    scene.guess(kOffice, "bert", 100);
    scene.clock.advance(seconds(1));
    QCOMPARE(scene.ask(kOther, "anna"), Verdict::Pass);
    scene.clock.advance(minutes(14));
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Blocked);
}

void TestGuessGuard::anIpv6MachineHasItsWholeNetwork()
{
    Scene scene;
    for (int i = 0; i < 30; ++i) {
        IpAddress address = *IpAddress::parse("2001:db8:1:2::");
        address.octets[15] = static_cast<std::uint8_t>(i);
        address.octets[9] = static_cast<std::uint8_t>(7 * i);
        scene.guard.failed(address, "anna");
    }
    QCOMPARE(scene.ask(*IpAddress::parse("2001:db8:1:2:ffff::1"), "anna"), Verdict::Blocked);
    QCOMPARE(scene.ask(*IpAddress::parse("2001:db8:1:3::1"), "anna"), Verdict::Pass);
    QCOMPARE(scene.alarms.at(0).first.source.toString(), std::string("2001:db8:1:2::"));
}

void TestGuessGuard::unblocking()
{
    Scene scene;
    QVERIFY(!scene.guard.unblock(kOffice));
    scene.guess(kOffice, "anna", 100);
    QVERIFY(!scene.guard.unblock(kOther));
    QVERIFY(scene.guard.unblock(kOffice));
    QVERIFY(scene.guard.blocked().empty());
    QCOMPARE(scene.guess(kOffice, "anna", 9), 9);
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Pass);
    QCOMPARE(scene.guess(kOffice, "anna", 100), 21);
    QCOMPARE(scene.alarms.back().second, seconds(minutes(15))); // as if it were the first
}

void TestGuessGuard::floodsAreToldToComeLater()
{
    Scene scene;
    struct Count {
        int passed = 0;
        int later = 0;
        bool operator==(const Count&) const = default;
    };
    const auto flood = [&](const IpAddress& from, const char* user) {
        Count count;
        for (int i = 0; i < 1000; ++i) {
            if (!scene.guard.admit(from, user))
                continue;
            const bool isPassed = scene.ask(from, user) == Verdict::Pass;
            ++(isPassed ? count.passed : count.later);
        }
        return count;
    };
    QVERIFY((flood(kOffice, "anna") == Count{200, 200}));
    QCOMPARE(scene.guard.ask(kOffice, "anna").retryAfter, seconds(1));
    QVERIFY((flood(kOther, "anna") == Count{200, 200}));
    scene.clock.advance(seconds(1));
    QVERIFY((flood(kOffice, "anna") == Count{0, 50})); // it did not listen
    scene.clock.advance(seconds(5));
    QVERIFY((flood(kOffice, "anna") == Count{50, 200}));
    scene.clock.advance(hours(1));
    QVERIFY((flood(kOffice, "anna") == Count{200, 200}));
    // Who is trusted has a share besides; beyond it there is none.
    scene.guard.succeeded(kOffice, "bert");
    QVERIFY((flood(kOffice, "bert") == Count{200, 0}));
    QVERIFY((flood(kOffice, "anna") == Count{0, 0}));
    scene.clock.advance(seconds(1));
    QVERIFY((flood(kOffice, "bert") == Count{100, 0}));
}

void TestGuessGuard::allSourcesTogetherHaveALimit()
{
    Scene scene;
    scene.guard.succeeded(kOffice, "bert");
    const auto admitted = [&](unsigned sources) {
        unsigned count = 0;
        for (unsigned i = 0; i < sources; ++i)
            count += scene.guard.admit(IpAddress::v4(i), "anna") ? 1U : 0U;
        return count;
    };
    QCOMPARE(admitted(20'000), 5000U);
    QVERIFY(scene.guard.admit(kOffice, "bert"));
    scene.clock.advance(seconds(1));
    QCOMPARE(admitted(20'000), 1000U);
    scene.clock.advance(minutes(1));
    scene.guess(kOther, "anna", 100);
    for (int i = 0; i < 10'000; ++i)
        QVERIFY(!scene.guard.admit(kOther, "anna")); // what is blocked takes nothing from the others
    QCOMPARE(admitted(20'000), 5000U);
}

void TestGuessGuard::memoryHasAnEnd()
{
    Scene scene{.limits = {.slowAfter = 2, .blockAfter = 3, .mostSources = 50, .mostTrusted = 20}};
    unsigned draw = 1;
    for (int step = 0; step < 50'000; ++step) {
        draw = draw * 1664525U + 1013904223U; // Numerical Recipes: same steps in every run
        const IpAddress from = IpAddress::v4(draw >> 16U);
        const std::string user = "u" + std::to_string((draw >> 8U) % 100);
        if (!scene.guard.admit(from, user) || scene.guard.ask(from, user).verdict != Verdict::Pass)
            continue;
        for (unsigned i = 0; i < draw % 5; ++i)
            scene.guard.failed(from, user);
        if (draw % 5 == 4)
            scene.guard.succeeded(from, user);
        scene.clock.advance(milliseconds(10));
        QVERIFY(scene.guard.tracked() <= 3 * 50 + 20);
        QVERIFY(scene.guard.blocked().size() <= 50);
    }
    QVERIFY(scene.alarms.size() > 1000); // it did not simply forget everything
}

void TestGuessGuard::manySourcesDoNotFreeABlockedOne()
{
    Scene scene{.limits = {.mostSources = 50}};
    scene.guess(kOffice, "anna", 100);
    for (unsigned i = 0; i < 1000; ++i) {
        QVERIFY(scene.guard.admit(IpAddress::v4(i), "anna"));
        QCOMPARE(scene.ask(IpAddress::v4(i), "anna"), Verdict::Pass);
        scene.guard.failed(IpAddress::v4(i), "anna");
    }
    QCOMPARE(scene.ask(kOffice, "anna"), Verdict::Blocked);
}

void TestGuessGuard::longNamesAreCut()
{
    Scene scene;
    const std::string name(500, 'x');
    for (int i = 0; i < 30; ++i)
        scene.guard.failed(kOffice, name);
    QCOMPARE(scene.alarms.at(0).first.lastUser.size(), GuessGuard::kMaxUserBytes);
}

QTEST_GUILESS_MAIN(TestGuessGuard)
#include "tst_guess_guard.moc"
