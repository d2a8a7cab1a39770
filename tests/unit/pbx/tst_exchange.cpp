// SPDX-License-Identifier: GPL-3.0-or-later
// Who may register: passwords, nonces, other people's names, and users that change while devices are
// registered.
#include "core/pbx/exchange.h"
#include "tests/support/digest_client.h"
#include "tests/support/fake_clock.h"

#include <QTest>

#include <map>

using namespace sr;
using namespace sr::pbx;

namespace {

constexpr const char* kRealm = "switchroom";
constexpr const char* kUri = "sip:pbx.example";

User userOf(const std::string& name, const std::string& number, const std::string& password)
{
    User user;
    user.name = name;
    user.number = number;
    user.longName = name;
    user.secret = sip::digestSecret(name, kRealm, password);
    return user;
}

std::shared_ptr<const Directory> directoryOf(std::vector<User> users)
{
    return std::make_shared<const Directory>(kRealm, std::move(users));
}

struct Scene {
    ExchangeOptions options = {};
    test::FakeClock clock = test::FakeClock();
    Exchange exchange{directoryOf({userOf("anna", "21", "secret a"), userOf("bert", "22", "secret b")}),
                      crypto::Secret::random().value(), options, clock};
    std::uint32_t cseq = 0;
    std::string from = "10.0.0.1";
    std::size_t listener = 0;

    sip::RegisterAnswer ask(const std::string& user, const std::string& authorization)
    {
        sip::RegisterRequest request;
        request.user = user;
        request.callId = "call";
        request.source.address = {*IpAddress::parse(from), 5060};
        request.source.listener = listener;
        request.cseq = ++cseq;
        request.contacts = {{"sip:" + user + "@10.0.0.1", 600, {}}};
        if (!authorization.empty())
            request.authorization = {authorization};
        if (!exchange.admits({request.source, request.user, request.authorization})) {
            sip::RegisterAnswer none;
            none.status = 0;
            return none;
        }
        return exchange.onRegister(request);
    }
    /// Challenge and answer, as a phone does it.
    sip::RegisterAnswer login(const std::string& user, test::DigestClient client, std::size_t algorithm = 0)
    {
        const auto challenged = ask(user, {});
        if (challenged.status != 401)
            return challenged;
        return ask(user, client.answer(challenged.challenges.at(algorithm), "REGISTER", kUri));
    }
};

} // namespace

