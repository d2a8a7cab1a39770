// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard in a queue that wants no recording itself: kept with who takes the call, or forgotten.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/park_service.h"
#include "core/pbx/queue_recording.h"
#include "tests/unit/pbx/queue_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

/// Modes of those who are named; before the call.
void setModes(QueueScene& s, const std::map<std::string, RecordMode>& modes)
{
    std::vector<Object> objects = s.directory->objects();
    for (Object& object : objects)
        if (const auto mode = modes.find(object.name); mode != modes.end())
            object.record = mode->second;
    s.setObjects(std::move(objects));
}

/// How often the transcripts said that of the recording.
std::ptrdiff_t said(const QueueScene& s, const std::string& word)
{
    return std::ranges::count_if(s.tap.texts, [&](const std::string& text) {
        return text.find("\r\nSwitchroom-Recording: " + word + "\r\n") != std::string::npos;
    });
}

/// Whether what anna says now is copied.
bool isCopied(QueueScene& s)
{
    s.relay->drainTap([](const relay::TapPacket&) {});
    s.annaMedia.say(s.annaHears(), 8, Bytes(160));
    s.waitForRelay();
    bool copied = false;
    s.relay->drainTap([&](const relay::TapPacket& packet) { copied = copied || packet.tapped; });
    return copied;
}

} // namespace

class TestQueueRecording : public QObject {
    Q_OBJECT

private slots:
    void waitingIsInTheRecordingOfTheOperator_data();
    void waitingIsInTheRecordingOfTheOperator();
    void whoTakesTheCallMayWantItElsewhere_data();
    void whoTakesTheCallMayWantItElsewhere();
    void waitingIsForgottenWithTheCaller();
    void waitingIsForgottenWithWhoIsNotRecorded();
    void waitingIsKeptWhenTheOperatorSwitches();
    void waitingIsForgottenWhenTheCallerSwitches();
    void waitingIsForgottenInAPark();
    void waitingGoesOnInAnotherQueue();
    void waitingIsNotHeardForNobody();
};

void TestQueueRecording::waitingIsInTheRecordingOfTheOperator_data()
{
    QTest::addColumn<int>("mode");
    QTest::newRow("transparent") << static_cast<int>(RecordMode::Transparent);
    QTest::newRow("optional") << static_cast<int>(RecordMode::Optional);
}

void TestQueueRecording::waitingIsInTheRecordingOfTheOperator()
{
    QFETCH(int, mode);
    QueueScene s;
    setModes(s, {{"carl", static_cast<RecordMode>(mode)}});
    s.call(s.anna, "anna");
    QVERIFY(!s.control->rows().at(0).recorded);
    QVERIFY(isCopied(s));
    s.connect(s.anna, 0);
    QVERIFY(s.control->rows().at(0).recorded);
    QVERIFY(isCopied(s));
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
    QVERIFY(s.tap.texts.at(0).find("\r\nSwitchroom-Recording: provisional\r\n") != std::string::npos);
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{1});
    s.hangUp(s.anna);
    const QString told = s.tap.summary().remove(QStringLiteral("closed ")); // keys are listened to, too
    QVERIFY2(told.startsWith(u"begins INVITE 200 ACK media INVITE 200 ACK INFO media BYE "),
             qPrintable(told));
    QCOMPARE(told.count(u"BYE"), 1);
}

void TestQueueRecording::whoTakesTheCallMayWantItElsewhere_data()
{
    QTest::addColumn<int>("hall");
    QTest::newRow("of a recorded queue") << static_cast<int>(RecordMode::Transparent);
    QTest::newRow("of another one") << static_cast<int>(RecordMode::Off);
}

void TestQueueRecording::whoTakesTheCallMayWantItElsewhere()
{
    QFETCH(int, hall);
    QueueScene s;
    setModes(s, {{"hall", static_cast<RecordMode>(hall)}, {"carl", RecordMode::Transparent}});
    std::vector<Object> objects = s.directory->objects();
    for (Object& object : objects)
        if (object.name == "carl")
            object.settings["record-to"] = "http://nas.example/calls/";
    s.setObjects(std::move(objects));
    s.call(s.anna, "anna");
    QVERIFY(!s.tap.summary().contains(u"wanted"));
    s.connect(s.anna, 0);
    s.hangUp(s.anna);
    QCOMPARE(s.tap.summary().count(u"wanted:carlhttp://nas.example/calls/"), 1);
    QCOMPARE(s.tap.summary().count(u"begins"), 1); // one file of all
}

void TestQueueRecording::waitingIsForgottenWithTheCaller()
{
    QueueScene s;
    setModes(s, {{"carl", RecordMode::Transparent}});
    s.call(s.anna, "anna");
    s.hangUp(s.anna);
    QVERIFY2(s.tap.summary().startsWith(u"begins INVITE 200 ACK media BYE closed"),
             qPrintable(s.tap.summary()));
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{0});
}

