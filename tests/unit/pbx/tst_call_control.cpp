// SPDX-License-Identifier: GPL-3.0-or-later
// Whom a number reaches: users, forwards in chains and circles, and the calls that come of it.
#include "tests/unit/pbx/control_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using sr::test::FakePhone;
using sr::test::FakeSession;
using sr::test::kSdp;
using sr::test::user;
using Scene = sr::test::ControlScene;

class TestCallControl : public QObject {
    Q_OBJECT

private slots:
    void numbersAndNamesReachUsers()
    {
        Scene scene({user("anna", "100"), user("otto", "101"), user("carl", "102")});
        scene.registers("otto");
        QCOMPARE(scene.dial("999"), QStringLiteral("404 over"));
        QCOMPARE(scene.dial("102"), QStringLiteral("480 over"));
        QCOMPARE(scene.control->count(), std::size_t{0});
        QCOMPARE(scene.dial("101"), QString());
        QCOMPARE(scene.dial("otto"), QString());
        QCOMPARE(scene.control->count(), std::size_t{2});
        const std::vector<CallRow> rows = scene.control->rows();
        QCOMPARE(rows[0].caller.name, std::string("anna"));
        QCOMPARE(rows[1].callee.number, std::string("101"));
        scene.control->hangUpAll();
        QCOMPARE(scene.control->count(), std::size_t{0});
        QVERIFY(scene.callers[2].over && scene.dialer.phones[0].over);
    }

    void forwardsAreFollowed()
    {
        Scene scene({user("anna", "100"), user("otto", "101", {"102", "", ""}),
                     user("carl", "102", {"103", "", ""}), user("dora", "103"),
                     user("erik", "104", {"", "", "101"}), user("fred", "105", {"", "", "-"}),
                     user("gina", "106", {"-", "", "103"}), user("hans", "107", {"999", "", ""})});
        scene.registers("dora");
        QCOMPARE(scene.dial("101"), QString()); // otto to carl to dora
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
        QCOMPARE(scene.dial("104"), QString()); // erik has no phone, so to otto
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
        QCOMPARE(scene.dial("105"), QStringLiteral("480 over")); // fred is never forwarded
        QCOMPARE(scene.dial("106"), QString());
        QCOMPARE(scene.dial("107"), QStringLiteral("480 over")); // to nowhere, and hans has no phone
        scene.registers("hans");
        QCOMPARE(scene.dial("107"), QString());
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:hans@127.0.0.1:5070"));
    }

    /// carl sends what others have sent to him to dora, and takes the rest himself.
    void forwardedCallsGoOnElsewhere()
    {
        User carl = user("carl", "102");
        carl.diversions = {
            {.to = "103", .filter = Diversion::Filter::Only, .callers = {{.forwarded = true}}}};
        Scene scene({user("anna", "100"), user("otto", "101", {"102", "", ""}), carl, user("dora", "103"),
                     user("erik", "104", {"", "102", ""})});
        for (const char* name : {"carl", "dora", "erik"})
            scene.registers(name);
        QCOMPARE(scene.dial("102"), QString());
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
        QCOMPARE(scene.dial("101"), QString());
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
        QCOMPARE(scene.dial("104"), QString());
        scene.dialer.phones.back().events->onReply({486, {}});
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
    }

    /// By the clocks of the exchange's zone, wherever the machine stands.
    void timesAreThoseOfTheZone()
    {
        Object night = user("night", "8");
        night.kind = Kind::Boolean;
        night.settings = {{"state", "auto"}, {"times", "Mon 11:00-13:00"}};
        User otto = user("otto", "101");
        otto.diversions = {{.to = "102", .boolean = "night"}};
        Scene scene({user("anna", "100"), otto, user("carl", "102"), night});
        for (const char* name : {"otto", "carl"})
            scene.registers(name);
        const seconds mondayNoon = std::chrono::days(4) + std::chrono::hours(12); // behind 1970
        const seconds utc = std::chrono::floor<seconds>(scene.clock.utcNow()).time_since_epoch();
        for (const auto& [later, reached] :
             {std::pair(std::chrono::hours(0), "carl"), std::pair(std::chrono::hours(1), "otto"),
              std::pair(std::chrono::hours(24), "otto")}) {
            scene.control->setUtcOffset([=](UtcTime) { return mondayNoon - utc + later; });
            QCOMPARE(scene.dial("101"), QString());
            QCOMPARE(scene.lastCalled(), QStringLiteral("sip:%1@127.0.0.1:5070").arg(QLatin1String(reached)));
        }
    }