class TestExchange : public QObject {
    Q_OBJECT

private slots:
    void tellsWhoIsRegistered()
    {
        Scene scene;
        QCOMPARE(scene.exchange.registrationList({}, 9).total, std::size_t(0));
        QCOMPARE(scene.login("bert", {"bert", "secret b"}).status, 200);
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 200);
        scene.clock.advance(milliseconds(1500));
        const Registrations all = scene.exchange.registrationList({}, 9);
        QCOMPARE(all.total, std::size_t(2));
        QCOMPARE(all.rows.at(0).user, std::string("anna"));
        QCOMPARE(all.rows.at(0).number, std::string("21"));
        QCOMPARE(all.rows.at(0).contact, std::string("sip:anna@10.0.0.1"));
        QCOMPARE(all.rows.at(0).secondsLeft, 599U);
        QCOMPARE(scene.exchange.registrationList("22", 9).rows.at(0).user, std::string("bert"));
        QCOMPARE(scene.exchange.registrationList("carl", 9).total, std::size_t(0));
        const Registrations one = scene.exchange.registrationList({}, 1);
        QCOMPARE(one.rows.size(), std::size_t(1));
        QCOMPARE(one.total, std::size_t(2));
        scene.clock.advance(seconds(599));
        QCOMPARE(scene.exchange.registrationList({}, 9).total, std::size_t(0));
    }

    void byNameOrNumberWithEitherAlgorithm()
    {
        ExchangeOptions both;
        both.algorithms = {sip::DigestAlgorithm::Md5, sip::DigestAlgorithm::Sha256};
        Scene scene{.options = both};
        for (const std::size_t algorithm : {0U, 1U}) {
            QCOMPARE(scene.login("anna", {"anna", "secret a"}, algorithm).status, 200);
            QCOMPARE(scene.login("21", {"anna", "secret a"}, algorithm).status, 200);
        }
        QCOMPARE(scene.exchange.registrations(), std::size_t{2}); // two contacts of one user
        const auto challenged = scene.ask("anna", {});
        QCOMPARE(challenged.challenges.size(), std::size_t{2});
        QCOMPARE(test::parameterOf(challenged.challenges[0], "algorithm"), std::string("MD5"));
        QCOMPARE(test::parameterOf(challenged.challenges[1], "algorithm"), std::string("SHA-256"));
    }
    void onlyWhatIsOffered()
    {
        Scene scene{.options = {.algorithms = {sip::DigestAlgorithm::Sha256}, .nonces = {}}};
        const auto challenged = scene.ask("anna", {});
        QCOMPARE(challenged.challenges.size(), std::size_t{1});
        test::DigestClient anna{"anna", "secret a"};
        std::string weak = challenged.challenges[0];
        weak.replace(weak.find("SHA-256"), 7, "MD5");
        QCOMPARE(scene.ask("anna", anna.answer(weak, "REGISTER", kUri)).status, 401);
        QCOMPARE(scene.ask("anna", anna.answer(challenged.challenges[0], "REGISTER", kUri)).status, 200);
    }
    void replayCheckSwitchedOff()
    {
        ExchangeOptions options;
        options.nonces.replayCheck = false;
        Scene scene{.options = options};
        test::DigestClient anna{"anna", "secret a"};
        const std::string answer = anna.answer(scene.ask("anna", {}).challenges[0], "REGISTER", kUri);
        QCOMPARE(scene.ask("anna", answer).status, 200);
        QCOMPARE(scene.ask("anna", answer).status, 200);
    }
    void replayCheckOffAtOneListener()
    {
        ExchangeOptions options;
        options.replayUnchecked = {1};
        Scene scene{.options = options};
        test::DigestClient anna{"anna", "secret a"};
        const std::string answer = anna.answer(scene.ask("anna", {}).challenges[0], "REGISTER", kUri);
        QCOMPARE(scene.ask("anna", answer).status, 200);
        QCOMPARE(scene.ask("anna", answer).status, 401);
        scene.listener = 1;
        QCOMPARE(scene.ask("anna", answer).status, 200);
        QCOMPARE(scene.ask("anna", answer).status, 200);
        scene.listener = 0;
        QCOMPARE(scene.ask("anna", answer).status, 401);
    }
    void nobodyElseGetsIn_data()
    {
        QTest::addColumn<QString>("aor");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("password");
        QTest::addColumn<int>("status");
        QTest::newRow("wrong password") << "anna"
                                        << "anna"
                                        << "secret b" << 401;
        QTest::newRow("no password") << "anna"
                                     << "anna"
                                     << "" << 401;
        QTest::newRow("unknown user") << "carl"
                                      << "carl"
                                      << "secret a" << 401;
        QTest::newRow("empty user") << "anna"
                                    << ""
                                    << "" << 401;
        QTest::newRow("another's name") << "anna"
                                        << "bert"
                                        << "secret b" << 403;
        QTest::newRow("another's number") << "21"
                                          << "bert"
                                          << "secret b" << 403;
        QTest::newRow("a name that nobody has") << "carl"
                                                << "bert"
                                                << "secret b" << 403;
        QTest::newRow("the number as the login") << "21"
                                                 << "21"
                                                 << "secret a" << 401;
    }
    void nobodyElseGetsIn()
    {
        QFETCH(QString, aor);
        QFETCH(QString, user);
        QFETCH(QString, password);
        QFETCH(int, status);
        Scene scene;
        QCOMPARE(scene.login(aor.toStdString(), {user.toStdString(), password.toStdString()}).status, status);
        QCOMPARE(scene.exchange.registrations(), std::size_t{0});
    }
    void anAnswerIsGoodOnce()
    {
        Scene scene;
        test::DigestClient anna{"anna", "secret a"};
        const std::string challenge = scene.ask("anna", {}).challenges[0];
        const std::string answer = anna.answer(challenge, "REGISTER", kUri);
        QCOMPARE(scene.ask("anna", answer).status, 200);
        const auto replayed = scene.ask("anna", answer);
        QCOMPARE(replayed.status, 401);
        QCOMPARE(test::parameterOf(replayed.challenges[0], "stale"), std::string("true"));
        // The same nonce with the next count is good, until it is too old.
        QCOMPARE(scene.ask("anna", anna.answer(challenge, "REGISTER", kUri)).status, 200);
        scene.clock.advance(std::chrono::minutes(6));
        const auto stale = scene.ask("anna", anna.answer(challenge, "REGISTER", kUri));
        QCOMPARE(stale.status, 401);
        QCOMPARE(test::parameterOf(stale.challenges[0], "stale"), std::string("true"));
        // To whoever does not know the password nothing is stale.
        test::DigestClient thief{"anna", "guess"};
        QVERIFY(test::parameterOf(scene.ask("anna", thief.answer(challenge, "REGISTER", kUri)).challenges[0],
                                  "stale") != "true");
    }
    void anAnswerToAnotherMethodOrRealmCountsNothing()
    {
        Scene scene;
        test::DigestClient anna{"anna", "secret a"};
        const std::string challenge = scene.ask("anna", {}).challenges[0];
        QCOMPARE(scene.ask("anna", anna.answer(challenge, "INVITE", kUri)).status, 401);
        std::string foreign = challenge;
        foreign.replace(foreign.find(kRealm), std::strlen(kRealm), "elsewhere");
        QCOMPARE(scene.ask("anna", anna.answer(foreign, "REGISTER", kUri)).status, 401);
        for (const char* garbage :
             {"", "Digest", "Digest ,,,", "Basic YW5uYTpzZWNyZXQ=", "Digest username=\"anna"})
            QCOMPARE(scene.ask("anna", garbage).status, 401);
    }
    void guessingIsSlowedThenBlocked()
    {
        std::vector<std::string> blocked;
        ExchangeOptions options;
        options.onBlock = [&](const sip::GuessGuard::Block& block, std::chrono::seconds) {
            blocked.push_back(block.source.toString() + " " + block.lastUser);
        };
        Scene scene{.options = options};
        QCOMPARE(scene.login("bert", {"bert", "secret b"}).status, 200);
        for (int i = 0; i < 10; ++i)
            QCOMPARE(scene.login("anna", {"anna", "guess"}).status, 401);
        const auto slowed = scene.login("anna", {"anna", "secret a"}); // not even the right one
        QCOMPARE(slowed.status, 503);
        QVERIFY(slowed.retryAfter == 1U);
        QVERIFY(slowed.challenges.empty());
        // By number too; who is registered from here goes on, with and without credentials.
        QCOMPARE(scene.login("21", {"anna", "guess"}).status, 503);
        QCOMPARE(scene.login("22", {"bert", "secret b"}).status, 200);
        scene.clock.advance(std::chrono::seconds(1));
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 200);

        for (int i = 0; blocked.empty() && i < 100; ++i) {
            scene.login("carl", {"carl", "guess"});
            scene.clock.advance(std::chrono::seconds(32));
        }
        QCOMPARE(blocked, std::vector<std::string>{"10.0.0.1 carl"});
        QCOMPARE(scene.login("carl", {"carl", "guess"}).status, 0);
        QCOMPARE(scene.login("bert", {"bert", "secret b"}).status, 200);
        QCOMPARE(scene.exchange.blocked().size(), std::size_t{1});
        scene.from = "10.0.0.2";
        QCOMPARE(scene.login("carl", {"carl", "guess"}).status, 401);
        scene.from = "10.0.0.1";
        QVERIFY(scene.exchange.unblock(*IpAddress::parse("10.0.0.1")));
        QCOMPARE(scene.login("carl", {"carl", "guess"}).status, 401);
    }
    void whatIsNoSipIsCountedAndToldNowAndThen()
    {
        std::vector<std::string> told;
        ExchangeOptions options;
        options.onUnreadable = [&](const IpAddress& last, std::uint64_t count) {
            told.push_back(last.toString() + " " + std::to_string(count));
        };
        Scene scene{.options = options};
        const auto comes = [&](const char* from) {
            scene.exchange.onUnreadable({.address = *Endpoint::parse(from)});
        };
        comes("10.0.0.7:5060");
        comes("10.0.0.8:5060");
        QCOMPARE(told, std::vector<std::string>{"10.0.0.7 1"});
        scene.clock.advance(std::chrono::minutes(1));
        comes("10.0.0.9:5060");
        QCOMPARE(told, (std::vector<std::string>{"10.0.0.7 1", "10.0.0.9 3"}));
        QCOMPARE(scene.exchange.unreadable(), std::uint64_t{3});
    }
    void whatProvesNothingIsNoGuess()
    {
        Scene scene;
        test::DigestClient anna{"anna", "secret a"};
        const std::string challenge = scene.ask("anna", {}).challenges[0];
        const std::string answer = anna.answer(challenge, "REGISTER", kUri);
        QCOMPARE(scene.ask("anna", answer).status, 200);
        scene.from = "10.0.0.2"; // another sends what it has seen: right, but used before
        for (int i = 0; i < 60; ++i) {
            QCOMPARE(scene.ask("anna", answer).status, 401);
            QCOMPARE(scene.ask("anna", {}).status, 401);
            QCOMPARE(scene.ask("anna", "Digest username=\"anna").status, 401);
        }
        // Nor is it a log-in: it makes nobody trusted there.
        for (int i = 0; i < 10; ++i)
            QCOMPARE(scene.login("bert", {"bert", "guess"}).status, 401);
        QCOMPARE(scene.ask("anna", answer).status, 503);
    }
    void floodsWaitTheUsersDoNot()
    {
        Scene scene;
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 200);
        std::map<int, int> answers;
        for (int i = 0; i < 1000; ++i) {
            const auto answer = scene.ask("bert", {});
            QVERIFY(answer.retryAfter ==
                    (answer.status == 503 ? std::optional<std::uint32_t>(1) : std::nullopt));
            ++answers[answer.status];
        }
        QCOMPARE(answers, (std::map<int, int>{{401, 198}, {503, 200}, {0, 602}}));
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 200);
    }
    /// As the administrator, or another program, sets it, until somebody sets it anew.
    void presenceFollowsTheDirectory()
    {
        Scene scene;
        const auto said = [&] { return scene.exchange.subscriptions().presence("anna"); };
        QCOMPARE(said().activity, Activity::None);
        User away = userOf("anna", "21", "secret a");
        away.settings = {{"presence", "holiday"}, {"presence-note", "until Monday"}};
        scene.exchange.setDirectory(directoryOf({away}));
        QCOMPARE(said().activity, Activity::Holiday);
        QCOMPARE(said().note, std::string("until Monday"));
        Exchange restarted(directoryOf({away}), crypto::Secret::random().value(), {}, scene.clock);
        QCOMPARE(restarted.subscriptions().presence("anna").activity, Activity::Holiday);
        scene.exchange.setDirectory(directoryOf({userOf("anna", "21", "secret a")}));
        QCOMPARE(said().activity, Activity::None);
        QCOMPARE(said().note, std::string());
    }
    void usersThatChangeLoseTheirDevices()
    {
        Scene scene;
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 200);
        QCOMPARE(scene.login("bert", {"bert", "secret b"}).status, 200);
        User moved = userOf("bert", "29", "secret b"); // another number alone takes nothing away
        scene.exchange.setDirectory(directoryOf({userOf("anna", "21", "secret a"), moved}));
        QCOMPARE(scene.exchange.registrations(), std::size_t{2});
        scene.exchange.setDirectory(directoryOf({userOf("anna", "21", "another"), moved}));
        QCOMPARE(scene.exchange.registrations(), std::size_t{1});
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 401);
        QCOMPARE(scene.login("anna", {"anna", "another"}).status, 200);
        scene.exchange.setDirectory(directoryOf({moved}));
        QCOMPARE(scene.exchange.registrations(), std::size_t{1});
        QCOMPARE(scene.login("29", {"bert", "secret b"}).status, 200);
    }
    void registrationsRunOut()
    {
        Scene scene;
        QCOMPARE(scene.login("anna", {"anna", "secret a"}).status, 200);
        scene.clock.advance(std::chrono::seconds(601));
        QCOMPARE(scene.exchange.registrations(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
