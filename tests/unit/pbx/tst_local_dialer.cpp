// SPDX-License-Identifier: GPL-3.0-or-later
// Phones inside the exchange, through real calls: they are called, they call, hold, hear keys and hand over.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/local_scene.h"

#include <QTemporaryDir>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

media::SoundPtr soundOf(std::byte octet, std::size_t octets = 1600)
{
    return media::Sound::read(Bytes(octets, octet), "a.g711a").valueOr(nullptr);
}

bool hears(const Bytes& heard, std::byte octet)
{
    return std::ranges::count(heard, octet) >= 800;
}

/// What a caller was told last.
struct LastStatus final : sip::SessionEvents {
    void onReply(const sip::Reply& reply) override { status = reply.status; }
    void onOffer(const std::string&) override {}
    void onAck(const std::string&) override {}
    void onInfo(const std::string&, const std::string&) override {}
    void onRefer(const sip::ReferRequest&) override {}
    void onEnded(sip::Ending) override {}
    int status = 0;
};

} // namespace

class TestLocalDialer : public QObject {
    Q_OBJECT

private slots:
    void answersACall();
    void ringsAndRefuses();
    void droppedCallIsRefused();
    void callerGivesUp();
    void unknownServiceIsNotFound();
    void othersGoToTheNetwork();
    void playsBeforeTheAnswer();
    void answersWithoutAnOffer();
    void answersAnOfferlessReinvite();
    void takesTheClearForSrtp();
    void refusesWhatItCannotDecode();
    void choosesACodec_data();
    void choosesACodec();
    void isPutOnHold();
    void hearsKeys();
    void recordsUntilTheCallerHangsUp();
    void handsOver();
    void handsOverToNobody();
    void callsAPhone();
    void isRefused();
    void givesUpACall();
    void isHandedOver();
    void callsAService();
    void consults();
    void pressesKeys();
    void callsAreLimited();
    void callersLeaveRoom();
};

void TestLocalDialer::answersACall()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log?a=b%20c");
    scene.dial("200");
    QCOMPARE(scene.annaLog(), QStringLiteral(""));
    const LocalCallInfo& info = app.last().info();
    QCOMPARE(info.from.user, std::string("100"));
    QCOMPARE(info.from.display, std::string("Anna"));
    QCOMPARE(info.to.user, std::string("200"));
    QCOMPARE(info.conferenceGuid.size(), std::size_t{32});
    QCOMPARE(info.service["a"], std::string("b c"));

    QVERIFY(app.last().answer());
    QVERIFY(app.last().isAnswered());
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200"));
    QCOMPARE(scene.control->count(), std::size_t{1});
    QVERIFY(app.last().play(soundOf(std::byte{0x11})));
    QVERIFY(scene.until([&] { return app.told() == u"played" && scene.annaHeard.size() == 1600; }));
    QVERIFY(hears(scene.annaHeard, std::byte{0x11}));

    app.last().hangUp();
    QVERIFY(app.last().isOver());
    QVERIFY(!app.last().play(soundOf(std::byte{0x11})));
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200 over"));
    QCOMPARE(app.told(), QStringLiteral("played"));
    scene.control->onSecond();
    QCOMPARE(scene.control->count(), std::size_t{0});
    app.calls.clear();
    scene.beat(2);
    QCOMPARE(scene.dialer.calls(), std::size_t{0});
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
}

void TestLocalDialer::ringsAndRefuses()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    app.last().ring();
    scene.run();
    app.last().hangUp(486);
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("180 486 over"));
    QCOMPARE(app.told(), QStringLiteral(""));
}

void TestLocalDialer::droppedCallIsRefused()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    app.calls.clear();
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("480 over"));
}

void TestLocalDialer::callerGivesUp()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    scene.anna.events->onEnded(sip::Ending::Cancelled);
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("ended 487"));
    QVERIFY(app.last().isOver());
    QVERIFY(app.last().answer()); // too late, and nothing happens
    QVERIFY(!app.last().isAnswered());
}

