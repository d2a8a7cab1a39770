// SPDX-License-Identifier: GPL-3.0-or-later
// Replaces in INVITE: carl's phone, whose messages the test writes, watches otto's lamp and takes calls that
// anna's baresip has with otto's. Replaces in REFER: anna asks carl, and hands otto over to him.
#include "tests/support/exchange_scene.h"
#include "tests/support/raw_phone.h"
#include "tests/support/wire_scene.h"

#include <QDataStream>
#include <QNetworkDatagram>
#include <QStandardPaths>

using namespace sr;
using sr::test::BaresipPhone;
using sr::test::ExchangeScene;
using sr::test::RawPhone;
using sr::test::WirePhone;
using sr::test::WireScene;

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

/// Anna has put otto on hold and talks to carl (102), who may have an address of IPv6.
struct ConsultScene : WireScene {
    explicit ConsultScene(const QHostAddress& carls)
    {
        const bool six = carls.protocol() == QAbstractSocket::IPv6Protocol;
        ready = ready && exchange->add("carl", "102", "third").exitCode == 0 &&
                ottosSound.bind(QHostAddress::LocalHost) && carlsSound.bind(carls);
        carl = std::make_unique<WirePhone>(WirePhone::Wire::Tcp, six ? exchange->port6 : exchange->port4,
                                           carls.toString());
        carlsContact = six ? "sip:carl@[::1]" : "sip:carl@127.0.0.1";
    }
    /// Carl is known within a second or so.
    bool registers()
    {
        return QTest::qWaitFor([&] { return carl->registers("carl", "third", carlsContact.toStdString()); },
                               20'000);
    }
    /// Unlike those of the others it names G.711 A.
    QByteArray carlsSdp() const { return described(carlsSound, "8"); }
    QByteArray ottosSdp(const char* direction) const { return described(ottosSound, "0 8", direction); }
    static QByteArray described(const QUdpSocket& sound, const QByteArray& codecs,
                                const char* direction = "sendrecv")
    {
        const bool six = sound.localAddress().protocol() == QAbstractSocket::IPv6Protocol;
        static int version = 0;
        return test::sdpOf(++version, direction)
            .replace("IP4 127.0.0.1", six ? "IP6 ::1" : "IP4 127.0.0.1")
            .replace("audio 9 RTP/AVP 0",
                     "audio " + QByteArray::number(sound.localPort()) + " RTP/AVP " + codecs);
    }
    /// The next request to a phone, taken as it is.
    static QByteArray asked(WirePhone& phone, const QByteArray& contact, const QByteArray& sdp)
    {
        const QByteArray request = phone.waitFor(" sip:");
        phone.answer(request, "200 OK", "Contact: <" + contact + ">\r\nContent-Type: application/sdp\r\n",
                     sdp);
        return request;
    }
    QByteArray ottoIsAsked(const char* direction)
    {
        return asked(*otto, "sip:otto@127.0.0.1", ottosSdp(direction));
    }
    QByteArray carlIsAsked() { return asked(*carl, carlsContact, carlsSdp()); }
    bool calls()
    {
        dialog = anna->dial("anna", "first", "101", {}, test::sdpOf(1));
        return ottoIsAsked("sendrecv").startsWith("INVITE") && annaTalks(dialog) && isTold(*otto);
    }
    bool holds()
    {
        (void)anna->request(dialog, "INVITE", {}, test::sdpOf(2, "sendonly"));
        invite = ottoIsAsked("recvonly");
        return invite.contains("a=sendonly") && annaTalks(dialog) && isTold(*otto);
    }
    bool asksCarl()
    {
        consult = anna->dial("anna", "first", "102", {}, test::sdpOf(1));
        carlsCall = carlIsAsked();
        return carlsCall.startsWith("INVITE") && annaTalks(consult) && isTold(*carl);
    }
    bool annaTalks(WirePhone::Dialog& with)
    {
        const QByteArray told = test::finalAnswer(*anna, with.cseq, "INVITE");
        WirePhone::learn(with, told);
        (void)anna->request(with, "ACK");
        return told.startsWith("SIP/2.0 200");
    }
    static bool isTold(WirePhone& phone) { return phone.waitFor(" sip:").startsWith("ACK"); }
    /// Otto is to be connected with whom anna has asked.
    void refers(const QByteArray& toTag, const QByteArray& fromTag)
    {
        const QByteArray replaces = consult.callId + ";to-tag=" + toTag + ";from-tag=" + fromTag;
        (void)anna->request(dialog, "REFER",
                            "Refer-To: <" + consult.target + "?Replaces=" + replaces.toPercentEncoding() +
                                ">\r\nReferred-By: <sip:anna@127.0.0.1>\r\n");
    }
    /// The exchange's, of anna's dialog with carl.
    QByteArray tag() const { return consult.to.mid(consult.to.indexOf(";tag=") + 5); }
    /// What comes to anna with such words, sooner or later; she says yes to all that she is asked.
    QByteArray annaHears(const QByteArray& words, const QByteArray& others = {})
    {
        for (QByteArray next;; annas << next) {
            for (const QByteArray& one : std::as_const(annas))
                if (one.contains(words) && one.contains(others))
                    return one;
            next = anna->waitFor("CSeq: ");
            if (next.isEmpty())
                return next;
            if (!next.startsWith("SIP/2.0"))
                anna->answer(next, "200 OK");
        }
    }
    /// RFC 3264 8: in a dialog a session goes on, by later versions.
    static bool goesOn(const QByteArray& before, const QByteArray& after)
    {
        const auto origin = [](const QByteArray& sdp) {
            const qsizetype at = sdp.indexOf("\r\no=");
            return sdp.mid(at, sdp.indexOf(" IN ", at) - at).split(' ');
        };
        const auto first = origin(before);
        const auto last = origin(after);
        return first.size() == 3 && last.size() == 3 && first[1] == last[1] &&
               first[2].toULongLong() < last[2].toULongLong();
    }
    /// Whether sound goes from one to the other. `asked`: what has told the first one where to say it.
    static bool passes(QUdpSocket& from, const QByteArray& asked, QUdpSocket& to)
    {
        const qsizetype at = asked.indexOf("m=audio ") + 8;
        const quint16 port = asked.mid(at, asked.indexOf(' ', at) - at).toUShort();
        static quint16 sequence = 0;
        const QByteArray said(160, static_cast<char>(++sequence));
        return QTest::qWaitFor(
            [&] {
                ++sequence;
                QByteArray packet;
                QDataStream(&packet, QIODevice::WriteOnly)
                    << quint16{0x8008} << sequence << quint32{sequence} * 160 << quint32{7};
                from.writeDatagram(packet + said, from.localAddress(), port);
                while (to.hasPendingDatagrams())
                    if (to.receiveDatagram().data().endsWith(said))
                        return true;
                return false;
            },
            20'000);
    }

    std::unique_ptr<WirePhone> carl;
    WirePhone::Dialog consult; ///< anna's with carl
    QByteArray carlsContact;
    QUdpSocket ottosSound;
    QUdpSocket carlsSound;
    QByteArray carlsCall; ///< anna's INVITE as he got it
    QByteArrayList annas; ///< what has come to her since she referred
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

    void ottoIsHandedOverToCarl_data()
    {
        QTest::addColumn<QHostAddress>("carls");
        QTest::addColumn<bool>("annaHangsUp");
        QTest::newRow("anna hangs up") << QHostAddress(QHostAddress::LocalHost) << true;
        QTest::newRow("the exchange hangs up") << QHostAddress(QHostAddress::LocalHost) << false;
        QTest::newRow("by IPv6") << QHostAddress(QHostAddress::LocalHostIPv6) << true;
    }
    void ottoIsHandedOverToCarl()
    {
        QFETCH(QHostAddress, carls);
        QFETCH(bool, annaHangsUp);
        ConsultScene scene(carls);
        QVERIFY(scene.ready && scene.registers() && scene.calls() && scene.holds() && scene.asksCarl());
        scene.refers(scene.tag(), "wire");
        const QByteArray accepted = scene.annaHears(" REFER\r\n");
        QVERIFY2(accepted.startsWith("SIP/2.0 202"), accepted.constData());
        const QByteArray toCarl = scene.carlIsAsked();
        QVERIFY2(toCarl.startsWith("INVITE") && toCarl.contains(" RTP/AVP 0 8\r\n"), toCarl.constData());
        QVERIFY2(!toCarl.contains("only\r\n") && ConsultScene::isTold(*scene.carl), toCarl.constData());
        const QByteArray toOtto = scene.ottoIsAsked("sendrecv");
        QVERIFY2(toOtto.startsWith("INVITE") && toOtto.contains(" RTP/AVP 8\r\n"), toOtto.constData());
        QVERIFY2(!toOtto.contains("only\r\n") && ConsultScene::isTold(*scene.otto), toOtto.constData());
        QVERIFY2(ConsultScene::goesOn(scene.carlsCall, toCarl), toCarl.constData());
        QVERIFY2(ConsultScene::goesOn(scene.invite, toOtto), toOtto.constData());
        const QByteArray told = scene.annaHears("\r\n\r\nSIP/2.0 200");
        QVERIFY(told.startsWith("NOTIFY") && told.contains("Content-Type: message/sipfrag"));
        QVERIFY(told.contains("Subscription-State: terminated"));
        QVERIFY(scene.annaHears(" BYE\r\n", scene.consult.callId).startsWith("BYE"));
        if (annaHangsUp)
            (void)scene.anna->request(scene.dialog, "BYE");
        const QByteArray bye = scene.annaHears(" BYE\r\n", scene.dialog.callId);
        QVERIFY2(bye.startsWith(annaHangsUp ? "SIP/2.0 200" : "BYE"), bye.constData());
        QVERIFY(ConsultScene::passes(scene.ottosSound, toOtto, scene.carlsSound));
        QVERIFY(ConsultScene::passes(scene.carlsSound, toCarl, scene.ottosSound));
        WirePhone::Dialog carlsEnd = WirePhone::calledBy("carl", scene.carlsCall);
        (void)scene.carl->request(carlsEnd, "BYE");
        QVERIFY(scene.ottoIsAsked("sendrecv").startsWith("BYE"));
    }

    /// RFC 3891 3: the exchange's tag is the one in to-tag, for it is asked.
    void noCallOfAnnasIsMeant_data()
    {
        QTest::addColumn<QByteArray>("toTag"); // empty: the exchange's
        QTest::addColumn<QByteArray>("fromTag");
        QTest::newRow("tags swapped") << QByteArray("wire") << QByteArray();
        QTest::newRow("to-tag of nobody") << QByteArray("other") << QByteArray("wire");
        QTest::newRow("from-tag of nobody") << QByteArray() << QByteArray("other");
    }
    void noCallOfAnnasIsMeant()
    {
        QFETCH(QByteArray, toTag);
        QFETCH(QByteArray, fromTag);
        ConsultScene scene(QHostAddress::LocalHost);
        QVERIFY(scene.ready && scene.registers() && scene.calls() && scene.holds() && scene.asksCarl());
        scene.refers(toTag.isEmpty() ? scene.tag() : toTag, fromTag.isEmpty() ? scene.tag() : fromTag);
        const QByteArray refused = scene.annaHears(" REFER\r\n");
        QVERIFY2(refused.startsWith("SIP/2.0 481"), refused.constData());
        (void)scene.anna->request(scene.dialog, "INVITE", {}, test::sdpOf(3));
        const QByteArray toOtto = scene.ottoIsAsked("sendrecv"); // what comes next, and nothing before
        QVERIFY2(toOtto.startsWith("INVITE") && toOtto.contains(" RTP/AVP 0\r\n"), toOtto.constData());
        QVERIFY(scene.annaHears("SIP/2.0 200").contains(" INVITE\r\n"));
        (void)scene.anna->request(scene.dialog, "ACK");
        QVERIFY(ConsultScene::isTold(*scene.otto));
        (void)scene.anna->request(scene.consult, "BYE");
        QVERIFY(scene.carlIsAsked().startsWith("BYE"));
        QVERIFY(scene.annaHears(" BYE\r\n").startsWith("SIP/2.0 200"));
        for (const QByteArray& one : std::as_const(scene.annas))
            QVERIFY2(one.startsWith("SIP/2.0 "), one.constData()); // nobody has asked her
    }
};

QTEST_GUILESS_MAIN(ReplacesTest)
#include "tst_replaces.moc"
