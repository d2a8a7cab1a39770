// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that wait at a place until somebody takes them back, and all that may go wrong meanwhile.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/service_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

class TestParkService : public QObject {
    Q_OBJECT

private slots:
    void waitsWithMusicAndIsTakenBack();
    void isHandedOverByWhoTalks();
    void positionsOfAnObject();
    void anyPositionOfAnObject();
    void othersTakeNoCallsOfTheGroup();
    void isRefused_data();
    void isRefused();
    void waitsInSilence();
    void whoWaitsHangsUp();
    void whoWaitsHangsUpWhileBeingTaken();
    void whoTakesGivesUp();
    void whoTakesHasNoCommonCodec();
    void twoTakeAtOnce();
    void noPortIsFree();
    void endsWithTheExchange();
};

void TestParkService::waitsWithMusicAndIsTakenBack()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    QCOMPARE(anna.log(), QStringLiteral("200"));
    QVERIFY(s.hearsMusic(anna));
    Caller& emil = s.calls("emil", "#16*1#");
    s.settle();
    QCOMPARE(s.control->count(), std::size_t{1});
    QCOMPARE(s.server.openPorts(), std::size_t{0});
    QVERIFY(s.hears(emil, anna, 0x27));
    QVERIFY(s.hears(anna, emil, 0x45));
    s.hangUp(emil.phone);
    QVERIFY(anna.phone.over);
    QVERIFY(s.isQuiet());
    QCOMPARE(s.calls("emil", "#16*1#").log(), QStringLiteral("404 over"));
}

void TestParkService::isHandedOverByWhoTalks()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "102");
    s.carl().events->onReply({200, s.carlSdp()});
    s.settle();
    s.carl().events->onRefer({"*16*7#", {}});
    s.settle();
    QVERIFY2(s.carlLog().contains(QStringLiteral("refer200")), qPrintable(s.carlLog()));
    s.hangUp(s.carl());
    QVERIFY(!anna.phone.over);
    QVERIFY(s.hearsMusic(anna));
    Caller& bert = s.calls("bert", "#16*7#");
    QVERIFY(s.hears(bert, anna, 0x27));
    s.hangUp(anna.phone);
    QVERIFY(bert.phone.over);
    QVERIFY(s.isQuiet());
    QCOMPARE(s.recordsOf("carl"), QStringLiteral("to setup-to conn-from rel-to | ct setup-to transfer-from "
                                                 "conn-to transfer-to connected rel-from"));
    QCOMPARE(s.recordsOf("bert"), QStringLiteral("from setup-from conn-to transfer-to connected rel-to"));
}

void TestParkService::positionsOfAnObject()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "4007");
    QCOMPARE(anna.log(), QStringLiteral("200"));
    QCOMPARE(s.calls("bert", "4007").log(), QStringLiteral("486 over")); // taken
    QCOMPARE(s.calls("bert", "*16*4008#").log(), QStringLiteral("200")); // the same object
    QCOMPARE(s.calls("dora", "4009").log(), QStringLiteral("486 over")); // it has two positions
    QCOMPARE(s.calls("dora", "*16*9#").log(), QStringLiteral("200"));
    Caller& carl = s.calls("carl", "#16*4007#");
    QVERIFY(s.hears(carl, anna, 0x27));
    QCOMPARE(s.calls("emil", "4009").log(), QStringLiteral("200"));
}

void TestParkService::anyPositionOfAnObject()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "400");
    Caller& bert = s.calls("bert", "400");
    QCOMPARE(bert.log(), QStringLiteral("200"));
    QCOMPARE(s.calls("dora", "400").log(), QStringLiteral("486 over"));
    Caller& carl = s.calls("carl", "#16*400#");
    QVERIFY(s.hears(carl, anna, 0x27)); // who waits longest
    Caller& dora = s.calls("dora", "#16*4002#");
    QVERIFY(s.hears(dora, bert, 0x28));
    QCOMPARE(s.calls("dora", "#16*400#").log(), QStringLiteral("404 over"));
}

void TestParkService::othersTakeNoCallsOfTheGroup()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "4001");
    QCOMPARE(s.calls("emil", "#16*4001#").log(), QStringLiteral("403 over"));
    QVERIFY(s.hearsMusic(anna));
    QCOMPARE(s.calls("bert", "#16*4001#").log(), QStringLiteral("200 offer ack"));
}

