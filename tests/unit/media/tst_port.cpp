// SPDX-License-Identifier: GPL-3.0-or-later
// Ports against a device on loopback: what it hears in each codec, the numbers of its packets, its keys, and
// what is recorded of it.
#include "core/codec/g711.h"
#include "core/codec/payload_encoder.h"
#include "core/codec/wav.h"
#include "tests/unit/codec/tone.h"
#include "tests/unit/media/media_scene.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::media;
using namespace sr::test;

namespace {

SoundPtr toneSound(double hertz, std::uint32_t rate, double seconds = 1)
{
    return Sound::of(tone(hertz, rate, static_cast<std::size_t>(rate * seconds)), rate);
}

Bytes g711Of(const std::vector<std::int16_t>& samples)
{
    Bytes octets(samples.size());
    codec::encodeG711(codec::Law::A, samples, octets);
    return octets;
}

} // namespace

class TestPort : public QObject {
    Q_OBJECT

private slots:
    void saysATone_data();
    void saysATone();
    void sameLawIsBitExact();
    void listsPlayWithoutAGap();
    void numbersGoOn();
    void lateBeatSendsWhatIsDue();
    void longStandstillIsLeftOut();
    void playsAgainAndAgainUntilStopped();
    void newPlayReplacesTheOld();
    void holdIsSilent();
    void speaksG729OnlyFromG729();
    void codecMayChange();
    void eachKeyOnce();
    void lostEndOfAKey();
    void pressesKeys();
    void strangersAreNotHeard();
    void recordsUpToItsLimit();
    void recordsInOrder();
    void recordsUntilSilence_data();
    void recordsUntilSilence();
    void recordingThatCannotBeWritten();
    void endedPortCompletesItsRecording();
    void echoes();
    void portsAreEvenAndLimited();
    void portsOutliveTheServer();
    void beatsByItself();
};

void TestPort::saysATone_data()
{
    QTest::addColumn<QString>("encoding");
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("rate"); // of the sound
    for (const int rate : {8000, 16000}) {
        const auto row = [rate](const char* name) -> QTestData& {
            return QTest::addRow("%s from %d Hz", name, rate);
        };
        row("A-law") << "PCMA" << 8 << rate;
        row("mu-law") << "PCMU" << 0 << rate;
        row("G.722") << "G722" << 9 << rate;
        row("Opus") << "OPUS" << 107 << rate;
    }
}

void TestPort::saysATone()
{
    QFETCH(QString, encoding);
    QFETCH(int, type);
    QFETCH(int, rate);
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    const PortPeer peer = phone.peer(encoding.toStdString(), static_cast<std::uint8_t>(type));
    QVERIFY(port->setPeer(peer));
    QVERIFY(port->play(toneSound(440, static_cast<std::uint32_t>(rate))));
    auto decoder = codec::PayloadDecoder::open(peer.format);
    std::vector<std::int16_t> heard;
    scene.beat(52);
    const auto packets = phone.take();
    QCOMPARE(packets.size(), std::size_t{50});
    QCOMPARE(scene.told(), "played");
    for (const FarEnd::Heard& packet : packets) {
        QCOMPARE(packet.payloadType, type);
        QVERIFY((*decoder)->decode(packet.payload, heard));
    }
    const std::uint32_t heardRate = (*decoder)->sampleRate();
    QCOMPARE(heard.size(), std::size_t{heardRate});
    const auto middle = std::span(heard).subspan(heardRate / 4, heardRate / 2);
    const double expected = 8000 / std::numbers::sqrt2;
    QVERIFY(std::abs(decibel(levelAt(middle, 440, heardRate), expected)) < 0.5);
    QVERIFY(std::abs(decibel(level(middle), expected)) < 0.5);
}

void TestPort::sameLawIsBitExact()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer("PCMU", 0)));
    Bytes file;
    for (int i = 0; i < 1000; ++i)
        file.push_back(static_cast<std::byte>(i)); // among them 0x7f, the other zero of mu-law
    QVERIFY(port->play(*Sound::read(file, "a.g711u")));
    scene.beat(10);
    Bytes heard;
    for (const FarEnd::Heard& packet : phone.take())
        heard.insert(heard.end(), packet.payload.begin(), packet.payload.end());
    QCOMPARE(heard.size(), std::size_t{1120});
    QVERIFY(std::equal(file.begin(), file.end(), heard.begin()));
    QVERIFY(std::all_of(heard.begin() + 1000, heard.end(),
                        [](std::byte one) { return one == codec::kULawSilence; }));
}

