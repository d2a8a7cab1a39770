// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits in a queue and whom it calls, through call control.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/queue_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

bool hears(const Bytes& heard, std::uint8_t what)
{
    return std::ranges::find(heard, std::byte{what}) != heard.end();
}

} // namespace

class TestQueueService : public QObject {
    Q_OBJECT

private slots:
    void deliversInOrder();
    void announces();
    void showsWhoCalls();
    void callerHangsUp();
    void operatorDoesNotAnswer();
    void operatorRefuses();
    void forwardsOfOperatorsAreIgnored();
    void operatorHangsUpBeforeTheConnection();
    void waitsForThePhoneOfTheCaller();
    void busyOperatorsAreLeftInPeace();
    void alertOnly();
    void alertOnlyOverflows();
    void overflowHandsOver();
    void overflowToNowhereWaitsOn();
    void fullIsBusy();
    void keysHandOver_data();
    void keysHandOver();
    void keyThatFailsGoesOnWaiting();
    void whoLeavesTheDirectoryIsHungUp();
    void recordsOfTheCall();
    void oneRecordingOfAll();
};

void TestQueueService::deliversInOrder()
{
    QueueScene s;
    s.call(s.anna, "anna");
    s.call(s.bert, "bert");
    QCOMPARE(s.log(s.anna), QStringLiteral("200"));
    QCOMPARE(s.network.phones.size(), std::size_t{1}); // carl alone, for anna
    QCOMPARE(s.row().callers.size(), std::size_t{2});
    QCOMPARE(s.row().callers.at(0).object, std::string("anna"));
    QCOMPARE(s.row().offer->to, std::string("carl"));
    s.connect(s.anna, 0);
    QCOMPARE(s.row().delivered, std::uint64_t{1});
    QCOMPARE(s.row().callers.size(), std::size_t{1});
    QCOMPARE(s.network.phones.size(), std::size_t{2}); // dora helps while carl talks
    QCOMPARE(s.rung(1).invite.to.user, std::string("103"));
    s.hangUp(s.rung(0)); // carl
    QVERIFY(s.anna.over);
    s.connect(s.bert, 1);
    QCOMPARE(s.row().delivered, std::uint64_t{2});
    QCOMPARE(s.control->count(), std::size_t{1});
}

void TestQueueService::announces()
{
    QueueScene s(Settings{{"first", "hello"}, {"second", "wait"}});
    s.registrar.forget("carl");
    s.registrar.forget("dora");
    s.call(s.anna, "anna");
    QVERIFY(s.until([&] { return hears(s.annaHeard, 0x33); }));
    QCOMPARE(s.annaHeard.front(), std::byte{0x11});
    const auto count = [&](int what) { return std::ranges::count(s.annaHeard, std::byte(what)); };
    QVERIFY(s.until([&] { return count(0x22) > 4000; })); // again and again
    QVERIFY(count(0x33) > 1600);
    QVERIFY(count(0x11) <= 1600);
}

void TestQueueService::showsWhoCalls()
{
    QueueScene s;
    s.call(s.anna, "anna");
    const sip::OutgoingInvite& invite = s.rung(0).invite;
    QCOMPARE(invite.from.user, std::string("100"));
    QCOMPARE(invite.from.display, std::string("Anna"));
    QCOMPARE(invite.diversions.size(), 1U);
    QCOMPARE(invite.diversions.front().number, std::string("300"));
    QCOMPARE(invite.to.user, std::string("102"));
}

void TestQueueService::callerHangsUp()
{
    QueueScene s;
    s.call(s.anna, "anna");
    s.pass(3);
    QVERIFY(!s.rung(0).over);
    s.hangUp(s.anna);
    QVERIFY(s.rung(0).over);
    QCOMPARE(s.row().missed, std::uint64_t{1});
    QCOMPARE(s.row().lastMissed.at(0).who.user, std::string("100"));
    QCOMPARE(s.row().lastMissed.at(0).waited, std::chrono::seconds(3));
    QVERIFY(s.row().callers.empty());
    QCOMPARE(s.dialer.calls(), std::size_t{0});
}

