// SPDX-License-Identifier: GPL-3.0-or-later
// Each use of a nonce once, until it is stale.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/nonce_guard.h"
#include "tests/support/fake_clock.h"

#include <QTest>

#include <set>

using namespace sr;
using namespace sr::sip;
using Verdict = NonceGuard::Verdict;

namespace {

crypto::Secret key(int seed)
{
    std::array<std::byte, crypto::Secret::kBytes> bytes{};
    bytes[0] = static_cast<std::byte>(seed);
    return crypto::Secret(bytes);
}

DigestCredentials counted(const std::string& nonce, std::uint32_t count)
{
    DigestCredentials credentials;
    credentials.nonce = nonce;
    credentials.qop = DigestQop::Auth;
    credentials.nc = count;
    return credentials;
}

DigestCredentials plain(const std::string& nonce)
{
    DigestCredentials credentials;
    credentials.nonce = nonce;
    return credentials;
}

} // namespace

class TestNonceGuard : public QObject {
    Q_OBJECT
private slots:
    void everyNonceIsAnother();
    void countGrows();
    void withoutQopOnce();
    void qopLeftOutOrAddedIsNoSecondUse();
    void staleAfterItsLifetime();
    void switchedOff();
    void foreign();
    void flippedBitAnywhere();
    void memoryEndsWithTheLifetime();
    void fullTable();
    void fullTableAcceptsNothingTwice();
};

void TestNonceGuard::everyNonceIsAnother()
{
    const test::FakeClock clock; // stands still
    NonceGuard guard(key(1), clock);
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i)
        nonces.insert(guard.make());
    QCOMPARE(nonces.size(), std::size_t{1000});
    for (const std::string& nonce : nonces) {
        QCOMPARE(nonce.size(), std::size_t{64});
        QCOMPARE(guard.take(plain(nonce)), Verdict::Good);
    }
}

void TestNonceGuard::countGrows()
{
    const test::FakeClock clock;
    NonceGuard guard(key(1), clock);
    const std::string nonce = guard.make();
    const std::string other = guard.make();
    QCOMPARE(guard.take(counted(nonce, 0)), Verdict::Replayed);
    QCOMPARE(guard.tracked(), std::size_t{0});
    QCOMPARE(guard.take(counted(nonce, 1)), Verdict::Good);
    QCOMPARE(guard.take(counted(nonce, 1)), Verdict::Replayed);
    QCOMPARE(guard.take(counted(nonce, 7)), Verdict::Good);
    QCOMPARE(guard.take(counted(nonce, 6)), Verdict::Replayed);
    QCOMPARE(guard.take(counted(other, 1)), Verdict::Good);
    QCOMPARE(guard.take(counted(nonce, 0xffffffffU)), Verdict::Good);
    QCOMPARE(guard.take(counted(nonce, 0xffffffffU)), Verdict::Replayed);
    QCOMPARE(guard.tracked(), std::size_t{2});
}

void TestNonceGuard::withoutQopOnce()
{
    const test::FakeClock clock;
    NonceGuard guard(key(1), clock);
    const std::string nonce = guard.make();
    QCOMPARE(guard.take(plain(nonce)), Verdict::Good);
    QCOMPARE(guard.take(plain(nonce)), Verdict::Replayed);
}

void TestNonceGuard::qopLeftOutOrAddedIsNoSecondUse()
{
    const test::FakeClock clock;
    NonceGuard guard(key(1), clock);
    const std::string first = guard.make();
    QCOMPARE(guard.take(counted(first, 1)), Verdict::Good);
    QCOMPARE(guard.take(plain(first)), Verdict::Replayed);
    QCOMPARE(guard.take(counted(first, 2)), Verdict::Good);
    const std::string second = guard.make();
    QCOMPARE(guard.take(plain(second)), Verdict::Good);
    QCOMPARE(guard.take(counted(second, 0xffffffffU)), Verdict::Replayed);
    // The same nonce in another spelling
    const std::string third = guard.make();
    const std::string capitals = QString::fromStdString(third).toUpper().toStdString();
    QVERIFY(third != capitals);
    QCOMPARE(guard.take(counted(third, 1)), Verdict::Good);
    QCOMPARE(guard.take(counted(capitals, 1)), Verdict::Replayed);
}

void TestNonceGuard::staleAfterItsLifetime()
{
    test::FakeClock clock;
    NonceGuard guard(key(1), clock, {.lifetime = seconds(30)});
    const std::string unused = guard.make();
    const std::string used = guard.make();
    clock.advance(seconds(30) - microseconds(1));
    QCOMPARE(guard.take(counted(used, 1)), Verdict::Good);
    clock.advance(microseconds(2));
    QCOMPARE(guard.take(counted(unused, 1)), Verdict::Stale);
    QCOMPARE(guard.take(counted(used, 1)), Verdict::Stale);
    QCOMPARE(guard.take(counted(used, 2)), Verdict::Stale);

    NonceGuard byDefault(key(1), clock);
    const std::string nonce = byDefault.make();
    clock.advance(std::chrono::minutes(5) - microseconds(1));
    QCOMPARE(byDefault.take(counted(nonce, 1)), Verdict::Good);
    clock.advance(microseconds(2));
    QCOMPARE(byDefault.take(counted(nonce, 2)), Verdict::Stale);
}

