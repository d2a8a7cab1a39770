// SPDX-License-Identifier: GPL-3.0-or-later
// Reliable provisional answers, session timers and UPDATE, with phones whose messages the test writes.
#include "tests/support/wire_scene.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <set>

using namespace sr;
using namespace sr::test;

namespace {

/// Within so long [ms]. What else they are asked for they grant, but for INVITE.
bool hearBye(WireScene& scene, const std::set<WirePhone*>& all, int within)
{
    std::set<WirePhone*> told;
    return QTest::qWaitFor(
        [&] {
            for (WirePhone* phone : {scene.anna.get(), scene.otto.get()}) {
                const QByteArray asked = phone->take();
                if (asked.startsWith("SIP/2.0 488"))
                    phone->acknowledgeRefusal();
                if (asked.isEmpty() || asked.startsWith("SIP/2.0 ") || asked.startsWith("INVITE") ||
                    asked.startsWith("ACK"))
                    continue;
                phone->answer(asked, "200 OK"); // it is also asked whether it is there
                if (asked.startsWith("BYE"))
                    told.insert(phone);
            }
            return std::ranges::includes(told, all);
        },
        within);
}

} // namespace

class ExtensionsTest : public QObject {
    Q_OBJECT

private slots:
    /// RFC 3262: who requires it gets 180 with a number, and says that it has come.
    void ringingIsReliable()
    {
        WireScene scene;
        QVERIFY(scene.ready);
        scene.dialog = scene.anna->dial("anna", "first", "101", "Require: 100rel\r\n", sdpOf(1));
        const QByteArray invite = scene.otto->waitFor("INVITE sip:otto");
        scene.otto->answer(invite, "180 Ringing", kOttosContact);
        const QByteArray ringing = scene.anna->waitFor("SIP/2.0 180");
        QVERIFY2(ringing.contains("\r\nRequire: 100rel"), ringing.constData());
        WirePhone::Dialog dialog = scene.dialog;
        WirePhone::learn(dialog, ringing);
        const QByteArray number = WirePhone::headerOf(ringing, "RSeq");
        QVERIFY(number.toUInt() > 0);
        const int invited = dialog.cseq;
        (void)scene.anna->request(dialog, "PRACK",
                                  "RAck: " + number + " " + QByteArray::number(invited) + " INVITE\r\n");
        const QByteArray taken = scene.anna->waitFor("PRACK\r\n");
        QVERIFY2(taken.startsWith("SIP/2.0 200"), taken.constData());
        scene.otto->answer(invite, "200 OK", kOttosAnswer, sdpOf(1));
        const QByteArray answer = scene.anna->waitFor("SIP/2.0 200");
        QVERIFY2(answer.contains(" INVITE\r\n") && answer.contains("m=audio"), answer.constData());
    }

    /// RFC 3311 5.2: an offer before the call is answered cannot be passed on. Its refusal is none of the
    /// call, which is answered and ended as any other one.
    void anUpdateBeforeTheAnswer_data()
    {
        QTest::addColumn<bool>("byCaller");
        QTest::addColumn<bool>("offers");
        QTest::addColumn<QByteArray>("told");
        QTest::newRow("the caller offers") << true << true << QByteArray("SIP/2.0 504");
        QTest::newRow("the called one offers") << false << true << QByteArray("SIP/2.0 504");
        QTest::newRow("the caller refreshes") << true << false << QByteArray("SIP/2.0 200");
        QTest::newRow("the called one refreshes") << false << false << QByteArray("SIP/2.0 200");
    }
    void anUpdateBeforeTheAnswer()
    {
        QFETCH(bool, byCaller);
        QFETCH(bool, offers);
        QFETCH(QByteArray, told);
        WireScene scene;
        QVERIFY(scene.ready);
        QVERIFY(scene.ringReliably());
        WirePhone::Dialog ottos = WirePhone::calledBy("otto", scene.invite);
        WirePhone& asker = byCaller ? *scene.anna : *scene.otto;
        WirePhone::Dialog& dialog = byCaller ? scene.dialog : ottos;
        (void)asker.request(dialog, "UPDATE", {}, offers ? sdpOf(2) : QByteArray());
        const QByteArray answer = finalAnswer(asker, dialog.cseq, "UPDATE");
        QVERIFY2(answer.startsWith(told), answer.constData());
        scene.otto->answer(scene.invite, "200 OK", kOttosContact);
        const QByteArray taken = finalAnswer(*scene.anna, scene.invited, "INVITE");
        QVERIFY2(taken.startsWith("SIP/2.0 200"), taken.constData());
        WirePhone::Dialog first = scene.dialog;
        first.cseq = scene.invited;
        (void)scene.anna->request(first, "ACK");
        QVERIFY(!scene.otto->waitFor("ACK sip:otto").isEmpty());
        (void)scene.anna->request(scene.dialog, "BYE");
        QVERIFY(!scene.otto->waitFor("BYE sip:otto").isEmpty());
    }