void TestQueueService::operatorDoesNotAnswer()
{
    QueueScene s(Settings{{"ring", "10"}, {"pause", "20"}});
    s.call(s.anna, "anna");
    s.pass(9);
    QVERIFY(!s.rung(0).over);
    s.pass(1);
    QVERIFY(s.rung(0).over);
    QCOMPARE(s.rung(1).invite.to.user, std::string("103"));
    s.pass(10);
    QCOMPARE(s.network.phones.size(), std::size_t{2}); // both pause
    s.pass(10);
    QCOMPARE(s.rung(2).invite.to.user, std::string("102"));
    QVERIFY(!s.anna.over);
}

void TestQueueService::operatorRefuses()
{
    QueueScene s;
    s.call(s.anna, "anna");
    s.rung(0).events->onReply({486, {}});
    s.run();
    QCOMPARE(s.rung(1).invite.to.user, std::string("103"));
    QCOMPARE(s.row().operators.at(0).missed, 1U);
}

void TestQueueService::forwardsOfOperatorsAreIgnored()
{
    QueueScene s;
    std::vector<Object> objects = s.directory->objects();
    for (Object& object : objects)
        if (object.name == "carl")
            object.diversions = {{Diversion::Type::Busy, "104"}, {Diversion::Type::NoAnswer, "104"}};
        else if (object.name == "dora")
            object.diversions = {{Diversion::Type::Always, "104"}};
    s.setObjects(std::move(objects));
    s.call(s.anna, "anna");
    s.rung(0).events->onReply({486, {}});
    s.run();
    s.pass(25);
    QCOMPARE(s.network.phones.size(), std::size_t{1}); // emil is none
    QCOMPARE(s.row().operators.at(1).missed, 1U);
}

void TestQueueService::operatorHangsUpBeforeTheConnection()
{
    QueueScene s;
    s.call(s.anna, "anna");
    s.answer(0);
    s.rung(0).events->onEnded(sip::Ending::Bye); // while he is asked for anna's media
    s.run();
    QCOMPARE(s.log(s.anna), QStringLiteral("200"));
    QCOMPARE(s.row().callers.size(), std::size_t{1});
    QCOMPARE(s.rung(1).invite.to.user, std::string("103"));
    s.connect(s.anna, 1);
    QCOMPARE(s.row().delivered, std::uint64_t{1});
}

/// Whose description comes with its ACK: until then the call cannot change.
void TestQueueService::waitsForThePhoneOfTheCaller()
{
    QueueScene s;
    s.call(s.anna, "anna", "300", false);
    s.answer(0);
    s.pass(2);
    QVERIFY(!s.rung(0).over);
    QVERIFY(!s.log(s.anna).contains(QStringLiteral("offer")));
    s.anna.events->onAck(s.annaSdp());
    s.run();
    s.pass(1);
    s.rung(0).events->onReply({200, s.carlSdp()});
    s.run();
    s.anna.events->onReply({200, s.annaSdp()});
    s.run();
    QCOMPARE(s.row().delivered, std::uint64_t{1});

    s.hangUp(s.rung(0));
    FakePhone again;
    s.pass(1);
    s.call(again, "anna", "300", false);
    s.answer(1);
    s.call(s.bert, "bert");
    s.hangUp(again); // while it is being connected
    QVERIFY(s.rung(1).over);
    s.pass(2);
    QVERIFY(!s.rung(2).over); // rings for bert, and is not connected before an answer
    s.pass(2);
    QCOMPARE(s.row().callers.at(0).object, std::string("bert"));
    s.connect(s.bert, 2);
    QCOMPARE(s.row().delivered, std::uint64_t{2});
}

void TestQueueService::busyOperatorsAreLeftInPeace()
{
    QueueScene s(Settings{{"rest", "5"}});
    FakePhone emil;
    s.call(emil, "emil", "102");
    s.call(s.anna, "anna");
    QCOMPARE(s.rung(1).invite.to.user, std::string("103"));
    s.rung(1).events->onReply({486, {}});
    s.run();
    s.hangUp(emil, sip::Ending::Cancelled);
    s.pass(1);
    QCOMPARE(s.rung(2).invite.to.user,
             std::string("102")); // without a rest, as that was no call of the queue
    s.connect(s.anna, 2);
    s.hangUp(s.anna);
    s.call(s.bert, "bert");
    s.pass(4);
    QCOMPARE(s.network.phones.size(), std::size_t{3});
    s.pass(2);
    QCOMPARE(s.rung(3).invite.to.user, std::string("102"));
}

