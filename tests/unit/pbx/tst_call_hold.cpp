// SPDX-License-Identifier: GPL-3.0-or-later
// Who is on hold hears music: what each side is told, what is heard, and that every port comes back.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/announcement.h"
#include "core/pbx/music.h"
#include "tests/unit/pbx/local_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

constexpr std::byte kMusic{0x11};
constexpr std::byte kVoice{0x22};

/// anna talks to carl, each with a FarEnd.
struct HoldScene : LocalScene {
    HoldScene()
    {
        MusicParts music{&server, executor(), [this] { return sound; }};
        music.failed = [this](const Error& error) { failures.push_back(error); };
        control =
            std::make_unique<CallControl>(dialer, *relay, tap, records, registrar, clock, std::move(music));
        control->setDirectory(directory);
    }
    bool talk()
    {
        dial("102");
        carl().events->onReply({200, carlSdp()});
        return annaLog() == QStringLiteral("200");
    }
    std::string carlSdp(const std::string& more = {}) const { return sdpOf(carlMedia.local().port, more); }
    /// anna's offer, and carl's answer.
    void annaOffers(const std::string& offer, const std::string& answer)
    {
        anna.events->onOffer(offer);
        carl().events->onReply({200, answer});
        anna.events->onAck({});
    }
    void hold() { annaOffers(annaSdp("a=sendonly\r\n"), carlSdp("a=recvonly\r\n")); }
    static sdp::Media toldLast(const FakePhone& phone)
    {
        const auto found = std::find_if(phone.sent.rbegin(), phone.sent.rend(),
                                        [](const FakePhone::Sent& one) { return !one.sdp.empty(); });
        return found == phone.sent.rend() ? sdp::Media() : audioOf(found->sdp);
    }
    sdp::Media toldCarl() { return toldLast(carl()); }
    sdp::Media toldAnna() const { return toldLast(anna); }
    bool carlHears(std::byte what)
    {
        carlHeard.clear();
        return until([&] { return std::ranges::count(carlHeard, what) >= 1600; });
    }
    /// anna's sound reaches carl, and nothing else any more.
    bool carlHearsAnna()
    {
        const Endpoint to = toldAnna().rtp;
        const bool heard = until([&] {
            annaMedia.say(to, 8, Bytes(160, kVoice));
            return !carlHeard.empty() && carlHeard.back() == kVoice;
        });
        carlHeard.clear();
        const bool more = until([&] {
            annaMedia.say(to, 8, Bytes(160, kVoice));
            return carlHeard.size() >= 1600;
        });
        return heard && more && std::ranges::all_of(carlHeard, [](std::byte one) { return one == kVoice; });
    }

    media::SoundPtr sound = media::Sound::read(Bytes(1600, kMusic), "music.g711a").valueOr(nullptr);
    std::vector<Error> failures;
};

std::string nowhere(std::string sdp)
{
    const std::string there = "c=IN IP4 127.0.0.1";
    return sdp.replace(sdp.find(there), there.size(), "c=IN IP4 0.0.0.0");
}

} // namespace

class TestCallHold : public QObject {
    Q_OBJECT

private slots:
    void heldSideHearsMusic_data();
    void heldSideHearsMusic();
    void callerIsHeld();
    void holdByAnAnswer();
    void holdWithoutAnOffer();
    void holdersOwnMusic();
    void bothHold();
    void refreshedHold();
    void codecWithoutMusic();
    void noMusicAtAll();
    void servicesDoNotWait();
    void endWhileHeld_data();
    void endWhileHeld();
    void handedOverWhileHeld();
};

void TestCallHold::heldSideHearsMusic_data()
{
    QTest::addColumn<QByteArray>("direction");
    QTest::addColumn<bool>("toNowhere");
    QTest::addColumn<QByteArray>("answered");
    QTest::newRow("sendonly") << QByteArray("a=sendonly\r\n") << false << QByteArray("recvonly");
    QTest::newRow("inactive") << QByteArray("a=inactive\r\n") << false << QByteArray("inactive");
    QTest::newRow("an address of nowhere") << QByteArray() << true << QByteArray("recvonly");
    QTest::newRow("nowhere and inactive") << QByteArray("a=inactive\r\n") << true << QByteArray("inactive");
}

