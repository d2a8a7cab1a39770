// SPDX-License-Identifier: GPL-3.0-or-later
// Trunk objects that carry calls: their settings, who may go out and as whom, what is tried next, who comes
// in, and their call data records.
#include "core/base/endpoint.h"
#include "core/pbx/call_control.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"
#include "core/pbx/trunk_service.h"
#include "core/pbx/trunk_settings.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_phones.h"
#include "tests/unit/pbx/fake_registrars.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace std::chrono_literals;
using sr::test::FakePhone;
using sr::test::FakeSession;

namespace {

const std::string kSdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                         "m=audio 4000 RTP/AVP 8\r\n";

Object object(Kind kind, const char* name, const char* number,
              std::map<std::string, std::string> settings = {})
{
    Object out{name, number, std::string(name) + " itself", {}, {}};
    out.kind = kind;
    out.settings = std::move(settings);
    return out;
}

Object provider(const char* name, const char* number, std::map<std::string, std::string> more = {})
{
    more.insert({{"registrar", std::string(name) + ".example"}, {"account", name}, {"own", "+4930123"}});
    more.insert({{"country", "49"}, {"area", "30"}});
    Object out = object(Kind::Trunk, name, number, std::move(more));
    out.login = "secret";
    return out;
}

Object gateway(const char* name, const char* number, std::map<std::string, std::string> settings = {})
{
    return object(Kind::Gateway, name, number, std::move(settings));
}

Object member(const char* name, const char* number, const char* group)
{
    Object out = object(Kind::User, name, number);
    out.groups = {group};
    return out;
}

QString attributesOf(const cdr::CdrEvent& event)
{
    std::string text = event.msg;
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty())
            text += std::string(" ") + key + "=" + value;
    };
    add("type", event.type);
    add("e164", event.e164);
    add("h323", event.h323);
    if (event.ep)
        add("ep", event.ep->e164);
    if (event.cause)
        add("cause", std::to_string(*event.cause));
    return QString::fromStdString(text);
}

/// anna (100) of Sales and otto (101), and what else a test wants.
struct Scene {
    explicit Scene(const std::vector<Object>& more)
    {
        relay::RelayOptions options;
        options.firstPort = 30000;
        options.lastPort = 39999;
        relay = std::move(relay::Relay::start(options)).value();
        TrunkParts parts;
        parts.sender = &registrars;
        parts.asker = &registrars;
        parts.say = [this](const std::string& words) { said += words + "\n"; };
        trunks = std::make_unique<TrunkService>(parts, clock);
        control = std::make_unique<CallControl>(dialer, *relay, tap, records, registrar, clock);
        control->setLines(trunks->lines());
        take(more);
        registers("otto");
    }
    void take(const std::vector<Object>& more)
    {
        std::vector<Object> objects = more;
        objects.push_back(member("anna", "100", "Sales"));
        objects.push_back(member("otto", "101", "Desk"));
        std::ranges::sort(objects, {}, &Object::name);
        directory = std::make_shared<const Directory>("switchroom", std::move(objects));
        control->setDirectory(directory);
        trunks->setDirectory(*directory);
        trunks->onSecond();
        registrars.answer();
    }
    void registers(const std::string& name)
    {
        sip::RegisterRequest request;
        request.user = name;
        request.callId = name;
        request.contacts.push_back({"sip:" + name + "@127.0.0.1:5070", {}, {}});
        registrar.take(name, request, clock.steadyNow());
    }
    /// What who calls is told at once.
    QString dialFrom(const std::string& name, const std::string& number, const std::string& from = {})
    {
        FakePhone& caller = callers.emplace_back();
        sip::InviteRequest request;
        request.target = number;
        request.from.user = from;
        request.sdp = kSdp;
        control->onInvite(std::make_unique<FakeSession>(caller), request, *directory->byName(name));
        return QString::fromStdString(caller.log());
    }
    QString dial(const std::string& number) { return dialFrom("anna", number); }
    /// A call of the provider to our contact there.
    QString comesIn(const std::string& account, const std::string& called, const std::string& from)
    {
        sip::InviteRequest request;
        request.target = registrars.contacts[account];
        request.to.user = called;
        request.from.user = from;
        request.sdp = kSdp;
        return take(request);
    }
    /// A call from a gateway at an address, or whatever else is there.
    sip::InviteRequest requestFrom(const char* address, const char* target, const char* from) const
    {
        sip::InviteRequest request;
        request.target = target;
        request.from.user = from;
        request.source.address = *Endpoint::parse(address);
        request.sdp = kSdp;
        return request;
    }
    QString take(const sip::InviteRequest& request)
    {
        const auto call = trunks->callOf(request);
        if (!call)
            return QStringLiteral("not ours");
        FakePhone& caller = callers.emplace_back();
        control->onInvite(std::make_unique<FakeSession>(caller), call->request,
                          *directory->byName(call->trunk));
        return QString::fromStdString(caller.log());
    }
    FakePhone& last() { return dialer.phones.back(); }
    QString lastUri() { return QString::fromStdString(last().invite.uri); }
    const cdr::CallDataRecord& recordOf(const std::string& name) const
    {
        return **std::ranges::find_if(finished, [&](const auto& one) { return one->h323 == name; });
    }
    QStringList eventsOf(const std::string& name) const
    {
        QStringList all;
        for (const cdr::CdrEvent& event : recordOf(name).events)
            all << attributesOf(event);
        return all;
    }