    /// RFC 3311 5.2: what was offered first has no answer yet.
    void anUpdateBeforeAnySdpCameBack()
    {
        WireScene scene;
        QVERIFY(scene.ready);
        QVERIFY(scene.ringReliably(false));
        (void)scene.anna->request(scene.dialog, "UPDATE", {}, sdpOf(2));
        const QByteArray refused = finalAnswer(*scene.anna, scene.dialog.cseq, "UPDATE");
        QVERIFY2(refused.startsWith("SIP/2.0 500"), refused.constData());
        bool isNumber = false;
        QVERIFY(WirePhone::headerOf(refused, "Retry-After").toUInt(&isNumber) <= 10 && isNumber);
        WirePhone::Dialog ottos = WirePhone::calledBy("otto", scene.invite);
        (void)scene.otto->request(ottos, "UPDATE", {}, sdpOf(2));
        const QByteArray crossed = finalAnswer(*scene.otto, ottos.cseq, "UPDATE");
        QVERIFY2(crossed.startsWith("SIP/2.0 491"), crossed.constData());
        scene.otto->answer(scene.invite, "200 OK", kOttosAnswer, sdpOf(1));
        const QByteArray taken = finalAnswer(*scene.anna, scene.invited, "INVITE");
        QVERIFY2(taken.startsWith("SIP/2.0 200"), taken.constData());
        QVERIFY(!scene.otto->waitFor("ACK sip:otto").isEmpty());
    }