void TestLocalDialer::unknownServiceIsNotFound()
{
    LocalScene scene;
    scene.service("service:nothing");
    scene.dial("200");
    QCOMPARE(scene.annaLog(), QStringLiteral("404 over"));
}

void TestLocalDialer::othersGoToTheNetwork()
{
    LocalScene scene;
    scene.dial("102");
    QCOMPARE(scene.carl().invite.uri, std::string("sip:carl@127.0.0.1:5070"));
    QCOMPARE(scene.dialer.addressTowards(LocalDialer::source()).toString(), std::string("127.0.0.1"));
    LocalOptions options;
    options.address = *IpAddress::parse("::1");
    const LocalDialer other(scene.network, scene.server, scene.executor(), options);
    QCOMPARE(other.addressTowards(LocalDialer::source()).toString(), std::string("::1"));
    QCOMPARE(other.addressTowards({*Endpoint::parse("10.0.0.1:5060")}).toString(), std::string("127.0.0.1"));
}

void TestLocalDialer::playsBeforeTheAnswer()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().play(soundOf(std::byte{0x22}))); // kept until there is somebody to hear it
    scene.beat(5);
    QVERIFY(app.last().playEarly());
    scene.run();
    QVERIFY(scene.until([&] { return app.told() == u"played" && scene.annaHeard.size() == 1600; }));
    QVERIFY(hears(scene.annaHeard, std::byte{0x22}));
    QCOMPARE(scene.annaLog(), QStringLiteral("183"));
    const std::string early = scene.annaAnswer();
    QVERIFY(app.last().answer());
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("183 200"));
    QCOMPARE(audioOf(scene.annaAnswer()).rtp, audioOf(early).rtp);
}

void TestLocalDialer::answersWithoutAnOffer()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200", {});
    QVERIFY(!app.last().playEarly());
    QVERIFY(app.last().answer());
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200"));
    const sdp::Media offered = audioOf(scene.annaAnswer());
    QCOMPARE(offered.order.size(), std::size_t{5});
    QCOMPARE(offered.formats.at(9).encoding, std::string("G722"));
    scene.anna.events->onAck(scene.annaSdp());
    scene.run();
    QVERIFY(app.last().play(soundOf(std::byte{0x33})));
    QVERIFY(scene.until([&] { return hears(scene.annaHeard, std::byte{0x33}); }));
}

void TestLocalDialer::answersAnOfferlessReinvite()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    scene.run();
    scene.anna.events->onOffer({});
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200 200"));
    scene.anna.events->onAck(scene.annaSdp("a=sendonly\r\n"));
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("held"));
}

void TestLocalDialer::takesTheClearForSrtp()
{
    LocalScene scene;
    LocalLog app;
    app.onArrival = [](LocalCall& call) { static_cast<void>(call.answer()); };
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200", sdpOf(scene.annaMedia.local().port, kKey, "RTP/SAVP"));
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200"));
    QVERIFY(audioOf(scene.annaAnswer()).isSecure());
    QCOMPARE(app.calls.size(), std::size_t{2}); // refused with 488, then called anew in the clear
    QVERIFY(app.calls[0]->isOver());
    QVERIFY(app.calls[1]->isAnswered());
}

void TestLocalDialer::refusesWhatItCannotDecode()
{
    LocalScene scene;
    LocalLog app;
    app.onArrival = [](LocalCall& call) { QVERIFY(!call.answer()); };
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 speex/8000\r\n");
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("488 over")); // in the clear and, tried anew, encrypted
    QCOMPARE(app.calls.size(), std::size_t{2});
    QVERIFY(app.last().isOver());
}

void TestLocalDialer::choosesACodec_data()
{
    QTest::addColumn<QString>("types");
    QTest::addColumn<int>("chosen");
    QTest::newRow("the phone's order") << "9 8 0" << 9;
    QTest::newRow("Opus behind others") << "107 0" << 0;
    QTest::newRow("Opus alone") << "18 107" << 107;
    QTest::newRow("G.729 alone") << "18" << 18;
    QTest::newRow("unknown before known") << "97 3 8" << 8;
}

