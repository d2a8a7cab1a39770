// SPDX-License-Identifier: GPL-3.0-or-later
// One call in every order of events: forks, races, holds, refusals, forwards and devices that vanish.
#include "tests/unit/pbx/call_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;
using Scene = sr::test::CallScene;

class TestCall : public QObject {
    Q_OBJECT

private slots:
    void aCallIsAnsweredAndEnds()
    {
        Scene scene;
        QCOMPARE(scene.dialer.phones.size(), std::size_t{1});
        const sip::OutgoingInvite& invite = scene.phone().invite;
        QCOMPARE(invite.uri, std::string("sip:otto@127.0.0.1:5070"));
        QCOMPARE(invite.from.user, std::string("100"));
        QCOMPARE(invite.from.display, std::string("Anna"));
        QCOMPARE(invite.conferenceGuid.size(), std::size_t{32});
        const sdp::Media offered = audioOf(invite.sdp);
        QVERIFY(offered.rtp.port >= 30000 && offered.formats.contains(8));
        scene.phone().events->onReply({100, {}});
        scene.phone().events->onReply({180, {}});
        scene.answer();
        QCOMPARE(scene.callerLog(), QStringLiteral("180 200"));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack"));
        const sdp::Media answered = audioOf(scene.caller.lastSdp());
        QVERIFY(answered.rtp.port >= 30000 && answered.rtp.port != offered.rtp.port);
        QVERIFY(scene.call->row().answered && scene.call->row().recorded);
        QCOMPARE(scene.relay->openBridges(), std::size_t{1});
        scene.phone().events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.call->isOver() && scene.caller.over && scene.phone().over);
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 180 200 ACK media BYE closed"));
        QTRY_COMPARE(scene.relay->openBridges(), std::size_t{0});
        QCOMPARE(scene.recordsOf("anna"), QStringLiteral("from setup-from alert-to conn-to rel-to"));
        QCOMPARE(scene.recordsOf("otto"), QStringLiteral("to setup-to alert-from conn-from rel-from"));
    }

    void theRecordingKnowsNoKeysAndNoForeignAddresses()
    {
        Scene scene(1, sdpOf(4000, kKey, "RTP/SAVP"));
        scene.answer(0, sdpOf(
                            4002,
                            [&] {
                                return "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'B') +
                                       "\r\n";
                            }(),
                            "RTP/SAVP"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
        QVERIFY(audioOf(scene.phone().invite.sdp).isSecure());
        QVERIFY(audioOf(scene.caller.lastSdp()).isSecure());
        for (const std::string& text : scene.tap.texts) {
            QVERIFY2(text.find("crypto") == std::string::npos, text.c_str());
            QVERIFY2(text.find("m=audio 400") == std::string::npos, text.c_str());
        }
        // The keys of one side never reach the other.
        QVERIFY(scene.phone().invite.sdp.find(std::string(40, 'A')) == std::string::npos);
        QVERIFY(scene.caller.lastSdp().find(std::string(40, 'B')) == std::string::npos);
        QVERIFY(scene.caller.lastSdp().find("a=crypto:7 ") != std::string::npos);
    }

    void aRecordingPausesWhereItIsTold()
    {
        Scene scene;
        scene.call->pause(); // also before there is anything to record
        scene.answer();
        scene.call->pause();
        scene.call->resume();
        scene.call->pause();
        scene.call->resume();
        scene.call->resume();
        scene.call->hangUp();
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 200 ACK media INFO INFO INFO INFO BYE closed"));
        const auto says = [&](std::size_t at, const char* what) {
            return scene.tap.texts.at(at).find(std::string("\r\nSwitchroom-Recording: ") + what + "\r\n") !=
                   std::string::npos;
        };
        QVERIFY(says(3, "paused") && says(4, "resumed") && says(5, "paused") && says(6, "resumed"));
    }

    void callsThatNobodyMayHearAreNotTold()
    {
        Scene scene(1, sdpOf(4000), false);
        scene.answer();
        scene.call->hangUp();
        QVERIFY(scene.tap.lines.empty());
    }

    void theCallerGivesUp()
    {
        Scene scene(2);
        scene.phone(0).events->onReply({180, {}});
        scene.caller.events->onEnded(sip::Ending::Cancelled);
        QVERIFY(scene.call->isOver() && scene.phone(0).over && scene.phone(1).over);
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 180 487 ACK closed"));
        QCOMPARE(scene.recordsOf("anna"), QStringLiteral("from setup-from alert-to rel-from"));
    }

    void theFirstOfSeveralDevicesTalks()
    {
        Scene scene(3);
        scene.answer(1);
        QVERIFY(scene.phone(0).over && !scene.phone(1).over && scene.phone(2).over);
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
        scene.caller.events->onEnded(sip::Ending::Bye);
        QVERIFY(scene.phone(1).over);
    }

    void theBestRefusalIsTold_data()
    {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        QTest::addColumn<QString>("told");
        QTest::newRow("busy") << 486 << 486 << "486 over";
        QTest::newRow("lowest class") << 503 << 486 << "486 over";
        QTest::newRow("everywhere") << 603 << 486 << "603 over";
        QTest::newRow("everywhere, later") << 486 << 603 << "603 over";
        QTest::newRow("redirections are ours") << 302 << 302 << "480 over";
        QTest::newRow("challenges are ours") << 401 << 407 << "480 over";
        QTest::newRow("no answer") << 408 << 408 << "480 over";
    }
    void theBestRefusalIsTold()
    {
        QFETCH(int, first);
        QFETCH(int, second);
        QFETCH(QString, told);
        Scene scene(2);
        scene.phone(0).events->onReply({first, {}});
        QVERIFY(!scene.call->isOver());
        scene.phone(1).events->onReply({second, {}});
        QCOMPARE(scene.callerLog(), told);
        QVERIFY(scene.call->isOver());
        QCOMPARE(scene.recordsOf("anna"), QStringLiteral("from setup-from rel-to"));
        QCOMPARE(scene.recordsOf("otto"), QStringLiteral("to setup-to rel-from"));
        QVERIFY(scene.records.openRecords().empty());
    }

    void callsAreForwarded_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("goes");
        QTest::newRow("busy") << 486 << true;
        QTest::newRow("rejected") << 603 << true;
        QTest::newRow("no answer") << 408 << true;
        QTest::newRow("a fault") << 500 << false;
    }
    void callsAreForwarded()
    {
        QFETCH(int, status);
        QFETCH(bool, goes);
        Scene scene(1, sdpOf(4000), true, {"", "102", "102"});
        scene.phone(0).events->onReply({180, {}});
        scene.phone(0).events->onReply({status, {}});
        QCOMPARE(scene.callerLog(), goes ? QStringLiteral("180 181") : QStringLiteral("180 500 over"));
        if (!goes)
            return;
        QCOMPARE(scene.phone(1).invite.to.user, std::string("102"));
        QVERIFY(scene.phone(0).invite.diversions.empty());
        QCOMPARE(scene.phone(1).invite.diversions.size(), std::size_t{1});
        const sip::Diversion& by = scene.phone(1).invite.diversions.front();
        QCOMPARE(by.name + ' ' + by.number, std::string("otto 101"));
        QCOMPARE(std::string(by.reason), std::string(status == 408 ? "no-answer" : "user-busy"));
        scene.answer(1);
        QCOMPARE(scene.callerLog(), QStringLiteral("180 181 200"));
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 180 302 ACK INVITE 200 ACK media"));
    }

    /// A key of the phone, or a setting of its own, sends the call elsewhere.
    void aPhoneMayDivertItsCall_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("host");
        QTest::addColumn<bool>("goes");
        QTest::newRow("for now") << 302 << "102"
                                 << "127.0.0.1" << true;
        QTest::newRow("for ever") << 301 << "102"
                                  << "127.0.0.1" << true;
        QTest::newRow("by the name of the exchange") << 302 << "102"
                                                     << "pbx.example" << true;
        QTest::newRow("elsewhere") << 302 << "102"
                                   << "other.example" << false;
        QTest::newRow("to nobody") << 302 << "999"
                                   << "127.0.0.1" << false;
        QTest::newRow("a code") << 302 << "*21*102#"
                                << "127.0.0.1" << false;
    }
    void aPhoneMayDivertItsCall()
    {
        QFETCH(int, status);
        QFETCH(QString, user);
        QFETCH(QString, host);
        QFETCH(bool, goes);
        Scene scene(2, sdpOf(4000), true, {"", "", "105"}); // fred has no phone
        scene.phone(0).events->onReply({180, {}});
        scene.phone(0).events->onReply(
            {status, {}, sip::NameAddress{{}, user.toStdString(), host.toStdString()}});
        QCOMPARE(scene.phone(1).over, goes);
        if (!goes) {
            scene.phone(1).events->onReply({408, {}});
            QCOMPARE(scene.callerLog(), QStringLiteral("180 181 480 over")); // the exchange's own forward
            return;
        }
        const sip::OutgoingInvite& invite = scene.phone(2).invite;
        QCOMPARE(invite.to.user, std::string("102"));
        QCOMPARE(invite.diversions.size(), std::size_t{1});
        QCOMPARE(invite.diversions.front().name, std::string("otto"));
        QCOMPARE(std::string(invite.diversions.front().reason), std::string("deflection"));
        scene.answer(2);
        QCOMPARE(scene.callerLog(), QStringLiteral("180 181 200"));
        QCOMPARE(scene.call->row().callee.name, std::string("carl"));
        scene.call->hangUp();
        QVERIFY2(scene.recordsOf("otto").contains(QStringLiteral("cf-from")),
                 qPrintable(scene.recordsOf("otto")));
        QVERIFY(scene.records.openRecords().empty());
    }

    void divertsDoNotGoInCircles()
    {
        Scene scene;
        const auto diverts = [&](std::size_t phone) {
            scene.phone(phone).events->onReply({302, {}, sip::NameAddress{{}, "102", "127.0.0.1"}});
        };
        diverts(0);
        diverts(1); // carl's, to carl
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        QCOMPARE(scene.callerLog(), QStringLiteral("181 480 over"));
    }

    void aTanStandsInTranscriptAndCallData()
    {
        Scene scene;
        QVERIFY(!scene.call->isTalkOf("anna"));
        scene.answer(0);
        QVERIFY(scene.call->isTalkOf("anna") && scene.call->isTalkOf("otto") &&
                !scene.call->isTalkOf("carl"));
        scene.call->setTan("otto", "999999");
        scene.call->setTan("otto", "123456"); // the last one holds
        QVERIFY(scene.tap.texts.back().starts_with("INFO "));
        QVERIFY(scene.tap.texts.back().find("\r\nSwitchroom-Tan: 123456\r\n") != std::string::npos);
        scene.call->hangUp();
        QCOMPARE(scene.finished.size(), std::size_t{2});
        for (const auto& record : scene.finished)
            QCOMPARE(record->other, (cdr::OtherAttributes{{"tan", "123456"}}));
    }

    /// The recorder may be off.
    void aTanStandsInCallDataAlone()
    {
        Scene scene(1, sdpOf(4000), false);
        scene.answer(0);
        scene.call->setTan("anna", "123456");
        QVERIFY(scene.tap.texts.empty());
        scene.call->hangUp();
        QVERIFY(cdr::toXml(*scene.finished.at(0)).find(" tan=\"123456\"") != std::string::npos);
    }

    void nobodyAnswersInTime()
    {
        Scene scene(2, sdpOf(4000), true, {"", "", "102"});
        scene.clock.advance(std::chrono::seconds(19));
        scene.call->onSecond();
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        scene.clock.advance(std::chrono::seconds(2));
        scene.call->onSecond();
        QVERIFY(scene.phone(0).over && scene.phone(1).over);
        scene.answer(2);
        QCOMPARE(scene.callerLog(), QStringLiteral("181 200"));
    }

    void aForwardWhoseDevicesCannotBeCalledIsRefused()
    {
        Scene scene(1, sdpOf(4000), true, {"", "", "105"});
        scene.clock.advance(std::chrono::seconds(21));
        scene.call->onSecond();
        QVERIFY(scene.call->isOver());
        QCOMPARE(scene.callerLog(), QStringLiteral("181 480 over"));
        QVERIFY(scene.records.openRecords().empty());
    }

    void forwardsThatLeadNowhereAreRefused_data()
    {
        QTest::addColumn<QString>("number");
        QTest::newRow("none") << "";
        QTest::newRow("never") << "-";
        QTest::newRow("unknown") << "999";
        QTest::newRow("no device") << "103";
    }
    void forwardsThatLeadNowhereAreRefused()
    {
        QFETCH(QString, number);
        Scene scene(1, sdpOf(4000), true, {"", number.toStdString(), ""});
        scene.phone().events->onReply({486, {}});
        QCOMPARE(scene.callerLog(), QStringLiteral("486 over"));
    }

    void aDeviceThatIsGoneIsOneLess()
    {
        Scene scene(2);
        scene.phone(0).events->onEnded(sip::Ending::Lost);
        QVERIFY(!scene.call->isOver());
        scene.answer(1);
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
    }

    void soundBeforeTheAnswerIsPassedOn()
    {
        Scene scene;
        scene.phone().events->onReply({183, sdpOf(4002)});
        QCOMPARE(scene.callerLog(), QStringLiteral("183"));
        QVERIFY(audioOf(scene.caller.lastSdp()).rtp.port >= 30000);
        scene.phone().events->onReply({200, {}}); // its answer stood in the 183
        QCOMPARE(scene.callerLog(), QStringLiteral("183 200"));
        QVERIFY(audioOf(scene.caller.lastSdp()).rtp.port >= 30000);
    }

    /// Who answers is heard as it has said itself, whoever of the others was heard last.
    void soundBeforeTheAnswerIsOfEachDevice()
    {
        Scene scene(2, sdpIn("8 0", 4000));
        scene.phone(0).events->onReply({183, sdpIn("8", 4002)});
        scene.phone(1).events->onReply({183, sdpIn("0", 4004)});
        QVERIFY(!audioOf(scene.caller.lastSdp()).formats.contains(8));
        scene.phone(0).events->onReply({200, {}});
        QCOMPARE(scene.callerLog(), QStringLiteral("183 183 200"));
        QVERIFY(audioOf(scene.caller.lastSdp()).formats.contains(8));
        QVERIFY(!audioOf(scene.caller.lastSdp()).formats.contains(0));
    }

    void anOfferMayComeWithTheAnswer()
    {
        Scene scene(1, {});
        QVERIFY(scene.phone().invite.sdp.empty());
        scene.answer();
        QCOMPARE(scene.phoneLog(), QString()); // its ACK waits for the caller's answer
        QVERIFY(audioOf(scene.caller.lastSdp()).rtp.port >= 30000);
        scene.caller.events->onAck(sdpOf(4000));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack"));
        QVERIFY(audioOf(scene.phone().lastSdp()).rtp.port >= 30000);
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 200 ACK media INVITE 200 ACK"));
    }

    void whatCannotBeReadIsNotAcceptable()
    {
        Scene scene(1, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\n");
        QCOMPARE(scene.callerLog(), QStringLiteral("488 over"));
        QVERIFY(scene.dialer.phones.empty());
    }

    void holdAndRetrieveGoThrough()
    {
        Scene scene;
        scene.answer();
        scene.caller.events->onOffer(sdpOf(4000, "a=sendonly\r\n"));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer"));
        QVERIFY(audioOf(scene.phone().lastSdp()).direction == sdp::Direction::SendOnly);
        scene.phone().events->onReply({200, sdpOf(4002, "a=recvonly\r\n")});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer ack"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200 200"));
        QVERIFY(audioOf(scene.caller.lastSdp()).direction == sdp::Direction::RecvOnly);
        scene.caller.events->onAck({});
        scene.phone().events->onOffer(sdpOf(4002));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer ack 200"));
        QCOMPARE(scene.tap.summary(), QStringLiteral("INVITE 200 ACK media INVITE 200 ACK INVITE 200 ACK"));
    }

    void offersThatMeetAreBothPutOff()
    {
        Scene scene;
        scene.answer();
        scene.caller.events->onOffer(sdpOf(4000));
        scene.phone().events->onOffer(sdpOf(4002));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer 491"));
        scene.phone().events->onReply({491, {}});
        QCOMPARE(scene.callerLog(), QStringLiteral("200 491"));
        QVERIFY(!scene.call->isOver());
        scene.phone().events->onOffer(sdpOf(4002)); // and then one tries again
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer 491 200"));
    }

    void aRefusedOfferChangesNothing()
    {
        Scene scene;
        scene.answer();
        scene.caller.events->onOffer(sdpOf(4100));
        scene.phone().events->onReply({488, {}});
        QCOMPARE(scene.callerLog(), QStringLiteral("200 488"));
        scene.caller.events->onOffer("nonsense");
        QCOMPARE(scene.callerLog(), QStringLiteral("200 488 488"));
        QVERIFY(!scene.call->isOver());
        scene.caller.events->onOffer(sdpOf(4100));
        scene.phone().events->onReply({481, {}}); // it knows nothing of the call any more
        QVERIFY(scene.call->isOver());
    }

    /// RFC 5057 5.1: with many a refusal the call would be over for who hears it.
    void aRefusedOfferEndsNoCall_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("told");
        QTest::newRow("for now") << 480 << QStringLiteral("200 488");
        QTest::newRow("not there") << 404 << QStringLiteral("200 488");
        QTest::newRow("for ever") << 604 << QStringLiteral("200 488");
        QTest::newRow("glare") << 491 << QStringLiteral("200 491");
        QTest::newRow("trouble") << 500 << QStringLiteral("200 500");
    }
    void aRefusedOfferEndsNoCall()
    {
        QFETCH(const int, status);
        Scene scene;
        scene.answer();
        scene.caller.events->onOffer(sdpOf(4100));
        scene.phone().events->onReply({status, {}});
        QTEST(scene.callerLog(), "told");
        QVERIFY(!scene.call->isOver());
    }

    void anOfferMayBeAskedFor()
    {
        Scene scene;
        scene.answer();
        scene.caller.events->onOffer({});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer"));
        QVERIFY(scene.phone().lastSdp().empty());
        scene.phone().events->onReply({200, sdpOf(4004)});
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200 200"));
        scene.caller.events->onAck(sdpOf(4006));
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack offer ack"));
        QVERIFY(audioOf(scene.phone().lastSdp()).rtp.port >= 30000);
    }

    void protectionIsTriedTheOtherWay_data()
    {
        QTest::addColumn<bool>("secureCaller");
        QTest::newRow("the caller encrypts") << true;
        QTest::newRow("the caller does not") << false;
    }
    void protectionIsTriedTheOtherWay()
    {
        QFETCH(bool, secureCaller);
        Scene scene(1, secureCaller ? sdpOf(4000, kKey, "RTP/SAVP") : sdpOf(4000));
        QCOMPARE(audioOf(scene.phone(0).invite.sdp).isSecure(), secureCaller);
        scene.phone(0).events->onReply({488, {}});
        QCOMPARE(scene.dialer.phones.size(), std::size_t{2});
        const sdp::Media second = audioOf(scene.phone(1).invite.sdp);
        QCOMPARE(second.isSecure(), !secureCaller);
        QCOMPARE(second.crypto.empty(), secureCaller);
        const std::string key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'B') + "\r\n";
        scene.answer(1, secureCaller ? sdpOf(4002) : sdpOf(4002, key, "RTP/SAVP"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
        QCOMPARE(audioOf(scene.caller.lastSdp()).isSecure(), secureCaller);
    }

    void keysByDtlsAreTriedLast_data()
    {
        QTest::addColumn<bool>("secureCaller");
        QTest::newRow("for a caller with SDES") << true;
        QTest::newRow("for a caller with plain RTP") << false;
    }
    void keysByDtlsAreTriedLast()
    {
        QFETCH(bool, secureCaller);
        Scene scene(1, secureCaller ? sdpOf(4000, kKey, "RTP/SAVP") : sdpOf(4000));
        scene.phone(0).events->onReply({488, {}});
        scene.phone(1).events->onReply({488, {}});
        QCOMPARE(scene.callerLog(), QString());
        const sdp::Media third = audioOf(scene.phone(2).invite.sdp);
        QVERIFY(third.isDtls() && third.crypto.empty() && third.setup == sdp::Setup::Actpass);
        QVERIFY(third.ice && third.rtcpMux);
        scene.answer(2, sdpOf(4002, kFingerprint + "a=setup:active\r\n", "UDP/TLS/RTP/SAVP"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200"));
        const sdp::Media answer = audioOf(scene.caller.lastSdp());
        QCOMPARE(answer.isSecure(), secureCaller);
        QVERIFY(!answer.isDtls() && answer.crypto.empty() != secureCaller && !answer.ice);
        scene.caller.events->onOffer(secureCaller ? sdpOf(4000, kKey + "a=sendonly\r\n", "RTP/SAVP")
                                                  : sdpOf(4000, "a=sendonly\r\n")); // a hold
        const sdp::Media held = audioOf(scene.phone(2).lastSdp());
        QVERIFY(held.isDtls() && held.fingerprints == third.fingerprints);
        QVERIFY(held.direction == sdp::Direction::SendOnly);
    }

    void whatRefusesAllIsRefused()
    {
        Scene scene;
        for (std::size_t i = 0; i < 3; ++i)
            scene.phone(i).events->onReply({488, {}});
        QCOMPARE(scene.callerLog(), QStringLiteral("488 over"));
        QCOMPARE(scene.dialer.phones.size(), std::size_t{3});
    }

    void silentDevicesAreAsked()
    {
        Scene scene;
        scene.answer();
        scene.call->onSecond();
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack"));
        scene.clock.advance(std::chrono::seconds(31));
        scene.call->onSecond();
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack probe"));
        QCOMPARE(scene.callerLog(), QStringLiteral("200 probe"));
        scene.call->onSecond(); // not every second
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack probe"));
        scene.phone().events->onEnded(sip::Ending::Lost);
        QVERIFY(scene.call->isOver() && scene.caller.over);
    }

    void keysByInfoGoThrough()
    {
        Scene scene;
        scene.caller.events->onInfo("application/dtmf-relay", "Signal=1");
        scene.answer();
        scene.caller.events->onInfo("application/dtmf-relay", "Signal=5");
        QCOMPARE(scene.phoneLog(), QStringLiteral("ack info"));
        QCOMPARE(scene.phone().lastSdp(), std::string("application/dtmf-relay:Signal=5"));
    }
};

QTEST_GUILESS_MAIN(TestCall)
#include "tst_call.moc"
