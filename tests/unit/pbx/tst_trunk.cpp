// SPDX-License-Identifier: GPL-3.0-or-later
// The rules for trunks, and how a call to one introduces itself.
#include "core/base/error.h" // before <algorithm>, whose <compare> moc cannot read first
#include "core/pbx/pbx_error.h"
#include "core/pbx/trunk.h"

#include <QTest>

#include <functional>

using namespace sr;
using namespace sr::pbx;
using namespace std::string_literals;

namespace {

Trunk trunk()
{
    Trunk trunk;
    trunk.name = "provider";
    TrunkAccount account;
    account.registrar = "sip.provider.example:5070";
    account.user = "4930123";
    account.password = sip::Password("secret");
    trunk.accounts = {account};
    return trunk;
}

sip::OutgoingInvite inviteOf(CallerIn callerIn, const TrunkCaller& caller)
{
    Trunk values = trunk();
    values.callerIn = callerIn;
    return trunkInvite(values, values.accounts[0], {}, "+49891234#", caller);
}

} // namespace

class TestTrunk : public QObject {
    Q_OBJECT
private slots:
    void hosts_data();
    void hosts();
    void rules_data();
    void rules();
    void namesOfTheAccount();
    void callIsForTheDomain();
    void callerStandsWhereTheProviderLooks();
    void withheldNumberIsForTheProviderAlone();
};

void TestTrunk::hosts_data()
{
    QTest::addColumn<std::string>("host");
    QTest::addColumn<bool>("good");
    const auto row = [](const char* host, bool good) {
        QTest::newRow(QByteArray(host).simplified().prepend(good ? "good: " : "bad: ").constData())
            << std::string(host) << good;
    };
    for (const char* good : {"provider.example", "p", "192.0.2.1", "192.0.2.1:5060", "provider.example:65535",
                             "[2001:db8::1]", "[2001:db8::1]:5061"})
        row(good, true);
    for (const char* bad : {"",      "a b",         "a;x",          "a>",    "a@b",
                            "a:0",   "a:65536",     "a:",           "a:x",   "a:123456",
                            ":5060", "2001:db8::1", "[2001:db8::1", "[x]",   "[192.0.2.1]",
                            "-a",    ".a",          "a\r\nVia: b",  "sip:a", "[2001:db8::1]x"})
        row(bad, false);
}

void TestTrunk::hosts()
{
    QFETCH(std::string, host);
    QFETCH(bool, good);
    const Status checked = checkHost(host);
    QCOMPARE(bool(checked), good);
    QVERIFY(good || checked.error().code == PbxErrc::BadTrunk);
}

void TestTrunk::rules_data()
{
    QTest::addColumn<std::function<void(Trunk&)>>("change");
    QTest::addColumn<int>("error");
    const auto row = [](const char* name, int error, std::function<void(Trunk&)> change) {
        QTest::newRow(name) << std::move(change) << error;
    };
    const int bad = int(PbxErrc::BadTrunk);
    row("good", 0, [](Trunk&) {});
    row("two accounts", 0, [](Trunk& t) { t.accounts.push_back(t.accounts[0]); });
    row("no account", bad, [](Trunk& t) { t.accounts.clear(); });
    row("too many accounts", bad, [](Trunk& t) { t.accounts.resize(17, t.accounts[0]); });
    row("no name", int(PbxErrc::BadName), [](Trunk& t) { t.name.clear(); });
    row("no password", int(PbxErrc::NoPassword), [](Trunk& t) { t.accounts[0].password = {}; });
    row("a line end in it", bad, [](Trunk& t) { t.accounts[0].password = sip::Password("a\nb"); });
    row("no user", bad, [](Trunk& t) { t.accounts[0].user.clear(); });
    row("a line end in the login", bad, [](Trunk& t) { t.accounts[0].authUser = "a\r\nb"; });
    row("a registrar that ends the URI", bad, [](Trunk& t) { t.accounts[0].registrar = "a>"; });
    row("such a proxy", bad, [](Trunk& t) { t.accounts[0].proxy = "a;lr"; });
    row("such a domain", bad, [](Trunk& t) { t.accounts[0].domain = "a b"; });
    row("too short", bad, [](Trunk& t) { t.expires = 59; });
    row("too long", bad, [](Trunk& t) { t.expires = 86401; });
    row("a bad own number", int(PbxErrc::BadNumber), [](Trunk& t) { t.ownNumber = "x"; });
    row("a bad rule", int(PbxErrc::BadNumber), [](Trunk& t) { t.callingOut.rules = {{"x", ""}}; });
    row("a bad destination", int(PbxErrc::BadNumber), [](Trunk& t) { t.loopback = "x"; });
}