void TestPort::listsPlayWithoutAGap()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    const auto part = *Sound::read(Bytes(200, std::byte{0x11}), "a.g711a");
    const auto other = *Sound::read(Bytes(120, std::byte{0x22}), "b.g711a");
    QVERIFY(port->play({{part, other, nullptr}, 2}));
    scene.beat(5);
    Bytes heard;
    for (const FarEnd::Heard& packet : phone.take())
        heard.insert(heard.end(), packet.payload.begin(), packet.payload.end());
    Bytes expected;
    for (int round = 0; round < 2; ++round) {
        expected.insert(expected.end(), 200, std::byte{0x11});
        expected.insert(expected.end(), 120, std::byte{0x22});
    }
    QVERIFY(heard == expected);
    QCOMPARE(scene.told(), "played");
}

void TestPort::numbersGoOn()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    QVERIFY(port->play(toneSound(440, 8000, 0.1)));
    scene.beat(10);
    QVERIFY(port->play(toneSound(440, 8000, 0.1)));
    scene.beat(10);
    const auto packets = phone.take();
    QCOMPARE(packets.size(), std::size_t{10});
    for (std::size_t i = 0; i < packets.size(); ++i) {
        QCOMPARE(packets[i].sequence, static_cast<std::uint16_t>(packets[0].sequence + i));
        QCOMPARE(packets[i].ssrc, packets[0].ssrc);
        QCOMPARE(packets[i].marker, i == 0 || i == 5);
        const auto beats = static_cast<std::uint32_t>(i < 5 ? i : i + 5); // silence takes its time
        QCOMPARE(packets[i].timestamp - packets[0].timestamp, 160 * beats);
    }
}

void TestPort::lateBeatSendsWhatIsDue()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    QVERIFY(port->play(toneSound(440, 8000)));
    const auto start = scene.now;
    scene.server.beat(start);
    QCOMPARE(phone.take().size(), std::size_t{1});
    const auto next = scene.server.beat(start + std::chrono::milliseconds(75));
    QCOMPARE(phone.take().size(), std::size_t{3});
    QCOMPARE(next.time_since_epoch(), start.time_since_epoch() + std::chrono::milliseconds(80));
    scene.server.beat(start + std::chrono::milliseconds(79)); // early
    QCOMPARE(phone.take().size(), std::size_t{0});
}

void TestPort::longStandstillIsLeftOut()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    QVERIFY(port->play(toneSound(440, 8000)));
    scene.server.beat(scene.now);
    const auto first = phone.take();
    scene.server.beat(scene.now + std::chrono::seconds(60));
    const auto later = phone.take();
    QCOMPARE(later.size(), std::size_t{1});
    QCOMPARE(later[0].timestamp - first[0].timestamp, 60U * 8000);
    QCOMPARE(later[0].sequence, static_cast<std::uint16_t>(first[0].sequence + 1));
}

void TestPort::playsAgainAndAgainUntilStopped()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    QVERIFY(port->play(Sound::tone(Tone::congestion()), 0));
    for (int i = 0; i < 10; ++i) {
        scene.beat(100);
        QCOMPARE(phone.take().size(), std::size_t{100});
    }
    port->stop();
    scene.beat(10);
    QCOMPARE(phone.take().size(), std::size_t{0});
    QCOMPARE(scene.told(), "");
}

void TestPort::newPlayReplacesTheOld()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    QVERIFY(port->play(toneSound(440, 8000, 0.02)));
    scene.server.beat(scene.now);
    scene.server.beat(scene.now + std::chrono::milliseconds(20)); // its end is on the way
    QVERIFY(port->play(toneSound(440, 8000, 0.2)));
    scene.run();
    QCOMPARE(scene.told(), "");
    QVERIFY(port->play(PlayList{}));
    scene.beat(3);
    QCOMPARE(scene.told(), "played");
    QCOMPARE(port->play(PlayList{std::vector<SoundPtr>(300), 1}).error().code,
             make_error_code(MediaErrc::TooMany));
}

