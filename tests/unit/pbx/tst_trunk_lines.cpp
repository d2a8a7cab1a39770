// SPDX-License-Identifier: GPL-3.0-or-later
// Several trunks at registrars that a test plays: what a new snapshot changes, whose a call is, and whose
// turn.
#include "core/base/error.h" // before <algorithm>, whose <compare> moc cannot read first
#include "core/pbx/trunk_lines.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_registrars.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace std::chrono_literals;
using namespace std::string_literals;
using sr::test::FakeRegistrars;

namespace {

struct Told final : TrunkEvents {
    void onTrunk(const TrunkRow& row) override
    {
        words += row.trunk + " " + row.aor + " " + std::to_string(int(row.status.state)) + "; ";
    }
    std::string words;
};

Trunk trunk(const char* name, const std::vector<std::string>& users)
{
    Trunk trunk;
    trunk.name = name;
    for (const std::string& user : users) {
        TrunkAccount account;
        account.registrar = std::string(name) + ".example";
        account.user = user;
        account.password = sip::Password("secret");
        trunk.accounts.push_back(account);
    }
    return trunk;
}

/// That does not register.
Trunk gateway(const char* name, const char* address)
{
    Trunk gateway;
    gateway.name = name;
    gateway.isGateway = true;
    gateway.accounts.emplace_back();
    gateway.accounts[0].registrar = address;
    gateway.accounts[0].registers = false;
    return gateway;
}

struct Scene {
    FakeRegistrars registrars;
    sr::test::FakeClock clock;
    Told told;
    TrunkLines lines{registrars, clock, crypto::Secret(), told, &registrars};

    /// Takes the snapshot in; who was sent what.
    std::string update(const std::vector<Trunk>& trunks)
    {
        lines.update(trunks);
        lines.tick();
        return registrars.taken();
    }
    std::string callOf(const std::string& target, const std::string& to, const char* from,
                       sip::Transport transport = sip::Transport::Udp) const
    {
        sip::InviteRequest request;
        request.target = target;
        request.to.user = to;
        request.source = {*Endpoint::parse(from), transport};
        const auto call = lines.callOf(request);
        return call ? call->trunk->name + " " + call->trunk->accounts[call->account].user + " " + call->called
                    : "none"s;
    }
    std::string waysOf(const std::string& name)
    {
        std::string all;
        for (const TrunkWay& way : lines.ways(name))
            all += way.trunk->accounts[way.account].user;
        return all;
    }
};

} // namespace

class TestTrunkLines : public QObject {
    Q_OBJECT
private slots:
    void whatHasNotChangedGoesOn();
    void changedAccountHasNoGoodByeBehindIt();
    void changedPlaceIsTheSameLine();
    void otherValuesAreTakenOverWithoutRegistering();
    void callByOurContact();
    void callByTheAddress();
    void contactIsTheSameAfterARestart();
    void accountsTakeTurns();
    void rowsAndEvents();
    void leaves();
    void gatewayIsKnownByItsAddress();
    void gatewayByConnections();
    void gatewayWithAPasswordProvesItself();
    void gatewayOutOfOrderComesBack();
    void gatewayWithANameIsLookedUp();
    void gatewayThatIsNotAsked();
};

void TestTrunkLines::whatHasNotChangedGoesOn()
{
    Scene s;
    QCOMPARE(s.update({trunk("x", {"a"}), trunk("y", {"b"})}), "a+ b+"s);
    s.registrars.answer();
    QCOMPARE(s.update({trunk("x", {"a"}), trunk("y", {"b"})}), ""s);
    QCOMPARE(s.update({trunk("x", {"a", "c"}), trunk("y", {"b"})}), "c+"s);
    s.registrars.answer();
    QCOMPARE(s.update({trunk("x", {"a", "c"})}), "b-"s);
    QVERIFY(!s.lines.isGone());
    QCOMPARE(s.lines.rows().size(), 2U);
}

void TestTrunkLines::changedAccountHasNoGoodByeBehindIt()
{
    Scene s;
    s.update({trunk("x", {"a"})});
    s.registrars.answer();
    Trunk other = trunk("x", {"a"});
    other.accounts[0].password = sip::Password("new");
    QCOMPARE(s.update({other}), "a+"s);
    s.registrars.answer();
    QCOMPARE(s.update({}), "a-"s);
    QCOMPARE(s.update({other}), "a+"s); // while the good-bye was under way
    s.registrars.answer();
    QCOMPARE(s.waysOf("x"), "a"s);
}

void TestTrunkLines::changedPlaceIsTheSameLine()
{
    Scene s;
    s.update({trunk("x", {"a", "b", "c"})});
    s.registrars.answer();
    QCOMPARE(s.update({trunk("x", {"c", "b"})}), "a-"s);
    QCOMPARE(s.callOf(s.registrars.contacts["c"], "1", "192.0.2.1:5060"), "x c 1"s);
    QCOMPARE(s.lines.rows().at(0).aor, "c@x.example"s);
}

