// SPDX-License-Identifier: GPL-3.0-or-later
// Users who are busy on so many calls of theirs (`busy-on`): what counts, and where further calls go.
#include "tests/unit/pbx/control_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using sr::test::FakePhone;
using sr::test::kSdp;
using sr::test::user;
using Scene = sr::test::ControlScene;

namespace {

const QString kRings;
const QString kBusy = QStringLiteral("486 over");

User busyOn(const char* most, User user)
{
    user.settings["busy-on"] = most;
    return user;
}

User member(User user)
{
    user.groups = {"desk"};
    return user;
}

Object desk(Forwards forwards = {})
{
    Object out = user("desk", "200", std::move(forwards));
    out.kind = Kind::Broadcast;
    Membership serves("desk");
    serves.active = true;
    out.groups = {serves};
    return out;
}

} // namespace

class TestBusyOn : public QObject {
    Q_OBJECT

private slots:
    void callsInAnyStateCount()
    {
        Scene scene({user("anna", "100"), busyOn("2", user("otto", "101")), user("carl", "102")});
        scene.registers("otto");
        scene.registers("carl");
        QCOMPARE(scene.dial("101"), kRings);
        FakePhone& first = scene.callers.back();
        scene.dialer.phones.back().events->onReply({200, kSdp});
        QCOMPARE(scene.dialFrom("otto", "102", {}), kRings); // one of his own, which rings
        FakePhone& own = scene.callers.back();
        QCOMPARE(scene.dial("101"), kBusy);
        QCOMPARE(scene.dialFrom("otto", "102", {}), kRings); // he may call as often as he likes
        scene.callers.back().events->onEnded(sip::Ending::Cancelled);
        own.events->onEnded(sip::Ending::Cancelled);
        QCOMPARE(scene.dial("101"), kRings);
        QCOMPARE(scene.dial("101"), kBusy);
        first.events->onEnded(sip::Ending::Bye);
        QCOMPARE(scene.dial("101"), kRings);
    }

    void withoutANumberNobodyIsBusy()
    {
        Scene scene({user("anna", "100"), busyOn("0", user("otto", "101")), user("carl", "102")});
        scene.registers("otto");
        scene.registers("carl");
        for (int i = 0; i < 5; ++i)
            for (const char* number : {"101", "102"})
                QCOMPARE(scene.dial(number), kRings);
    }

    void furtherCallsAreForwarded()
    {
        Scene scene({user("anna", "100"), busyOn("1", user("otto", "101", {"", "103", "104"})),
                     busyOn("1", user("carl", "102", {"", "-", "104"})), user("dora", "103"),
                     user("erik", "104")});
        for (const char* name : {"otto", "carl", "dora", "erik"})
            scene.registers(name);
        for (const char* number : {"101", "102"})
            QCOMPARE(scene.dial(number), kRings);
        QCOMPARE(scene.dial("102"), kBusy);
        QCOMPARE(scene.dial("101"), kRings);
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
        const std::vector<sip::Diversion>& diversions = scene.dialer.phones.back().invite.diversions;
        QCOMPARE(diversions.size(), std::size_t{1});
        QCOMPARE(diversions[0].number, std::string("101"));
        QCOMPARE(std::string(diversions[0].reason), std::string("user-busy"));
        scene.callers.back().events->onEnded(sip::Ending::Cancelled);
        QCOMPARE(scene.told("otto"), QStringLiteral("cf: setup-to cf-from rel-from"));
    }

    void whoForwardsAlwaysIsNeverBusy()
    {
        Scene scene(
            {user("anna", "100"), busyOn("1", user("otto", "101", {"102", "", ""})), user("carl", "102")});
        scene.registers("otto");
        scene.registers("carl");
        QCOMPARE(scene.dialFrom("otto", "102", {}), kRings);
        QCOMPARE(scene.dial("101"), kRings);
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
    }

