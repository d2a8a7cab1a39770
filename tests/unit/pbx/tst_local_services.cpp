// SPDX-License-Identifier: GPL-3.0-or-later
// Announcement, echo and music through real calls; and what a service URI and a key by SIP INFO say.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/announcement.h"
#include "core/pbx/echo.h"
#include "core/pbx/key_info.h"
#include "core/pbx/music.h"
#include "tests/unit/pbx/local_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

media::SoundPtr find(const std::string& name)
{
    if (name == "hello")
        return media::Sound::read(Bytes(1600, std::byte{0x11}), "hello.g711a").valueOr(nullptr);
    return nullptr;
}

} // namespace

class TestLocalServices : public QObject {
    Q_OBJECT

private slots:
    void announcementPlaysAndHangsUp();
    void announcementWithoutAnAnswer();
    void announcementHandsOver();
    void announcementLoops();
    void announcementIsRefused_data();
    void announcementIsRefused();
    void echoes();
    void musicGoesOn();
    void readsServiceUris_data();
    void readsServiceUris();
    void readsKeys_data();
    void readsKeys();
};

void TestLocalServices::announcementPlaysAndHangsUp()
{
    LocalScene scene;
    Announcement announcement(find);
    scene.dialer.serve("announcement", announcement);
    scene.service("service:announcement?sound=hello&times=2");
    scene.dial("200");
    QCOMPARE(scene.annaLog(), QStringLiteral("200"));
    QCOMPARE(announcement.calls(), std::size_t{1});
    QVERIFY(scene.until([&] { return scene.anna.over; }));
    QCOMPARE(announcement.calls(), std::size_t{0});
    QVERIFY(scene.annaHeard.size() >= 3000); // the last packets may still be on their way
    QVERIFY(std::ranges::all_of(scene.annaHeard, [](std::byte one) { return one == std::byte{0x11}; }));
}

void TestLocalServices::announcementWithoutAnAnswer()
{
    LocalScene scene;
    Announcement announcement(find);
    scene.dialer.serve("announcement", announcement);
    scene.service("service:announcement?tone=information&answer=0&cause=1");
    scene.dial("200");
    QCOMPARE(scene.annaLog(), QStringLiteral("183"));
    QVERIFY(scene.until([&] { return scene.anna.over; }));
    QCOMPARE(scene.annaLog(), QStringLiteral("183 404 over"));
    QVERIFY(scene.annaHeard.size() > 10000);
}

void TestLocalServices::announcementHandsOver()
{
    LocalScene scene;
    Announcement announcement(find);
    scene.dialer.serve("announcement", announcement);
    scene.service("service:announcement?sound=hello&transfer=102");
    scene.dial("200");
    QVERIFY(scene.until([&] { return !scene.network.phones.empty(); }));
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.anna.events->onReply({200, scene.annaSdp()});
    scene.run();
    QCOMPARE(scene.annaLog(), QStringLiteral("200 offer ack"));
    QCOMPARE(announcement.calls(), std::size_t{0});
    QCOMPARE(scene.control->count(), std::size_t{1});
}

void TestLocalServices::announcementLoops()
{
    LocalScene scene;
    Announcement announcement(find);
    scene.dialer.serve("announcement", announcement);
    scene.service("service:announcement?tone=busy&times=0");
    scene.dial("200");
    QVERIFY(scene.until([&] { return scene.annaHeard.size() > 20000; }));
    scene.anna.events->onEnded(sip::Ending::Bye);
    scene.run();
    QCOMPARE(announcement.calls(), std::size_t{0});
}

void TestLocalServices::announcementIsRefused_data()
{
    QTest::addColumn<QString>("uri");
    QTest::addColumn<QString>("types");
    QTest::addColumn<QString>("log");
    QTest::newRow("no such sound") << "service:announcement?sound=x"
                                   << "8"
                                   << "404 over";
    QTest::newRow("no such tone") << "service:announcement?tone=x"
                                  << "8"
                                  << "404 over";
    QTest::newRow("nothing to play") << "service:announcement"
                                     << "8"
                                     << "404 over";
    QTest::newRow("a phone of G.729 alone") << "service:announcement?sound=hello&answer=0"
                                            << "18"
                                            << "488 over";
}

void TestLocalServices::announcementIsRefused()
{
    QFETCH(QString, uri);
    QFETCH(QString, types);
    LocalScene scene;
    Announcement announcement(find);
    scene.dialer.serve("announcement", announcement);
    scene.service(uri.toStdString());
    scene.dial("200", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP " +
                          types.toStdString() + "\r\n");
    scene.run();
    QVERIFY2(scene.anna.over, qPrintable(scene.annaLog()));
    QTEST(scene.annaLog().section(u' ', -2), "log");
    QCOMPARE(announcement.calls(), std::size_t{0});
}

