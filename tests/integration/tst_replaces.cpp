// SPDX-License-Identifier: GPL-3.0-or-later
// INVITE with Replaces: carl's phone, whose messages the test writes, watches otto's lamp and takes calls
// that anna's baresip has with otto's.
#include "tests/support/exchange_scene.h"
#include "tests/support/raw_phone.h"
#include "tests/support/wire_phone.h"

#include <QStandardPaths>

using namespace sr;
using sr::test::BaresipPhone;
using sr::test::ExchangeScene;
using sr::test::RawPhone;
using sr::test::WirePhone;

namespace {

struct Scene : ExchangeScene {
    explicit Scene(bool ottoAnswers)
    {
        const QStringList desk{QStringLiteral("--group"), QStringLiteral("desk")};
        user("anna", "100");
        user("otto", "101", desk);
        user("carl", "102", desk);
        user("dora", "103");
        start();
        otto = phone("otto", 880, ottoAnswers);
        anna = phone("anna", 440);
        carl = std::make_unique<WirePhone>(WirePhone::Wire::Tcp, exchange->port4);
        ready = ready && m_sound.bind(QHostAddress::LocalHost);
    }
    bool calls()
    {
        anna->dial(QStringLiteral("101"));
        return otto->waitFor("Incoming call");
    }
    bool talk()
    {
        anna->dial(QStringLiteral("101"));
        return otto->waitFor("Call established") && anna->waitFor("Call established");
    }
    /// Otto's only dialog as carl's lamp shows it, as the header names it.
    QByteArray lamp() const
    {
        RawPhone watcher("carl", QStringLiteral("secret"), exchange->port4);
        watcher.ask("SUBSCRIBE", "101", "Event: dialog\r\nExpires: 600\r\n");
        const QByteArray body = watcher.request();
        const auto value = [&](const QByteArray& name) {
            const qsizetype at = body.indexOf(' ' + name + "=\"") + name.size() + 3;
            return body.mid(at, body.indexOf('"', at) - at);
        };
        return "Replaces: " + value("call-id") + ";to-tag=" + value("local-tag") +
               ";from-tag=" + value("remote-tag");
    }
    QByteArray sdp() const
    {
        return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
               QByteArray::number(m_sound.localPort()) + " RTP/AVP 0 8\r\n";
    }
    /// To carl's last INVITE.
    QByteArray finalAnswer() const
    {
        QByteArray answer;
        do
            answer = carl->waitFor("CSeq: " + QByteArray::number(dialog.cseq) + " INVITE");
        while (answer.startsWith("SIP/2.0 1"));
        return answer;
    }
    /// The final answer to a call with that header.
    QByteArray take(const QByteArray& header, const char* by = "carl")
    {
        dialog = carl->dial(by, "secret", "101", header + "\r\n", sdp());
        const QByteArray answer = finalAnswer();
        WirePhone::learn(dialog, answer);
        (void)carl->request(dialog, "ACK");
        return answer;
    }
    /// Something of anna's voice comes, by a stream that begins after this.
    bool hears()
    {
        while (m_sound.hasPendingDatagrams())
            m_sound.readDatagram(nullptr, 0);
        return QTest::qWaitFor([&] { return m_sound.hasPendingDatagrams(); }, 20'000);
    }

    std::unique_ptr<BaresipPhone> otto;
    std::unique_ptr<BaresipPhone> anna;
    std::unique_ptr<WirePhone> carl;
    WirePhone::Dialog dialog; ///< carl's last one

private:
    QUdpSocket m_sound;
};

} // namespace

class ReplacesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void aCallIsPickedUpFromTheLamp()
    {
        Scene scene(false);
        QVERIFY(scene.ready && scene.calls());
        const QByteArray answer = scene.take(scene.lamp() + ";early-only\r\nRequire: replaces");
        QVERIFY2(answer.startsWith("SIP/2.0 200"), answer.constData());
        const QByteArray offer = scene.carl->waitFor("INVITE sip:carl");
        scene.carl->answer(offer, "200 OK",
                           "Contact: <sip:carl@127.0.0.1>\r\nContent-Type: application/sdp\r\n", scene.sdp());
        QVERIFY(!scene.carl->waitFor("ACK sip:carl").isEmpty());
        QVERIFY(scene.anna->waitFor("Call established"));
        QVERIFY(scene.hears());
        scene.anna->hangUp();
        QVERIFY(!scene.carl->waitFor("BYE sip:carl").isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(scene.eventsOf("carl"),
                                  QStringList{QStringLiteral("to setup-to conn-from rel-to")}, 10'000);
        QCOMPARE(scene.eventsOf("otto"), QStringList{QStringLiteral("to setup-to alert-from rel-to")});
        QCOMPARE(test::valueOf(scene.recordings(1)[0].toObject(), "internal"), QStringLiteral("102"));
    }

    void aTalkIsTakenOver()
    {
        Scene scene(true);
        QVERIFY(scene.ready && scene.talk());
        QTest::qWait(1500); // what is recorded of otto
        const QByteArray answer = scene.take(scene.lamp());
        QVERIFY2(answer.startsWith("SIP/2.0 200") && answer.contains("m=audio"), answer.constData());
        QVERIFY2(scene.otto->waitFor("terminated"), scene.otto->said().right(900).constData());
        QVERIFY(scene.hears());
        const QByteArray calls =
            scene.fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QStringLiteral("calls")}).out;
        QVERIFY2(calls.contains("102") && !calls.contains("101"), calls.constData());
        QTest::qWait(1500); // and of carl
        (void)scene.carl->request(scene.dialog, "BYE");
        QVERIFY(scene.anna->waitFor("terminated"));
        const QJsonArray rows = scene.recordings(2);
        QCOMPARE(rows.size(), 2);
        QCOMPARE(test::valueOf(rows[0].toObject(), "internal"), QStringLiteral("102"));
        QCOMPARE(test::valueOf(rows[1].toObject(), "internal"), QStringLiteral("101"));
        for (const QJsonValue& row : rows)
            QVERIFY(test::lengthOf(scene.sound(row.toObject()), 1, 440) > 0.5);
        QTRY_COMPARE_WITH_TIMEOUT(scene.eventsOf("carl"),
                                  QStringList{QStringLiteral("to setup-to conn-from rel-from")}, 10'000);
        QVERIFY2(scene.eventsOf("anna").join(u'|').contains(QStringLiteral("transfer-to")),
                 qPrintable(scene.eventsOf("anna").join(u'|')));
    }