    /// RFC 3261 21.3.3: the exchange calls whom the phone names, and does not ask that phone again.
    void aPhoneDivertsItsCall()
    {
        WireScene scene;
        QVERIFY(scene.ready && test::addUser(scene.fixture, "carl", "102", "third").exitCode == 0);
        WirePhone carl(WirePhone::Wire::Tcp, scene.exchange->port4);
        QTRY_VERIFY_WITH_TIMEOUT(carl.registers("carl", "third", "sip:carl@127.0.0.1"), 10'000);
        scene.dialog = scene.anna->dial("anna", "first", "101", {}, sdpOf(1));
        scene.otto->answer(scene.otto->waitFor("INVITE sip:otto"), "302 Moved Temporarily",
                           "Contact: <sip:102@127.0.0.1>\r\n");
        QVERIFY(!scene.otto->waitFor("ACK sip:otto").isEmpty());
        const QByteArray invite = carl.waitFor("INVITE sip:carl");
        QVERIFY2(invite.contains(";reason=deflection"), invite.constData());
        QVERIFY(scene.otto->take().isEmpty());
        carl.answer(invite, "200 OK", kOttosAnswer, sdpOf(1));
        const QByteArray taken = finalAnswer(*scene.anna, scene.dialog.cseq, "INVITE");
        QVERIFY2(taken.startsWith("SIP/2.0 200"), taken.constData());
    }

    /// RFC 4028: the caller's wish is granted, and a shorter one than the least is refused with that.
    void sessionTimers()
    {
        WireScene scene;
        QVERIFY(scene.ready);
        QVERIFY(scene.connect("Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n"));
        QVERIFY2(scene.answer.contains("\r\nSession-Expires: 600;refresher=uac"), scene.answer.constData());
        (void)scene.anna->request(scene.dialog, "UPDATE",
                                  "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n");
        const QByteArray refreshed = scene.anna->waitFor(" UPDATE\r\n");
        QVERIFY2(refreshed.startsWith("SIP/2.0 200"), refreshed.constData());
        QVERIFY2(refreshed.contains("\r\nSession-Expires: 600;refresher=uac"), refreshed.constData());
        (void)scene.anna->dial("anna", "first", "101", "Supported: timer\r\nSession-Expires: 30\r\n",
                               sdpOf(1));
        const QByteArray refused = scene.anna->waitFor("SIP/2.0 422");
        QVERIFY2(refused.contains("\r\nMin-SE: "), refused.constData());
    }

    /// Who promised to refresh the session and does not has gone: both ends hear BYE (RFC 4028 10).
    void aSessionThatIsNotRefreshedEnds()
    {
        if (qEnvironmentVariableIsEmpty("SR_LONG"))
            QSKIP("takes two minutes: only ./test --full waits for it");
        WireScene scene;
        QVERIFY(scene.ready);
        QVERIFY(scene.connect("Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n"));
        QElapsedTimer timer;
        timer.start();
        QVERIFY(hearBye(scene, {scene.anna.get(), scene.otto.get()}, 125'000));
        QVERIFY2(timer.elapsed() > 80'000,
                 qPrintable(QString::number(timer.elapsed()))); // 32 s before the end
    }

    /// RFC 3261 13.3.1.4 and 14.1: 32 s after the 200 without an ACK, or a re-INVITE without an answer.
    void whoDoesNotAnswerHasGone_data()
    {
        QTest::addColumn<bool>("acknowledges");
        QTest::newRow("no ACK") << false;
        QTest::newRow("no answer to a re-INVITE") << true;
    }
    void whoDoesNotAnswerHasGone()
    {
        if (qEnvironmentVariableIsEmpty("SR_LONG"))
            QSKIP("takes half a minute each: only ./test --full waits for it");
        QFETCH(bool, acknowledges);
        WireScene scene;
        QVERIFY(scene.ready);
        QVERIFY(scene.connect({}, acknowledges));
        if (acknowledges) {
            auto ottos = WirePhone::calledBy("otto", scene.invite);
            (void)scene.otto->request(ottos, "INVITE", {}, sdpOf(2, "sendonly"));
            QVERIFY(!scene.anna->waitFor("INVITE sip:anna").isEmpty());
        }
        QElapsedTimer timer;
        timer.start();
        std::set<WirePhone*> all{scene.otto.get()};
        if (!acknowledges) // of one that does not answer, Sofia takes no leave
            all.insert(scene.anna.get());
        QVERIFY(hearBye(scene, all, 60'000));
        QVERIFY2(timer.elapsed() > 25'000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(scene.fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QStringLiteral("calls")})
                    .out == "No call runs.\n");
    }

    /// A phone that leaves that to the exchange is asked in good time, and its call goes on.
    void theExchangeRefreshes()
    {
        if (qEnvironmentVariableIsEmpty("SR_LONG"))
            QSKIP("takes a minute: only ./test --full waits for it");
        WireScene scene;
        QVERIFY(scene.ready);
        QVERIFY(scene.connect("Supported: timer\r\nSession-Expires: 120;refresher=uas\r\n"));
        QVERIFY2(scene.answer.contains("\r\nSession-Expires: 120;refresher=uas"), scene.answer.constData());
        QByteArray refresh;
        const bool refreshed = QTest::qWaitFor(
            [&] {
                for (WirePhone* phone : {scene.anna.get(), scene.otto.get()}) {
                    const QByteArray asked = phone->take();
                    if (asked.isEmpty())
                        continue;
                    const bool isInvite = asked.startsWith("INVITE");
                    phone->answer(asked, "200 OK",
                                  isInvite ? "Content-Type: application/sdp\r\n" : QByteArray(),
                                  isInvite ? sdpOf(1) : QByteArray());
                    if (phone == scene.anna.get() && asked.contains("\r\nSession-Expires: "))
                        refresh = asked;
                }
                return !refresh.isEmpty();
            },
            100'000);
        QVERIFY(refreshed);
        QVERIFY2(refresh.startsWith("UPDATE") || refresh.startsWith("INVITE"), refresh.constData());
    }

    /// RFC 3261 14.2, RFC 3311 5.2: who offers again before the first offer has its answer shall wait. Sofia
    /// sees that of re-INVITEs by itself.
    void oneOfferAfterTheOther_data()
    {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("second");
        QTest::newRow("re-INVITE beside UPDATE") << QByteArray("UPDATE") << QByteArray("INVITE");
        QTest::newRow("UPDATE beside UPDATE") << QByteArray("UPDATE") << QByteArray("UPDATE");
        QTest::newRow("UPDATE beside re-INVITE") << QByteArray("INVITE") << QByteArray("UPDATE");
    }
    void oneOfferAfterTheOther()
    {
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, second);
        WireScene scene;
        QVERIFY(scene.ready && scene.connect());
        (void)scene.anna->request(scene.dialog, first, {}, sdpOf(2, "sendonly"));
        const int number = scene.dialog.cseq;
        const QByteArray passedOn = scene.otto->waitFor("INVITE sip:otto");
        QVERIFY2(passedOn.contains("a=sendonly"), passedOn.constData());
        (void)scene.anna->request(scene.dialog, second, {}, sdpOf(3));
        const QByteArray refused = finalAnswer(*scene.anna, scene.dialog.cseq, second);
        QVERIFY2(refused.startsWith("SIP/2.0 491") ||
                     (refused.startsWith("SIP/2.0 500") && refused.contains("\r\nRetry-After: ")),
                 refused.constData());
        if (second == "INVITE")
            (void)scene.anna->request(scene.dialog, "ACK");
        scene.otto->answer(passedOn, "200 OK", kOttosAnswer, sdpOf(2, "recvonly"));
        const QByteArray taken = finalAnswer(*scene.anna, number, first);
        QVERIFY2(taken.startsWith("SIP/2.0 200") && taken.contains("a=recvonly"), taken.constData());
    }

    /// Both offer at once: one of them is told to try again, and the other one's offer goes through.
    void glare_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::newRow("re-INVITE") << QByteArray("INVITE");
        QTest::newRow("UPDATE") << QByteArray("UPDATE");
    }
    void glare()
    {
        QFETCH(QByteArray, method);
        WireScene scene;
        QVERIFY(scene.ready && scene.connect());
        (void)scene.anna->request(scene.dialog, method, {}, sdpOf(2, "sendonly"));
        const QByteArray passedOn = scene.otto->waitFor("INVITE sip:otto");
        QVERIFY2(passedOn.contains("a=sendonly"), passedOn.constData());
        WirePhone::Dialog ottos = WirePhone::calledBy("otto", scene.invite);
        (void)scene.otto->request(ottos, method, {}, sdpOf(3));
        const QByteArray refused = finalAnswer(*scene.otto, ottos.cseq, method);
        QVERIFY2(refused.startsWith("SIP/2.0 491"), refused.constData());
        if (method == "INVITE")
            (void)scene.otto->request(ottos, "ACK");
        scene.otto->answer(passedOn, "200 OK", kOttosAnswer, sdpOf(2, "recvonly"));
        const QByteArray taken = finalAnswer(*scene.anna, scene.dialog.cseq, method);
        QVERIFY2(taken.startsWith("SIP/2.0 200") && taken.contains("a=recvonly"), taken.constData());
    }
};

QTEST_GUILESS_MAIN(ExtensionsTest)
#include "tst_extensions.moc"
