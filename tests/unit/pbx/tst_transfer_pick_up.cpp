// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that are handed over ring at their target, where a colleague picks them up.
#include "tests/unit/pbx/control_scene.h"
#include "tests/unit/pbx/records_text.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using sr::test::FakePhone;
using sr::test::kSdp;
using sr::test::user;

namespace {

User member(const char* name, const char* number)
{
    User out = user(name, number);
    out.groups = {"desk"};
    return out;
}

/// Anna talks with dora, who sends her on to otto. Carl is in a group with him, eva in none.
struct Scene : test::ControlScene, CallObserver {
    explicit Scene(bool isBlind = true)
        : ControlScene({user("anna", "100"), member("otto", "101"), member("carl", "102"),
                        user("dora", "103"), user("eva", "104")})
    {
        records.setObserver(this);
        registers("otto");
        registers("dora");
        (void)dial("103");
        dora().events->onReply({200, kSdp});
        if (!isBlind) {
            (void)dialFrom("dora", "101", {});
            callers.back().callId = "doras";
        }
        dora().events->onRefer(isBlind ? sip::ReferRequest{"101", {}}
                                       : sip::ReferRequest{{}, sip::DialogId{"doras", "here", "there"}});
        otto().callId = "ottos";
        otto().events->onReply({180, {}});
    }
    ~Scene() override { records.setObserver(nullptr); }
    void onCallState(const CallState& state) override { states[state.user] = state; }
    FakePhone& anna() { return callers.front(); }
    FakePhone& dora() { return dialer.phones.front(); }
    FakePhone& otto() { return dialer.phones.back(); }
    FakePhone& picker() { return callers.back(); }
    QString logOf(const FakePhone& phone) const { return QString::fromStdString(phone.log()); }
    QString callee() { return QString::fromStdString(control->rows().front().callee.name); }
    QString recordsOf(const char* name) const { return test::recordsOf(finished, name); }
    /// What whoever does that is told at once.
    QString pickUp(const char* by, const QString& way)
    {
        if (way == u"lamp")
            replaces = sip::Replaces{
                {states.at("otto").conference, tagOf(states.at("otto").call), kExchangeTag}, true};
        if (way == u"dialog")
            replaces = sip::Replaces{{"ottos", "here", "there"}, true};
        const QString told = dialFrom(by, replaces ? "101" : way.toStdString(), {});
        replaces.reset();
        return told;
    }

    std::map<std::string, CallState> states;
};

} // namespace

