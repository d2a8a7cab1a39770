// SPDX-License-Identifier: GPL-3.0-or-later
// Conferences: each hears the others and not itself, in whatever codec; and the jitter buffer in front of
// them.
#include "core/codec/payload_encoder.h"
#include "core/media/jitter_buffer.h"
#include "tests/unit/codec/tone.h"
#include "tests/unit/media/media_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::media;
using namespace sr::test;

namespace {

/// A member that says a tone all the time.
struct Member {
    Member(MediaScene& scene, const std::string& encoding, std::uint8_t type, double frequency,
           double loudness = 5000)
        : port(scene.open())
        , peer(phone.peer(encoding, type))
        , hertz(frequency)
        , amplitude(loudness)
        , encoder(std::move(codec::PayloadEncoder::open(peer.format)).value())
        , decoder(std::move(codec::PayloadDecoder::open(peer.format)).value())
        , said(tone(hertz, encoder->sampleRate(), 2 * encoder->sampleRate(), amplitude))
    {
        static_cast<void>(port->setPeer(peer));
    }
    void say()
    {
        const std::size_t frame = encoder->sampleRate() / 50;
        Bytes payload;
        static_cast<void>(encoder->encode(std::span(said).subspan(at % said.size(), frame), payload));
        at += frame;
        phone.say(*port, peer.payloadType, payload);
    }
    void hear()
    {
        for (const FarEnd::Heard& packet : phone.take())
            static_cast<void>(decoder->decode(packet.payload, heard));
    }
    double heardAt(double frequency) const
    {
        const std::uint32_t rate = decoder->sampleRate();
        return levelAt(std::span(heard).last(rate / 2), frequency, rate);
    }

    FarEnd phone;
    std::unique_ptr<Port> port;
    PortPeer peer;
    double hertz;
    double amplitude;
    std::unique_ptr<codec::PayloadEncoder> encoder;
    std::unique_ptr<codec::PayloadDecoder> decoder;
    std::vector<std::int16_t> said;
    std::size_t at = 0;
    std::vector<std::int16_t> heard;
};

template <typename... Members>
void talk(MediaScene& scene, int beats, Members&... members)
{
    for (int i = 0; i < beats; ++i) {
        (members.say(), ...);
        scene.beat();
        (members.hear(), ...);
    }
}

std::string taken(JitterBuffer& buffer, int count)
{
    std::string out;
    Bytes payload;
    for (int i = 0; i < count; ++i) {
        const auto what = buffer.take(payload);
        if (what == JitterBuffer::Taken::Nothing)
            buffer.wait();
        out += what == JitterBuffer::Taken::Packet ? std::string(textOf(payload))
               : what == JitterBuffer::Taken::Lost ? "-"
                                                   : ".";
    }
    return out;
}

} // namespace

class TestConference : public QObject {
    Q_OBJECT

private slots:
    void eachHearsTheOthers();
    void loudOnesSaturate();
    void membersComeAndGo();
    void announcementsAreHeardOnTop();
    void bufferPutsInOrder();
    void bufferKnowsLossesAndCopies();
    void bufferLetsFewGo();
    void bufferKeepsTheDelayShort();
    void bufferFollowsARestart();
};

void TestConference::eachHearsTheOthers()
{
    MediaScene scene;
    Member a(scene, "PCMA", 8, 400);
    Member b(scene, "G722", 9, 700);
    Member c(scene, "OPUS", 107, 1100);
    Conference conference;
    for (Member* one : {&a, &b, &c})
        QVERIFY(one->port->join(conference));
    QCOMPARE(conference.members(), std::size_t{3});
    talk(scene, 100, a, b, c);
    const double said = 5000 / std::numbers::sqrt2;
    for (const Member* listener : {&a, &b, &c}) {
        for (const Member* speaker : {&a, &b, &c}) {
            const double heard = decibel(listener->heardAt(speaker->hertz) + 1e-9, said);
            if (listener == speaker)
                QVERIFY2(heard < -30, qPrintable(QString::number(heard)));
            else
                QVERIFY2(std::abs(heard) < 1, qPrintable(QString::number(heard)));
        }
    }
}