void TestLocalDialer::choosesACodec()
{
    QFETCH(QString, types);
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP " +
                          types.toStdString() +
                          " 101\r\na=rtpmap:97 speex/8000\r\na=rtpmap:107 opus/48000/2\r\n"
                          "a=rtpmap:101 telephone-event/8000\r\n");
    QVERIFY(app.last().answer());
    scene.run();
    const sdp::Media answered = audioOf(scene.annaAnswer());
    QCOMPARE(answered.order.size(), std::size_t{2});
    QTEST(static_cast<int>(answered.order.front()), "chosen");
    QCOMPARE(answered.order.back(), std::uint8_t{101});
}

void TestLocalDialer::isPutOnHold()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    QVERIFY(app.last().play(soundOf(std::byte{0x44}), 0));
    QVERIFY(scene.until([&] { return hears(scene.annaHeard, std::byte{0x44}); }));
    scene.anna.events->onOffer(scene.annaSdp("a=sendonly\r\n"));
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200 200"));
    QVERIFY(audioOf(scene.annaAnswer()).direction == sdp::Direction::RecvOnly);
    QCOMPARE(app.told(), QStringLiteral("held"));
    static_cast<void>(scene.annaMedia.take());
    scene.beat(100);
    QTest::qWait(20);
    QVERIFY(scene.annaMedia.take().size() < 20); // what was on its way, not the two seconds since
    scene.annaHeard.clear();
    scene.anna.events->onOffer(scene.annaSdp());
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("held, heard"));
    QVERIFY(scene.until([&] { return hears(scene.annaHeard, std::byte{0x44}); }));
}

void TestLocalDialer::hearsKeys()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    scene.run();
    scene.annaMedia.key(scene.annaHears(), 7, 400, false);
    for (int i = 0; i < 3; ++i)
        scene.annaMedia.key(scene.annaHears(), 7, 800, true);
    QVERIFY(scene.until([&] { return app.told() == u"7 100"; }));
    scene.anna.events->onInfo("application/dtmf-relay", "Signal=*\r\nDuration=160\r\n");
    QCOMPARE(app.told(), QStringLiteral("7 100"));
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("7 100, * 160"));
    scene.beat(20);
    QCOMPARE(app.told(), QStringLiteral("7 100, * 160"));
}

void TestLocalDialer::recordsUntilTheCallerHangsUp()
{
    QTemporaryDir dir;
    const Path file = pathOf(dir.path().toStdString()) / "message.wav";
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    QVERIFY(app.last().record({file}));
    scene.beat(50);
    scene.anna.events->onEnded(sip::Ending::Bye);
    scene.beat(2);
    QCOMPARE(app.told(), QStringLiteral("ended 200, recorded well"));
    QCOMPARE(media::Sound::load(file).value()->length().count(), 1000);
}

void TestLocalDialer::handsOver()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    scene.run();
    app.last().transfer("102");
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("refer 202"));
    QCOMPARE(scene.carl().invite.from.user, std::string("100"));
    scene.carl().events->onReply({180, {}});
    scene.carl().events->onReply({200, scene.carlSdp()});
    QCOMPARE(scene.annaLog(), QStringLiteral("200 offer"));
    scene.anna.events->onReply({200, scene.annaSdp()});
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("refer 202, refer 180, refer 200, ended 200"));
    QCOMPARE(scene.control->count(), std::size_t{1});
    scene.anna.events->onEnded(sip::Ending::Bye);
    QCOMPARE(scene.carlLog(), QStringLiteral("ack over"));
    scene.run();
}

void TestLocalDialer::handsOverToNobody()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    scene.run();
    app.last().transfer("999");
    scene.run();
    app.last().transfer("102");
    scene.run();
    scene.carl().events->onReply({486, {}});
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("refer 404, refer 202, refer 486"));
    QVERIFY(!app.last().isOver());
    QCOMPARE(scene.annaLog(), QStringLiteral("200"));
}