void TestParkService::isRefused_data()
{
    QTest::addColumn<QString>("number");
    QTest::addColumn<QString>("log");
    QTest::newRow("nobody waits") << "#16*1#"
                                  << "404 over";
    QTest::newRow("nobody waits at the object") << "#16*400#"
                                                << "404 over";
    QTest::newRow("no place") << "*16*#"
                              << "404 over";
    QTest::newRow("taken") << "*16*5#"
                           << "486 over";
}

void TestParkService::isRefused()
{
    QFETCH(QString, number);
    ServiceScene s;
    s.calls("anna", "*16*5#");
    Caller& bert = s.calls("bert", number.toStdString());
    QTEST(bert.log(), "log");
    QCOMPARE(s.server.openPorts(), std::size_t{1});
    QCOMPARE(s.control->count(), std::size_t{1});
}

/// In a codec that the music cannot be played in.
void TestParkService::waitsInSilence()
{
    ServiceScene s;
    Caller& anna = s.caller("anna");
    s.call(anna, "*16*1#",
           "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
               std::to_string(anna.media.local().port) + " RTP/AVP 18\r\n");
    QCOMPARE(anna.log(), QStringLiteral("200"));
    s.beat(20);
    s.settle();
    QCOMPARE(anna.log(), QStringLiteral("200"));
    s.hangUp(anna.phone);
    QVERIFY(s.isQuiet());
}

void TestParkService::whoWaitsHangsUp()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    s.hangUp(anna.phone);
    QVERIFY(s.isQuiet());
    QCOMPARE(s.calls("bert", "#16*1#").log(), QStringLiteral("404 over"));
    QCOMPARE(s.calls("bert", "*16*1#").log(), QStringLiteral("200"));
}

/// Nobody is left alone with the silence.
void TestParkService::whoWaitsHangsUpWhileBeingTaken()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    anna.answered = 99; // her phone answers no more
    Caller& bert = s.calls("bert", "#16*1#");
    QVERIFY(!bert.phone.over);
    s.hangUp(anna.phone);
    s.settle();
    QVERIFY(bert.phone.over);
    QVERIFY(s.isQuiet());
}

void TestParkService::whoTakesGivesUp()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    Caller& bert = s.caller("bert");
    bert.answered = 99;
    s.call(bert, "#16*1#");
    s.hangUp(bert.phone);
    QVERIFY(!anna.phone.over);
    QVERIFY(s.hearsMusic(anna));
    Caller& carl = s.calls("carl", "#16*1#");
    QVERIFY(s.hears(carl, anna, 0x27));
}

void TestParkService::whoTakesHasNoCommonCodec()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    Caller& bert = s.caller("bert");
    s.call(bert, "#16*1#",
           "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
           "3\r\n");
    QCOMPARE(bert.log(), QStringLiteral("488 over"));
    QVERIFY(s.hearsMusic(anna));
    Caller& carl = s.calls("carl", "#16*1#");
    QVERIFY(s.hears(carl, anna, 0x27));
}

void TestParkService::twoTakeAtOnce()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    anna.answered = 99; // so that it takes a while
    s.calls("bert", "#16*1#");
    QCOMPARE(s.calls("carl", "#16*1#").log(), QStringLiteral("404 over"));
    anna.answered = 0;
    s.settle();
    QVERIFY(s.hears(s.callers[1], anna, 0x27));
}

void TestParkService::noPortIsFree()
{
    ServiceScene s;
    std::vector<std::unique_ptr<media::Port>> all;
    while (auto port = s.open())
        all.push_back(std::move(port));
    QCOMPARE(s.calls("anna", "*16*1#").log(), QStringLiteral("503 over"));
    all.pop_back();
    Caller& anna = s.calls("anna", "*16*1#");
    QCOMPARE(anna.log(), QStringLiteral("200"));
    QCOMPARE(s.calls("bert", "#16*1#").log(), QStringLiteral("503 over"));
    QVERIFY(s.hearsMusic(anna));
    all.clear();
    s.hangUp(anna.phone);
    QVERIFY(s.isQuiet());
}

void TestParkService::endsWithTheExchange()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "*16*1#");
    s.control->hangUpAll();
    s.settle();
    QVERIFY(anna.phone.over);
    QVERIFY(s.isQuiet());
}

QTEST_GUILESS_MAIN(TestParkService)
#include "tst_park_service.moc"