void TestTrunkLines::otherValuesAreTakenOverWithoutRegistering()
{
    Scene s;
    s.update({trunk("x", {"a"})});
    s.registrars.answer();
    Trunk other = trunk("x", {"a"});
    other.maxCalls = 7;
    QCOMPARE(s.update({other}), ""s);
    QCOMPARE(s.lines.ways("x").at(0).trunk->maxCalls, 7U);
}

void TestTrunkLines::callByOurContact()
{
    Scene s;
    s.update({trunk("x", {"a"}), trunk("y", {"b"})});
    s.registrars.answer();
    const std::string contact = s.registrars.contacts["b"];
    QCOMPARE(contact.size(), 32U);
    QCOMPARE(s.callOf(contact, "4930123", "198.51.100.7:5060"), "y b 4930123"s);
    QCOMPARE(s.callOf(contact + "0", "4930123", "198.51.100.7:5060"), "none"s);
    QCOMPARE(s.callOf("", "", "198.51.100.7:5060"), "none"s);
}

void TestTrunkLines::callByTheAddress()
{
    Scene s;
    Trunk x = trunk("x", {"a", "c"});
    x.ownNumber = "4930";
    x.peers = {*IpAddress::parse("203.0.113.9")};
    QVERIFY(!s.lines.isPeer(*IpAddress::parse("192.0.2.1")));
    s.update({x});
    s.registrars.answer("192.0.2.1:5060");
    QVERIFY(s.lines.isPeer(*IpAddress::parse("192.0.2.1")));
    QCOMPARE(s.callOf("493021", "", "192.0.2.1:9999"), "x a 493021"s);
    QCOMPARE(s.callOf("493021", "", "203.0.113.9:5060"), "x a 493021"s);
    QCOMPARE(s.callOf("5", "c", "192.0.2.1:9999"), "x c 5"s);
    QCOMPARE(s.callOf("493021", "", "192.0.2.2:5060"), "none"s);
    QCOMPARE(s.callOf("21", "", "192.0.2.1:5060"), "x a 21"s);
    QCOMPARE(s.callOf("21", "", "192.0.2.1:9999"), "none"s); // somebody else's telephone there
    QCOMPARE(s.callOf("21", "", "203.0.113.9:9999"), "x a 21"s);
    s.update({x, trunk("y", {"b"})}); // the same provider twice
    s.registrars.answer("192.0.2.1:5060");
    QCOMPARE(s.callOf("493021", "", "192.0.2.1:5060"), "x a 493021"s);
    QCOMPARE(s.callOf("b", "", "192.0.2.1:5060"), "y b b"s);
    QCOMPARE(s.callOf("5", "", "192.0.2.1:5060"), "none"s);
}

void TestTrunkLines::contactIsTheSameAfterARestart()
{
    Scene first;
    Scene second;
    first.update({trunk("x", {"a", "b"})});
    second.update({trunk("x", {"a"})});
    QCOMPARE(first.registrars.contacts["a"], second.registrars.contacts["a"]);
    QVERIFY(first.registrars.contacts["a"] != first.registrars.contacts["b"]);
}

void TestTrunkLines::accountsTakeTurns()
{
    Scene s;
    s.update({trunk("w", {"z"}), trunk("x", {"a", "b", "c"}), trunk("y", {"d"})});
    QCOMPARE(s.waysOf("x"), ""s);
    s.registrars.answer("192.0.2.1:5060", "b");
    QCOMPARE(s.waysOf("x"), "ac"s);
    QCOMPARE(s.waysOf("x"), "ca"s);
    QCOMPARE(s.waysOf("x"), "ac"s);
    QCOMPARE(s.waysOf("y"), "d"s);
    QCOMPARE(s.waysOf("y"), "d"s);
    QCOMPARE(s.waysOf("none"), ""s);
    QVERIFY(s.lines.ways("x").at(0).way.address == *Endpoint::parse("192.0.2.1:5060"));
}

void TestTrunkLines::rowsAndEvents()
{
    Scene s;
    s.update({trunk("x", {"a", "b"})});
    s.registrars.answer("192.0.2.1:5060", "b");
    QCOMPARE(s.told.words, "x a@x.example 1; x b@x.example 2; "s);
    const auto rows = s.lines.rows();
    QCOMPARE(rows.size(), 2U);
    QVERIFY(rows[0].status.until == s.clock.steadyNow() + 600s);
    QCOMPARE(rows[1].status.failure, 403);
}

void TestTrunkLines::leaves()
{
    Scene s;
    s.update({trunk("x", {"a"}), trunk("y", {"b"})});
    s.registrars.answer("192.0.2.1:5060", "b");
    s.lines.leave();
    QCOMPARE(s.registrars.taken(), "a-"s); // b has nothing to leave
    QVERIFY(!s.lines.isGone());
    s.clock.advance(4s);
    s.lines.tick();
    QVERIFY(s.lines.isGone());
    QCOMPARE(s.callOf(s.registrars.contacts["a"], "1", "192.0.2.1:5060"), "none"s);
}

