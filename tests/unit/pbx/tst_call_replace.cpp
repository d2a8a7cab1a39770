// SPDX-License-Identifier: GPL-3.0-or-later
// INVITE with Replaces: calls are picked up from busy lamps, and go on with another device.
#include "tests/unit/pbx/control_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using sr::test::FakePhone;
using sr::test::kSdp;
using sr::test::user;

namespace {

User member(const char* name, const char* number, const char* group)
{
    User out = user(name, number);
    out.groups = {group};
    return out;
}

Object lineOf(Kind kind, const char* name, const char* number)
{
    Object out = member(name, number, "desk");
    out.kind = kind;
    return out;
}

/// Anna, in no group, calls otto, whose phone rings. Carl is in a group with otto, dora in another one.
struct Scene : test::ControlScene, CallObserver {
    Scene()
        : ControlScene({user("anna", "100"), member("otto", "101", "desk"), member("carl", "102", "desk"),
                        member("dora", "103", "other"), lineOf(Kind::Gateway, "line", "0"),
                        lineOf(Kind::Trunk, "provider", "9")})
    {
        records.setObserver(this);
        registers("otto");
        (void)dial("101");
        anna().callId = "annas";
        otto().callId = "ottos";
        otto().events->onReply({180, {}});
    }
    ~Scene() override { records.setObserver(nullptr); }
    void onCallState(const CallState& state) override { states[state.user] = state; }
    void answers() { otto().events->onReply({200, kSdp}); }
    FakePhone& anna() { return callers.front(); }
    FakePhone& otto() { return dialer.phones.front(); }
    FakePhone& last() { return callers.back(); }
    QString logOf(const FakePhone& phone) const { return QString::fromStdString(phone.log()); }
    /// What whoever calls with Replaces is told at once.
    QString replace(const char* by, const sip::DialogId& dialog, bool earlyOnly = false)
    {
        replaces = sip::Replaces{dialog, earlyOnly};
        const QString told = dialFrom(by, "101", {});
        replaces.reset();
        return told;
    }
    /// As who watches the user is told it.
    sip::DialogId lampOf(const char* name)
    {
        const CallState& state = states.at(name);
        return {state.conference, tagOf(state.call), kExchangeTag};
    }
    QString callee() { return QString::fromStdString(control->rows().front().callee.name); }

    std::map<std::string, CallState> states;
};

const sip::DialogId kOttos{"ottos", "here", "there"};
const sip::DialogId kAnnas{"annas", "here", "there"};

} // namespace

