// SPDX-License-Identifier: GPL-3.0-or-later
// Conferences: who hears whom, who is called, and who leaves when.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/service_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

class TestConferenceService : public QObject {
    Q_OBJECT

private slots:
    void allHearAllOthers();
    void callsItsMembersOnce();
    void theCallerIsNotCalled();
    void membersAreMeantNotWhomTheyForwardTo();
    void mailboxesAreNotCalled();
    void membersWhoDoNotComeAreMissedByNobody();
    void theCallerGivesUpBeforeAnybodyCame();
    void itGoesOnWithoutWhoBegan();
    void fullIsBusy();
    void memberOfAFullRoomIsHungUp();
    void twoRoomsAtOnce();
    void noCommonCodec();
    void withoutAnOffer();
    void noPortIsFree();
    void whoLeavesTheDirectory();
};

void TestConferenceService::allHearAllOthers()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "501");
    Caller& bert = s.calls("bert", "501");
    Caller& emil = s.calls("emil", "501");
    QCOMPARE(emil.log(), QStringLiteral("200"));
    const auto says = [](Caller& who, std::uint8_t what) {
        who.media.say(who.far(), 8, Bytes(160, std::byte{what}));
    };
    QVERIFY(s.comes([&] {
        says(anna, 0x27);
        return std::ranges::count(bert.heard, std::byte{0x27}) > 1600 &&
               std::ranges::count(emil.heard, std::byte{0x27}) > 1600;
    }));
    QCOMPARE(std::ranges::count(anna.heard, std::byte{0x27}), std::ptrdiff_t{0}); // not herself
    // The sum of two: louder than each.
    anna.heard.clear();
    QVERIFY(s.comes([&] {
        says(bert, 0x1a);
        says(emil, 0x1a);
        return std::ranges::count_if(anna.heard, [](std::byte one) {
                   return one != std::byte{0x1a} && one != std::byte{0xd5} && one != std::byte{0x55};
               }) > 800;
    }));
    for (Caller* who : {&anna, &bert, &emil})
        s.hangUp(who->phone);
    QVERIFY(s.isQuiet());
}

void TestConferenceService::callsItsMembersOnce()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{2}); // carl, dora
    FakePhone& carl = s.network.phones.at(0);
    QCOMPARE(carl.invite.from.user, std::string("500"));
    QCOMPARE(carl.invite.to.user, std::string("102"));
    carl.events->onReply({180, {}});
    s.settle();
    carl.events->onReply({200, s.carlSdp()});
    s.settle();
    QCOMPARE(s.carlLog(), QStringLiteral("ack"));
    s.carlHeard.clear();
    QVERIFY(s.comes([&] {
        anna.media.say(anna.far(), 8, Bytes(160, std::byte{0x27}));
        return std::ranges::count(s.carlHeard, std::byte{0x27}) > 1600;
    }));
    s.hangUp(carl);
    Caller& bert = s.calls("bert", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{2}); // the conference runs already
    QVERIFY(s.hears(bert, anna, 0x28));
    s.hangUp(anna.phone);
    s.hangUp(bert.phone);
    QVERIFY(s.network.phones.at(1).over); // dora is called no longer
    QVERIFY(s.isQuiet());
    s.calls("anna", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{4}); // the next one
}

void TestConferenceService::theCallerIsNotCalled()
{
    ServiceScene s;
    s.calls("dora", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{1});
    QCOMPARE(s.carl().invite.to.user, std::string("102"));
}

namespace {

void change(ServiceScene& s, std::vector<Object> objects)
{
    std::ranges::sort(objects, {}, &Object::name);
    s.directory = std::make_shared<const Directory>("switchroom", std::move(objects));
    s.services->setDirectory(s.directory);
    s.control->setDirectory(s.directory);
}

} // namespace

void TestConferenceService::membersAreMeantNotWhomTheyForwardTo()
{
    ServiceScene s;
    std::vector<Object> objects = s.directory->objects();
    for (Object& one : objects) {
        if (one.name == "carl")
            setPlainDiversion(one, Diversion::Type::NoAnswer, "101");
        if (one.name == "dora")
            setPlainDiversion(one, Diversion::Type::Always, "101");
    }
    objects.push_back(ServiceScene::object(Kind::Broadcast, "all", "600", {"Team"}, {}));
    setPlainDiversion(objects.back(), Diversion::Type::Always, "101");
    change(s, std::move(objects));
    s.bind("bert", "sip:bert@127.0.0.1:5072", {});
    s.calls("anna", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{1});
    QCOMPARE(s.carl().invite.to.user, std::string("102"));
    s.clock.advance(std::chrono::seconds(30));
    s.control->onSecond();
    s.settle();
    QCOMPARE(s.network.phones.size(), std::size_t{1}); // bert would be the second
    QVERIFY(!s.carl().over);
}

void TestConferenceService::mailboxesAreNotCalled()
{
    ServiceScene s;
    std::vector<Object> objects = s.directory->objects();
    objects.push_back(ServiceScene::object(Kind::Voicemail, "mailbox", "300", {"Team"}, {}));
    objects.push_back(ServiceScene::object(Kind::Conference, "other", "502", {"Team"}, {}));
    change(s, std::move(objects));
    s.calls("anna", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{2});
    QCOMPARE(s.control->count(), std::size_t{3}); // hers, carl's and dora's
}

