// SPDX-License-Identifier: GPL-3.0-or-later
// Registrations at a registrar that a test plays, on a clock that it turns.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/digest_challenge.h"
#include "core/sip/digest_credentials.h"
#include "core/sip/registration.h"
#include "tests/support/fake_clock.h"

#include <QTest>

using namespace sr;
using namespace sr::sip;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

class Pending final : public PendingRegister {
public:
    Pending(int& open, const std::string& trouble)
        : m_open(open)
        , m_trouble(trouble)
    {
        ++m_open;
    }
    ~Pending() override { --m_open; }
    std::string trouble() const override { return m_trouble; }

private:
    int& m_open;
    const std::string& m_trouble;
};

/// Keeps what is sent until the test answers.
class FakeRegistrar final : public RegisterSender {
public:
    std::unique_ptr<PendingRegister>
    sendRegister(const OutgoingRegister& request,
                 std::function<void(const RegisterReply& reply)> answered) override
    {
        sent.push_back(request);
        if (isAway)
            return nullptr;
        m_answered = std::move(answered);
        return std::make_unique<Pending>(open, trouble);
    }
    void answer(const RegisterReply& reply)
    {
        QVERIFY(m_answered);
        std::exchange(m_answered, nullptr)(reply);
    }
    void answer(int status) { answer(RegisterReply{.status = status}); }
    void grant(std::uint32_t seconds) { answer(RegisterReply{.status = 200, .expires = seconds}); }
    void ask(const std::string& nonce, bool isStale = false)
    {
        answer(RegisterReply{
            .status = 401, .challenges = {digestChallenge("prov", nonce, DigestAlgorithm::Sha256, isStale)}});
    }
    void askAsProxy(const std::string& nonce)
    {
        answer(RegisterReply{
            .status = 407, .proxyChallenges = {digestChallenge("edge", nonce, DigestAlgorithm::Md5, false)}});
    }
    const OutgoingRegister& last() const { return sent.back(); }

    std::vector<OutgoingRegister> sent;
    int open = 0; ///< requests somebody waits for
    bool isAway = false;
    std::string trouble; ///< why the request that is open gets no answer

private:
    std::function<void(const RegisterReply& reply)> m_answered;
};

struct Told final : RegistrationEvents {
    void onRegistered(const RegistrationStatus&) override { words += "registered "; }
    void onFailed(const RegistrationStatus& status) override
    {
        words += "failed " + std::to_string(status.failure) + " ";
    }
    void onLost(const RegistrationStatus&) override { words += "lost "; }
    void onGone() override { words += "gone "; }
    std::string words;
};

RegistrationOptions options()
{
    RegistrationOptions options;
    options.registrar = "provider.example";
    options.aor = {"", "4930123", "provider.example"};
    options.account = {"login", Password("secret")};
    options.contactUser = "token";
    options.expires = 600;
    return options;
}

struct Scene {
    FakeRegistrar registrar;
    sr::test::FakeClock clock;
    Told told;
    Registration registration{options(), registrar, clock, told};

    /// Turns the clock second by second until a request is sent; how long that took.
    std::chrono::seconds waitForTry(std::chrono::seconds most = 3h)
    {
        const std::size_t before = registrar.sent.size();
        for (std::chrono::seconds waited = 0s; waited <= most; ++waited) {
            registration.tick();
            if (registrar.sent.size() > before)
                return waited;
            clock.advance(1s);
        }
        return 100h;
    }
};

} // namespace

class TestRegistration : public QObject {
    Q_OBJECT
private slots:
    void registersAndRefreshes();
    void answersWhoAsks();
    void answersProxyAndRegistrar();
    void knownNonceIsUsedAgain();
    void wrongPasswordIsToldOnceAndTriedSlowly();
    void pausesGrow();
    void retryAfterIsKept();
    void longerTimeIsAskedFor();
    void refreshMayFailOnce();
    void runsOut();
    void leaves();
    void leavesWithoutAnswer();
    void leavesBeforeItWasThere();
    void noWayOutIsAFailure();
    void troubleOnTheWayEndsATry();
    void endsInsideAnEvent();
};

void TestRegistration::registersAndRefreshes()
{
    Scene s;
    QCOMPARE(s.waitForTry(), 0s);
    const OutgoingRegister first = s.registrar.last();
    QCOMPARE(first.registrar, "provider.example"s);
    QCOMPARE(first.contactUser, "token"s);
    QCOMPARE(first.expires, 600U);
    QVERIFY(first.authorization.empty());
    s.registrar.grant(100);
    QCOMPARE(s.told.words, "registered "s);
    QVERIFY(s.registration.status().until == s.clock.steadyNow() + 100s);
    const auto refreshed = s.waitForTry();
    QVERIFY(refreshed >= 70s && refreshed <= 81s);
    QCOMPARE(s.registrar.last().callId, first.callId);
    QCOMPARE(s.registrar.last().fromTag, first.fromTag);
    QCOMPARE(s.registrar.last().cseq, first.cseq + 1);
    s.registrar.grant(100);
    QCOMPARE(s.told.words, "registered "s); // no news
    QCOMPARE(s.registrar.open, 0);
}

