// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that are handed over: blind, with consultation, and all that may go wrong meanwhile.
#include "tests/unit/pbx/call_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;
using Scene = sr::test::CallScene;

class TestCallTransfer : public QObject {
    Q_OBJECT

private slots:
    void aCallIsHandedOver()
    {
        Scene scene;
        scene.answer();
        scene.phone().events->onOffer(sdpOf(4002, "a=sendonly\r\n")); // otto puts anna on hold
        scene.caller.events->onReply({200, sdpOf(4000, "a=recvonly\r\n")});
        scene.phone().events->onRefer({"102", {}});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack 200 refer202"));
        FakePhone& carl = scene.phone(1);
        QCOMPARE(carl.invite.from.user, std::string("100"));
        QCOMPARE(carl.invite.to.user, std::string("102"));
        QVERIFY(audioOf(carl.invite.sdp).direction == sdp::Direction::SendRecv);
        carl.events->onReply({180, {}});
        scene.answer(1, sdpOf(4008));
        QCOMPARE(QString::fromStdString(carl.log()), QStringLiteral("ack"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200 offer ack offer"));
        QVERIFY(audioOf(scene.caller.lastSdp()).direction == sdp::Direction::SendRecv);
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.callerLog(), QStringLiteral("200 offer ack offer ack"));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack 200 refer202 refer180 refer200"));
        scene.phone().events->onEnded(sip::Ending::Bye);
        QVERIFY(!scene.call->isOver());
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        QCOMPARE(scene.tap.summary(),
                 QStringLiteral("INVITE 200 ACK media INVITE 200 ACK BYE closed INVITE 200 ACK media"));
        carl.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && scene.caller.over);
        QCOMPARE(scene.recordsOf("anna"),
                 QStringLiteral("from setup-from conn-to transfer-to conn-to rel-to"));
        QCOMPARE(scene.recordsOf("otto"),
                 QStringLiteral("to setup-to conn-from rel-to | ct setup-to transfer-from conn-to rel-to"));
    }