void TestQueueService::alertOnly()
{
    QueueScene s(Settings{{"alert-only", "on"}, {"first", "hello"}});
    s.registrar.forget("carl");
    s.registrar.forget("dora");
    s.call(s.anna, "anna");
    s.pass(60); // longer than call control lets phones ring
    QCOMPARE(s.log(s.anna), QStringLiteral("180"));
    s.bind("carl", "sip:carl@127.0.0.1:5070", {});
    s.pass(1);
    s.connect(s.anna, 0);
    QCOMPARE(s.log(s.anna), QStringLiteral("180 200 offer ack"));
    QCOMPARE(s.row().delivered, std::uint64_t{1});
}

void TestQueueService::alertOnlyOverflows()
{
    QueueScene s(Settings{{"alert-only", "on"}, {"longest", "30"}}, {{Diversion::Type::NoAnswer, "104"}});
    s.registrar.forget("carl");
    s.registrar.forget("dora");
    s.call(s.anna, "anna");
    s.pass(29);
    QVERIFY(s.network.phones.empty());
    s.pass(1);
    QCOMPARE(s.rung(0).invite.to.user, std::string("104"));
    QCOMPARE(s.log(s.anna), QStringLiteral("180 181"));
    QCOMPARE(s.row().overflowed, std::uint64_t{1});
    QCOMPARE(s.row().missed, std::uint64_t{0});
    QVERIFY(s.row().callers.empty());
}

void TestQueueService::overflowHandsOver()
{
    QueueScene s(Settings{{"longest", "30"}, {"ring", "50"}}, {{Diversion::Type::NoAnswer, "104"}});
    s.registrar.forget("carl");
    s.registrar.forget("dora");
    s.call(s.anna, "anna");
    s.pass(30);
    QCOMPARE(s.rung(0).invite.to.user, std::string("104"));
    QCOMPARE(s.row().callers.at(0).goesTo, std::string("104"));
    s.answer(0);
    s.anna.events->onReply({200, s.annaSdp()});
    s.run();
    QVERIFY(s.row().callers.empty());
    QCOMPARE(s.row().overflowed, std::uint64_t{1});
    QCOMPARE(s.control->count(), std::size_t{1});
}

void TestQueueService::overflowToNowhereWaitsOn()
{
    QueueScene s(Settings{{"longest", "30"}}, {{Diversion::Type::NoAnswer, "999"}});
    s.registrar.forget("carl");
    s.registrar.forget("dora");
    s.call(s.anna, "anna");
    s.pass(100);
    QVERIFY(!s.anna.over);
    s.bind("carl", "sip:carl@127.0.0.1:5070", {});
    s.pass(1);
    QCOMPARE(s.rung(0).invite.to.user, std::string("102"));
}

void TestQueueService::fullIsBusy()
{
    QueueScene s(Settings{{"waiting", "1"}}, {{Diversion::Type::Busy, "104"}});
    s.call(s.anna, "anna");
    s.call(s.bert, "bert");
    QCOMPARE(s.rung(1).invite.to.user, std::string("104"));
    QCOMPARE(s.log(s.bert), QStringLiteral("181"));
}

void TestQueueService::keysHandOver_data()
{
    QTest::addColumn<char>("key");
    QTest::newRow("digit") << '1';
    QTest::newRow("star") << '*';
    QTest::newRow("hash") << '#';
}