void TestPort::holdIsSilent()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    PortPeer peer = phone.peer();
    QVERIFY(port->play(toneSound(440, 8000))); // waits for a peer
    scene.beat(5);
    QVERIFY(port->setPeer(peer));
    scene.beat(10);
    QCOMPARE(phone.take().size(), std::size_t{10});
    peer.sends = false;
    QVERIFY(port->setPeer(peer));
    scene.beat(10);
    QCOMPARE(phone.take().size(), std::size_t{0});
    peer.sends = true;
    QVERIFY(port->setPeer(peer));
    scene.beat(100);
    const auto packets = phone.take();
    QCOMPARE(packets.size(), std::size_t{30}); // the sound went on meanwhile
    QVERIFY(packets[0].marker);
    QCOMPARE(scene.told(), "played");
}

void TestPort::speaksG729OnlyFromG729()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer("G729", 18)));
    QVERIFY(!port->encodes());
    QCOMPARE(port->play(toneSound(440, 8000)).error().code, make_error_code(MediaErrc::NotEncodable));
    Conference conference;
    QCOMPARE(port->join(conference).error().code, make_error_code(MediaErrc::NotEncodable));
    Bytes file(50);
    for (std::size_t i = 0; i < file.size(); ++i)
        file[i] = static_cast<std::byte>(i);
    QVERIFY(port->play(*Sound::read(file, "a.g729")));
    scene.beat(5);
    Bytes heard;
    for (const FarEnd::Heard& packet : phone.take())
        heard.insert(heard.end(), packet.payload.begin(), packet.payload.end());
    QVERIFY(heard == file);
    QCOMPARE(scene.told(), "played");
}

void TestPort::codecMayChange()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    QVERIFY(port->play(toneSound(440, 8000)));
    scene.beat(5);
    QVERIFY(port->setPeer(phone.peer("G722", 9)));
    scene.beat(5);
    const auto packets = phone.take();
    QCOMPARE(packets.size(), std::size_t{10});
    QCOMPARE(packets[4].payloadType, 8);
    QCOMPARE(packets[5].payloadType, 9);
    QVERIFY(!port->setPeer(phone.peer("SPEEX", 97)));
    QVERIFY(port->setPeer(phone.peer("G729", 18)));
    scene.beat(5);
    QCOMPARE(scene.told(), "not encodable");
    QCOMPARE(phone.take().size(), std::size_t{0});
}

void TestPort::eachKeyOnce()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    scene.beat();
    for (const std::uint8_t code : {std::uint8_t{1}, std::uint8_t{11}}) {
        for (const int duration : {160, 320, 480, 640})
            phone.key(port->local(), code, static_cast<std::uint16_t>(duration), false);
        for (int i = 0; i < 3; ++i)
            phone.key(port->local(), code, 800, true);
        scene.beat(5);
        phone.skipTime(1600);
    }
    scene.beat(20);
    QCOMPARE(scene.told(), "1 100, # 100");
}

void TestPort::lostEndOfAKey()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    scene.beat();
    phone.key(port->local(), 5, 160, false);
    phone.key(port->local(), 5, 320, false);
    scene.beat(9);
    QCOMPARE(scene.told(), "");
    scene.beat(2);
    QCOMPARE(scene.told(), "5 40");
    phone.key(port->local(), 5, 400, true); // late
    scene.beat(20);
    QCOMPARE(scene.told(), "5 40");
}

void TestPort::pressesKeys()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    auto other = scene.open();
    PortPeer peer = phone.peer();
    QVERIFY(port->press('5', std::chrono::milliseconds(100)));
    QVERIFY(port->press('#', std::chrono::milliseconds(1)));
    QVERIFY(port->press('x'));
    scene.beat(2); // it waits for a peer
    QVERIFY(port->setPeer(peer));
    QVERIFY(port->play(toneSound(440, 8000)));
    scene.beat(20);
    const auto packets = phone.take();
    QCOMPARE(packets.size(), std::size_t{20});
    QCOMPARE(std::ranges::count(packets, 101, &FarEnd::Heard::payloadType), 7 + 4);
    for (std::size_t i = 0; i < 7; ++i) {
        QCOMPARE(packets[i].payloadType, 101);
        QCOMPARE(packets[i].marker, i == 0);
        QCOMPARE(packets[i].timestamp, packets[0].timestamp);
        QCOMPARE((packets[i].payload[1] & std::byte{0x80}) != std::byte{0}, i >= 4);
        QCOMPARE(loadBe<std::uint16_t>(&packets[i].payload[2]), std::min<std::size_t>(i + 1, 5) * 160);
    }
    QCOMPARE(packets[7].payloadType, 8);
    QCOMPARE(packets[7].timestamp - packets[0].timestamp, 7U * 160);
    QVERIFY(!packets[7].marker);

    PortPeer back = peer; // from one port to the other
    back.rtp = port->local();
    QVERIFY(other->setPeer(back));
    peer.rtp = other->local();
    QVERIFY(port->setPeer(peer));
    QVERIFY(port->press('1'));
    QVERIFY(port->press('*', std::chrono::milliseconds(2000)));
    scene.beat(100);
    QCOMPARE(scene.told(), "1 100, played, * 1000");
    peer.eventType.reset();
    QVERIFY(port->setPeer(peer));
    QCOMPARE(port->press('1').error().code, make_error_code(MediaErrc::NotEncodable));
}