void TestConferenceService::membersWhoDoNotComeAreMissedByNobody()
{
    ServiceScene s;
    s.registrar.forget("dora");
    Caller& anna = s.calls("anna", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{1});
    s.carl().events->onReply({486, {}});
    s.settle();
    QCOMPARE(s.control->count(), std::size_t{1});
    QCOMPARE(s.server.openPorts(), std::size_t{1});
    QVERIFY(!anna.phone.over);
    Caller& bert = s.calls("bert", "500");
    QVERIFY(s.hears(bert, anna, 0x27));
}

void TestConferenceService::theCallerGivesUpBeforeAnybodyCame()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "500");
    QCOMPARE(s.network.phones.size(), std::size_t{2});
    s.hangUp(anna.phone);
    QVERIFY(s.network.phones.at(0).over);
    QVERIFY(s.network.phones.at(1).over);
    QVERIFY(s.isQuiet());
}

void TestConferenceService::itGoesOnWithoutWhoBegan()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "501");
    Caller& bert = s.calls("bert", "501");
    Caller& emil = s.calls("emil", "501");
    s.hangUp(anna.phone);
    QVERIFY(s.hears(emil, bert, 0x27));
    s.hangUp(bert.phone);
    QVERIFY(!emil.phone.over); // others may come
    Caller& again = s.calls("anna", "501");
    QVERIFY(s.hears(emil, again, 0x28));
    s.hangUp(emil.phone);
    s.hangUp(again.phone);
    QVERIFY(s.isQuiet());
}

void TestConferenceService::fullIsBusy()
{
    ServiceScene s;
    s.registrar.forget("dora");
    s.registrar.forget("carl");
    for (const char* name : {"anna", "bert", "emil"})
        QCOMPARE(s.calls(name, "500").log(), QStringLiteral("200"));
    QCOMPARE(s.calls("dora", "500").log(), QStringLiteral("486 over"));
    s.hangUp(s.callers[0].phone);
    QCOMPARE(s.calls("dora", "500").log(), QStringLiteral("200"));
}

void TestConferenceService::memberOfAFullRoomIsHungUp()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "500");
    s.calls("bert", "500");
    s.calls("emil", "500");
    QCOMPARE(s.carlLog(), QString());
    s.carl().events->onReply({200, s.carlSdp()});
    s.settle();
    QCOMPARE(s.carlLog(), QStringLiteral("ack over"));
    QVERIFY(s.hears(s.callers[1], anna, 0x27));
}

void TestConferenceService::twoRoomsAtOnce()
{
    ServiceScene s;
    s.registrar.forget("dora");
    s.registrar.forget("carl");
    Caller& anna = s.calls("anna", "500");
    Caller& bert = s.calls("bert", "501");
    Caller& carl = s.calls("carl", "500");
    Caller& dora = s.calls("dora", "501");
    QVERIFY(s.hears(carl, anna, 0x27));
    QCOMPARE(std::ranges::count(bert.heard, std::byte{0x27}), std::ptrdiff_t{0});
    QVERIFY(s.hears(dora, bert, 0x28));
    QCOMPARE(std::ranges::count(anna.heard, std::byte{0x28}), std::ptrdiff_t{0});
}

void TestConferenceService::noCommonCodec()
{
    ServiceScene s;
    Caller& anna = s.caller("anna");
    s.call(anna, "500",
           "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
           "3\r\n");
    QCOMPARE(anna.log(), QStringLiteral("488 over"));
    QVERIFY(s.network.phones.empty()); // nobody is called for nothing
    QVERIFY(s.isQuiet());
}

/// The answer with our acknowledged offer brings the sound.
void TestConferenceService::withoutAnOffer()
{
    ServiceScene s;
    Caller& anna = s.calls("anna", "501");
    Caller& bert = s.caller("bert");
    s.call(bert, "501", {});
    QCOMPARE(bert.log(), QStringLiteral("200"));
    bert.phone.events->onAck(bert.sdp());
    s.settle();
    QVERIFY(s.hears(bert, anna, 0x27));
    QVERIFY(s.hears(anna, bert, 0x28));
}

void TestConferenceService::noPortIsFree()
{
    ServiceScene s;
    std::vector<std::unique_ptr<media::Port>> all;
    while (auto port = s.open())
        all.push_back(std::move(port));
    QCOMPARE(s.calls("anna", "500").log(), QStringLiteral("503 over"));
    all.pop_back();
    QCOMPARE(s.calls("anna", "500").log(), QStringLiteral("200")); // but nobody can be called
    QVERIFY(s.network.phones.empty());
    all.clear();
    s.hangUp(s.callers[1].phone);
    QVERIFY(s.isQuiet());
}

/// The members are those of the moment when the first caller comes.
void TestConferenceService::whoLeavesTheDirectory()
{
    ServiceScene s;
    auto objects = s.directory->objects();
    std::erase_if(objects, [](const Object& object) { return object.name == "room"; });
    s.services->setDirectory(std::make_shared<const Directory>("switchroom", std::move(objects)));
    Caller& anna = s.calls("anna", "500"); // what routing knows is a moment older
    QCOMPARE(anna.log(), QStringLiteral("200"));
    QVERIFY(s.network.phones.empty());
    s.hangUp(anna.phone);
    QVERIFY(s.isQuiet());
}

QTEST_GUILESS_MAIN(TestConferenceService)
#include "tst_conference_service.moc"