/// dora helps while carl, who would be recorded, is away.
void TestQueueRecording::waitingIsForgottenWithWhoIsNotRecorded()
{
    QueueScene s;
    setModes(s, {{"carl", RecordMode::Transparent}});
    s.registrar.forget("carl");
    s.call(s.anna, "anna");
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
    s.connect(s.anna, 0);
    QVERIFY(!s.control->rows().at(0).recorded);
    QVERIFY(!isCopied(s));
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{0});
    QVERIFY2(s.tap.summary().startsWith(u"begins INVITE 200 ACK media BYE begins-unarchived "),
             qPrintable(s.tap.summary()));
    QCOMPARE(s.tap.summary().count(u"media"), 1);
}

/// Of what they say before, nothing is copied.
void TestQueueRecording::waitingIsKeptWhenTheOperatorSwitches()
{
    QueueScene s;
    setModes(s, {{"carl", RecordMode::Manual}});
    s.call(s.anna, "anna");
    s.connect(s.anna, 0);
    QVERIFY(!s.control->rows().at(0).recorded);
    QVERIFY(!isCopied(s));
    QCOMPARE(said(s, "paused"), std::ptrdiff_t{1});
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{0});
    s.rung(0).events->onRecordKey(true);
    QVERIFY(s.control->rows().at(0).recorded);
    QVERIFY(isCopied(s));
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{1});
    QCOMPARE(said(s, "resumed"), std::ptrdiff_t{1});
    QVERIFY(s.tap.texts.back().find("resumed") != std::string::npos);
    s.rung(0).events->onRecordKey(false);
    QVERIFY(!s.control->rows().at(0).recorded);
    QVERIFY(!isCopied(s));
    s.rung(0).events->onRecordKey(true); // a recording of its own, without another beginning
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{1});
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
}

/// What was said before somebody switches his own recording on is none of it.
void TestQueueRecording::waitingIsForgottenWhenTheCallerSwitches()
{
    QueueScene s;
    setModes(s, {{"anna", RecordMode::Manual}, {"carl", RecordMode::Transparent}});
    s.call(s.anna, "anna");
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
    s.anna.events->onRecordKey(true);
    QVERIFY(s.control->rows().at(0).recorded);
    QVERIFY(isCopied(s));
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{0});
    QVERIFY2(s.tap.summary().contains(u"BYE closed ends begins INVITE 200 ACK media"),
             qPrintable(s.tap.summary()));
    s.connect(s.anna, 0);
    s.hangUp(s.anna);
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{0});
}

void TestQueueRecording::waitingIsForgottenInAPark()
{
    QueueScene s(Settings{{"key-1", "3101"}});
    ParkService parks(queueSound, [](const ServiceUri&) { return ParkPlace{"yard", "1"}; });
    s.dialer.serve("park", parks.parking());
    setModes(s, {{"carl", RecordMode::Transparent}});
    std::vector<Object> objects = s.directory->objects();
    Object yard{"yard", "310", "Yard", {}, {}};
    yard.kind = Kind::Park;
    objects.push_back(std::move(yard));
    s.setObjects(std::move(objects));
    s.call(s.anna, "anna");
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
    s.press(s.anna, '1');
    s.anna.events->onReply({200, s.annaSdp()});
    s.run();
    QCOMPARE(parks.waiting(), std::size_t{1});
    QVERIFY(!s.control->rows().at(0).recorded);
    QVERIFY(!isCopied(s));
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{0});
    QCOMPARE(s.tap.summary().count(u"BYE"), 1);
    s.hangUp(s.anna);
}

/// Its operator emil alone is recorded.
void TestQueueRecording::waitingGoesOnInAnotherQueue()
{
    QueueScene s(Settings{{"key-1", "310"}});
    std::vector<Object> objects = s.directory->objects();
    for (Object& object : objects)
        if (object.name == "emil") {
            object.record = RecordMode::Transparent;
            object.groups = {"Loft"};
        }
    Object loft{"loft", "310", "Loft", {}, {}};
    loft.kind = Kind::WaitingQueue;
    loft.record = RecordMode::Off;
    loft.settings = {{"primary", "Loft"}};
    objects.push_back(std::move(loft));
    s.setObjects(std::move(objects));
    s.call(s.anna, "anna");
    s.press(s.anna, '1');
    s.anna.events->onReply({200, s.annaSdp()});
    s.run();
    QVERIFY(!s.control->rows().at(0).recorded);
    QVERIFY(isCopied(s));
    QCOMPARE(s.network.phones.back().invite.to.user, std::string("104"));
    s.connect(s.anna, s.network.phones.size() - 1);
    QVERIFY(s.control->rows().at(0).recorded);
    QCOMPARE(said(s, "provisional"), std::ptrdiff_t{1});
    QCOMPARE(said(s, "kept"), std::ptrdiff_t{1});
    QCOMPARE(s.tap.summary().count(u"BYE"), 0); // one recording of all
}

void TestQueueRecording::waitingIsNotHeardForNobody()
{
    QueueScene s;
    setModes(s, {{"emil", RecordMode::Transparent}}); // nothing leads to him
    s.call(s.anna, "anna");
    QVERIFY(!isCopied(s));
    s.connect(s.anna, 0);
    s.hangUp(s.anna);
    QCOMPARE(s.tap.summary(), QString());
}

QTEST_GUILESS_MAIN(TestQueueRecording)
#include "tst_queue_recording.moc"