void TestCallHold::heldSideHearsMusic()
{
    QFETCH(QByteArray, direction);
    QFETCH(bool, toNowhere);
    QFETCH(QByteArray, answered);
    HoldScene scene;
    QVERIFY(scene.talk() && scene.carlHearsAnna());
    const std::string offer = scene.annaSdp(direction.toStdString());
    scene.annaOffers(toNowhere ? nowhere(offer) : offer, scene.carlSdp("a=recvonly\r\n"));
    QVERIFY(scene.toldCarl().direction == sdp::Direction::SendOnly); // so that its phone plays
    QVERIFY(scene.toldAnna().direction == sdp::directionNamed(answered.toStdString()));
    QCOMPARE(scene.server.openPorts(), std::size_t{1});
    QVERIFY(scene.carlHears(kMusic));
    scene.annaOffers(scene.annaSdp(), scene.carlSdp());
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
    QVERIFY(scene.toldCarl().direction == sdp::Direction::SendRecv);
    QVERIFY(scene.carlHearsAnna());
    QVERIFY(scene.failures.empty());
}

void TestCallHold::callerIsHeld()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.carl().events->onOffer(scene.carlSdp("a=inactive\r\n"));
    scene.anna.events->onReply({200, scene.annaSdp("a=recvonly\r\n")});
    QVERIFY(scene.toldAnna().direction == sdp::Direction::SendOnly);
    QVERIFY(scene.toldCarl().direction == sdp::Direction::Inactive);
    QVERIFY(scene.until([&] { return std::ranges::count(scene.annaHeard, kMusic) >= 1600; }));
    scene.carl().events->onOffer(scene.carlSdp());
    scene.anna.events->onReply({200, scene.annaSdp()});
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
}

/// carl asks anew, and learns so that anna does not listen.
void TestCallHold::holdByAnAnswer()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.carl().events->onOffer(scene.carlSdp());
    scene.anna.events->onReply({200, scene.annaSdp("a=inactive\r\n")});
    QVERIFY(scene.toldCarl().direction == sdp::Direction::SendOnly);
    QVERIFY(scene.carlHears(kMusic));
}

void TestCallHold::holdWithoutAnOffer()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.anna.events->onOffer({});
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.anna.events->onAck(scene.annaSdp("a=inactive\r\n"));
    QVERIFY(scene.toldCarl().direction == sdp::Direction::SendOnly);
    QVERIFY(scene.carlHears(kMusic));
}

void TestCallHold::holdersOwnMusic()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.hold();
    QVERIFY(scene.carlHears(kMusic)); // as long as anna sends nothing
    QVERIFY(scene.carlHearsAnna());
    // Who is inactive has promised to send nothing.
    scene.annaOffers(scene.annaSdp("a=inactive\r\n"), scene.carlSdp("a=recvonly\r\n"));
    const Endpoint to = scene.toldAnna().rtp;
    scene.carlHeard.clear();
    QVERIFY(scene.until([&] {
        scene.annaMedia.say(to, 8, Bytes(160, kVoice));
        return std::ranges::count(scene.carlHeard, kMusic) >= 1600;
    }));
    QVERIFY(scene.carlHeard.back() == kMusic);
}

void TestCallHold::bothHold()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.hold();
    scene.carl().events->onOffer(scene.carlSdp("a=inactive\r\n"));
    scene.anna.events->onReply({200, scene.annaSdp("a=inactive\r\n")});
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
    // anna comes back; carl still does not listen, and she hears music.
    scene.annaOffers(scene.annaSdp(), scene.carlSdp("a=inactive\r\n"));
    QVERIFY(scene.toldAnna().direction == sdp::Direction::SendOnly);
    QVERIFY(scene.until([&] { return std::ranges::count(scene.annaHeard, kMusic) >= 1600; }));
}