    test::FakeClock clock;
    test::FakeRegistrars registrars;
    struct NoTap final : relay::CallTap {
        void message(relay::TapMessage&&) override {}
        void media(std::uint64_t, const Endpoint&, const Endpoint&) override {}
        void closed(std::uint64_t) override {}
    } tap;
    std::vector<CallRecords::Record> finished;
    CallRecords records{[this](const CallRecords::Record& one) { finished.push_back(one); }, {"PBX"}, clock};
    std::unique_ptr<relay::Relay> relay;
    test::FakeDialer dialer;
    std::deque<FakePhone> callers;
    Registrar registrar;
    std::shared_ptr<const Directory> directory;
    std::unique_ptr<TrunkService> trunks;
    std::unique_ptr<CallControl> control;
    std::string said;
};

} // namespace

class TestTrunkService : public QObject {
    Q_OBJECT
private slots:
    void settingsBecomeATrunk()
    {
        Object line = provider("x", "0",
                               {{"registrar", "a.example b.example:5070"},
                                {"proxy", "p.example"},
                                {"login", "me"},
                                {"transport", "tls"},
                                {"expires", "120"},
                                {"peers", "192.0.2.1 2001:db8::1"},
                                {"calls", "4"},
                                {"caller", "preferred"},
                                {"called-out", "0=+49 00=+ plus"},
                                {"only", "Sales"},
                                {"next", "y"},
                                {"loopback", "12"}});
        QVERIFY(checkSettings(line.kind, line.settings));
        const auto trunk = trunkOf(line);
        QVERIFY2(trunk, trunk ? "" : trunk.error().text().c_str());
        QCOMPARE(trunk->accounts.size(), std::size_t{2});
        QCOMPARE(trunk->accounts[1].registrar, std::string("b.example:5070"));
        QCOMPARE(trunk->accounts[1].proxy, std::string("p.example"));
        QCOMPARE(trunk->accounts[1].authUser, std::string("me"));
        QVERIFY(trunk->accounts[1].transport == sip::Transport::Tls);
        QCOMPARE(trunk->accounts[1].password.text(), std::string("secret"));
        QCOMPARE(trunk->expires, 120U);
        QCOMPARE(trunk->peers.size(), std::size_t{2});
        QCOMPARE(trunk->maxCalls, 4U);
        QVERIFY(trunk->callerIn == CallerIn::Preferred);
        QVERIFY(trunk->calledOut.form == NumberForm::Plus);
        QCOMPARE(trunk->calledOut.rules.size(), std::size_t{2});
        QVERIFY(trunk->callingIn.form == NumberForm::National);
        QVERIFY(trunk->filter.kind == RouteFilter::Kind::Only);
        QCOMPARE(trunk->next, std::string("y"));
        QCOMPARE(trunk->loopback, std::string("12"));
        line.settings["expires"] = "30";
        QVERIFY(trunkOf(line).error().code == PbxErrc::BadTrunk);
    }