void TestLocalDialer::callsAPhone()
{
    LocalScene scene;
    LocalLog script;
    auto call = scene.dialer.placeCall({{"Service", "service", {}}, "102"});
    QVERIFY(call);
    script.take(std::move(*call));
    QVERIFY(script.last().play(soundOf(std::byte{0x55}), 0));
    scene.run();
    QCOMPARE(scene.carl().invite.from.user, std::string("200"));
    QCOMPARE(scene.carl().invite.from.display, std::string("Service"));
    scene.carl().events->onReply({180, {}});
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.run();
    QCOMPARE(script.told(), QStringLiteral("180, 200"));
    QVERIFY(script.last().isAnswered());
    QVERIFY(scene.until([&] { return hears(scene.carlHeard, std::byte{0x55}); }));
    scene.carl().events->onOffer(scene.carlSdp() + "a=inactive\r\n");
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral("ack 200"));
    QCOMPARE(script.told(), QStringLiteral("180, 200, held"));
    script.last().hangUp();
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral("ack 200 over"));

    auto again = scene.dialer.placeCall({{"Service", "service", {}}, "102"});
    script.log.clear();
    script.take(std::move(*again));
    scene.run();
    FakePhone& carl = scene.network.phones.at(1);
    carl.events->onReply({200, scene.carlSdp()});
    carl.events->onEnded(sip::Ending::Bye);
    scene.run();
    QCOMPARE(script.told(), QStringLiteral("200, ended 200"));
}

void TestLocalDialer::isRefused()
{
    LocalScene scene;
    LocalLog script;
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "999"})).value());
    scene.run();
    QCOMPARE(script.told(), QStringLiteral("ended 404"));
    script.log.clear();
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "102"})).value());
    scene.run();
    scene.carl().events->onReply({486, {}});
    scene.run();
    QCOMPARE(script.told(), QStringLiteral("ended 486"));
    scene.dialer.setIncoming({});
    QVERIFY(!scene.dialer.placeCall({{{}, "anna", {}}, "102"}));
}

void TestLocalDialer::givesUpACall()
{
    LocalScene scene;
    LocalLog script;
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "102"})).value());
    script.calls.clear(); // before the exchange knows of it
    scene.run();
    QVERIFY(scene.network.phones.empty());
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "102"})).value());
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral(""));
    script.last().hangUp();
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral(" over"));
}

void TestLocalDialer::isHandedOver()
{
    LocalScene scene;
    LocalLog app;
    LocalLog script;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "102"})).value());
    scene.run();
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.run();
    scene.carl().events->onRefer({"200", std::nullopt}); // from one local phone to another
    scene.run();
    QVERIFY(app.last().answer());
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral("ack refer202 refer200"));
    QCOMPARE(script.told(), QStringLiteral("200"));
    QVERIFY(!script.last().isOver());
    script.last().hangUp();
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("ended 200"));
}

void TestLocalDialer::callsAService()
{
    LocalScene scene;
    LocalLog app;
    LocalLog script;
    QTemporaryDir dir;
    const Path file = pathOf(dir.path().toStdString()) / "heard.wav";
    app.onArrival = [](LocalCall& call) {
        static_cast<void>(call.answer());
        static_cast<void>(call.play(soundOf(std::byte{0x66}), 0));
    };
    scene.dialer.serve("log", app);
    scene.service("service:log");
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "200"})).value());
    scene.run();
    QVERIFY(script.last().isAnswered());
    QVERIFY(script.last().record({file, 8000, std::chrono::milliseconds(1000)}));
    QVERIFY(scene.until([&] { return script.told() == u"200, recorded well"; }));
    const auto heard = media::Sound::load(file);
    const std::int16_t sample = codec::decodeG711(codec::Law::A, std::byte{0x66});
    QVERIFY(std::ranges::count((*heard)->samples(), sample) > 4000);
}