void TestLocalServices::echoes()
{
    LocalScene scene;
    Echo echo;
    scene.dialer.serve("echo", echo);
    scene.service("service:echo");
    scene.dial("200");
    QCOMPARE(scene.annaLog(), QStringLiteral("200"));
    QVERIFY(scene.until([&] {
        scene.annaMedia.say(scene.annaHears(), 8, Bytes(160, std::byte{0x27}));
        return std::ranges::count(scene.annaHeard, std::byte{0x27}) > 1600;
    }));
    scene.anna.events->onEnded(sip::Ending::Bye);
    scene.run();
    QCOMPARE(echo.calls(), std::size_t{0});
}

void TestLocalServices::musicGoesOn()
{
    LocalScene scene;
    auto port = openMusic(scene.server, scene.executor(), loopback(), scene.annaMedia.peer(), find("hello"));
    QVERIFY(port);
    for (int i = 0; i < 5; ++i) {
        scene.beat(100);
        QCOMPARE(scene.annaMedia.take().size(), std::size_t{100});
    }
    port->reset();
    scene.beat(5);
    QCOMPARE(scene.annaMedia.take().size(), std::size_t{0});
    QVERIFY(!openMusic(scene.server, scene.executor(), loopback(), scene.annaMedia.peer("G729", 18),
                       find("hello")));
}

void TestLocalServices::readsServiceUris_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("written"); // empty: none
    QTest::newRow("name alone") << "service:echo"
                                << "service:echo";
    QTest::newRow("parameters by key") << "service:a?b=1&a=2"
                                       << "service:a?a=2&b=1";
    QTest::newRow("the first of two") << "service:a?b=1&b=2"
                                      << "service:a?b=1";
    QTest::newRow("no value") << "service:a?b"
                              << "service:a?b=";
    QTest::newRow("escapes") << "service:%61?b=%26%3d%C3%A4"
                             << "service:a?b=%26%3d%c3%a4";
    QTest::newRow("empty parts") << "service:a?&&=1&b=2&"
                                 << "service:a?b=2";
    QTest::newRow("no name") << "service:?a=b"
                             << "";
    QTest::newRow("another scheme") << "sip:a@b"
                                    << "";
    QTest::newRow("broken escape") << "service:a?b=%4"
                                   << "";
    QTest::newRow("no hex") << "service:a%zz"
                            << "";
    QTest::newRow("too long") << QStringLiteral("service:") + QString(5000, u'a') << "";
}

void TestLocalServices::readsServiceUris()
{
    QFETCH(QString, text);
    const auto uri = ServiceUri::parse(text.toStdString());
    QTEST(uri ? QString::fromStdString(uri->toString()) : QString::fromLatin1(""), "written");
    if (uri)
        QVERIFY(ServiceUri::parse(uri->toString()) == uri);
}

void TestLocalServices::readsKeys_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("key");
    QTest::newRow("relay") << "application/dtmf-relay"
                           << "Signal=5\r\nDuration=160\r\n"
                           << "5 160";
    QTest::newRow("spaces and any case") << "Application/DTMF-Relay; x=y"
                                         << "signal = a\nduration = 90"
                                         << "A 90";
    QTest::newRow("no length") << "application/dtmf-relay"
                               << "Signal=#"
                               << "# 250";
    QTest::newRow("by code") << "application/dtmf-relay"
                             << "Signal=11\r\nDuration=100"
                             << "# 100";
    QTest::newRow("flash by code") << "application/dtmf-relay"
                                   << "Signal=16"
                                   << "! 250";
    QTest::newRow("absurdly long") << "application/dtmf-relay"
                                   << "Signal=1\nDuration=999999999"
                                   << "1 60000";
    QTest::newRow("key alone") << "application/dtmf"
                               << "7\r\n"
                               << "7 250";
    QTest::newRow("no key") << "application/dtmf-relay"
                            << "Duration=100"
                            << "";
    QTest::newRow("not a key") << "application/dtmf-relay"
                               << "Signal=x"
                               << "";
    QTest::newRow("code of a tone") << "application/dtmf-relay"
                                    << "Signal=17"
                                    << "";
    QTest::newRow("another type") << "text/plain"
                                  << "Signal=5"
                                  << "";
    QTest::newRow("nothing") << "application/dtmf"
                             << ""
                             << "";
}

void TestLocalServices::readsKeys()
{
    QFETCH(QString, type);
    QFETCH(QString, body);
    const auto key = keyOfInfo(type.toStdString(), body.toStdString());
    const QString text = key ? QString(QLatin1Char(key->symbol)) + u' ' + QString::number(key->length.count())
                             : QString::fromLatin1("");
    QTEST(text, "key");
}

QTEST_GUILESS_MAIN(TestLocalServices)
#include "tst_local_services.moc"