class TestTransferPickUp : public QObject {
    Q_OBJECT

private slots:
    void aColleagueTakesTheCall_data()
    {
        QTest::addColumn<QString>("way");
        QTest::addColumn<bool>("isBlind");
        for (const char* way : {"*8#", "*8*101#", "lamp", "dialog"})
            for (const bool isBlind : {true, false})
                QTest::addRow("%s, %s", way, isBlind ? "blind" : "while ringing")
                    << QString::fromUtf8(way) << isBlind;
    }
    void aColleagueTakesTheCall()
    {
        QFETCH(QString, way);
        QFETCH(bool, isBlind);
        Scene scene(isBlind);
        QVERIFY(scene.pickUp("eva", way).startsWith(way.startsWith(u'*') ? u"404" : u"403"));
        QVERIFY(!scene.otto().over);
        QCOMPARE(scene.pickUp("carl", way), QString());
        FakePhone& carl = scene.picker();
        QVERIFY(scene.otto().over);                                                        // stops ringing
        QCOMPARE(scene.pickUp("carl", QStringLiteral("*8#")), QStringLiteral("404 over")); // once
        QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("200 offer"));
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(carl), QStringLiteral("200"));
        QVERIFY(carl.lastSdp().find("m=audio") != std::string::npos);
        QVERIFY(scene.logOf(scene.dora()).endsWith(u"refer202 refer180 refer200"));
        QCOMPARE(scene.control->rows().size(), std::size_t{1});
        const CallRow row = scene.control->rows().front();
        QCOMPARE(row.caller.name + row.callee.name, std::string("annacarl"));
        scene.dora().events->onEnded(sip::Ending::Bye);
        QVERIFY(!carl.over);
        carl.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.anna().over);
        QCOMPARE(scene.recordsOf("anna"),
                 QStringLiteral("from setup-from conn-to transfer-to conn-to rel-to"));
        QCOMPARE(scene.recordsOf("otto"), QStringLiteral("to setup-to alert-from rel-to"));
        QVERIFY(scene.recordsOf("carl").endsWith(u"conn-from rel-from"));
    }

    /// Many phones hang up as soon as the other one may be rung.
    void whoHandedOverHasGone()
    {
        Scene scene;
        scene.dora().events->onEnded(sip::Ending::Bye);
        QCOMPARE(scene.pickUp("carl", QStringLiteral("*8#")), QString());
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.logOf(scene.picker()), QStringLiteral("200"));
        QCOMPARE(scene.callee(), QStringLiteral("carl"));
    }

    /// As the record of a blind transfer says it, whoever has picked it up.
    void whoWasMeantIsInTheRecord()
    {
        Scene scene;
        QCOMPARE(scene.pickUp("carl", QStringLiteral("*8#")), QString());
        scene.anna().events->onReply({200, kSdp});
        scene.anna().events->onEnded(sip::Ending::Bye);
        const auto ofDora = std::ranges::find_if(
            scene.finished, [](const auto& one) { return one->h323 == "dora" && one->dir == "ct"; });
        QVERIFY(ofDora != scene.finished.end());
        QCOMPARE((*ofDora)->events.at(1).to->e164, std::string("101"));
    }

    void thePickerGoes_data()
    {
        QTest::addColumn<bool>("isDoraThere");
        QTest::newRow("back to who handed over") << true;
        QTest::newRow("nobody is left") << false;
    }
    void thePickerGoes()
    {
        QFETCH(bool, isDoraThere);
        Scene scene;
        QCOMPARE(scene.pickUp("carl", QStringLiteral("*8#")), QString());
        if (!isDoraThere)
            scene.dora().events->onEnded(sip::Ending::Bye);
        scene.picker().events->onEnded(sip::Ending::Cancelled);
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.recordsOf("carl"), QStringLiteral("to setup-to rel-from"));
        if (!isDoraThere) {
            QVERIFY(scene.anna().over);
            return;
        }
        QCOMPARE(scene.logOf(scene.anna()), QStringLiteral("200 offer ack offer"));
        scene.anna().events->onReply({200, kSdp});
        QVERIFY(scene.logOf(scene.dora()).endsWith(u"refer480"));
        QCOMPARE(scene.callee(), QStringLiteral("dora"));
        scene.dora().events->onRefer({"101", {}}); // tries it again
        QVERIFY(scene.logOf(scene.dora()).endsWith(u"refer202"));
    }

    void theOtherDoesNotAgree()
    {
        Scene scene;
        QCOMPARE(scene.pickUp("carl", QStringLiteral("*8#")), QString());
        scene.anna().events->onReply({488, {}});
        QCOMPARE(scene.logOf(scene.picker()), QStringLiteral("488 over"));
        QVERIFY(scene.logOf(scene.dora()).endsWith(u"refer488"));
        QCOMPARE(scene.callee(), QStringLiteral("dora"));
    }

    void whoOffersNothingLeavesItRinging()
    {
        Scene scene;
        scene.sdp.clear();
        QCOMPARE(scene.pickUp("carl", QStringLiteral("*8#")), QStringLiteral("488 over"));
        QVERIFY(!scene.otto().over);
        scene.otto().events->onReply({200, kSdp});
        scene.anna().events->onReply({200, kSdp});
        QCOMPARE(scene.callee(), QStringLiteral("otto"));
    }
};

QTEST_GUILESS_MAIN(TestTransferPickUp)
#include "tst_transfer_pick_up.moc"