void TestLocalDialer::consults()
{
    LocalScene scene;
    LocalLog app;
    scene.dialer.serve("log", app);
    scene.service("service:log");
    scene.dial("200");
    QVERIFY(app.last().answer());
    scene.run();
    LocalLog second;
    second.take(std::move(scene.dialer.placeCall({{{}, "service", {}}, "102"})).value());
    scene.run();
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.run();
    app.last().transferTo(second.last());
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral("ack offer"));
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.anna.events->onReply({200, scene.annaSdp()});
    scene.run();
    QCOMPARE(app.told(), QStringLiteral("refer 202, refer 200, ended 200"));
    QCOMPARE(second.told(), QStringLiteral("200, ended 200"));
    scene.anna.events->onEnded(sip::Ending::Bye);
    QVERIFY(scene.carl().over);
    scene.run();
}

void TestLocalDialer::pressesKeys()
{
    LocalScene scene;
    LocalLog app;
    LocalLog script;
    app.onArrival = [](LocalCall& call) { static_cast<void>(call.answer()); };
    scene.dialer.serve("log", app);
    scene.service("service:log");
    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "200"})).value());
    scene.run();
    QVERIFY(script.last().press('4'));
    QVERIFY(scene.until([&] { return app.told() == u"4 100"; }));

    script.take(std::move(scene.dialer.placeCall({{{}, "anna", {}}, "102"})).value());
    scene.run();
    scene.carl().events->onReply({200, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                                       "t=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"});
    scene.run();
    QVERIFY(script.last().press('4')); // to a phone without telephone events
    scene.run();
    QCOMPARE(scene.carlLog(), QStringLiteral("ack info"));
    QCOMPARE(scene.carl().lastSdp(), std::string("application/dtmf-relay:Signal=4\r\nDuration=100\r\n"));
}

void TestLocalDialer::callsAreLimited()
{
    LocalScene scene;
    LocalLog app;
    LocalOptions options;
    options.mostCalls = 1;
    LocalDialer dialer(scene.network, scene.server, scene.executor(), options);
    dialer.serve("log", app);
    dialer.setIncoming([](std::unique_ptr<sip::Session>, const sip::InviteRequest&) {});
    LocalLog script;
    script.take(std::move(dialer.placeCall({{{}, "anna", {}}, "102"})).value());
    QVERIFY(!dialer.placeCall({{{}, "anna", {}}, "102"}));
    LastStatus events;
    sip::OutgoingInvite invite;
    invite.uri = "service:log";
    invite.way.address = *Endpoint::parse("127.0.0.1:5070"); // of a device that calls itself a service
    const auto stranger = dialer.invite(invite, events);
    QCOMPARE(scene.network.phones.size(), std::size_t{1});
    QCOMPARE(scene.network.phones.back().invite.uri, std::string("service:log"));
    invite.way = LocalDialer::source();
    const auto session = dialer.invite(invite, events);
    scene.run();
    QCOMPARE(events.status, 486);
}

/// However many wait, queues can call those who work at them.
void TestLocalDialer::callersLeaveRoom()
{
    LocalScene scene;
    LocalLog app;
    LocalOptions options;
    options.mostCalls = 4;
    options.placed = 1;
    LocalDialer dialer(scene.network, scene.server, scene.executor(), options);
    dialer.serve("log", app);
    dialer.setIncoming([](std::unique_ptr<sip::Session>, const sip::InviteRequest&) {});
    std::array<LastStatus, 4> events;
    std::vector<std::unique_ptr<sip::Session>> sessions;
    sip::OutgoingInvite invite;
    invite.uri = "service:log";
    invite.way = LocalDialer::source();
    for (LastStatus& one : events)
        sessions.push_back(dialer.invite(invite, one));
    scene.run();
    QCOMPARE(events[2].status, 0);
    QCOMPARE(events[3].status, 486);
    sessions.pop_back();
    LocalLog script;
    auto placed = dialer.placeCall({{{}, "anna", {}}, "102"});
    QVERIFY(placed);
    script.take(std::move(*placed));
    QVERIFY(!dialer.placeCall({{{}, "anna", {}}, "102"}));
}

QTEST_GUILESS_MAIN(TestLocalDialer)
#include "tst_local_dialer.moc"