void TestNonceGuard::switchedOff()
{
    test::FakeClock clock;
    NonceGuard guard(key(1), clock, {.lifetime = seconds(30), .replayCheck = false});
    const std::string nonce = guard.make();
    QCOMPARE(guard.take(counted(nonce, 2)), Verdict::Good);
    QCOMPARE(guard.take(counted(nonce, 1)), Verdict::Good);
    QCOMPARE(guard.take(plain(nonce)), Verdict::Good);
    QCOMPARE(guard.take(plain(nonce)), Verdict::Good);
    QCOMPARE(guard.tracked(), std::size_t{0});
    NonceGuard other(key(2), clock);
    QCOMPARE(guard.take(plain(other.make())), Verdict::Foreign);
    clock.advance(seconds(31));
    QCOMPARE(guard.take(plain(nonce)), Verdict::Stale);
}

void TestNonceGuard::foreign()
{
    const test::FakeClock clock;
    NonceGuard guard(key(1), clock);
    NonceGuard other(key(2), clock);
    QCOMPARE(guard.take(counted(other.make(), 1)), Verdict::Foreign);
    const std::string nonce = guard.make();
    for (const std::string& wrong : {std::string(), std::string("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
                                     nonce + "00", nonce + " ", nonce.substr(2), nonce.substr(0, 62),
                                     nonce.substr(0, 32), std::string(64, '0'), std::string(64, 'x')})
        QCOMPARE(guard.take(counted(wrong, 1)), Verdict::Foreign);
    QCOMPARE(guard.tracked(), std::size_t{0});
    QCOMPARE(guard.take(counted(nonce, 1)), Verdict::Good);
}

void TestNonceGuard::flippedBitAnywhere()
{
    const test::FakeClock clock;
    NonceGuard guard(key(1), clock);
    const std::string nonce = guard.make();
    const auto octets = fromHex(nonce);
    QVERIFY(octets);
    for (std::size_t bit = 0; bit < octets->size() * 8; ++bit) {
        Bytes changed = *octets;
        changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        QCOMPARE(guard.take(counted(toHex(changed), 1)), Verdict::Foreign);
    }
    QCOMPARE(guard.take(counted(nonce, 1)), Verdict::Good);
}

void TestNonceGuard::memoryEndsWithTheLifetime()
{
    test::FakeClock clock;
    NonceGuard guard(key(1), clock, {.lifetime = seconds(10)});
    for (int i = 0; i < 100; ++i) {
        const std::string answered = guard.make();
        guard.make(); // challenged and never answered: no memory
        QCOMPARE(guard.take(counted(answered, 1)), Verdict::Good);
        clock.advance(seconds(1));
    }
    QCOMPARE(guard.tracked(), std::size_t{10});
}

void TestNonceGuard::fullTable()
{
    test::FakeClock clock;
    NonceGuard guard(key(1), clock, {.mostTracked = 3});
    const std::string older = guard.make(); // never used before the table is full
    std::vector<std::string> nonces;
    for (int i = 0; i < 4; ++i)
        nonces.push_back(guard.make());
    for (const std::string& nonce : nonces)
        QCOMPARE(guard.take(counted(nonce, 1)), Verdict::Good);
    QCOMPARE(guard.tracked(), std::size_t{3});
    QCOMPARE(guard.take(counted(nonces[0], 2)), Verdict::Stale);
    QCOMPARE(guard.take(counted(older, 1)), Verdict::Stale);
    for (std::size_t i = 1; i < nonces.size(); ++i) {
        QCOMPARE(guard.take(counted(nonces[i], 1)), Verdict::Replayed);
        QCOMPARE(guard.take(counted(nonces[i], 2)), Verdict::Good);
    }
}

void TestNonceGuard::fullTableAcceptsNothingTwice()
{
    // Used in any order, each again and again: a small table may forget, but never so that a use counts
    // twice.
    for (const std::size_t room : {0U, 1U, 2U, 7U, 50U}) {
        test::FakeClock clock;
        NonceGuard guard(key(1), clock, {.lifetime = seconds(60), .mostTracked = room});
        std::vector<std::string> nonces;
        std::set<std::pair<std::string, std::uint32_t>> accepted;
        unsigned draw = 1;
        for (int step = 0; step < 5000; ++step) {
            draw = draw * 1664525U + 1013904223U; // Numerical Recipes: same steps in every run
            if (step % 10 == 0)
                nonces.push_back(guard.make());
            const std::size_t back = (draw >> 16) % std::min<std::size_t>(nonces.size(), 20);
            const std::string& nonce = nonces[nonces.size() - 1 - back];
            const std::uint32_t count = 1 + (draw >> 8) % 4;
            if (guard.take(counted(nonce, count)) == Verdict::Good)
                QVERIFY(accepted.insert({nonce, count}).second);
            QVERIFY(guard.tracked() <= std::max<std::size_t>(room, 1));
            clock.advance(milliseconds(100));
        }
        QVERIFY(accepted.size() > 100); // it does not simply refuse
    }
}

QTEST_GUILESS_MAIN(TestNonceGuard)
#include "tst_nonce_guard.moc"