class TestCallReplace : public QObject {
    Q_OBJECT

private slots:
    void aCallThatRingsIsPickedUp_data()
    {
        QTest::addColumn<bool>("byLamp");
        QTest::addColumn<QString>("picker");
        QTest::newRow("by the dialog of the device") << false << QStringLiteral("carl");
        QTest::newRow("by the lamp") << true << QStringLiteral("carl");
        QTest::newRow("by another device of the same user") << true << QStringLiteral("otto");
    }
    void aCallThatRingsIsPickedUp()
    {
        QFETCH(bool, byLamp);
        QFETCH(QString, picker);
        Scene scene;
        const std::string name = picker.toStdString();
        QCOMPARE(scene.replace(name.c_str(), byLamp ? scene.lampOf("otto") : kOttos, true),
                 QStringLiteral("200"));
        FakePhone& taken = scene.last();
        QVERIFY(scene.otto().over);
        taken.events->onAck({});
        taken.events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(taken), QStringLiteral("200 offer ack"));
        QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("180 200"));
        QCOMPARE(scene.callee(), picker);
        scene.anna().events->onEnded(sip::Ending::Bye);
        QVERIFY(taken.over);
        QCOMPARE(scene.told("anna"), QStringLiteral("from: setup-from alert-to conn-to rel-from"));
        QCOMPARE(scene.told("otto"), QStringLiteral("to: setup-to alert-from rel-to"));
    }

    void tagsAreTakenEitherWay()
    {
        Scene scene;
        const sip::DialogId lamp = scene.lampOf("otto");
        QCOMPARE(scene.replace("carl", {lamp.callId, lamp.localTag, lamp.localTag}),
                 QStringLiteral("481 over"));
        QCOMPARE(scene.replace("carl", {lamp.callId, lamp.remoteTag, lamp.localTag}), QStringLiteral("200"));
    }

    void noOthersTakeACall_data()
    {
        QTest::addColumn<QString>("by");
        QTest::addColumn<bool>("answered");
        for (const char* by : {"dora", "anna", "line", "provider"})
            for (const bool answered : {false, true})
                QTest::addRow("%s %s", by, answered ? "talk" : "ring") << QString::fromUtf8(by) << answered;
    }
    void noOthersTakeACall()
    {
        QFETCH(QString, by);
        QFETCH(bool, answered);
        Scene scene;
        if (answered)
            scene.answers();
        const std::string name = by.toStdString();
        for (const sip::DialogId& dialog : {kOttos, scene.lampOf("otto")})
            QCOMPARE(scene.replace(name.c_str(), dialog), QStringLiteral("403 over"));
        QVERIFY(!scene.anna().over && !scene.otto().over);
        QCOMPARE(scene.callee(), QStringLiteral("otto"));
    }

    void whatIsNotThereIsNotReplaced()
    {
        Scene scene;
        QCOMPARE(scene.replace("carl", {"others", "here", "there"}), QStringLiteral("481 over"));
        QCOMPARE(scene.replace("carl", {scene.lampOf("otto").callId, "part99", kExchangeTag}),
                 QStringLiteral("481 over"));
        for (const sip::DialogId& early : {kAnnas, scene.lampOf("anna")}) // she has called herself
            QCOMPARE(scene.replace("anna", early), QStringLiteral("481 over"));
        scene.answers();
        QCOMPARE(scene.replace("carl", kOttos, true), QStringLiteral("486 over"));
        scene.anna().events->onEnded(sip::Ending::Bye);
        QCOMPARE(scene.replace("carl", kOttos), QStringLiteral("481 over"));
    }

    void aTalkIsTakenOver()
    {
        Scene scene;
        scene.answers();
        QCOMPARE(scene.replace("carl", scene.lampOf("otto")), QString());
        FakePhone& carl = scene.last();
        QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("180 200 offer"));
        QVERIFY(!scene.otto().over && carl.sent.empty()); // anna has not agreed yet
        QCOMPARE(scene.replace("carl", kOttos), QStringLiteral("491 over"));
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("180 200 offer ack"));
        QCOMPARE(scene.logOf(carl), QStringLiteral("200"));
        QVERIFY(carl.lastSdp().find("m=audio") != std::string::npos);
        QCOMPARE(scene.logOf(scene.otto()), QStringLiteral("ack over"));
        carl.events->onAck({});
        QCOMPARE(scene.callee(), QStringLiteral("carl"));
        QVERIFY(scene.states["carl"].stage == CallStage::Confirmed);
        QVERIFY(scene.states["otto"].stage == CallStage::Over);
        QCOMPARE(scene.states["anna"].remoteNumber, std::string("102"));
        carl.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.anna().over);
        QCOMPARE(scene.told("carl"), QStringLiteral("to: setup-to conn-from rel-from"));
        QCOMPARE(scene.told("anna"), QStringLiteral("from: setup-from alert-to conn-to transfer-to conn-to "
                                                    "rel-to"));
        QCOMPARE(scene.told("otto"), QStringLiteral("to: setup-to alert-from conn-from rel-to"));
        QVERIFY(scene.records.openRecords().empty());
    }

    /// The record and the lamp are of the user, so they know nothing of it.
    void anotherDeviceOfTheSameUser_data()
    {
        QTest::addColumn<bool>("called");
        QTest::newRow("who was called") << true;
        QTest::newRow("who has called") << false;
    }
    void anotherDeviceOfTheSameUser()
    {
        QFETCH(bool, called);
        Scene scene;
        scene.answers();
        FakePhone& replaced = called ? scene.otto() : scene.anna();
        FakePhone& stayer = called ? scene.anna() : scene.otto();
        const char* const name = called ? "otto" : "anna";
        replaced.events->onOffer(kSdp + "a=sendonly\r\n");
        stayer.events->onReply({200, kSdp + "a=recvonly\r\n"});
        QVERIFY(scene.states[name].holds);
        const sip::DialogId before = scene.lampOf(name);
        QCOMPARE(scene.replace(name, called ? kOttos : kAnnas), QString());
        FakePhone& taker = scene.last();
        QVERIFY(stayer.lastSdp().find("sendonly") == std::string::npos);
        stayer.events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(taker), QStringLiteral("200"));
        QVERIFY(replaced.over && !stayer.over);
        QVERIFY(scene.lampOf(name) == before && !scene.states[name].holds);
        taker.callId = "third"; // and so it is taken further
        QCOMPARE(scene.replace(name, {"third", "a", "b"}), QString());
        stayer.events->onReply({200, kSdp});
        QVERIFY(taker.over && !stayer.over);
        stayer.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.last().over);
        QCOMPARE(scene.told("anna").count(QStringLiteral("conn-to")), 1);
        QVERIFY(!scene.told("anna").contains(QStringLiteral("transfer")));
    }

    void aRefusalLeavesTheTalkAsItWas()
    {
        Scene scene;
        scene.answers();
        QCOMPARE(scene.replace("carl", kOttos), QString());
        scene.anna().events->onReply({488, {}});
        QCOMPARE(scene.logOf(scene.last()), QStringLiteral("488 over"));
        QCOMPARE(scene.logOf(scene.otto()), QStringLiteral("ack"));
        QCOMPARE(scene.callee(), QStringLiteral("otto"));
        scene.otto().events->onOffer(kSdp); // and they talk on
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(scene.otto()), QStringLiteral("ack 200"));
        scene.sdp.clear();
        QCOMPARE(scene.replace("carl", kOttos), QStringLiteral("488 over"));
    }

    void eitherOfTheTwoMayHangUpMeanwhile()
    {
        Scene scene;
        scene.answers();
        QCOMPARE(scene.replace("carl", kOttos), QString());
        FakePhone& carl = scene.last();
        scene.otto().events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.otto().over && !scene.anna().over);
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(carl), QStringLiteral("200"));
        QCOMPARE(scene.callee(), QStringLiteral("carl"));
        QCOMPARE(scene.replace("otto", scene.lampOf("carl")), QString());
        scene.anna().events->onEnded(sip::Ending::Bye);
        QVERIFY(carl.over && scene.last().over);
        QVERIFY(scene.records.openRecords().empty());
    }

    /// Who changes his mind ends no call of others.
    void theTakerMayGoMeanwhile_data()
    {
        QTest::addColumn<int>("annaSays");
        QTest::addColumn<bool>("talkOn");
        QTest::newRow("and it was agreed to") << 200 << true;
        QTest::newRow("and it was refused") << 488 << true;
        QTest::newRow("and the former one has gone, too") << 200 << false;
    }
    void theTakerMayGoMeanwhile()
    {
        QFETCH(int, annaSays);
        QFETCH(bool, talkOn);
        Scene scene;
        scene.answers();
        QCOMPARE(scene.replace("carl", kOttos), QString());
        scene.last().events->onEnded(sip::Ending::Cancelled);
        QVERIFY(scene.last().over && scene.last().sent.empty());
        QVERIFY(!scene.anna().over && !scene.otto().over);
        if (!talkOn) {
            scene.otto().events->onEnded(sip::Ending::Bye);
            QVERIFY(scene.anna().over);
            return;
        }
        scene.anna().events->onReply({annaSays, annaSays == 200 ? kSdp : std::string()});
        if (annaSays == 200) {
            QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("180 200 offer ack offer"));
            scene.anna().events->onReply({491, {}}); // she offers just then, too
            scene.clock.advance(std::chrono::seconds(4));
            scene.control->onSecond();
            QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("180 200 offer ack offer offer"));
            scene.anna().events->onReply({200, kSdp});
        }
        QVERIFY(!scene.anna().over && !scene.otto().over);
        scene.otto().events->onOffer(kSdp); // and they talk on
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(scene.otto()), QStringLiteral("ack 200"));
        QCOMPARE(scene.replace("carl", kOttos), QString()); // and it can be taken still
        QVERIFY(scene.states["otto"].stage == CallStage::Confirmed);
    }

    void whoWaitsToBeAskedAgainIsNotAsked()
    {
        Scene scene;
        scene.answers();
        QCOMPARE(scene.replace("carl", kOttos), QString());
        scene.anna().events->onReply({491, {}});
        scene.last().events->onEnded(sip::Ending::Cancelled);
        scene.clock.advance(std::chrono::seconds(4));
        scene.control->onSecond();
        QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("180 200 offer"));
        QVERIFY(!scene.otto().over);
    }
};

QTEST_GUILESS_MAIN(TestCallReplace)
#include "tst_call_replace.moc"