    void whatMayNotOrCannotBeReplaced()
    {
        Scene scene(true);
        QVERIFY(scene.ready && scene.talk());
        const QByteArray lamp = scene.lamp();
        const auto told = [&](const QByteArray& header, const char* by = "carl") {
            return scene.take(header, by).mid(8, 3);
        };
        QCOMPARE(told(lamp + ";early-only"), QByteArray("486"));
        QCOMPARE(told(lamp, "dora"), QByteArray("403"));
        QCOMPARE(told("Replaces: nobodys;to-tag=a;from-tag=b"), QByteArray("481"));
        QVERIFY(!scene.otto->said().contains("terminated"));
        for (const QByteArray& bad :
             {lamp + "\r\n" + lamp, lamp + "\r\nReplaces: other;to-tag=a;from-tag=b",
              QByteArray("Replaces: other"), QByteArray("Replaces: other;to-tag=a")}) {
            const QByteArray target = "sip:101@127.0.0.1";
            scene.dialog = {"carl", '<' + target + '>', target, "bad" + bad.toHex(), {}};
            (void)scene.carl->request(scene.dialog, "INVITE", bad + "\r\n", scene.sdp());
            const QByteArray answer = scene.finalAnswer();
            QVERIFY2(answer.startsWith("SIP/2.0 400"), (bad + "\n" + answer).constData());
        }
        QVERIFY(!scene.otto->said().contains("terminated"));
    }
};

QTEST_GUILESS_MAIN(ReplacesTest)
#include "tst_replaces.moc"