    void theCallerMayHandOverToo()
    {
        Scene scene;
        scene.answer();
        scene.caller.events->onRefer({"102", {}});
        scene.caller.events->onEnded(sip::Ending::Bye); // at once, as many phones do
        QVERIFY(!scene.call->isOver());
        QCOMPARE(scene.phone(1).invite.from.user, std::string("101"));
        scene.answer(1, sdpOf(4008));
        scene.phone(0).events->onReply({200, sdpOf(4002)});
        QCOMPARE(scene.phoneLog(0), QStringLiteral("ack offer ack"));
        QCOMPARE(scene.call->row().caller.name, std::string("carl"));
        QCOMPARE(scene.call->row().callee.name, std::string("otto"));
        const std::string& guid = scene.phone(0).invite.conferenceGuid;
        QVERIFY((scene.phone(0).peer == sip::Peer{"carl", {"carl", "102", "127.0.0.1"}, guid}));
        QVERIFY((scene.phone(1).peer == sip::Peer{"otto", scene.phone(1).invite.from, guid}));
        scene.phone(0).events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && scene.phone(1).over);
    }

    /// By whom it has come to, or by who is there since the beginning.
    void aCallIsHandedOverAgain_data()
    {
        QTest::addColumn<bool>("byTheNewOne");
        QTest::addColumn<QString>("annas");
        QTest::addColumn<QString>("ottos");
        QTest::addColumn<QString>("carls");
        QTest::newRow("by whom it has come to")
            << true
            << QStringLiteral("from setup-from conn-to transfer-to conn-to transfer-to conn-to rel-to")
            << QStringLiteral("to setup-to conn-from rel-to | "
                              "ct setup-to transfer-from conn-to transfer-to conn-to rel-to")
            << QStringLiteral("to setup-to conn-from rel-to | ct setup-to transfer-from conn-to rel-to");
        QTest::newRow("by who has stayed") // otto's goes on with carl, whom he pays for
            << false
            << QStringLiteral("from setup-from conn-to transfer-to conn-to rel-to | "
                              "ct setup-to transfer-from conn-to rel-to")
            << QStringLiteral("to setup-to conn-from rel-to | "
                              "ct setup-to transfer-from conn-to conn-to rel-to")
            << QStringLiteral("to setup-to conn-from transfer-to conn-to rel-to");
    }
    void aCallIsHandedOverAgain()
    {
        QFETCH(const bool, byTheNewOne);
        Scene scene;
        scene.answer();
        scene.phone(0).events->onRefer({"102", {}});
        scene.answer(1, sdpOf(4008));
        scene.caller.events->onReply({200, sdpOf(4000)});
        scene.phone(0).events->onEnded(sip::Ending::Bye);
        FakePhone& carl = scene.phone(1);
        FakePhone& by = byTheNewOne ? carl : scene.caller;
        FakePhone& stays = byTheNewOne ? scene.caller : carl;
        by.events->onRefer({"106", {}});
        FakePhone& gina = scene.phone(2);
        QCOMPARE(gina.invite.from.user, std::string(byTheNewOne ? "100" : "102"));
        scene.answer(2, sdpOf(4012));
        QCOMPARE(stays.sent.back().what, std::string("offer"));
        stays.events->onReply({200, sdpOf(byTheNewOne ? 4000 : 4008)});
        QCOMPARE(by.sent.back().what, std::string("refer200"));
        by.events->onEnded(sip::Ending::Bye);
        QVERIFY(!scene.call->isOver() && by.over && !stays.over && !gina.over);
        const CallRow row = scene.call->row();
        QCOMPARE(row.callee.name, std::string(byTheNewOne ? "gina" : "carl"));
        QCOMPARE(row.caller.name, std::string(byTheNewOne ? "anna" : "gina"));
        gina.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && stays.over);
        QTEST(scene.recordsOf("anna"), "annas");
        QTEST(scene.recordsOf("otto"), "ottos");
        QTEST(scene.recordsOf("carl"), "carls");
        QVERIFY2(scene.recordsOf("gina").startsWith(QStringLiteral("to setup-to conn-from")),
                 qPrintable(scene.recordsOf("gina")));
        QVERIFY(scene.records.openRecords().empty());
    }

    void whatCannotBeHandedOverStays()
    {
        Scene scene;
        scene.answer();
        scene.phone().events->onRefer({"999", {}});
        scene.phone().events->onRefer({"103", {}});
        scene.phone().events->onRefer({"", sip::DialogId{"none", "a", "b"}});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer404 refer480 refer481"));
        scene.phone().events->onRefer({"102", {}});
        scene.phone().events->onRefer({"102", {}});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer404 refer480 refer481 refer202 refer491"));
        scene.phone(1).events->onReply({486, {}});
        QCOMPARE(scene.phoneLog(),
                 QStringLiteral("ack refer404 refer480 refer481 refer202 refer491 refer486"));
        QVERIFY(!scene.call->isOver() && !scene.caller.over); // and otto still talks with anna
        scene.caller.events->onOffer(sdpOf(4000));
        scene.phone().events->onReply({200, sdpOf(4002)});
        QCOMPARE(scene.callerLog(), QStringLiteral("200 200"));
    }

    /// Carl has missed a call of anna's, and nobody else's record knows of it.
    void whomATransferDoesNotReachHasMissedACall()
    {
        CallScene scene;
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.phone(1).events->onReply({180, {}});
        scene.phone(1).events->onReply({486, {}});
        QCOMPARE(scene.recordsOf("carl"), QStringLiteral("to setup-to alert-from rel-from"));
        scene.phone().events->onRefer({"102", {}});
        scene.caller.events->onEnded(sip::Ending::Bye); // while carl's phone rings
        QCOMPARE(scene.recordsOf("carl"),
                 QStringLiteral("to setup-to alert-from rel-from | to setup-to rel-to"));
        QCOMPARE(scene.recordsOf("anna"), QStringLiteral("from setup-from conn-to rel-from"));
    }

    void theForwardsOfATargetHold_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("carlsRecords");
        QTest::newRow("busy") << 486
                              << QStringLiteral(
                                     "to setup-to alert-from rel-from | cf setup-to cf-from conn-to rel-to");
        QTest::newRow("nobody answers")
            << 0 << QStringLiteral("to setup-to alert-from rel-to | cf setup-to cf-from conn-to rel-to");
        QTest::newRow("the phone says so")
            << 302 << QStringLiteral("to setup-to alert-from rel-to | cf setup-to cf-from conn-to rel-to");
    }
    void theForwardsOfATargetHold()
    {
        QFETCH(const int, status);
        QFETCH(const QString, carlsRecords);
        Scene scene;
        if (status != 302)
            (status == 486 ? scene.neighbours.forwardsOfCarl.busy
                           : scene.neighbours.forwardsOfCarl.noAnswer) = "106";
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.phone(1).events->onReply({180, {}});
        scene.clock.advance(std::chrono::seconds(19));
        scene.call->onSecond();
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        if (status == 0) {
            scene.clock.advance(std::chrono::seconds(1));
            scene.call->onSecond();
        } else {
            std::optional<sip::NameAddress> to;
            if (status == 302)
                to = sip::NameAddress{{}, "106", "127.0.0.1"};
            scene.phone(1).events->onReply({status, {}, to});
        }
        QCOMPARE(scene.dialer.phones.size(), std::size_t{3});
        QVERIFY(scene.phone(1).over);
        QCOMPARE(scene.phone(2).invite.to.user, std::string("106"));
        QCOMPARE(scene.phone(2).invite.from.user, std::string("100"));
        QCOMPARE(scene.phone(2).invite.diversions.front().number, std::string("102"));
        scene.answer(2, sdpOf(4008));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.phoneLog(0), QStringLiteral("ack refer202 refer180 refer200"));
        QCOMPARE(scene.call->row().callee.name, std::string("gina"));
        scene.phone(2).events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver());
        QCOMPARE(scene.recordsOf("carl"), carlsRecords);
        QCOMPARE(scene.recordsOf("anna"),
                 QStringLiteral("from setup-from conn-to transfer-to cf-to conn-to rel-to"));
        QCOMPARE(scene.recordsOf("gina"), QStringLiteral("to setup-to conn-from rel-from"));
    }

    /// Also for who was called first, and rings still, when two calls become one.
    void theForwardsHoldWhereTwoBecomeOne()
    {
        SecondCall scene;
        scene.neighbours.forwardsOfCarl.busy = "106";
        Call::Plan plan{9, {"otto", "101", "Otto"}, scene.neighbours.destination({"102", {}, {}}), true};
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5070");
        request.sdp = sdpOf(4012);
        FakePhone third;
        third.callId = "third";
        Call other(*scene.environment, plan, request, std::make_unique<FakeSession>(third));
        other.begin();
        scene.neighbours.other = &other;
        scene.phone().events->onRefer({{}, sip::DialogId{"third", {}, {}}});
        QCOMPARE(scene.dialer.phones.size(), std::size_t{3});
        scene.phone(2).events->onReply({486, {}});
        QCOMPARE(scene.dialer.phones.size(), std::size_t{4});
        QCOMPARE(scene.phone(3).invite.to.user, std::string("106"));
        scene.answer(3, sdpOf(4008));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.call->row().callee.name, std::string("gina"));
    }

    void aForwardToNobodyIsNone()
    {
        Scene scene;
        scene.neighbours.forwardsOfCarl = {{}, "999", "103"};
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.clock.advance(std::chrono::seconds(21));
        scene.call->onSecond();
        QVERIFY(!scene.phone(1).over); // and rings on
        scene.phone(1).events->onReply({302, {}, sip::NameAddress{{}, "*21*102#", "127.0.0.1"}});
        QCOMPARE(scene.phoneLog(0), QStringLiteral("ack refer202 refer480"));
        scene.phone().events->onRefer({"102", {}});
        scene.phone(2).events->onReply({486, {}});
        QCOMPARE(scene.phoneLog(0), QStringLiteral("ack refer202 refer480 refer202 refer486"));
    }

    void aTargetMayWantAnotherProtection()
    {
        Scene scene;
        scene.answer();
        scene.phone(0).events->onRefer({"102", {}});
        scene.phone(1).events->onReply({488, {}});
        QVERIFY(audioOf(scene.phone(2).invite.sdp).isSecure());
        scene.phone(2).events->onReply({488, {}});
        QVERIFY(audioOf(scene.phone(3).invite.sdp).isDtls());
        scene.answer(3, sdpOf(4008, kFingerprint + "a=setup:active\r\n", "UDP/TLS/RTP/SAVP"));
        QVERIFY(!audioOf(scene.caller.lastSdp()).isSecure());
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.phoneLog(0), QStringLiteral("ack refer202 refer200"));
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
    }

    void aStayerWithDtlsIsAskedByDtls()
    {
        const std::string offer = sdpOf(4000, kFingerprint + "a=setup:actpass\r\n", "UDP/TLS/RTP/SAVP");
        Scene scene(1, offer);
        scene.answer(0,
                     sdpOf(4002, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'B') + "\r\n",
                           "RTP/SAVP"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
        scene.phone(0).events->onRefer({"102", {}});
        scene.answer(1,
                     sdpOf(4008, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'C') + "\r\n",
                           "RTP/SAVP"));
        const sdp::Media asked = audioOf(scene.caller.lastSdp());
        QVERIFY(asked.isDtls() && asked.crypto.empty());
    }

    /// Of several devices the one that answers is meant, whichever was heard last.
    void theTargetIsHeardAsItHasSaidItself()
    {
        Scene scene(1, sdpIn("8 0", 4000));
        scene.neighbours.devicesOfCarl = 2;
        scene.answer(0, sdpIn("8", 4002));
        scene.phone(0).events->onRefer({"102", {}});
        scene.phone(1).events->onReply({183, sdpIn("0", 4008)});
        scene.phone(2).events->onReply({183, sdpIn("8", 4010)});
        scene.phone(1).events->onReply({200, {}});
        const sdp::Media asked = audioOf(scene.caller.lastSdp());
        QVERIFY(asked.formats.contains(0) && !asked.formats.contains(8));
    }

    void whoHandedOverHasNoSayAnyMore()
    {
        Scene scene;
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.answer(1, sdpOf(4008));
        scene.caller.events->onReply({200, sdpOf(4000)});
        const std::string before = scene.caller.log() + scene.phone(1).log();
        scene.phone().events->onOffer(sdpOf(4666));
        scene.phone().events->onRefer({"102", {}});
        scene.phone().events->onInfo("application/dtmf-relay", "Signal=1");
        scene.phone().events->onAck(sdpOf(4666));
        QCOMPARE(scene.caller.log() + scene.phone(1).log(), before);
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202 refer200 491 refer491"));
        scene.phone().events->onReply({500, {}});
        QVERIFY(!scene.call->isOver());
    }

    void nobodyIsLeftWhenTheTargetRefuses()
    {
        Scene scene;
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.phone().events->onEnded(sip::Ending::Bye);
        scene.phone(1).events->onReply({486, {}});
        QVERIFY(scene.call->isOver() && scene.caller.over);
    }

    void theStayerMayHangUpMeanwhile()
    {
        Scene scene;
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.caller.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && scene.phone(0).over && scene.phone(1).over);
    }

    void theTargetMayHangUpWhileTheStayerIsAsked()
    {
        Scene scene;
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        scene.answer(1, sdpOf(4008));
        scene.phone(1).events->onEnded(sip::Ending::Bye);
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202 refer480"));
        scene.caller.events->onReply({200, sdpOf(4000)}); // towards media that is gone
        QVERIFY(scene.call->isOver());
    }

    void twoCallsBecomeOne_data()
    {
        QTest::addColumn<bool>("answered");
        QTest::newRow("after the answer") << true;
        QTest::newRow("while it rings") << false;
    }
    void twoCallsBecomeOne()
    {
        QFETCH(bool, answered);
        SecondCall scene;
        FakePhone& carl = scene.phone(1);
        carl.events->onReply({180, {}});
        if (answered)
            carl.events->onReply({200, sdpOf(4012)});
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202"));
        QVERIFY(scene.second->isOver() && scene.ottosOther.over && !carl.over);
        if (answered)
            QCOMPARE(QString::fromStdString(carl.log()), QStringLiteral("ack offer"));
        carl.events->onReply({200, sdpOf(4012)});
        QCOMPARE(QString::fromStdString(carl.log()),
                 answered ? QStringLiteral("ack offer ack") : QStringLiteral("ack"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200 offer"));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202 refer200"));
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        QVERIFY(scene.caller.lastSdp().empty());
        scene.caller.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && carl.over);
        QVERIFY2(scene.recordsOf("carl").contains(QStringLiteral("transfer-to")),
                 qPrintable(scene.recordsOf("carl")));
        QVERIFY(scene.records.openRecords().empty());
    }

    /// What is said to whom the call is handed over is as little to be recorded as before.
    void thePauseOfTheOtherCallGoesOn_data()
    {
        QTest::addColumn<bool>("answered");
        QTest::newRow("after the answer") << true;
        QTest::newRow("while it rings") << false;
    }
    void thePauseOfTheOtherCallGoesOn()
    {
        QFETCH(bool, answered);
        SecondCall scene;
        if (answered)
            scene.answer(1, sdpOf(4012));
        scene.second->pause();
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        QVERIFY(!scene.call->row().paused); // not before it is known that it becomes one
        scene.answer(1, sdpOf(4012));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        QVERIFY(scene.call->row().paused);
        QVERIFY(scene.tap.texts.back().find("\r\nSwitchroom-Recording: paused\r\n") != std::string::npos);
        scene.call->resume();
        QVERIFY(scene.tap.texts.back().find("\r\nSwitchroom-Recording: resumed\r\n") != std::string::npos);
    }

    /// RFC 3261 14.1: who offers at the same time as we do says so, and is asked again.
    void twoOffersThatMeetLoseNobody()
    {
        SecondCall scene;
        FakePhone& carl = scene.phone(1);
        scene.answer(1, sdpOf(4012));
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        carl.events->onOffer(sdpOf(4012));
        carl.events->onReply({491, {}});
        scene.clock.advance(std::chrono::seconds(2));
        scene.call->onSecond(); // its Call-ID is ours: it has the first turn
        QCOMPARE(scene.phoneLog(1), QStringLiteral("ack offer 491"));
        scene.clock.advance(std::chrono::seconds(2));
        scene.call->onSecond();
        QCOMPARE(scene.phoneLog(1), QStringLiteral("ack offer 491 offer"));
        scene.call->onSecond();
        carl.events->onReply({200, sdpOf(4012)});
        scene.caller.events->onReply({491, {}});
        scene.clock.advance(std::chrono::seconds(2)); // the Call-ID is anna's
        scene.call->onSecond();
        QCOMPARE(scene.callerLog(), QStringLiteral("200 offer offer"));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.callerLog(), QStringLiteral("200 offer offer ack"));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202 refer200"));
        QVERIFY(!carl.over);
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
    }

    void offersThatAlwaysMeetEnd()
    {
        SecondCall scene;
        scene.answer(1, sdpOf(4012));
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        for (int i = 0; i < 5; ++i) {
            scene.phone(1).events->onReply({491, {}});
            scene.clock.advance(std::chrono::seconds(4));
            scene.call->onSecond();
        }
        QVERIFY(!scene.phone(1).over);
        scene.phone(1).events->onReply({491, {}});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202 refer491"));
        QVERIFY(scene.phone(1).over && !scene.call->isOver()); // and otto still talks with anna
    }

    void whoWaitsToBeAskedMayHangUp()
    {
        SecondCall scene;
        scene.answer(1, sdpOf(4012));
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        scene.phone(1).events->onReply({491, {}});
        scene.phone(1).events->onEnded(sip::Ending::Bye);
        scene.clock.advance(std::chrono::seconds(4));
        scene.call->onSecond();
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer202 refer480"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
    }

    void theStayerMayHangUpWhileTwoCallsBecomeOne()
    {
        SecondCall scene;
        scene.answer(1, sdpOf(4012));
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        scene.caller.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && scene.phone(1).over);
        QVERIFY(scene.records.openRecords().empty());
    }

    void strangersCannotTakeACall()
    {
        Scene scene;
        scene.answer();
        FakePhone stranger;
        stranger.callId = "second";
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5090");
        request.sdp = sdpOf(4010);
        Call second(*scene.environment, {8, {"erik", "104", "Erik"}, destinationOf("carl", "102", 1), true},
                    request, std::make_unique<FakeSession>(stranger));
        second.begin();
        scene.answer(1, sdpOf(4012));
        scene.neighbours.other = &second;
        scene.phone().events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack refer403"));
        QVERIFY(!second.isOver() && !scene.call->isOver());
        second.hangUp();
    }
};

QTEST_GUILESS_MAIN(TestCallTransfer)
#include "tst_call_transfer.moc"
