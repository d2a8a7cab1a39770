// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of calls that somebody wants beside the archive, or instead of it.
#include "tests/unit/pbx/call_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

void endCall(CallScene& scene)
{
    scene.caller.events->onEnded(sip::Ending::Bye);
    scene.call.reset();
}

} // namespace

class TestCallRecording : public QObject {
    Q_OBJECT

private slots:
    void oneSideWants()
    {
        CallScene scene(1, sdpOf(4000), true, {}, {{"anna", "/calls"}});
        scene.answer();
        QVERIFY(scene.call->row().recorded);
        endCall(scene);
        QCOMPARE(scene.tap.summary(),
                 QStringLiteral("begins INVITE 200 ACK wanted:anna/calls media BYE closed ends"));
    }

    /// The same place once; another one, too.
    void bothSidesWant()
    {
        CallScene same(1, sdpOf(4000), true, {}, {{"anna", "/calls"}, {"otto", "/calls"}});
        same.answer();
        QVERIFY(same.tap.summary().contains(u" wanted:anna/calls media"));
        CallScene two(1, sdpOf(4000), true, {}, {{"anna", "/calls"}, {"otto", "/other"}});
        two.answer();
        QVERIFY(two.tap.summary().contains(u" wanted:anna/calls:otto/other media"));
    }