void TestPort::strangersAreNotHeard()
{
    MediaScene scene;
    FarEnd phone;
    FarEnd stranger;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    scene.beat();
    stranger.key(port->local(), 5, 160, true);
    scene.beat(20);
    QCOMPARE(scene.told(), "");
}

void TestPort::recordsUpToItsLimit()
{
    QTemporaryDir dir;
    const Path file = pathOf(dir.path().toStdString()) / "message.wav";
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    port->record({file, 8000, std::chrono::milliseconds(1210)});
    const Bytes said = g711Of(tone(440, 8000, 160 * 100));
    for (std::size_t i = 0; i < 100; ++i) {
        phone.say(*port, 8, ByteView(said).subspan(160 * i, 160));
        scene.beat();
    }
    QCOMPARE(scene.told(), "recorded 1210");
    const auto sound = Sound::load(file);
    QVERIFY(sound);
    QCOMPARE((*sound)->length().count(), 1210);
    const auto middle = (*sound)->samples().subspan(2000, 4000);
    QVERIFY(std::abs(decibel(levelAt(middle, 440, 8000), 8000 / std::numbers::sqrt2)) < 0.3);
}

void TestPort::recordsUntilSilence_data()
{
    QTest::addColumn<int>("sound");  // [frames] said before the silence
    QTest::addColumn<int>("length"); // [ms] that is left
    QTest::addColumn<QString>("name");
    QTest::newRow("a word") << 50 << 1300 << "a.wav";
    QTest::newRow("a word in A-law") << 50 << 1300 << "a.g711a";
    QTest::newRow("not a word") << 0 << 0 << "a.wav";
    QTest::newRow("not a word in A-law") << 0 << 0 << "a.g711a";
}

void TestPort::recordsUntilSilence()
{
    QFETCH(int, sound);
    QFETCH(int, length);
    QFETCH(QString, name);
    QTemporaryDir dir;
    const Path file = pathOf((dir.path() + u'/' + name).toStdString());
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    media::RecordPlan plan{file, 16000};
    const bool raw = name.endsWith(QLatin1String("g711a"));
    plan.form = raw ? media::RecordPlan::Form::ALaw : media::RecordPlan::Form::Wav;
    plan.silence = std::chrono::seconds(2);
    if (raw) // as it comes from who made it
        plan.output = std::shared_ptr<File>(std::move(File::open(file, OpenMode::CreateNew)).value());
    port->record(std::move(plan));
    const Bytes said = g711Of(tone(440, 8000, 160));
    for (int i = 0; i < 200 && scene.log.empty(); ++i) {
        phone.say(*port, 8, i < sound ? said : Bytes(160, codec::kALawSilence));
        scene.beat();
    }
    const int told = QString::fromStdString(scene.told()).section(u' ', 1).toInt();
    QVERIFY2(std::abs(told - length) <= 60, qPrintable(QString::fromStdString(scene.told())));
    const std::uint64_t octets =
        raw ? 8U * static_cast<unsigned>(told) : 44U + 32U * static_cast<unsigned>(told);
    QCOMPARE(static_cast<quint64>(std::filesystem::file_size(file)), quint64{octets});
}

