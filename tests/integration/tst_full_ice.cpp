// SPDX-License-Identifier: GPL-3.0-or-later
// Full ICE of the exchange with a real phone that has it, and by a real TURN server: both hear each other,
// and the archive has what they said.
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/heard_tone.h"
#include "tests/support/own_address.h"
#include "tests/support/turn_server.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;
using sr::test::TurnServer;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;

QString word(const char* text)
{
    return QString::fromLatin1(text);
}

/// anna (100) and otto (101); otto's phone has ICE, and he answers.
struct Scene {
    bool set(const char* setting, const QString& value)
    {
        return fixture.run({word("settings"), word("set"), word(setting), value}).exitCode == 0;
    }
    bool use(const char* who, const char* ice)
    {
        return fixture
                   .run({word("object"), word("modify"), word(who), word("--set"), word("ice=") + word(ice)})
                   .exitCode == 0;
    }
    bool users()
    {
        return test::addUser(fixture, "anna", "100", "first").exitCode == 0 &&
               test::addUser(fixture, "otto", "101", "second").exitCode == 0;
    }
    bool phones(const char* annaTraverses, const char* annaProtects, const char* ottoTraverses)
    {
        exchange = std::make_unique<ExchangeProcess>(fixture);
        BaresipOptions ottos;
        ottos.user = word("otto");
        ottos.password = word("second");
        ottos.traversal = word(ottoTraverses);
        ottos.toneHz = kOttoHz;
        ottos.answers = true;
        ottos.keepsHeard = true;
        otto = std::make_unique<BaresipPhone>(fixture.path(ottos.user), exchange->port4, ottos);
        BaresipOptions annas;
        annas.user = word("anna");
        annas.password = word("first");
        annas.traversal = word(annaTraverses);
        annas.protection = word(annaProtects);
        annas.toneHz = kAnnaHz;
        annas.keepsHeard = true;
        anna = std::make_unique<BaresipPhone>(fixture.path(annas.user), exchange->port4, annas);
        return otto->isReady() && anna->isReady();
    }
    /// Both have heard each other for the most of the time, and so has the archive.
    void talk()
    {
        anna->dial(word("101"));
        QVERIFY2(anna->waitFor("Call established"), (otto->said() + exchange->said()).constData());
        QVERIFY(otto->waitFor("Call established"));
        QTest::qWait(4000); // they talk
        anna->hangUp();
        QVERIFY(otto->waitFor("terminated") && anna->waitFor("terminated"));
        QJsonArray all;
        QTRY_VERIFY_WITH_TIMEOUT(!(all = recordings()).isEmpty(), 20'000);
        QCOMPARE(all.size(), 1);
        const auto sound = test::wholeSound(pathOf(
            (fixture.archive() + u'/' + all[0].toObject()[QLatin1String("file")].toString()).toStdString()));
        QCOMPARE(int{sound.channels}, 2);
        isHeard(sound, 0, kOttoHz);
        isHeard(sound, 1, kAnnaHz);
        isHeard(test::wholeSound(pathOf(anna->heard().toStdString())), 0, kOttoHz);
        isHeard(test::wholeSound(pathOf(otto->heard().toStdString())), 0, kAnnaHz);
    }
    QJsonArray recordings() const
    {
        return fixture.run({word("list"), word("--json")}).json()[QLatin1String("recordings")].toArray();
    }
    void isHeard(const test::WholeSound& sound, std::size_t channel, double hz)
    {
        const test::Heard tone = test::heard(sound, channel, hz);
        const QByteArray words = QByteArray::number(hz) + " Hz: level " + QByteArray::number(tone.level) +
                                 ", " + QByteArray::number(tone.first) + " to " +
                                 QByteArray::number(tone.last) + " s, gap " +
                                 QByteArray::number(tone.longestGap) + '\n' + exchange->said();
        QVERIFY2(tone.level > 0.2 && tone.level < 0.35, words.constData());
        QVERIFY2(tone.last - tone.first > 2 && tone.longestGap < 0.2, words.constData());
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> otto;
    std::unique_ptr<BaresipPhone> anna;
};

} // namespace

class FullIceTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const char* program : {"baresip", "turnserver"})
            QVERIFY2(!QStandardPaths::findExecutable(word(program)).isEmpty(), program);
    }

    void phonesWithIceAreFound_data()
    {
        QTest::addColumn<QByteArray>("annaTraverses");
        QTest::addColumn<QByteArray>("annaProtects");
        QTest::addColumn<QByteArray>("ottoTraverses");
        QTest::newRow("called") << QByteArray() << QByteArray() << QByteArray("ice");
        QTest::newRow("calling") << QByteArray("ice") << QByteArray() << QByteArray();
        QTest::newRow("both, and DTLS") << QByteArray("ice") << QByteArray("dtls_srtp") << QByteArray("ice");
        QTest::newRow("none") << QByteArray() << QByteArray() << QByteArray();
    }
    void phonesWithIceAreFound()
    {
        QFETCH(QByteArray, annaTraverses);
        QFETCH(QByteArray, annaProtects);
        QFETCH(QByteArray, ottoTraverses);
        Scene scene;
        QVERIFY(scene.users() && scene.use("anna", "full") && scene.use("otto", "full"));
        QVERIFY(scene.phones(annaTraverses.constData(), annaProtects.constData(), ottoTraverses.constData()));
        scene.talk();
        QVERIFY2(!scene.exchange->said().contains("Alarm"), scene.exchange->said().constData());
    }

    void mediaGoesByTurn()
    {
        if (test::ownAddress().isEmpty())
            QSKIP("this machine has no address but loopback, where baresip has no candidates");
        Scene scene;
        // One on loopback would get the packets from another address than it has let in.
        TurnServer turn(scene.fixture.path(word("turn")), test::ownAddress());
        QVERIFY2(turn.isReady, turn.log().constData());
        QVERIFY(scene.users() && scene.use("otto", "relay"));
        QVERIFY(scene.set("ice.turn", word("127.0.0.1:") + QString::number(turn.port)));
        QVERIFY(scene.set("ice.turnUser", word("exchange")));
        QCOMPARE(
            scene.fixture.run({word("settings"), word("set"), word("ice.turnPassword")}, "secret\n").exitCode,
            0);
        QVERIFY(scene.phones("", "", "ice"));
        scene.talk();
        QVERIFY2(!scene.exchange->said().contains("Alarm"), scene.exchange->said().constData());
        QVERIFY2(turn.log().contains("user <exchange>: incoming packet ALLOCATE processed, success"),
                 turn.log().constData());
        // The server counts what has gone through it in either direction, 50 packets a second.
        QTRY_VERIFY2(turn.mostRelayed() > 150, turn.log().constData());
    }

    void aTurnServerThatRefusesIsSaid()
    {
        if (test::ownAddress().isEmpty())
            QSKIP("this machine has no address but loopback, where baresip has no candidates");
        Scene scene;
        TurnServer turn(scene.fixture.path(word("turn")), test::ownAddress());
        QVERIFY2(turn.isReady, turn.log().constData());
        QVERIFY(scene.users() && scene.use("otto", "full"));
        QVERIFY(scene.set("ice.turn", word("127.0.0.1:") + QString::number(turn.port)));
        QVERIFY(scene.set("ice.turnUser", word("exchange")));
        QCOMPARE(
            scene.fixture.run({word("settings"), word("set"), word("ice.turnPassword")}, "wrong\n").exitCode,
            0);
        QVERIFY(scene.phones("", "", "ice"));
        scene.talk(); // by the addresses that there are
        QVERIFY2(scene.exchange->said().contains("gave no address for a call with 101"),
                 scene.exchange->said().constData());
    }
};

QTEST_GUILESS_MAIN(FullIceTest)
#include "tst_full_ice.moc"