    void usersSayHowLongTheyRing()
    {
        Object otto = user("otto", "101", {"", "", "103"});
        otto.settings["ring"] = "7";
        Object chief = user("chief", "1", {"", "", "103"});
        chief.kind = Kind::Executive;
        chief.settings["ring"] = "90";
        Scene scene(
            {user("anna", "100"), otto, chief, user("carl", "102", {"", "", "101"}), user("dora", "103")});
        for (const char* name : {"otto", "chief", "carl", "dora"})
            scene.registers(name);
        const auto rings = [&](const char* number) -> int { // seconds until another phone does
            const std::size_t phones = scene.dialer.phones.size();
            if (number != nullptr && !scene.dial(number).isEmpty())
                return -1;
            for (int seconds = 0; seconds < 200; ++seconds) {
                if (scene.dialer.phones.size() > phones + (number != nullptr ? 1 : 0))
                    return seconds;
                scene.clock.advance(std::chrono::seconds(1));
                scene.control->onSecond();
            }
            return -1;
        };
        QCOMPARE(rings("101"), 7);
        QCOMPARE(rings("1"), 90);
        QCOMPARE(rings("102"), 20);  // unless told
        QCOMPARE(rings(nullptr), 7); // otto, to whom carl's calls go
    }

    void circlesAreBusy()
    {
        Scene scene({user("anna", "100", {"", "", "101"}), user("otto", "101", {"102", "", ""}),
                     user("carl", "102", {"101", "", ""}), user("dora", "103", {"103", "", ""})});
        for (const char* name : {"anna", "otto", "carl", "dora"})
            scene.registers(name);
        QCOMPARE(scene.dial("101"), QStringLiteral("486 over"));
        QCOMPARE(scene.dial("103"), QStringLiteral("486 over"));
    }

    void aForwardOfWhoIsBusyClosesNoCircle()
    {
        Scene scene({user("anna", "100"), user("otto", "101", {"", "102", ""}),
                     user("carl", "102", {"", "101", ""})});
        scene.registers("otto");
        scene.registers("carl");
        QCOMPARE(scene.dial("101"), QString());
        scene.dialer.phones[0].events->onReply({486, {}});
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
        scene.dialer.phones[1].events->onReply({486, {}});
        QCOMPARE(QString::fromStdString(scene.callers[0].log()), QStringLiteral("181 486 over"));
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
    }

    void groupsRingTogether()
    {
        Object sales = user("sales", "200");
        sales.kind = Kind::Broadcast;
        sales.groups = {"desk"};
        sales.groups.front().active = true;
        const auto member = [](const char* name, const char* number) {
            Object out = user(name, number);
            out.groups = {"desk"};
            return out;
        };
        Scene scene({user("anna", "100"), member("otto", "101"), member("carl", "102"), member("dora", "103"),
                     sales});
        QCOMPARE(scene.dial("200"), QStringLiteral("480 over")); // nobody is there
        for (const char* name : {"otto", "carl"})
            scene.registers(name);
        QCOMPARE(scene.dial("200"), QString());
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        QCOMPARE(scene.dialer.phones[0].invite.to.user, std::string("102")); // by name
        QCOMPARE(scene.dialer.phones[1].invite.to.user, std::string("101"));
        QCOMPARE(scene.control->rows().front().callee.name, std::string("sales"));
        scene.dialer.phones[1].events->onReply({180, {}});
        scene.dialer.phones[1].events->onReply({200, kSdp});
        QVERIFY(scene.dialer.phones[0].over);
        QCOMPARE(scene.control->rows().front().callee.name, std::string("otto"));
        scene.control->hangUpAll();
        QCOMPARE(scene.told("carl"), QStringLiteral("to: setup-to rel-to"));
        QCOMPARE(scene.told("otto"), QStringLiteral("to: setup-to alert-from conn-from rel-to"));
    }

