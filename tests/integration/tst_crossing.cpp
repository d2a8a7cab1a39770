// SPDX-License-Identifier: GPL-3.0-or-later
// What is called off while it is answered, and asked for twice: phones whose messages the test writes.
#include "tests/support/free_port.h"
#include "tests/support/wire_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::test;

class CrossingTest : public QObject {
    Q_OBJECT

private slots:
    /// RFC 3261 9.1: who has answered when CANCEL comes is in a call. It ends by BYE, on the connection that
    /// the phone has opened: at its Contact nobody listens.
    void anAnswerCrossesTheCancel_data()
    {
        QTest::addColumn<bool>("reliable");
        QTest::newRow("180") << false;
        QTest::newRow("reliable 183") << true;
    }
    void anAnswerCrossesTheCancel()
    {
        QFETCH(bool, reliable);
        WireScene scene;
        QVERIFY(scene.ready);
        if (reliable) {
            QVERIFY(scene.ringReliably());
        } else {
            scene.dialog = scene.anna->dial("anna", "first", "101", {}, sdpOf(1));
            scene.invite = scene.otto->waitFor("INVITE sip:otto");
            scene.otto->answer(scene.invite, "180 Ringing", kOttosContact);
            QVERIFY(!scene.anna->waitFor("SIP/2.0 180").isEmpty());
        }
        scene.anna->cancel();
        const QByteArray cancelled = scene.otto->waitFor("CANCEL sip:otto");
        QVERIFY(!cancelled.isEmpty());
        scene.otto->answer(scene.invite, "200 OK", kOttosAnswer, sdpOf(1));
        scene.otto->answer(cancelled, "481 Call/Transaction Does Not Exist");
        QVERIFY(!scene.otto->waitFor("ACK sip:otto").isEmpty());
        const QByteArray bye = scene.otto->waitFor("BYE sip:otto");
        QVERIFY(!bye.isEmpty());
        scene.otto->answer(bye, "200 OK");
        QVERIFY(!scene.anna->waitFor("SIP/2.0 487").isEmpty());
    }
    /// Otto's second phone answers, and his first one as well before it hears of that.
    void twoPhonesOfOneUserAnswer()
    {
        WireScene scene;
        WirePhone second(WirePhone::Wire::Tcp, scene.exchange->port4);
        QVERIFY(scene.ready && second.registers("otto", "second", "sip:otto@127.0.0.1:9"));
        scene.dialog = scene.anna->dial("anna", "first", "101", {}, sdpOf(1));
        const QByteArray invite = scene.otto->waitFor("INVITE sip:otto");
        const QByteArray other = second.waitFor("INVITE sip:otto");
        scene.otto->answer(invite, "180 Ringing", kOttosContact);
        second.answer(other, "200 OK", kOttosAnswer, sdpOf(1));
        const QByteArray cancelled = scene.otto->waitFor("CANCEL sip:otto");
        QVERIFY(!cancelled.isEmpty());
        scene.otto->answer(invite, "200 OK", kOttosAnswer, sdpOf(1));
        scene.otto->answer(cancelled, "200 OK");
        const QByteArray bye = scene.otto->waitFor("BYE sip:otto");
        QVERIFY(!bye.isEmpty());
        scene.otto->answer(bye, "200 OK");
        const QByteArray answer = scene.anna->waitFor("SIP/2.0 200 OK");
        WirePhone::learn(scene.dialog, answer);
        (void)scene.anna->request(scene.dialog, "ACK");
        (void)scene.anna->request(scene.dialog, "BYE"); // and not before: that talk goes on
        QVERIFY(finalAnswer(*scene.anna, scene.dialog.cseq, "BYE").startsWith("SIP/2.0 200"));
        QVERIFY(!second.waitFor("BYE sip:otto").isEmpty());
    }
    /// What the firewall lets in is used, to the last port, and no other.
    void mediaPortsAreChosen()
    {
        WireScene scene;
        QVERIFY(scene.ready && scene.exchange->stop());
        int first = freePort();
        for (int next = freePort(); next != first + 2; next = freePort())
            first = next;
        const auto set = [&](const char* key, int port) {
            return scene.fixture
                       .run({QStringLiteral("settings"), QStringLiteral("set"), QString::fromLatin1(key),
                             QString::number(port)})
                       .exitCode == 0;
        };
        QVERIFY(set("exchange.firstMediaPort", first) && set("exchange.lastMediaPort", first + 3));
        scene.exchange->start();
        WirePhone anna(WirePhone::Wire::Tcp, scene.exchange->port4);
        WirePhone otto(WirePhone::Wire::Tcp, scene.exchange->port4);
        QVERIFY(anna.registers("anna", "first", "sip:anna@127.0.0.1") &&
                otto.registers("otto", "second", "sip:otto@127.0.0.1"));
        (void)anna.dial("anna", "first", "101", {}, sdpOf(1));
        const QByteArray invite = otto.waitFor("INVITE sip:otto");
        const auto offers = [&](int port) {
            return invite.contains("m=audio " + QByteArray::number(port) + ' ');
        };
        QVERIFY2(offers(first) || offers(first + 2), invite.constData());
        WirePhone second(WirePhone::Wire::Tcp, scene.exchange->port4);
        QVERIFY(second.registers("anna", "first", "sip:anna@127.0.0.1:9"));
        (void)second.dial("anna", "first", "101", {}, sdpOf(1));
        const QByteArray refused = second.waitFor("SIP/2.0 5");
        QVERIFY2(!refused.isEmpty(), "the range has no room for a second call");
        anna.cancel();
    }
    /// It is the offer that is called off, not the call.
    void aLaterOfferIsCalledOff()
    {
        WireScene scene;
        QVERIFY(scene.ready && scene.connect());
        (void)scene.anna->request(scene.dialog, "INVITE", {}, sdpOf(2, "sendonly"));
        const int number = scene.dialog.cseq;
        const QByteArray passedOn = scene.otto->waitFor("INVITE sip:otto");
        scene.anna->cancel();
        QVERIFY(finalAnswer(*scene.anna, number, "INVITE").startsWith("SIP/2.0 487"));
        (void)scene.anna->request(scene.dialog, "ACK");
        scene.otto->answer(passedOn, "200 OK", kOttosAnswer, sdpOf(2, "recvonly"));
        QVERIFY(!scene.otto->waitFor("ACK sip:otto").isEmpty());
        (void)scene.anna->request(scene.dialog, "INVITE", {}, sdpOf(3));
        const QByteArray again = scene.otto->waitFor("INVITE sip:otto");
        QVERIFY2(again.contains("a=sendrecv"), again.constData());
        scene.otto->answer(again, "200 OK", kOttosAnswer, sdpOf(3));
        const QByteArray taken = finalAnswer(*scene.anna, scene.dialog.cseq, "INVITE");
        QVERIFY2(taken.startsWith("SIP/2.0 200"), taken.constData());
        (void)scene.anna->request(scene.dialog, "ACK");
        (void)scene.anna->request(scene.dialog, "BYE");
        QVERIFY(finalAnswer(*scene.anna, scene.dialog.cseq, "BYE").startsWith("SIP/2.0 200"));
    }
    /// RFC 3515: what has been accepted is told of to its end, whatever else is refused meanwhile.
    void aSecondTransferIsRefused()
    {
        WireScene scene;
        WirePhone bert(WirePhone::Wire::Tcp, scene.exchange->port4);
        QVERIFY(scene.exchange->add("bert", "102", "third").exitCode == 0);
        QVERIFY(scene.ready && scene.connect());
        QTRY_VERIFY(bert.registers("bert", "third", "sip:bert@127.0.0.1"));
        // A NOTIFY may come before the 202 as well.
        const auto refer = [&](bool isTold) {
            (void)scene.anna->request(scene.dialog, "REFER", "Refer-To: <sip:102@127.0.0.1>\r\n");
            QByteArray answer;
            while (answer.isEmpty() || isTold) {
                const QByteArray message = scene.anna->waitFor("CSeq: ");
                if (message.contains(" REFER\r\n"))
                    answer = message.left(11);
                if (message.startsWith("NOTIFY"))
                    scene.anna->answer(message, "200 OK");
                if (message.isEmpty() || message.startsWith("NOTIFY"))
                    isTold = false;
                if (message.isEmpty())
                    break;
            }
            return answer;
        };
        QCOMPARE(refer(true), QByteArray("SIP/2.0 202"));
        const QByteArray invite = bert.waitFor("INVITE sip:bert");
        bert.answer(invite, "180 Ringing", "Contact: <sip:bert@127.0.0.1>\r\n");
        QCOMPARE(refer(false), QByteArray("SIP/2.0 491"));
        bert.answer(invite, "486 Busy Here");
        const QByteArray told = scene.anna->waitFor("\r\n\r\nSIP/2.0 486");
        QVERIFY2(told.startsWith("NOTIFY"), told.constData());
    }
};

QTEST_GUILESS_MAIN(CrossingTest)
#include "tst_crossing.moc"