    void badSettingsAreRefused()
    {
        const std::pair<const char*, const char*> bad[] = {
            {"registrar", "a b;c"}, {"proxy", "a b"},     {"peers", "somewhere"}, {"caller", "to"},
            {"called-out", "0"},    {"called-in", "a=b"}, {"own", "4930-1"},      {"next", "?"}};
        for (const auto& [key, value] : bad)
            QVERIFY2(!checkSettings(Kind::Trunk, {{key, value}}), key);
    }

    void trunksAreRegisteredAndChanged()
    {
        Scene scene({provider("x", "0")});
        QCOMPARE(scene.registrars.taken(), std::string("x+"));
        QVERIFY(scene.said.find("Trunk x, x@x.example: registered") == 0);
        scene.take({provider("x", "0"), provider("y", "1", {{"own", "0"}})});
        QCOMPARE(scene.registrars.taken(), std::string("y+"));
        Object broken = provider("z", "2");
        broken.login.clear();
        scene.said.clear();
        scene.take({broken});
        QCOMPARE(scene.registrars.taken(), std::string("x- y-"));
        QVERIFY2(scene.said.starts_with("Alarm: ") && scene.said.find("trunk z") != scene.said.npos,
                 scene.said.c_str());
        scene.said.clear();
        scene.take({broken}); // said once
        QCOMPARE(scene.said, std::string());
        QVERIFY(scene.trunks->leave());
    }

    void stopWaitsForTheGoodBye()
    {
        Scene scene({provider("x", "0")});
        scene.registrars.taken();
        QVERIFY(!scene.trunks->leave());
        QCOMPARE(scene.registrars.taken(), std::string("x-"));
        scene.registrars.answer();
        QVERIFY(scene.trunks->leave());
        QCOMPARE(scene.registrars.taken(), std::string()); // once
    }