void TestConference::loudOnesSaturate()
{
    MediaScene scene;
    Member a(scene, "PCMA", 8, 400, 30000);
    Member b(scene, "PCMA", 8, 400, 30000);
    Member c(scene, "PCMA", 8, 900, 100);
    Conference conference;
    for (Member* one : {&a, &b, &c})
        QVERIFY(one->port->join(conference));
    talk(scene, 60, a, b, c);
    QVERIFY(c.heardAt(400) > 30000 / std::numbers::sqrt2); // and did not wrap
    const auto [low, high] = std::ranges::minmax(std::span(c.heard).last(4000));
    QVERIFY(high > 32000);
    QVERIFY(low < -32000);
}

void TestConference::membersComeAndGo()
{
    MediaScene scene;
    Member a(scene, "PCMA", 8, 400);
    Member b(scene, "PCMA", 8, 700);
    Member c(scene, "PCMA", 8, 1100);
    Conference conference(2);
    QCOMPARE(conference.most(), std::size_t{2});
    QVERIFY(a.port->join(conference));
    QVERIFY(a.port->join(conference)); // is in already
    QVERIFY(b.port->join(conference));
    QCOMPARE(c.port->join(conference).error().code, make_error_code(MediaErrc::TooMany));
    b.port->leave();
    QVERIFY(c.port->join(conference));
    talk(scene, 60, a, b, c);
    QVERIFY(a.heardAt(1100) > 3000);
    QVERIFY(a.heardAt(700) < 50);
    QVERIFY(b.heard.empty());
    c.port.reset();
    QCOMPARE(conference.members(), std::size_t{1});
    scene.beat(5);
    a.hear();
    QCOMPARE(level(std::span(a.heard).last(160)), level(std::vector<std::int16_t>(1, 8))); // A-law's zero
}

void TestConference::announcementsAreHeardOnTop()
{
    MediaScene scene;
    Member a(scene, "PCMA", 8, 400);
    Member b(scene, "PCMA", 8, 700);
    Conference conference;
    QVERIFY(a.port->join(conference));
    QVERIFY(b.port->join(conference));
    QVERIFY(a.port->play(Sound::of(tone(1500, 8000, 8000, 5000), 8000), 0));
    talk(scene, 60, a, b);
    QVERIFY(a.heardAt(1500) > 3000);
    QVERIFY(a.heardAt(700) > 3000);
    QVERIFY(b.heardAt(1500) < 50);
}

void TestConference::bufferPutsInOrder()
{
    JitterBuffer buffer;
    buffer.put(65535, bytesOf("b"));
    buffer.put(65534, bytesOf("a"));
    QCOMPARE(taken(buffer, 1), ".");
    buffer.put(1, bytesOf("d"));
    buffer.put(0, bytesOf("c"));
    QCOMPARE(taken(buffer, 5), "abcd.");
}

void TestConference::bufferKnowsLossesAndCopies()
{
    JitterBuffer buffer;
    for (const std::uint16_t sequence : std::vector<std::uint16_t>{10, 11, 11, 13, 14})
        buffer.put(sequence, bytesOf(std::string(1, static_cast<char>('a' + sequence - 10))));
    QCOMPARE(taken(buffer, 4), "ab-d");
    buffer.put(12, bytesOf("c")); // too late
    QCOMPARE(taken(buffer, 2), "e.");
}

void TestConference::bufferLetsFewGo()
{
    JitterBuffer buffer;
    buffer.put(10, bytesOf("a"));
    QCOMPARE(taken(buffer, 5), "...a.");
}

void TestConference::bufferKeepsTheDelayShort()
{
    JitterBuffer buffer;
    for (std::uint16_t i = 0; i < 11; ++i)
        buffer.put(i, bytesOf(std::string(1, static_cast<char>('a' + i))));
    QCOMPARE(taken(buffer, 4), "ijk.");
}

void TestConference::bufferFollowsARestart()
{
    JitterBuffer buffer;
    for (std::uint16_t sequence = 100; sequence < 103; ++sequence)
        buffer.put(sequence, bytesOf("x"));
    QCOMPARE(taken(buffer, 1), "x");
    for (std::uint16_t sequence = 40000; sequence < 40003; ++sequence)
        buffer.put(sequence, bytesOf("y"));
    QCOMPARE(taken(buffer, 4), "yyy.");
}

QTEST_GUILESS_MAIN(TestConference)
#include "tst_conference.moc"