void TestTrunk::rules()
{
    QFETCH(std::function<void(Trunk&)>, change);
    QFETCH(int, error);
    Trunk values = trunk();
    change(values);
    const Status checked = check(values);
    QCOMPARE(bool(checked), error == 0);
    if (error != 0)
        QVERIFY(checked.error().code == PbxErrc(error));
    QVERIFY(checked || checked.error().context.find("secret") == std::string::npos);
}

void TestTrunk::namesOfTheAccount()
{
    TrunkAccount account = trunk().accounts[0];
    QCOMPARE(domainOf(account), "sip.provider.example"s);
    account.registrar = "[2001:db8::1]:5060";
    QCOMPARE(domainOf(account), "[2001:db8::1]"s);
    account.registrar = "[2001:db8::1]";
    QCOMPARE(domainOf(account), "[2001:db8::1]"s);
    account.domain = "provider.example";
    QCOMPARE(domainOf(account), "provider.example"s);
    QCOMPARE(digestAccountOf(account).user, "4930123"s);
    account.authUser = "login";
    QCOMPARE(digestAccountOf(account).user, "login"s);
    QCOMPARE(digestAccountOf(account).password.text(), "secret"s);
}

void TestTrunk::callIsForTheDomain()
{
    const auto invite = inviteOf(CallerIn::Asserted, {});
    QCOMPARE(invite.uri, "sip:+49891234%23@sip.provider.example"s);
    QCOMPARE(invite.to.user, "+49891234#"s);
    QCOMPARE(invite.account->user, "4930123"s);
}

void TestTrunk::callerStandsWhereTheProviderLooks()
{
    const TrunkCaller anna{"493012321", "Anna", false};
    auto invite = inviteOf(CallerIn::Asserted, anna);
    QCOMPARE(invite.from.user, "4930123"s);
    QVERIFY(invite.asserted && invite.asserted->user == "493012321" && !invite.preferred);
    invite = inviteOf(CallerIn::Preferred, anna);
    QCOMPARE(invite.from.user, "4930123"s);
    QVERIFY(invite.preferred && invite.preferred->user == "493012321" && !invite.asserted);
    invite = inviteOf(CallerIn::From, anna);
    QCOMPARE(invite.from.user, "493012321"s);
    QVERIFY(!invite.asserted && !invite.preferred && !invite.isPrivate);
    QCOMPARE(inviteOf(CallerIn::From, {}).from.user, "4930123"s);
}

void TestTrunk::withheldNumberIsForTheProviderAlone()
{
    for (const CallerIn callerIn : {CallerIn::Asserted, CallerIn::Preferred, CallerIn::From}) {
        const auto invite = inviteOf(callerIn, {"493012321", "Anna", true});
        QVERIFY((invite.from == sip::NameAddress{"Anonymous", "anonymous", "anonymous.invalid"}));
        QVERIFY(invite.isPrivate);
        const auto& real = callerIn == CallerIn::Preferred ? invite.preferred : invite.asserted;
        QVERIFY(real && real->user == "493012321");
    }
}

QTEST_GUILESS_MAIN(TestTrunk)
#include "tst_trunk.moc"