void TestPort::recordsInOrder()
{
    QTemporaryDir dir;
    const Path file = pathOf(dir.path().toStdString()) / "message.wav";
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer("G722", 9)));
    port->record({file, 16000});
    auto encoder = codec::PayloadEncoder::open({"G722", 8000, 1, {}});
    const auto said = tone(1000, 16000, 320 * 50);
    Bytes payload;
    for (std::size_t i = 0; i < 50; ++i) {
        QVERIFY((*encoder)->encode(std::span(said).subspan(320 * i, 320), payload));
        phone.say(*port, 9, payload);
        if (i % 2 == 1)
            scene.beat(2); // uneven arrival
    }
    scene.beat(10);
    port->stopRecording();
    scene.beat();
    QCOMPARE(scene.told(), "recorded 1200");
    const auto sound = Sound::load(file);
    QVERIFY(sound);
    const auto middle = (*sound)->samples().subspan(4000, 8000);
    QVERIFY(std::abs(decibel(levelAt(middle, 1000, 16000), 8000 / std::numbers::sqrt2)) < 0.3);
    QVERIFY(std::abs(decibel(level(middle), 8000 / std::numbers::sqrt2)) < 0.3);
}

void TestPort::recordingThatCannotBeWritten()
{
    QTemporaryDir dir;
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    port->record({pathOf(dir.path().toStdString()) / "no" / "folder.wav"});
    scene.beat(60);
    QVERIFY(QString::fromStdString(scene.told()).startsWith(u"recorded 0 "));
    QCOMPARE(scene.log.size(), std::size_t{1});
}

void TestPort::endedPortCompletesItsRecording()
{
    QTemporaryDir dir;
    const Path file = pathOf(dir.path().toStdString()) / "message.wav";
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    port->record({file});
    scene.beat(10);
    port.reset();
    scene.beat();
    QCOMPARE(scene.told(), "");
    QCOMPARE(Sound::load(file).value()->length().count(), 200);
}

void TestPort::echoes()
{
    MediaScene scene;
    FarEnd phone;
    auto port = scene.open();
    QVERIFY(port->setPeer(phone.peer()));
    port->setEcho(true);
    const Bytes said = g711Of(tone(440, 8000, 160 * 20));
    for (std::size_t i = 0; i < 20; ++i) {
        phone.say(*port, 8, ByteView(said).subspan(160 * i, 160));
        scene.beat();
    }
    Bytes heard;
    for (const FarEnd::Heard& packet : phone.take())
        heard.insert(heard.end(), packet.payload.begin(), packet.payload.end());
    QCOMPARE(heard.size(), said.size());
    const std::size_t delay = 2 * 160; // of the jitter buffer
    QVERIFY(std::equal(heard.begin() + delay, heard.end(), said.begin()));
}

void TestPort::portsAreEvenAndLimited()
{
    MediaScene scene;
    std::vector<std::unique_ptr<Port>> ports;
    for (int i = 0; i < 100; ++i) {
        ports.push_back(scene.open());
        QVERIFY(ports.back());
        QCOMPARE(ports.back()->local().port % 2, 0);
    }
    QVERIFY(!scene.open());
    QCOMPARE(scene.server.openPorts(), std::size_t{100});
    ports.pop_back();
    QVERIFY(scene.open());
    ports.clear();
    QCOMPARE(scene.server.openPorts(), std::size_t{0});
}

void TestPort::portsOutliveTheServer()
{
    std::unique_ptr<Port> port;
    FarEnd phone;
    {
        MediaScene scene;
        port = scene.open();
        QVERIFY(port->setPeer(phone.peer()));
        scene.beat();
    }
    QVERIFY(port->play(toneSound(440, 8000)));
    port.reset();
    QCOMPARE(phone.take().size(), std::size_t{0});
}

void TestPort::beatsByItself()
{
    MediaServer server(MediaOptions{40000, 49999});
    FarEnd phone;
    std::atomic<bool> played{false};
    PortEvents events;
    events.played = [&](PlayEnd) { played = true; };
    auto port = server.open(
        loopback(), [](std::function<void()> what) { what(); }, std::move(events));
    QVERIFY(port);
    QVERIFY((*port)->setPeer(phone.peer()));
    std::size_t packets = 0;
    for (int tries = 0; packets < 10 && tries < 10; ++tries) { // what a standstill leaves out is left out
        played = false;
        QVERIFY((*port)->play(toneSound(440, 8000, 0.2)));
        QTRY_VERIFY(played);
        packets = phone.take().size();
    }
    QCOMPARE(packets, std::size_t{10});
}

QTEST_GUILESS_MAIN(TestPort)
#include "tst_port.moc"