void TestTrunkLines::gatewayIsKnownByItsAddress()
{
    Scene s;
    Trunk g = gateway("g", "192.0.2.9:5070");
    QCOMPARE(s.update({g, trunk("x", {"a"})}), "a+"s);
    QCOMPARE(s.callOf("101", "", "192.0.2.9:5070"), "g  101"s); // before it was asked
    QCOMPARE(s.callOf("101", "", "192.0.2.9:5071"), "none"s);   // somebody else's telephone there
    QCOMPARE(s.callOf("", "", "192.0.2.9:5071"), "none"s);
    QVERIFY(s.lines.isPeer(*IpAddress::parse("192.0.2.9")));
    g.peers = {*IpAddress::parse("192.0.2.10")};
    QCOMPARE(s.update({g, gateway("h", "192.0.2.9:5070")}), ""s);
    QCOMPARE(s.callOf("101", "", "192.0.2.10:9999"), "g  101"s);
    QCOMPARE(s.callOf("101", "", "192.0.2.9:5070"), "none"s); // two objects, and nothing tells them apart
}

void TestTrunkLines::gatewayByConnections()
{
    Scene s;
    Trunk g = gateway("g", "192.0.2.9:5061");
    g.accounts[0].transport = sip::Transport::Tls;
    s.update({g});
    QCOMPARE(s.callOf("101", "", "192.0.2.9:40000", sip::Transport::Tls), "g  101"s);
    QCOMPARE(s.callOf("101", "", "192.0.2.9:40000", sip::Transport::Tcp), "none"s);
    QCOMPARE(s.callOf("101", "", "192.0.2.9:40000"), "none"s);
}

void TestTrunkLines::gatewayWithAPasswordProvesItself()
{
    Scene s;
    Trunk g = gateway("g", "192.0.2.9:5070");
    g.provesItself = true;
    g.peers = {*IpAddress::parse("192.0.2.10")};
    s.update({g});
    QCOMPARE(s.callOf("101", "", "192.0.2.9:5070"), "none"s);
    QCOMPARE(s.callOf("101", "", "192.0.2.10:5070"), "none"s);
    QVERIFY(!s.lines.isPeer(*IpAddress::parse("192.0.2.9")));
    QCOMPARE(s.lines.ways("g").size(), 1U); // calls still go there
}

void TestTrunkLines::gatewayOutOfOrderComesBack()
{
    Scene s;
    s.update({gateway("g", "192.0.2.9:5070")});
    QCOMPARE(s.lines.ways("g").size(), 1U); // nobody knows yet
    s.clock.advance(5s);
    s.lines.tick();
    QCOMPARE(s.lines.ways("g").size(), 0U);
    QCOMPARE(s.lines.rows()[0].aor, "192.0.2.9:5070"s);
    QVERIFY(!s.lines.rows()[0].isGood());
    QCOMPARE(s.lines.rows()[0].keepAlive->failure, 408);
    QCOMPARE(s.callOf("101", "", "192.0.2.9:5070"), "g  101"s); // it may still reach us
    s.clock.advance(10s);
    s.lines.tick();
    QVERIFY(s.registrars.answerOptions("192.0.2.9:5070", 405, "192.0.2.9:5070"));
    QCOMPARE(s.lines.ways("g").size(), 1U);
    QVERIFY(s.lines.rows()[0].isGood() && s.lines.rows()[0].isGateway);
    Trunk g = gateway("g", "192.0.2.9:5070");
    g.maxCalls = 3;
    s.update({g}); // what is known of it stays
    QVERIFY(s.lines.rows()[0].isGood());
}

void TestTrunkLines::gatewayWithANameIsLookedUp()
{
    Scene s;
    s.update({gateway("g", "gw.example")});
    QCOMPARE(s.lines.ways("g").size(), 0U); // nobody knows where it is
    QVERIFY(s.registrars.answerOptions("gw.example", 200, "192.0.2.9:5060"));
    QVERIFY(s.lines.ways("g").at(0).way.address == *Endpoint::parse("192.0.2.9:5060"));
    QCOMPARE(s.callOf("101", "", "192.0.2.9:5060"), "g  101"s);
}

void TestTrunkLines::gatewayThatIsNotAsked()
{
    Scene s;
    Trunk g = gateway("g", "192.0.2.9:5070");
    g.isAsked = false;
    s.update({g});
    QVERIFY(!s.registrars.answerOptions("192.0.2.9:5070", 200));
    s.clock.advance(60s);
    s.lines.tick();
    QCOMPARE(s.lines.ways("g").size(), 1U);
    s.lines.leave();
    QVERIFY(s.lines.isGone());
}

QTEST_GUILESS_MAIN(TestTrunkLines)
#include "tst_trunk_lines.moc"