/// A session refresh (RFC 4028) in the middle of a hold is not heard.
void TestCallHold::refreshedHold()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.hold();
    QVERIFY(scene.carlHears(kMusic));
    QCOMPARE(scene.carlSources.size(), std::size_t{1});
    scene.hold();
    QVERIFY(scene.carlHears(kMusic));
    QCOMPARE(scene.carlSources.size(), std::size_t{1});
    scene.annaOffers(scene.annaSdp("a=inactive\r\n"),
                     scene.carlSdp("a=recvonly\r\n")); // another kind of hold
    QCOMPARE(scene.server.openPorts(), std::size_t{1});
    QVERIFY(scene.carlHears(kMusic));
}

void TestCallHold::codecWithoutMusic()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    auto answer = scene.carlSdp("a=recvonly\r\n");
    const std::string types = " RTP/AVP 8 101";
    scene.annaOffers(scene.annaSdp("a=sendonly\r\n"),
                     answer.replace(answer.find(types), types.size(), " RTP/AVP 18 101"));
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
    QCOMPARE(scene.failures.size(), std::size_t{1});
    QVERIFY(scene.failures.front().code == media::MediaErrc::NotEncodable);
    answer = scene.carlSdp("a=recvonly\r\n");
    scene.annaOffers(scene.annaSdp("a=sendonly\r\n"),
                     answer.replace(answer.find(types), types.size(), " RTP/AVP 97"));
    QCOMPARE(scene.failures.size(), std::size_t{2});
    scene.annaOffers(scene.annaSdp(), scene.carlSdp());
    QVERIFY(scene.carlHearsAnna());
}

void TestCallHold::noMusicAtAll()
{
    HoldScene scene;
    scene.sound = nullptr;
    QVERIFY(scene.talk());
    scene.hold();
    QCOMPARE(scene.failures.size(), std::size_t{1});
    QVERIFY(scene.failures.front().code == media::MediaErrc::UnknownFile);
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
}

/// Music would be in the mailbox, or in a conference for all.
void TestCallHold::servicesDoNotWait()
{
    HoldScene scene;
    Announcement announcement([&](const std::string&) { return scene.sound; });
    scene.dialer.serve("announcement", announcement);
    scene.service("service:announcement?sound=hello&times=0");
    scene.dial("200");
    scene.anna.events->onOffer(scene.annaSdp("a=inactive\r\n"));
    scene.run();
    QCOMPARE(scene.server.openPorts(), std::size_t{1}); // its own
    QVERIFY(scene.toldAnna().direction == sdp::Direction::Inactive);
}

void TestCallHold::endWhileHeld_data()
{
    QTest::addColumn<bool>("byHolder");
    QTest::newRow("the holder hangs up") << true;
    QTest::newRow("who is held hangs up") << false;
}

void TestCallHold::endWhileHeld()
{
    QFETCH(bool, byHolder);
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.hold();
    QVERIFY(scene.carlHears(kMusic));
    (byHolder ? scene.anna.events : scene.carl().events)->onEnded(sip::Ending::Bye);
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
    QCOMPARE(scene.control->count(), std::size_t{0});
    QCOMPARE(scene.relay->openBridges(), std::size_t{0});
}

/// Until the target has answered, who waits hears music.
void TestCallHold::handedOverWhileHeld()
{
    HoldScene scene;
    QVERIFY(scene.talk());
    scene.bind("service", "sip:service@127.0.0.1:5071", {}); // a phone like others
    scene.hold();
    scene.anna.events->onRefer({"200", {}});
    QCOMPARE(scene.network.phones.size(), std::size_t{2});
    QVERIFY(scene.carlHears(kMusic));
    FarEnd target;
    scene.network.phones.at(1).events->onReply({200, sdpOf(target.local().port)});
    QCOMPARE(scene.server.openPorts(), std::size_t{1});
    scene.carl().events->onReply({200, scene.carlSdp()});
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
    QVERIFY(scene.failures.empty());
}

QTEST_GUILESS_MAIN(TestCallHold)
#include "tst_call_hold.moc"