    void callsLeaveByTheTrunk()
    {
        Scene scene({provider("x", "0", {{"called-out", "plus"}}), provider("plain", "8")});
        QCOMPARE(scene.dial("0089555"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:+4989555@x.example"));
        const sip::OutgoingInvite& invite = scene.last().invite;
        QCOMPARE(invite.account->user, std::string("x"));
        QCOMPARE(invite.from.user, std::string("x"));
        QCOMPARE(invite.asserted->user, std::string("+4930123100"));
        QCOMPARE(invite.conferenceGuid, std::string());
        QVERIFY(!invite.isPrivate);
        QCOMPARE(scene.dial("8089#"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:089%23@plain.example"));
        QCOMPARE(scene.dialFrom("anna", "089", "anonymous"), QString());
        QVERIFY(scene.last().invite.isPrivate);
        QCOMPARE(scene.last().invite.from.user, std::string("anonymous"));
        QCOMPARE(scene.last().invite.asserted->user, std::string("+4930123100"));
        QCOMPARE(scene.dial("0"), QStringLiteral("503 over")); // nobody there is meant
    }

    void groupsMayOrMayNot()
    {
        Scene scene({provider("x", "0", {{"only", "Sales"}}), provider("y", "8", {{"except", "Sales"}}),
                     gateway("far", "7", {{"only", "Desk"}, {"enblock", "3"}})});
        scene.registers("far");
        QCOMPARE(scene.dial("0123"), QString());
        QCOMPARE(scene.dial("8123"), QStringLiteral("403 over"));
        QCOMPARE(scene.dialFrom("otto", "0123"), QStringLiteral("403 over"));
        QCOMPARE(scene.dialFrom("otto", "8123"), QString());
        QCOMPARE(scene.dial("7123"), QStringLiteral("403 over"));
        QCOMPARE(scene.dialFrom("otto", "712"), QStringLiteral("484 over"));
        QCOMPARE(scene.dialFrom("otto", "7123"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@127.0.0.1:5070"));
    }

    void nextWayIsTakenWhereOneIsOutOfOrder()
    {
        Scene scene({provider("x", "0", {{"registrar", "a.example b.example"}, {"next", "y"}}),
                     provider("y", "", {{"next", "far"}}), gateway("far", "7", {{"next", "x"}})});
        scene.registers("far");
        QCOMPARE(scene.dial("0123"), QString());
        for (const char* there : {"sip:123@a.example", "sip:123@b.example", "sip:123@y.example"}) {
            QCOMPARE(scene.lastUri(), QString::fromLatin1(there));
            QCOMPARE(scene.last().invite.sdp.empty(), false);
            scene.last().events->onReply({503, {}});
        }
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@127.0.0.1:5070"));
        scene.last().events->onReply({486, {}}); // the called person is busy: nobody else is asked
        QCOMPARE(QString::fromStdString(scene.callers.back().log()), QStringLiteral("486 over"));
        QCOMPARE(scene.eventsOf("x"), (QStringList{QStringLiteral("setup-to e164=100 h323=anna"),
                                                   QStringLiteral("rel-from ep=123 cause=41")}));
        QCOMPARE(scene.eventsOf("far").size(), qsizetype{2});
        QCOMPARE(scene.dial("0123"), QString()); // the accounts take turns
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@b.example"));
        scene.last().events->onReply({486, {}});
        QCOMPARE(QString::fromStdString(scene.callers.back().log()), QStringLiteral("486 over"));
    }

    void silentTrunkIsNoService()
    {
        Scene scene({provider("x", "0")});
        QCOMPARE(scene.dial("0123"), QString());
        scene.last().events->onReply({408, {}});
        QCOMPARE(QString::fromStdString(scene.callers.back().log()), QStringLiteral("503 over"));
    }

    void nobodyRegisteredIsNoService()
    {
        Scene scene({provider("x", "0")});
        scene.clock.advance(700s); // no refresh came through
        scene.trunks->onSecond();
        QVERIFY(scene.said.ends_with("Alarm: trunk x, x@x.example: no longer registered.\n"));
        QCOMPARE(scene.dial("0123"), QStringLiteral("503 over"));
        QCOMPARE(scene.comesIn("x", "+4930123101", "+4989555"), QString()); // it may still reach us
    }

    void asManyCallsAsTheTrunkHas()
    {
        Scene scene({provider("x", "0", {{"calls", "2"}, {"next", "y"}}),
                     provider("y", "8", {{"calls", "1"}}), gateway("far", "7", {{"calls", "1"}})});
        scene.registers("far");
        for (const char* there : {"x", "x", "y"}) {
            QCOMPARE(scene.dial("0123"), QString());
            QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@%1.example").arg(QLatin1String(there)));
        }
        QCOMPARE(scene.dial("0123"), QStringLiteral("503 over"));
        QCOMPARE(scene.comesIn("x", "+4930123101", "+4989555"), QStringLiteral("486 over"));
        QCOMPARE(scene.dial("7123"), QString());
        QCOMPARE(scene.dial("7123"), QStringLiteral("503 over"));
        QCOMPARE(scene.dialFrom("far", "101"), QStringLiteral("486 over"));
        scene.control->hangUpAll();
        QCOMPARE(scene.comesIn("x", "+4930123101", "+4989555"), QString());
    }

    void callsComeIn_data()
    {
        QTest::addColumn<QString>("called");
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("shown");
        QTest::newRow("E.164") << "+4930123101"
                               << "+4989555"
                               << "0089555";
        QTest::newRow("without a plus") << "4930123101"
                                        << "004989555"
                                        << "0089555";
        QTest::newRow("national") << "030123101"
                                  << "089555"
                                  << "0089555";
        QTest::newRow("from abroad") << "004930123101"
                                     << "+33142"
                                     << "00033142";
        QTest::newRow("of a short number") << "+4930123101"
                                           << "112"
                                           << "0112";
        QTest::newRow("withheld") << "+4930123101"
                                  << "anonymous"
                                  << "anonymous";
    }
    void callsComeIn()
    {
        QFETCH(QString, called);
        QFETCH(QString, from);
        QFETCH(QString, shown);
        Scene scene({provider("x", "0")});
        QCOMPARE(scene.comesIn("x", called.toStdString(), from.toStdString()), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:otto@127.0.0.1:5070"));
        QCOMPARE(QString::fromStdString(scene.last().invite.from.user), shown);
    }

    void whoIsNotMeantGoesElsewhere()
    {
        Scene scene({provider("x", "0", {{"incomplete", "101"}, {"incoming", "10"}}), provider("y", "8")});
        QCOMPARE(scene.comesIn("x", "+49301231", "+4989555"), QString()); // incoming and what is behind
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:otto@127.0.0.1:5070"));
        scene.control->hangUpAll();
        QCOMPARE(scene.comesIn("x", "x", "+4989555"), QString()); // the account itself: 10, digits missing
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:otto@127.0.0.1:5070"));
        QCOMPARE(scene.comesIn("x", "+493012399", "+4989555"), QStringLiteral("404 over"));
        QCOMPARE(scene.comesIn("y", "+493012310", "+4989555"), QStringLiteral("484 over"));
        QCOMPARE(scene.comesIn("y", "*21*0900#", "+4989555"), QStringLiteral("404 over")); // no codes
        sip::InviteRequest stranger;
        stranger.target = "101";
        stranger.source.address = *Endpoint::parse("198.51.100.7:5060");
        QVERIFY(!scene.trunks->callOf(stranger));
    }

    void nobodyOutsideCallsOutsideByUs()
    {
        Object forwarder = object(Kind::User, "carl", "102");
        setPlainDiversion(forwarder, Diversion::Type::Always, "0089777");
        Scene scene({provider("x", "0"), provider("y", "8", {{"loopback", "101"}}), gateway("far", "7"),
                     gateway("branch", "6", {{"inside", "on"}}), forwarder});
        scene.registers("far");
        scene.registers("branch");
        QCOMPARE(scene.comesIn("x", "+493012300900", "+4989555"), QStringLiteral("403 over"));
        QCOMPARE(scene.comesIn("x", "+49301237900", "+4989555"), QStringLiteral("403 over"));
        QCOMPARE(scene.comesIn("x", "+49301236900", "+4989555"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:900@127.0.0.1:5070"));
        QCOMPARE(scene.comesIn("y", "+493012300900", "+4989555"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:otto@127.0.0.1:5070"));
        QCOMPARE(scene.comesIn("x", "+4930123102", "+4989555"), QString()); // carl wants it so
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:089777@x.example"));
        QCOMPARE(scene.last().invite.asserted->user, std::string("089555"));
        QCOMPARE(scene.last().invite.diversions.front().number, std::string("+4930123102"));
    }

    void addressOrRegistrar()
    {
        Object line = object(Kind::Trunk, "x", "0", {{"address", "192.0.2.9:5070"}});
        auto trunk = trunkOf(line);
        QVERIFY2(trunk, trunk ? "" : trunk.error().text().c_str()); // neither account nor password
        QVERIFY(!trunk->accounts.at(0).registers && !trunk->isGateway);
        line.settings["registrar"] = "a.example";
        line.settings["account"] = "x";
        line.login = "secret";
        QVERIFY(trunkOf(line).error().code == PbxErrc::BadTrunk); // both
        line.settings.erase("registrar");
        QVERIFY(trunkOf(line)); // who we are there, where somebody asks
        line.settings["address"] = "192.0.2.9 192.0.2.10";
        QVERIFY(!checkSettings(line.kind, line.settings));
        line.settings["address"] = "gw.example";
        line.settings["options"] = "off";
        QVERIFY(trunkOf(line).error().code == PbxErrc::BadTrunk); // nobody would ever look it up
        line.settings["address"] = "[2001:db8::1]:5070";
        QVERIFY(trunkOf(line));
        Object gate = gateway("far", "7", {{"address", "gw;x"}});
        QVERIFY(!checkSettings(gate.kind, gate.settings));
        gate.settings["address"] = "192.0.2.9";
        QVERIFY(trunkOf(gate)->isGateway && !trunkOf(gate)->provesItself);
        gate.secret = sip::digestSecret("far", "switchroom", "secret");
        QVERIFY(trunkOf(gate)->provesItself);
    }

    void callsLeaveByAnAddress()
    {
        Scene scene({gateway("far", "7", {{"address", "192.0.2.9:5070"}, {"called-out", "9=+49"}}),
                     object(Kind::Trunk, "x", "0", {{"address", "192.0.2.8"}, {"own", "+4930123"}})});
        scene.registers("far"); // not where it has an address
        QVERIFY(scene.registrars.answerOptions("192.0.2.9:5070", 200, "192.0.2.9:5070"));
        QVERIFY(scene.said.find("Gateway far, 192.0.2.9:5070: answers at 192.0.2.9:5070.") == 0);
        QCOMPARE(scene.dial("7989"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:+4989@192.0.2.9:5070"));
        QVERIFY(scene.last().invite.way.address == *Endpoint::parse("192.0.2.9:5070"));
        QCOMPARE(scene.last().invite.from.user, std::string("100"));
        QCOMPARE(scene.last().invite.server, std::string("192.0.2.9:5070"));
        QVERIFY(!scene.last().invite.account && !scene.last().invite.isPrivate);
        QCOMPARE(scene.dialFrom("anna", "71", "anonymous"), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("anonymous"));
        QCOMPARE(scene.last().invite.asserted->user, std::string("100"));
        QVERIFY(scene.last().invite.isPrivate);
        QVERIFY(scene.registrars.answerOptions("192.0.2.8", 200, "192.0.2.8:5060"));
        QCOMPARE(scene.dial("0089"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:089@192.0.2.8"));
        QVERIFY(!scene.last().invite.account); // it has no password
        QCOMPARE(scene.last().invite.from.user, std::string("+4930123100"));
        QCOMPARE(scene.last().invite.asserted->user, std::string("+4930123100"));
    }

    void gatewayOutOfOrderIsSkipped()
    {
        Scene scene({gateway("far", "7", {{"address", "192.0.2.9:5070"}, {"next", "near"}}),
                     gateway("near", "6", {{"address", "192.0.2.8:5070"}})});
        QVERIFY(scene.registrars.answerOptions("192.0.2.8:5070", 200, "192.0.2.8:5070"));
        scene.clock.advance(5s);
        scene.trunks->onSecond();
        QVERIFY(scene.said.ends_with("Alarm: gateway far, 192.0.2.9:5070: does not answer (408).\n"));
        QCOMPARE(scene.dial("712"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:12@192.0.2.8:5070"));
        scene.clock.advance(10s);
        scene.trunks->onSecond();
        QVERIFY(scene.registrars.answerOptions("192.0.2.9:5070", 200, "192.0.2.9:5070"));
        QCOMPARE(scene.dial("712"), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:12@192.0.2.9:5070"));
        scene.last().events->onReply({408, {}}); // it has just died
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:12@192.0.2.8:5070"));
    }

    void callsComeInFromAnAddress()
    {
        Scene scene({gateway("far", "7", {{"address", "192.0.2.9:5070"}, {"called-in", "55="}}),
                     object(Kind::Trunk, "x", "0", {{"address", "192.0.2.8"}, {"own", "+4930123"}})});
        QCOMPARE(scene.take(scene.requestFrom("192.0.2.9:5070", "55101", "21")), QString());
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:otto@127.0.0.1:5070"));
        QCOMPARE(scene.last().invite.from.user, std::string("721"));
        QCOMPARE(scene.take(scene.requestFrom("192.0.2.9:5070", "otto", "+4989")), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("7004989"));
        QCOMPARE(scene.take(scene.requestFrom("192.0.2.9:9999", "101", "21")), QStringLiteral("not ours"));
        scene.registrars.answerOptions("192.0.2.8", 200, "192.0.2.8:5060");
        QCOMPARE(scene.take(scene.requestFrom("192.0.2.8:5060", "+4930123101", "+33142")), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("00033142"));
    }

    /// RFC 3325: who is vouched for counts, and nothing is told of who wants to be unknown.
    void identityOfWhoComesIn()
    {
        Scene scene({provider("x", "0"), gateway("far", "7", {{"address", "192.0.2.9:5070"}})});
        sip::InviteRequest request = scene.requestFrom("192.0.2.9:5070", "101", "switchboard");
        request.identity = sip::NameAddress{"Zoe", "21", {}};
        QCOMPARE(scene.take(request), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("721"));
        QCOMPARE(scene.last().invite.from.display, std::string("Zoe"));
        request.isPrivate = true;
        QCOMPARE(scene.take(request), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("anonymous"));
        QCOMPARE(scene.last().invite.from.display, std::string("far itself"));
        QVERIFY(!scene.last().invite.asserted && !scene.last().invite.preferred);
        request = scene.requestFrom("192.0.2.1:5060", "", "x");
        request.target = scene.registrars.contacts["x"];
        request.to.user = "+4930123101";
        request.identity = sip::NameAddress{{}, "+4989555", {}};
        QCOMPARE(scene.take(request), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("0089555"));
        request.from = {"Zoe", "anonymous", "anonymous.invalid"};
        QCOMPARE(scene.take(request), QString());
        QCOMPARE(scene.last().invite.from.user, std::string("anonymous"));
        QCOMPARE(scene.last().invite.from.display, std::string("x itself"));
    }

    void telephonesVouchForNobody()
    {
        Scene scene({});
        FakePhone& caller = scene.callers.emplace_back();
        sip::InviteRequest request = scene.requestFrom("192.0.2.50:5060", "101", "anna");
        request.identity = sip::NameAddress{"The boss", "1", {}};
        scene.control->onInvite(std::make_unique<FakeSession>(caller), request,
                                *scene.directory->byName("anna"));
        QCOMPARE(scene.last().invite.from.user, std::string("100"));
        QCOMPARE(scene.last().invite.from.display, std::string("anna itself"));
        QVERIFY(!scene.last().invite.asserted);
    }

    void blindTransferTriesTheNextWays()
    {
        Scene scene({provider("x", "0", {{"next", "far"}}), gateway("far", "7")});
        scene.registers("far");
        QCOMPARE(scene.dial("101"), QString());
        FakePhone& anna = scene.callers.back();
        FakePhone& otto = scene.last();
        otto.events->onReply({200, kSdp});
        otto.events->onRefer({"0123", {}});
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@x.example"));
        scene.last().events->onReply({183, kSdp});
        scene.last().events->onReply({503, {}});
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@127.0.0.1:5070"));
        QVERIFY(!scene.last().invite.sdp.empty());
        FakePhone& there = scene.last();
        there.events->onReply({200, kSdp});
        anna.events->onReply({200, kSdp});
        QVERIFY2(QString::fromStdString(otto.log()).endsWith(QStringLiteral("refer200")), otto.log().c_str());
        there.events->onEnded(sip::Ending::Bye);
        QVERIFY(anna.over);
        QCOMPARE(scene.eventsOf("far").constLast(), QStringLiteral("rel-from ep=123 cause=0"));
    }

    void transferStopsAtWhoIsBusy()
    {
        Scene scene({provider("x", "0", {{"next", "y"}}), provider("y", "8")});
        QCOMPARE(scene.dial("101"), QString());
        FakePhone& otto = scene.last();
        otto.events->onReply({200, kSdp});
        otto.events->onRefer({"0123", {}});
        scene.last().events->onReply({503, {}});
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@y.example"));
        scene.last().events->onReply({486, {}});
        QVERIFY2(QString::fromStdString(otto.log()).endsWith(QStringLiteral("refer486")), otto.log().c_str());
        otto.events->onRefer({"0123", {}}); // the talk goes on, and it may be tried again
        scene.last().events->onReply({408, {}});
        scene.last().events->onReply({503, {}});
        QVERIFY2(QString::fromStdString(otto.log()).endsWith(QStringLiteral("refer503")), otto.log().c_str());
    }

    /// Who asks back while it rings hands over what is left to try, too.
    void transferWhileItRingsTriesTheNextWays()
    {
        Scene scene({provider("x", "0", {{"next", "far"}}), gateway("far", "7")});
        scene.registers("far");
        QCOMPARE(scene.dial("101"), QString());
        FakePhone& anna = scene.callers.back();
        FakePhone& otto = scene.last();
        otto.events->onReply({200, kSdp});
        QCOMPARE(scene.dialFrom("otto", "0123"), QString());
        FakePhone& asksBack = scene.callers.back();
        asksBack.callId = "second";
        scene.last().events->onReply({180, {}});
        otto.events->onRefer({"", sip::DialogId{"second", {}, {}}});
        QCOMPARE(QString::fromStdString(otto.log()).section(QLatin1Char(' '), -1),
                 QStringLiteral("refer202"));
        scene.last().events->onReply({503, {}});
        QCOMPARE(scene.lastUri(), QStringLiteral("sip:123@127.0.0.1:5070"));
        QCOMPARE(scene.last().invite.from.user, std::string("101")); // as before: otto has dialled
        QCOMPARE(scene.last().invite.from.display, std::string("otto itself"));
        FakePhone& there = scene.last();
        there.events->onReply({200, kSdp});
        anna.events->onReply({200, kSdp});
        QVERIFY2(QString::fromStdString(otto.log()).endsWith(QStringLiteral("refer200")), otto.log().c_str());
        there.events->onEnded(sip::Ending::Bye);
        QVERIFY(anna.over);
        QCOMPARE(scene.eventsOf("x").constLast(), QStringLiteral("rel-from ep=123 cause=41"));
        QVERIFY(scene.eventsOf("far").size() >= 2);
    }

    void recordsOfACallOut()
    {
        Scene scene({provider("x", "0")});
        QCOMPARE(scene.dial("0089555"), QString());
        scene.last().events->onReply({180, {}});
        scene.last().events->onReply({200, kSdp});
        scene.last().events->onEnded(sip::Ending::Bye);
        const cdr::CallDataRecord& trunk = scene.recordOf("x");
        QCOMPARE(trunk.guid, objectGuid("x"));
        QCOMPARE(trunk.sys, std::string("PBX"));
        QCOMPARE(trunk.cn, std::string("x itself"));
        QCOMPARE(trunk.e164, std::string("0"));
        QCOMPARE(trunk.dir, std::string("to"));
        QCOMPARE(trunk.pseudo, std::string("trunk"));
        QCOMPARE(scene.eventsOf("x"), (QStringList{QStringLiteral("setup-to e164=100 h323=anna"),
                                                   QStringLiteral("alert-from e164=100 h323=anna ep=089555"),
                                                   QStringLiteral("conn-from e164=100 h323=anna ep=089555"),
                                                   QStringLiteral("rel-from ep=089555 cause=0")}));
        QCOMPARE(scene.eventsOf("anna"),
                 (QStringList{QStringLiteral("setup-from"), QStringLiteral("alert-to e164=0089555 h323=x"),
                              QStringLiteral("conn-to type=ext e164=0089555 h323=x"),
                              QStringLiteral("rel-to cause=0")}));
        QVERIFY(!trunk.events.front().conf.empty());
        QCOMPARE(trunk.events.front().conf, scene.recordOf("anna").events.front().conf);
    }

    void recordsOfACallIn()
    {
        Scene scene({provider("x", "0")});
        QCOMPARE(scene.comesIn("x", "+4930123101", "+4989555"), QString());
        scene.last().events->onReply({180, {}});
        scene.last().events->onReply({200, kSdp});
        scene.callers.back().events->onEnded(sip::Ending::Bye);
        const cdr::CallDataRecord& trunk = scene.recordOf("x");
        QCOMPARE(trunk.cn, std::string("x itself"));
        QCOMPARE(trunk.e164, std::string("0"));
        QCOMPARE(trunk.dir, std::string("from"));
        QCOMPARE(trunk.pseudo, std::string("trunk"));
        QCOMPARE(scene.eventsOf("x"),
                 (QStringList{QStringLiteral("setup-from"), QStringLiteral("alert-to e164=101 h323=otto"),
                              QStringLiteral("conn-to e164=101 h323=otto"),
                              QStringLiteral("rel-from ep=089555 cause=0")}));
        QCOMPARE(scene.eventsOf("otto"),
                 (QStringList{QStringLiteral("setup-to type=ext e164=0089555 h323=x"),
                              QStringLiteral("alert-from e164=0089555 h323=x"),
                              QStringLiteral("conn-from type=ext e164=0089555 h323=x"),
                              QStringLiteral("rel-to cause=0")}));
    }
};

QTEST_GUILESS_MAIN(TestTrunkService)
#include "tst_trunk_service.moc"
