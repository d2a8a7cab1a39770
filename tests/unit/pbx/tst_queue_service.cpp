// SPDX-License-Identifier: GPL-3.0-or-later
// A queue `hall` (300) through call control: anna and bert wait, carl and dora are its operators.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/park_service.h"
#include "core/pbx/queue_service.h"
#include "tests/unit/pbx/local_scene.h"
#include "tests/unit/pbx/records_text.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

using Settings = std::map<std::string, std::string>;

media::SoundPtr find(const std::string& name)
{
    if (name == "hello" || name == "wait" || name == "music")
        return media::Sound::read(Bytes(1600, std::byte{name == "hello"  ? std::uint8_t{0x11}
                                                        : name == "wait" ? std::uint8_t{0x22}
                                                                         : std::uint8_t{0x33}}),
                                  name + ".g711a")
            .valueOr(nullptr);
    return nullptr;
}

struct QueueScene : LocalScene {
    explicit QueueScene(Settings settings = {}, std::vector<Diversion> diversions = {})
    {
        Object hall{"hall", "300", "Hall", {}, {}};
        hall.kind = Kind::WaitingQueue;
        hall.settings = {{"primary", "Desk"}, {"secondary", "Help"}};
        hall.settings.merge(settings);
        hall.diversions = std::move(diversions);
        std::vector<Object> objects{
            {"anna", "100", "Anna", {}, {}},       {"bert", "101", "Bert", {}, {}},
            {"carl", "102", "Carl", {"Desk"}, {}}, {"dora", "103", "Dora", {"Help"}, {}},
            {"emil", "104", "Emil", {}, {}},       std::move(hall)};
        for (Object& object : objects)
            object.record = RecordMode::Off;
        setObjects(std::move(objects));
        dialer.serve("queue", queues);
        QueueOffice office;
        office.talking = [this] {
            std::vector<std::string> names;
            for (const CallRow& row : control->rows()) {
                names.push_back(row.caller.name);
                names.push_back(row.callee.name);
            }
            return names;
        };
        office.isRegistered = [this](const std::string& name) {
            return !registrar.bindings(name, clock.steadyNow()).empty();
        };
        office.overflow = [this](const Object& queue, const LocalCallInfo&) {
            return control->forwards(queue, {}).noAnswer;
        };
        queues.open(clock, std::move(office));
        bind("dora", "sip:dora@127.0.0.1:5071", {});
        bind("emil", "sip:emil@127.0.0.1:5072", {});
    }
    void setObjects(std::vector<Object> objects)
    {
        std::ranges::sort(objects, {}, &Object::name);
        directory = std::make_shared<const Directory>("switchroom", std::move(objects));
        logged = std::make_unique<CallRecords>(
            [this](const CallRecords::Record& record) { finished.push_back(record); },
            CallRecords::Identity{"PBX"}, clock);
        control = std::make_unique<CallControl>(dialer, *relay, tap, *logged, registrar, clock);
        control->setDirectory(directory);
        queues.setDirectory(directory);
    }
    void call(FakePhone& phone, const std::string& name, const std::string& number = "300",
              bool offers = true)
    {
        sip::InviteRequest request;
        request.target = number;
        request.from = {name, name, "127.0.0.1"};
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        if (offers)
            request.sdp = annaSdp();
        control->onInvite(std::make_unique<FakeSession>(phone), request, *directory->byName(name));
        run();
    }
    void pass(int s)
    {
        for (int i = 0; i < s; ++i) {
            clock.advance(std::chrono::seconds(1));
            control->onSecond();
            queues.onSecond();
            run();
        }
    }
    FakePhone& rung(std::size_t i) { return network.phones.at(i); }
    void answer(std::size_t i)
    {
        rung(i).events->onReply({200, carlSdp()});
        run();
    }
    /// Both are asked for the media of the other.
    void connect(FakePhone& caller, std::size_t i)
    {
        answer(i);
        rung(i).events->onReply({200, carlSdp()});
        run();
        caller.events->onReply({200, annaSdp()});
        run();
    }
    void press(FakePhone& phone, char key)
    {
        phone.events->onInfo("application/dtmf-relay", std::string("Signal=") + key + "\r\nDuration=160\r\n");
        run();
    }
    void hangUp(FakePhone& phone, sip::Ending ending = sip::Ending::Bye)
    {
        phone.events->onEnded(ending);
        run();
    }
    QueueRow row() const { return queues.rows().at(0); }
    QString log(const FakePhone& phone) const { return QString::fromStdString(phone.log()); }
    QString recordsOf(const std::string& name) const { return test::recordsOf(finished, name); }

    std::vector<CallRecords::Record> finished;
    std::unique_ptr<CallRecords> logged;
    FakePhone bert;
    QueueService queues{dialer, find};
};

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

void TestQueueService::waitingIsInTheRecordingOfTheOperator_data()
{
    QTest::addColumn<int>("mode");
    QTest::newRow("transparent") << static_cast<int>(RecordMode::Transparent);
    QTest::newRow("optional") << static_cast<int>(RecordMode::Optional);
}

void TestQueueService::waitingIsInTheRecordingOfTheOperator()
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

void TestQueueService::whoTakesTheCallMayWantItElsewhere_data()
{
    QTest::addColumn<int>("hall");
    QTest::newRow("of a recorded queue") << static_cast<int>(RecordMode::Transparent);
    QTest::newRow("of another one") << static_cast<int>(RecordMode::Off);
}

void TestQueueService::whoTakesTheCallMayWantItElsewhere()
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

void TestQueueService::waitingIsForgottenWithTheCaller()
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
void TestQueueService::waitingIsForgottenWithWhoIsNotRecorded()
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
void TestQueueService::waitingIsKeptWhenTheOperatorSwitches()
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
void TestQueueService::waitingIsForgottenWhenTheCallerSwitches()
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

void TestQueueService::waitingIsForgottenInAPark()
{
    QueueScene s(Settings{{"key-1", "3101"}});
    ParkService parks(find, [](const ServiceUri&) { return ParkPlace{"yard", "1"}; });
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
void TestQueueService::waitingGoesOnInAnotherQueue()
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

void TestQueueService::waitingIsNotHeardForNobody()
{
    QueueScene s;
    setModes(s, {{"emil", RecordMode::Transparent}}); // nothing leads to him
    s.call(s.anna, "anna");
    QVERIFY(!isCopied(s));
    s.connect(s.anna, 0);
    s.hangUp(s.anna);
    QCOMPARE(s.tap.summary(), QString());
}

QTEST_GUILESS_MAIN(TestQueueService)
#include "tst_queue_service.moc"