    void aMemberWhoRefusesLeavesTheOthersRinging()
    {
        Object sales = user("sales", "200");
        sales.kind = Kind::Broadcast;
        sales.groups = {"desk"};
        sales.groups.front().active = true;
        Object otto = user("otto", "101");
        Object carl = user("carl", "102");
        otto.groups = carl.groups = {"desk"};
        Scene scene({user("anna", "100"), otto, carl, sales});
        scene.registers("otto");
        scene.registers("carl");
        QCOMPARE(scene.dial("200"), QString());
        scene.dialer.phones[0].events->onReply({486, {}});
        QCOMPARE(scene.told("carl"), QStringLiteral("to: setup-to rel-from"));
        QVERIFY(!scene.callers.back().over && !scene.dialer.phones[1].over);
        scene.dialer.phones[1].events->onReply({486, {}});
        QCOMPARE(QString::fromStdString(scene.callers.back().log()), QStringLiteral("486 over"));
        QCOMPARE(scene.told("otto"), QStringLiteral("to: setup-to rel-from"));
    }

    void secretariesTakeAnExecutivesCalls()
    {
        Object chief = user("chief", "1");
        chief.kind = Kind::Executive;
        chief.settings = {{"primary", "office"}, {"secondary", "help"}, {"direct", "board"}};
        Object secretary = user("mia", "2");
        secretary.groups = {"office"};
        Object helper = user("leo", "3");
        helper.groups = {"help"};
        Object board = user("anna", "100");
        board.groups = {"board"};
        for (const bool direct : {false, true}) {
            Scene scene({chief, secretary, helper, direct ? board : user("anna", "100")});
            for (const char* name : {"chief", "mia", "leo"})
                scene.registers(name);
            QCOMPARE(scene.dial("1"), QString());
            QCOMPARE(scene.dialer.phones.size(), std::size_t{1});
            QCOMPARE(scene.lastCalled(), direct ? QStringLiteral("sip:chief@127.0.0.1:5070")
                                                : QStringLiteral("sip:mia@127.0.0.1:5070"));
        }
    }

    void callsToSecretariesAreDiverted()
    {
        Object chief = user("chief", "1", {"", "", "102"});
        chief.kind = Kind::Executive;
        chief.settings = {{"primary", "office"}};
        Object mia = user("mia", "2");
        Object leo = user("leo", "3");
        mia.groups = leo.groups = {"office"};
        Scene scene({user("anna", "100"), chief, mia, leo, user("carl", "102")});
        for (const char* name : {"mia", "leo", "carl"})
            scene.registers(name);
        QCOMPARE(scene.dial("1"), QString());
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        for (const FakePhone& phone : scene.dialer.phones) {
            QCOMPARE(phone.invite.diversions.size(), std::size_t{1});
            QCOMPARE(phone.invite.diversions[0].number, std::string("1"));
            QCOMPARE(phone.invite.diversions[0].reason, std::string("unconditional"));
        }
        scene.dialer.phones[1].events->onReply({180, {}});
        scene.dialer.phones[1].events->onReply({200, kSdp});
        scene.control->hangUpAll();
        QCOMPARE(scene.told("chief"), QStringLiteral("cf: setup-to cf-from alert-to conn-to rel-from"));
        QCOMPARE(scene.told("anna"), QStringLiteral("from: setup-from cf-to alert-to conn-to rel-from"));
        scene.finished.clear();
        QCOMPARE(scene.dial("1"), QString()); // neither answers, so carl is rung
        scene.dialer.phones[2].events->onReply({180, {}});
        scene.clock.advance(std::chrono::seconds(20));
        scene.control->onSecond();
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
        QCOMPARE(scene.dialer.phones.back().invite.diversions.size(), std::size_t{2});
        scene.control->hangUpAll();
    }