void TestRegistration::answersWhoAsks()
{
    Scene s;
    s.waitForTry();
    s.registrar.ask("n1");
    QCOMPARE(s.registrar.sent.size(), 2U);
    const auto sent = parseDigestCredentials(s.registrar.last().authorization);
    QVERIFY(sent);
    QCOMPARE(sent->uri, "sip:provider.example"s);
    QVERIFY(answers(*sent, "REGISTER", digestSecret("login", "prov", "secret"), {}));
    s.registrar.ask("n2", true);
    QCOMPARE(parseDigestCredentials(s.registrar.last().authorization)->nonce, "n2"s);
    s.registrar.grant(600);
    QCOMPARE(s.told.words, "registered "s);
}

void TestRegistration::answersProxyAndRegistrar()
{
    Scene s;
    s.waitForTry();
    s.registrar.askAsProxy("p");
    QVERIFY(s.registrar.last().authorization.empty());
    s.registrar.ask("r");
    QCOMPARE(parseDigestCredentials(s.registrar.last().proxyAuthorization)->nonce, "p"s);
    QCOMPARE(parseDigestCredentials(s.registrar.last().proxyAuthorization)->nc, 2U);
    QCOMPARE(parseDigestCredentials(s.registrar.last().authorization)->nonce, "r"s);
    s.registrar.grant(600);
    QCOMPARE(s.told.words, "registered "s);
}

void TestRegistration::knownNonceIsUsedAgain()
{
    Scene s;
    s.waitForTry();
    s.registrar.ask("n1");
    s.registrar.grant(600);
    s.waitForTry();
    QCOMPARE(parseDigestCredentials(s.registrar.last().authorization)->nc, 2U);
    s.registrar.ask("n2"); // as a registrar that was restarted: another nonce, and no word of stale
    QCOMPARE(parseDigestCredentials(s.registrar.last().authorization)->nonce, "n2"s);
    s.registrar.grant(600);
    QCOMPARE(s.told.words, "registered "s);
}

void TestRegistration::wrongPasswordIsToldOnceAndTriedSlowly()
{
    Scene s;
    s.waitForTry();
    for (int i = 0; i < 3; ++i) {
        s.registrar.ask("first" + std::to_string(i));
        s.registrar.ask("second" + std::to_string(i));
        QVERIFY(s.registration.status().state == RegistrationState::Failed);
        QCOMPARE(s.registration.status().failure, 401);
        QVERIFY(s.waitForTry() >= 10min);
    }
    QCOMPARE(s.told.words, "failed 401 "s);
    s.registrar.ask("right at last");
    s.registrar.grant(600);
    QCOMPARE(s.told.words, "failed 401 registered "s);
}

void TestRegistration::pausesGrow()
{
    Scene s;
    s.waitForTry();
    std::chrono::seconds most = 30s;
    for (int i = 0; i < 12; ++i) {
        s.registrar.answer(503);
        const auto pause = s.waitForTry();
        QVERIFY(pause >= most / 2 && pause <= most + 1s);
        most = std::min<std::chrono::seconds>(most * 2, 1800s);
    }
    s.registrar.answer(408);
    QCOMPARE(s.told.words, "failed 503 failed 408 "s);
}

void TestRegistration::retryAfterIsKept()
{
    Scene s;
    s.waitForTry();
    s.registrar.answer(RegisterReply{.status = 503, .retryAfter = 400});
    QCOMPARE(s.waitForTry(), 400s);
    s.registrar.answer(RegisterReply{.status = 503, .retryAfter = 0});
    QCOMPARE(s.waitForTry(), 1s);
    s.registrar.answer(RegisterReply{.status = 503, .retryAfter = 0xffffffffU});
    QCOMPARE(s.waitForTry(), 3600s);
}

void TestRegistration::longerTimeIsAskedFor()
{
    Scene s;
    s.waitForTry();
    s.registrar.answer(RegisterReply{.status = 423, .minExpires = 900});
    QCOMPARE(s.registrar.last().expires, 900U);
    s.registrar.answer(RegisterReply{.status = 423, .minExpires = 900}); // it does not know what it wants
    QCOMPARE(s.told.words, "failed 423 "s);
    s.waitForTry();
    QCOMPARE(s.registrar.last().expires, 900U);
    s.registrar.answer(RegisterReply{.status = 200});
    QVERIFY(s.registration.status().until == s.clock.steadyNow() + 900s);
}