    /// A group rings those who are free, and is busy when none is.
    void membersOfAGroup()
    {
        Scene scene({user("anna", "100"), member(busyOn("1", user("otto", "101"))),
                     member(busyOn("1", user("carl", "102"))), desk({"", "103", ""}), user("dora", "103")});
        for (const char* name : {"otto", "carl", "dora"})
            scene.registers(name);
        QCOMPARE(scene.dial("101"), kRings);
        QCOMPARE(scene.dial("200"), kRings);
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2}); // carl's alone
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:carl@127.0.0.1:5070"));
        QCOMPARE(scene.dial("102"), kBusy); // what rings there for the group counts as well
        QCOMPARE(scene.dial("200"), kRings);
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
    }

    /// A call that leaves whom it rings is no call of theirs where it goes next.
    void aGroupMayForwardToItsMember()
    {
        Scene scene({user("anna", "100"), member(busyOn("1", user("otto", "101"))), desk({"", "", "101"})});
        scene.registers("otto");
        QCOMPARE(scene.dial("200"), kRings);
        scene.clock.advance(std::chrono::seconds(20));
        scene.control->onSecond();
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        QVERIFY(scene.dialer.phones[0].over && !scene.dialer.phones[1].over);
    }

    void secretaries()
    {
        Object chief = busyOn("1", user("chief", "1", {"", "103", ""}));
        chief.kind = Kind::Executive;
        chief.settings["primary"] = "desk";
        Scene scene(
            {user("anna", "100"), member(busyOn("1", user("otto", "101"))), chief, user("dora", "103")});
        for (const char* name : {"otto", "chief", "dora"})
            scene.registers(name);
        QCOMPARE(scene.dialFrom("chief", "103", {}), kRings);
        QCOMPARE(scene.dial("1"), kRings); // the secretary is free
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:otto@127.0.0.1:5070"));
        QCOMPARE(scene.dial("1"), kRings);
        QCOMPARE(scene.lastCalled(), QStringLiteral("sip:dora@127.0.0.1:5070"));
    }

    void callsThatAreHandedOver()
    {
        Scene scene({user("anna", "100"), busyOn("1", user("otto", "101")), busyOn("1", user("carl", "102")),
                     user("dora", "103")});
        for (const char* name : {"otto", "carl"})
            scene.registers(name);
        QCOMPARE(scene.dialFrom("dora", "102", {}), kRings);
        QCOMPARE(scene.dial("101"), kRings);
        FakePhone& otto = scene.dialer.phones.back();
        otto.events->onReply({200, kSdp});
        otto.events->onRefer({"102", {}});
        QCOMPARE(QString::fromStdString(otto.log()), QStringLiteral("ack refer486"));
        otto.events->onRefer({"101", {}}); // to his other telephone: it is this call
        QCOMPARE(QString::fromStdString(otto.log()), QStringLiteral("ack refer486 refer202"));
        scene.callers.front().events->onEnded(sip::Ending::Cancelled);
        QCOMPARE(scene.dialFrom("dora", "102", {}), kRings);
    }

    void whoIsHandedACallThatRingsIsBusy()
    {
        Scene scene({user("anna", "100"), user("otto", "101"), busyOn("1", user("carl", "102"))});
        for (const char* name : {"otto", "carl"})
            scene.registers(name);
        QCOMPARE(scene.dial("101"), kRings);
        FakePhone& otto = scene.dialer.phones.back();
        otto.events->onReply({200, kSdp});
        otto.events->onRefer({"102", {}});
        QCOMPARE(scene.dialFrom("otto", "102", {}), kBusy);
    }

    void completionIsTold()
    {
        Scene scene({user("anna", "100"), busyOn("1", user("otto", "101"))});
        scene.registers("otto");
        std::vector<FailedCall> failed;
        scene.control->setOnFailed([&](const FailedCall& call) { failed.push_back(call); });
        QCOMPARE(scene.dial("101"), kRings);
        QCOMPARE(scene.dial("101"), kBusy);
        QCOMPARE(failed.size(), std::size_t{1});
        QCOMPARE(failed[0].callee, std::string("otto"));
        QVERIFY(failed[0].why == FailedCall::Why::Refused);
    }
};

QTEST_GUILESS_MAIN(TestBusyOn)
#include "tst_busy_on.moc"