void TestQueueService::keysHandOver()
{
    QFETCH(char, key);
    QueueScene s(Settings{{"key-1", "104"}, {"key-hash", "104"}, {"key-star", "104"}});
    s.call(s.anna, "anna");
    s.press(s.anna, '2');
    QVERIFY(!s.rung(0).over);
    s.press(s.anna, key);
    QVERIFY(s.rung(0).over); // carl
    QCOMPARE(s.rung(1).invite.to.user, std::string("104"));
    s.pass(1);
    QCOMPARE(s.network.phones.size(), std::size_t{2});
    s.answer(1);
    s.anna.events->onReply({200, s.annaSdp()});
    s.run();
    QVERIFY(s.row().callers.empty());
    QCOMPARE(s.row().missed, std::uint64_t{0});
    QCOMPARE(s.row().delivered, std::uint64_t{0});
}

void TestQueueService::keyThatFailsGoesOnWaiting()
{
    QueueScene s(Settings{{"key-1", "104"}});
    s.registrar.forget("carl");
    s.registrar.forget("dora");
    s.call(s.anna, "anna");
    s.press(s.anna, '1');
    s.call(s.bert, "bert");
    s.rung(0).events->onReply({486, {}});
    s.run();
    s.bind("carl", "sip:carl@127.0.0.1:5070", {});
    s.pass(1);
    s.connect(s.anna, 1); // before bert
    QCOMPARE(s.row().callers.size(), std::size_t{1});
    QCOMPARE(s.row().callers.at(0).object, std::string("bert"));
}

void TestQueueService::whoLeavesTheDirectoryIsHungUp()
{
    QueueScene s;
    s.call(s.anna, "anna");
    auto objects = s.directory->objects();
    std::erase_if(objects, [](const Object& object) { return object.name == "hall"; });
    const auto without = std::make_shared<const Directory>("switchroom", std::move(objects));
    s.control->setDirectory(without);
    s.queues.setDirectory(without);
    s.pass(1);
    QVERIFY(s.anna.over);
    QVERIFY(s.rung(0).over);
    QVERIFY(s.queues.rows().empty());
}

/// As a transfer with consultation (pbx-interfaces.md 2.1), with the queue as who hands over.
void TestQueueService::recordsOfTheCall()
{
    QueueScene s;
    s.call(s.anna, "anna");
    s.rung(0).events->onReply({180, {}});
    s.run();
    s.connect(s.anna, 0);
    s.hangUp(s.rung(0));
    QCOMPARE(s.recordsOf("anna"), QStringLiteral("from setup-from conn-to transfer-to connected rel-to"));
    QCOMPARE(s.recordsOf("carl"),
             QStringLiteral("to setup-to alert-from conn-from transfer-to connected rel-from"));
    const QString hall = s.recordsOf("hall");
    QVERIFY2(hall.contains(QStringLiteral("to setup-to conn-from transfer-from connected rel-")),
             qPrintable(hall));
    QVERIFY2(hall.contains(QStringLiteral("from setup-from alert-to conn-to transfer-from connected rel-")),
             qPrintable(hall));
    QVERIFY(std::ranges::any_of(s.finished, [](const auto& record) {
        return record->h323 == "hall" && record->pseudo == "waiting";
    }));
}

/// The queue's own calls to operators are none; that of who waits names the operator in the end.
void TestQueueService::oneRecordingOfAll()
{
    QueueScene s;
    std::vector<Object> objects = s.directory->objects();
    for (Object& object : objects)
        object.record = RecordMode::Transparent;
    s.setObjects(std::move(objects));
    s.call(s.anna, "anna");
    s.clock.advance(std::chrono::seconds(4));
    s.connect(s.anna, 0);
    s.hangUp(s.anna);
    s.pass(1); // the call is gone
    QCOMPARE(s.tap.summary(),
             QStringLiteral("begins INVITE 200 ACK media closed INVITE 200 ACK media BYE closed ends"));
    QVERIFY(s.tap.texts.at(1).find("Contact: <sip:300@127.0.0.1>;automata\r\n") != std::string::npos);
    const std::string& followed = s.tap.texts.at(3);
    QVERIFY(followed.find("P-Asserted-Identity: \"Carl\" <sip:102@127.0.0.1>\r\n") != std::string::npos);
    QVERIFY(followed.find("Switchroom-Alert: 4\r\n") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestQueueService)
#include "tst_queue_service.moc"