void TestRegistration::refreshMayFailOnce()
{
    Scene s;
    s.waitForTry();
    s.registrar.grant(100);
    s.waitForTry();
    s.registrar.answer(408);
    QVERIFY(s.registration.status().state == RegistrationState::Registered);
    QVERIFY(s.waitForTry() <= 16s); // within what is left
    s.registrar.grant(100);
    QCOMPARE(s.told.words, "registered failed 408 registered "s);
}

void TestRegistration::runsOut()
{
    Scene s;
    s.waitForTry();
    s.registrar.grant(100);
    s.waitForTry();
    for (int i = 0; i < 40; ++i) {
        s.clock.advance(1s);
        s.registration.tick();
    }
    QCOMPARE(s.told.words, "registered lost "s);
    QVERIFY(s.registration.status().state == RegistrationState::Trying);
    s.registrar.grant(100);
    QCOMPARE(s.told.words, "registered lost registered "s);
}

void TestRegistration::leaves()
{
    Scene s;
    s.waitForTry();
    s.registrar.ask("n1");
    s.registrar.grant(600);
    s.registration.leave();
    QCOMPARE(s.registrar.last().expires, 0U);
    s.registrar.ask("n2", true);
    QCOMPARE(s.registrar.last().expires, 0U);
    QCOMPARE(parseDigestCredentials(s.registrar.last().authorization)->nonce, "n2"s);
    s.registrar.answer(200);
    QCOMPARE(s.told.words, "registered gone "s);
    s.registration.leave();
    QVERIFY(s.waitForTry(1h) > 1h);
    QCOMPARE(s.told.words, "registered gone "s);
}

void TestRegistration::leavesWithoutAnswer()
{
    Scene s;
    s.waitForTry();
    s.registrar.grant(600);
    s.registration.leave();
    QCOMPARE(s.registrar.open, 1);
    s.clock.advance(4s);
    s.registration.tick();
    QCOMPARE(s.told.words, "registered gone "s);
    QCOMPARE(s.registrar.open, 0);
}

void TestRegistration::leavesBeforeItWasThere()
{
    Scene s;
    s.waitForTry();
    s.registration.leave();
    QCOMPARE(s.told.words, "gone "s);
    QCOMPARE(s.registrar.open, 0);
    QCOMPARE(s.registrar.sent.size(), 1U);
}

void TestRegistration::noWayOutIsAFailure()
{
    Scene s;
    s.registrar.isAway = true;
    s.waitForTry();
    QCOMPARE(s.told.words, "failed 503 "s);
    s.registrar.isAway = false;
    QVERIFY(s.waitForTry() <= 31s);
    s.registrar.grant(600);
    s.registrar.isAway = true;
    s.registration.leave();
    QCOMPARE(s.told.words, "failed 503 registered gone "s);
}

void TestRegistration::troubleOnTheWayEndsATry()
{
    Scene s;
    s.waitForTry();
    s.clock.advance(1s);
    s.registration.tick();
    QCOMPARE(s.told.words, ""s);
    s.registrar.trouble = "its certificate is not for x";
    s.registration.tick();
    QCOMPARE(s.told.words, "failed 503 "s);
    QCOMPARE(s.registration.status().trouble, "its certificate is not for x"s);
    QCOMPARE(s.registrar.open, 0);
    s.registrar.trouble.clear();
    QVERIFY(s.waitForTry() >= 15s);
    s.registrar.grant(600);
    QCOMPARE(s.told.words, "failed 503 registered "s);
    QCOMPARE(s.registration.status().trouble, ""s);
}

void TestRegistration::endsInsideAnEvent()
{
    struct Ending final : RegistrationEvents {
        void onRegistered(const RegistrationStatus&) override { registration.reset(); }
        void onFailed(const RegistrationStatus&) override { registration.reset(); }
        void onLost(const RegistrationStatus&) override { registration.reset(); }
        void onGone() override { registration.reset(); }
        std::unique_ptr<Registration> registration;
    };
    sr::test::FakeClock clock;
    FakeRegistrar registrar;
    Ending ending;
    const auto begin = [&] {
        ending.registration = std::make_unique<Registration>(options(), registrar, clock, ending);
        ending.registration->tick();
    };
    begin();
    registrar.grant(600);
    QVERIFY(!ending.registration);
    begin();
    registrar.answer(503);
    QVERIFY(!ending.registration);
    begin();
    ending.registration->leave();
    QVERIFY(!ending.registration);
    registrar.isAway = true;
    begin();
    QVERIFY(!ending.registration);
    QCOMPARE(registrar.open, 0);
}

QTEST_GUILESS_MAIN(TestRegistration)
#include "tst_registration.moc"