    void notForTheArchive()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {{"otto", "/calls"}});
        scene.answer();
        QVERIFY(scene.call->row().recorded);
        QVERIFY(!scene.call->mark("anna")); // there is nothing in the archive
        scene.call->pause();
        scene.call->resume();
        endCall(scene);
        QCOMPARE(scene.tap.summary(),
                 QStringLiteral("begins-unarchived INVITE 200 ACK wanted:otto/calls media INFO INFO BYE "
                                "closed ends"));
    }

    void nobodyWants()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {{"carl", "/calls"}});
        scene.answer();
        QVERIFY(!scene.call->row().recorded);
        endCall(scene);
        QCOMPARE(scene.tap.summary(), QString());
    }

    /// Of a group that rings: who answers is not who wants.
    void anotherAnswers_data()
    {
        QTest::addColumn<bool>("archived");
        QTest::addColumn<QString>("told");
        QTest::newRow("archived") << true << "begins INVITE 200 ACK media BYE closed ends";
        QTest::newRow("not archived") << false << "begins-unarchived INVITE 200 ACK ends";
    }
    void anotherAnswers()
    {
        QFETCH(bool, archived);
        QFETCH(QString, told);
        CallScene scene(1, sdpOf(4000), archived, {}, {{"otto", "/calls"}});
        scene.neighbours.recordTo.clear(); // as if somebody else had
        scene.answer();
        QCOMPARE(scene.call->row().recorded, archived);
        endCall(scene);
        QCOMPARE(scene.tap.summary(), told);
    }

    /// carl's calls are archived.
    void aForwardBeginsAnother()
    {
        CallScene scene(1, sdpOf(4000), false, {"", "102", ""}, {{"carl", "/calls"}, {"otto", "/calls"}});
        scene.phone().events->onReply({486, {}});
        scene.answer(1);
        endCall(scene);
        QCOMPARE(scene.tap.summary(),
                 QStringLiteral("begins-unarchived INVITE 302 ACK ends begins INVITE 200 ACK "
                                "wanted:carl/calls media BYE closed ends"));
    }

    void numbersCountFromTheRoot()
    {
        CallScene scene(1, sdpOf(4000), true, {}, {}, {}, [](Call::Plan& plan) {
            const auto branch = std::make_shared<const NumberNode>(NumberNode{"branch", "7"});
            for (CallParty* party : {&plan.caller, &plan.callee.party, &plan.callee.devices.front().owner}) {
                party->node = branch;
                party->shortBy = 1; // as they dial each other
            }
        });
        scene.answer();
        const std::string& invite = scene.tap.texts.at(0);
        QVERIFY2(invite.find("From: \"Anna\" <sip:7100@") != std::string::npos &&
                     invite.find("<sip:7101@") != std::string::npos,
                 invite.c_str());
        QCOMPARE(scene.phone().invite.from.user, std::string("100")); // the telephone shows what it can dial
    }

    /// Of two in the house it is his who wants it; else the called one's.
    void whoseRecordingItIs_data()
    {
        QTest::addColumn<bool>("annaWants");
        QTest::addColumn<bool>("ottoWants");
        QTest::addColumn<QString>("owner");
        QTest::newRow("the caller's") << true << false << "caller";
        QTest::newRow("the callee's") << false << true << "callee";
        QTest::newRow("both want it") << true << true << "callee";
        QTest::newRow("somebody before them") << false << false << "callee";
    }
    void whoseRecordingItIs()
    {
        QFETCH(bool, annaWants);
        QFETCH(bool, ottoWants);
        QFETCH(QString, owner);
        const auto mode = [](bool wants) { return wants ? RecordMode::Transparent : RecordMode::Off; };
        CallScene scene(1, sdpOf(4000), true, {}, {}, {mode(annaWants), mode(ottoWants)});
        scene.answer();
        for (const std::string& text : scene.tap.texts)
            QVERIFY2(text.find("\r\nSwitchroom-Internal: callee\r\nSwitchroom-Owner: " + owner.toStdString() +
                               "\r\n") != std::string::npos,
                     text.c_str());
    }

    /// Each stretch is a recording of its own.
    void manual()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {}, {RecordMode::Manual, RecordMode::Off});
        scene.answer();
        QVERIFY(!scene.call->row().recorded);
        QVERIFY(!scene.call->switchRecording(Side::Callee, true));
        QVERIFY(!scene.call->row().recorded);
        QVERIFY(scene.call->switchRecording(Side::Caller, true));
        QVERIFY(scene.call->switchRecording(Side::Caller, true)); // again changes nothing
        QVERIFY(scene.call->row().recorded);
        QVERIFY(scene.call->switchRecording(Side::Caller, false));
        QVERIFY(!scene.call->row().recorded);
        QVERIFY(scene.call->switchRecording(Side::Caller, true));
        endCall(scene);
        // The first and the third are of the tags under which only keys were listened to.
        QCOMPARE(scene.tap.summary(), QStringLiteral("closed INVITE 200 ACK media BYE closed "
                                                     "closed INVITE 200 ACK media BYE closed"));
        QVERIFY(scene.tap.texts.at(0).find("-1@") != std::string::npos);
        QVERIFY(scene.tap.texts.at(4).find("-2@") != std::string::npos);
    }

    /// It is the talk's, whichever parts of that are recorded; not that of who comes afterwards.
    void aTanStandsInEachRecordingOfTheTalk()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {}, {RecordMode::Manual, RecordMode::Off});
        scene.answer();
        const auto tans = [&] {
            return std::ranges::count_if(scene.tap.texts, [](const std::string& text) {
                return text.find("\r\nSwitchroom-Tan: 123456\r\n") != std::string::npos;
            });
        };
        scene.call->setTan("anna", "123456");
        QCOMPARE(tans(), 0);
        for (const int recordings : {1, 2}) {
            QVERIFY(scene.call->switchRecording(Side::Caller, true));
            QCOMPARE(tans(), recordings);
            QVERIFY(scene.call->switchRecording(Side::Caller, false));
        }
        scene.phone().events->onRefer({"102", {}});
        scene.answer(1, sdpOf(4008));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        QVERIFY(scene.call->row().recorded); // as carl wants it
        QCOMPARE(tans(), 2);
    }

    void manualAndNeverSwitched()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {}, {RecordMode::Off, RecordMode::Manual});
        scene.answer();
        endCall(scene);
        QCOMPARE(scene.tap.summary(), QStringLiteral("closed"));
    }

    /// The wish counts from the answer on.
    void switchedWhileItRings()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {}, {RecordMode::Manual, RecordMode::Off});
        QVERIFY(scene.call->switchRecording(Side::Caller, true));
        scene.answer();
        QVERIFY(scene.call->row().recorded);
        CallScene other(1, sdpOf(4000), false, {}, {}, {RecordMode::Optional, RecordMode::Off});
        QVERIFY(other.call->switchRecording(Side::Caller, false));
        other.answer();
        QVERIFY(!other.call->row().recorded);
        endCall(other);
        QCOMPARE(other.tap.summary(), QStringLiteral("INVITE 302 ACK closed"));
    }

    void optional()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {}, {RecordMode::Off, RecordMode::Optional});
        scene.answer();
        QVERIFY(scene.call->row().recorded);
        QVERIFY(scene.call->switchRecording(Side::Callee, false));
        QVERIFY(!scene.call->row().recorded);
        endCall(scene);
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 200 ACK media BYE closed closed"));
    }

    /// Nobody's switch ends what somebody else wants.
    void transparentStays_data()
    {
        QTest::addColumn<int>("other");
        QTest::newRow("transparent") << static_cast<int>(RecordMode::Transparent);
        QTest::newRow("optional") << static_cast<int>(RecordMode::Optional);
    }
    void transparentStays()
    {
        QFETCH(int, other);
        CallScene scene(1, sdpOf(4000), false, {}, {},
                        {RecordMode::Optional, static_cast<RecordMode>(other)});
        scene.answer();
        QVERIFY(scene.call->switchRecording(Side::Caller, false));
        QVERIFY(scene.call->row().recorded);
        endCall(scene);
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 200 ACK media BYE closed"));
    }

    /// The switch of who is called governs where the calls go beside the archive, too.
    void manualElsewhere()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {{"otto", "/calls"}},
                        {RecordMode::Off, RecordMode::Manual});
        scene.answer();
        QVERIFY(!scene.call->row().recorded);
        QVERIFY(scene.call->switchRecording(Side::Callee, true));
        endCall(scene);
        QCOMPARE(scene.tap.summary(),
                 QStringLiteral("closed begins INVITE 200 ACK wanted:otto/calls media BYE closed ends"));
    }

    /// A wish leaves with who has it, and stays with who stays.
    void switchesBehindATransfer()
    {
        CallScene leaves(1, sdpOf(4000), false, {}, {}, {RecordMode::Off, RecordMode::Optional});
        leaves.answer();
        CallScene stays(1, sdpOf(4000), false, {}, {}, {RecordMode::Manual, RecordMode::Off});
        stays.answer();
        QVERIFY(stays.call->switchRecording(Side::Caller, true));
        for (CallScene* scene : {&leaves, &stays}) {
            scene->neighbours.recordsAll = false;
            scene->phone().events->onRefer({"102", std::nullopt});
            scene->phone(1).events->onReply({200, sdpOf(4012)});
            scene->caller.events->onReply({200, sdpOf(4000)});
            QCOMPARE(scene->call->row().callee.name, std::string("carl"));
        }
        QVERIFY(!leaves.call->row().recorded);
        QVERIFY(stays.call->row().recorded);
    }

    /// A phone's own key, and keys that are pressed while nothing is recorded.
    void byThePhone()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {}, {RecordMode::Manual, RecordMode::Off});
        scene.answer();
        scene.phone().events->onRecordKey(true);
        QVERIFY(!scene.call->row().recorded);
        scene.caller.events->onRecordKey(true);
        QVERIFY(scene.call->row().recorded);
        scene.caller.events->onRecordKey(false);
        QVERIFY(!scene.call->row().recorded);
    }

    /// Behind a transfer only who talks then counts.
    void aTransferBeginsAnother()
    {
        CallScene scene(1, sdpOf(4000), false, {}, {{"otto", "/calls"}});
        scene.answer();
        scene.phone().events->onRefer({"102", std::nullopt});
        scene.phone(1).events->onReply({200, sdpOf(4012)});
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        endCall(scene);
        QCOMPARE(scene.tap.summary(),
                 QStringLiteral("begins-unarchived INVITE 200 ACK wanted:otto/calls media BYE closed ends "
                                "INVITE 200 ACK media BYE closed"));
    }
};

QTEST_GUILESS_MAIN(TestCallRecording)
#include "tst_call_recording.moc"