    void whereSecretariesHaveNoPhoneNothingIsDivertedToThem()
    {
        Object chief = user("chief", "1", {"", "", "102"});
        chief.kind = Kind::Executive;
        chief.settings = {{"primary", "office"}};
        Object mia = user("mia", "2");
        mia.groups = {"office"};
        Scene scene({user("anna", "100"), chief, mia, user("carl", "102")});
        scene.registers("carl");
        QCOMPARE(scene.dial("1"), QString());
        QCOMPARE(scene.dialer.phones[0].invite.diversions.size(), std::size_t{1});
        QCOMPARE(scene.dialer.phones[0].invite.diversions[0].reason, std::string("unavailable"));
        Object always = chief;
        setPlainDiversion(always, Diversion::Type::Always, "102");
        Scene other({user("anna", "100"), always, mia, user("carl", "102")});
        other.registers("mia");
        other.registers("carl");
        QCOMPARE(other.dial("1"), QString());
        QCOMPARE(other.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
        QCOMPARE(other.dialer.phones[0].invite.diversions.size(), std::size_t{1});
    }

    /// As operators, in conferences, and when they are called back.
    void executivesWhoAreMeantThemselvesAreRung()
    {
        Object chief = user("chief", "1");
        chief.kind = Kind::Executive;
        chief.settings = {{"primary", "office"}};
        Object mia = user("mia", "2");
        mia.groups = {"office"};
        Object desk = user("desk", "300");
        desk.kind = Kind::WaitingQueue;
        Object room = user("room", "500");
        room.kind = Kind::Conference;
        Scene scene({user("anna", "100"), chief, mia, desk, room});
        scene.registers("chief");
        scene.registers("mia");
        for (const char* from : {"desk", "room"}) {
            QCOMPARE(scene.dialFrom(from, "chief", {}), QString());
            QCOMPARE(scene.lastCalled(), QStringLiteral("sip:chief@127.0.0.1:5070"));
        }
        FakePhone& recall = scene.callers.emplace_back();
        sip::InviteRequest request;
        request.target = "chief";
        request.sdp = kSdp;
        request.shownAs = {"Call back: anna", "100", {}};
        scene.control->onRecall(std::make_unique<FakeSession>(recall), request);
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:chief@127.0.0.1:5070"));
    }

    /// Whoever dials 13 beside otto: in records he has one number from the root, and that which he dials.
    void recordsKnowNodes()
    {
        Object branch = user("branch", "7");
        branch.kind = Kind::Node;
        const auto inBranch = [](Object one) {
            one.node = "branch";
            return one;
        };
        Object line = user("line", "9");
        line.kind = Kind::Gateway;
        Scene scene({branch, inBranch(user("anna", "12")), inBranch(user("otto", "13")), inBranch(line)});
        scene.registers("otto");
        scene.registers("line");
        for (const char* number : {"13", "90471"}) {
            QCOMPARE(scene.dial(number), QString());
            scene.dialer.phones.back().events->onReply({200, kSdp});
            scene.dialer.phones.back().events->onEnded(sip::Ending::Bye);
        }
        const auto records = [&](const std::string& name) {
            std::vector<CallRecords::Record> found;
            std::ranges::copy_if(scene.finished, std::back_inserter(found),
                                 [&](const auto& one) { return one->h323 == name; });
            return found;
        };
        QCOMPARE(records("anna").size(), std::size_t{2});
        for (const char* name : {"anna", "otto", "line"})
            for (const auto& one : records(name)) {
                QCOMPARE(one->node, std::string("branch"));
                QCOMPARE(one->e164, std::string(name == std::string("anna")   ? "712"
                                                : name == std::string("otto") ? "713"
                                                                              : "79"));
            }
        const auto isTold = [](const cdr::CdrEvent& event, const char* dialled, const char* fromRoot) {
            return event.e164 == dialled && event.root == fromRoot;
        };
        QVERIFY(isTold(records("otto").front()->events.front(), "12", "712"));
        QVERIFY(isTold(records("anna").front()->events.at(1), "13", "713"));
        QVERIFY(isTold(records("anna").back()->events.at(1), "90471", "790471"));
        QCOMPARE(records("line").front()->events.back().ep->e164, std::string("0471"));
    }

    void gatewaysGetTheDigitsBehindTheirNumber()
    {
        Object line = user("line", "0");
        line.kind = Kind::Gateway;
        Object brief = user("brief", "88");
        brief.kind = Kind::NumberMap;
        brief.settings["to"] = "0471";
        Scene scene({user("anna", "100"), line, brief, user("otto", "101")});
        scene.registers("line");
        scene.registers("otto");
        QCOMPARE(scene.dial("0123#"), QString());
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:123%23@127.0.0.1:5070"));
        QCOMPARE(scene.dialer.phones.back().invite.to.user, std::string("0123#"));
        QCOMPARE(scene.dial("8855"), QString());
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:47155@127.0.0.1:5070"));
        QCOMPARE(scene.dial("10"), QStringLiteral("484 over")); // more digits may come
        QCOMPARE(scene.dialFrom("line", "101", "4711"), QString());
        QCOMPARE(scene.dialer.phones.back().invite.from.user, std::string("04711")); // as it is dialled back
    }

    void callsArePickedUp()
    {
        const auto member = [](const char* name, const char* number, const char* group) {
            Object out = user(name, number);
            out.groups = {group};
            return out;
        };
        Scene scene({user("anna", "100"), member("otto", "101", "desk"), member("carl", "102", "desk"),
                     member("dora", "103", "other")});
        scene.registers("otto");
        QCOMPARE(scene.dialFrom("carl", "*8#", {}), QStringLiteral("404 over")); // nothing rings
        QCOMPARE(scene.dial("101"), QString());
        FakePhone& anna = scene.callers.back();
        FakePhone& ottos = scene.dialer.phones.back();
        ottos.events->onReply({180, {}});
        QCOMPARE(scene.dialFrom("dora", "*8#", {}), QStringLiteral("404 over")); // no group in common
        QCOMPARE(scene.dialFrom("dora", "*8*101#", {}), QStringLiteral("404 over"));
        QCOMPARE(scene.dialFrom("carl", "*8*103#", {}), QStringLiteral("404 over"));
        QCOMPARE(scene.dialFrom("carl", "*8*101#", {}), QStringLiteral("200"));
        FakePhone& carl = scene.callers.back();
        QVERIFY(ottos.over);
        QVERIFY(carl.lastSdp().find("a=inactive") != std::string::npos);
        QCOMPARE(scene.dialFrom("carl", "*8*101#", {}), QStringLiteral("404 over")); // once
        carl.events->onAck({});
        QCOMPARE(QString::fromStdString(carl.log()), QStringLiteral("200 offer"));
        QVERIFY(carl.lastSdp().find("a=inactive") == std::string::npos);
        carl.events->onReply({200, kSdp});
        QCOMPARE(QString::fromStdString(carl.log()), QStringLiteral("200 offer ack"));
        QCOMPARE(QString::fromStdString(anna.log()), QStringLiteral("180 200"));
        QCOMPARE(scene.control->rows().front().callee.name, std::string("carl"));
        carl.events->onEnded(sip::Ending::Bye);
        QVERIFY(anna.over);
        QCOMPARE(scene.told("otto"), QStringLiteral("to: setup-to alert-from rel-to"));
        QCOMPARE(scene.told("carl"), QStringLiteral("to: setup-to conn-from rel-from"));
        QCOMPARE(scene.told("anna"), QStringLiteral("from: setup-from alert-to conn-to rel-to"));
    }

    void aPickerWhoGoesEndsTheCall()
    {
        Object otto = user("otto", "101");
        Object carl = user("carl", "102");
        otto.groups = carl.groups = {"desk"};
        for (const bool refuses : {false, true}) {
            Scene scene({user("anna", "100"), otto, carl});
            scene.registers("otto");
            QCOMPARE(scene.dial("101"), QString());
            FakePhone& anna = scene.callers.back();
            QCOMPARE(scene.dialFrom("carl", "*8#", {}), QStringLiteral("200"));
            FakePhone& picker = scene.callers.back();
            if (refuses) {
                picker.events->onAck({});
                picker.events->onReply({488, {}});
            } else {
                picker.events->onEnded(sip::Ending::Bye);
            }
            QVERIFY(anna.over && picker.over);
            QCOMPARE(QString::fromStdString(anna.log()),
                     refuses ? QStringLiteral("488 over") : QStringLiteral("480 over"));
            scene.control->onSecond();
            QCOMPARE(scene.control->count(), std::size_t{0});
        }
    }

    void codesAreForWhoDialsThem_data()
    {
        QTest::addColumn<QString>("code");
        for (const char* code : {"*21*0900#", "#21#", "*67*0900#", "*31#", "#31#", "*77#", "#77#", "*37#"})
            QTest::newRow(code) << QString::fromLatin1(code);
    }

    void codesAreForWhoDialsThem()
    {
        QFETCH(const QString, code);
        const std::string digits = code.toStdString();
        Object line = user("line", "0");
        line.kind = Kind::Gateway;
        Object provider = user("provider", "9");
        provider.kind = Kind::Trunk;
        Object desk = user("desk", "300");
        desk.kind = Kind::WaitingQueue;
        Scene scene({user("anna", "100"), user("otto", "101"), line, provider, desk});
        scene.registers("otto");
        QCOMPARE(scene.dial(digits), QString());
        QVERIFY(scene.lastCalled().startsWith(QStringLiteral("service:feature?by=anna")));
        for (const char* caller : {"anna", "line", "provider"}) { // whom otto would have it done to
            QCOMPARE(scene.dialFrom(caller, "101", {}), QString());
            FakePhone& otto = scene.dialer.phones.back();
            otto.events->onReply({200, kSdp});
            otto.events->onRefer({digits, std::nullopt});
            QCOMPARE(QString::fromStdString(otto.log()), QStringLiteral("ack refer403"));
        }
        for (const char* other : {"line", "desk"})
            QCOMPARE(scene.dialFrom(other, digits, {}), QStringLiteral("403 over"));
    }

    /// A boolean is switched by who dials it, and nobody is led there.
    void booleansAreForWhoDialsThem()
    {
        Object line = user("line", "0");
        line.kind = Kind::Gateway;
        Object provider = user("provider", "9");
        provider.kind = Kind::Trunk;
        Object night = user("night", "8");
        night.kind = Kind::Boolean;
        Object map = user("map", "77");
        map.kind = Kind::NumberMap;
        map.settings["to"] = "81";
        Scene scene({user("anna", "100"), user("otto", "101"), user("carl", "102", {"81", "", ""}), line,
                     provider, night, map});
        for (const char* name : {"otto", "carl"})
            scene.registers(name);
        for (const char* digits : {"81", "77"}) {
            QCOMPARE(scene.dial(digits), QString());
            QCOMPARE(scene.lastCalled(), QStringLiteral("service:feature?boolean=night&state=on"));
        }
        for (const char* outside : {"line", "provider"})
            QCOMPARE(scene.dialFrom(outside, "81", "4711"), QStringLiteral("403 over"));
        QCOMPARE(scene.dial("102"), QStringLiteral("403 over")); // carl's forward
        QCOMPARE(scene.dial("101"), QString());
        FakePhone& otto = scene.dialer.phones.back();
        otto.events->onReply({200, kSdp});
        otto.events->onRefer({"81", std::nullopt});
        QCOMPARE(QString::fromStdString(otto.log()), QStringLiteral("ack refer403"));
    }

    void whoIsParkedIsGivenToUsers()
    {
        Object line = user("line", "0");
        line.kind = Kind::Gateway;
        Scene scene({user("anna", "100"), line});
        QCOMPARE(scene.dial("#16*7#"), QString());
        QVERIFY(scene.lastCalled().startsWith(QStringLiteral("service:unpark")));
        QCOMPARE(scene.dialFrom("line", "#16*7#", "4711"), QStringLiteral("403 over"));
        QCOMPARE(scene.dialFrom("line", "*16*7#", "4711"), QString()); // he waits there himself
    }

    void callsAreHandedOverToWaitingPlaces()
    {
        Scene scene({user("anna", "100"), user("otto", "101")});
        scene.registers("otto");
        QCOMPARE(scene.dial("101"), QString());
        FakePhone& otto = scene.dialer.phones.back();
        otto.events->onReply({200, kSdp});
        otto.events->onRefer({"*16*7#", std::nullopt});
        QCOMPARE(QString::fromStdString(otto.log()), QStringLiteral("ack refer202"));
        QVERIFY(scene.lastCalled().startsWith(QStringLiteral("service:park")));
    }

    void codesAreNoForwards_data()
    {
        QTest::addColumn<QString>("to");
        for (const char* to : {"*21*0900#", "*31#", "*16*7#"})
            QTest::newRow(to) << QString::fromLatin1(to);
    }

    void codesAreNoForwards()
    {
        QFETCH(const QString, to);
        const std::string code = to.toStdString();
        Object star = user("star", "*");
        star.kind = Kind::Gateway; // which the digits would reach
        Scene scene({user("anna", "100"), user("otto", "101", {"", code, code}),
                     user("carl", "102", {code, "", ""}), user("dora", "103", {"", "", code}), star});
        for (const char* name : {"otto", "carl", "star"})
            scene.registers(name);
        QCOMPARE(scene.dial("101"), QString());
        scene.dialer.phones[0].events->onReply({486, {}});
        QCOMPARE(QString::fromStdString(scene.callers.back().log()), QStringLiteral("486 over"));
        QCOMPARE(scene.dial("101"), QString());
        scene.clock.advance(std::chrono::seconds(60));
        scene.control->onSecond();
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        QCOMPARE(scene.dial("102"), QString());
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
        QCOMPARE(scene.dial("103"), QStringLiteral("480 over"));
    }
};

QTEST_GUILESS_MAIN(TestCallControl)
#include "tst_call_control.moc"
