// SPDX-License-Identifier: GPL-3.0-or-later
// Keys told by signalling, as the other side hears them: events in the stream, and nothing renumbered.
#include "core/rtp/telephone_event.h"
#include "tests/unit/relay/device.h"

#include <random>

using namespace sr;
using namespace sr::test;
using relay::PressedKey;
using relay::PressedKeys;
using relay::Side;

namespace {

constexpr std::uint8_t kEvents = 101;
constexpr PressedKey kFive{5, kEvents, 800, 160}; // 100 ms

/// What goes on of a stream of 20 ms packets.
struct Stream {
    /// Whether an event goes on for the next packet.
    bool next()
    {
        sound = rtpPacket(sequence);
        const auto packet = rtp::parsePacket(sound);
        const ByteView event = keys.inPlaceOf(*packet);
        if (!event.empty()) {
            const auto parsed = rtp::parsePacket(event);
            isInOrder = isInOrder && parsed && parsed->sequenceNumber == sequence && parsed->ssrc == 0x1234 &&
                        parsed->payloadType == kEvents;
            if (isInOrder)
                decoder.add(*parsed, digits);
            packets.push_back(*rtp::parseTelephoneEvent(parsed->payload));
            markers.push_back(parsed->marker);
        }
        ++sequence;
        return !event.empty();
    }
    PressedKeys keys;
    rtp::TelephoneEventDecoder decoder;
    std::vector<rtp::DigitEvent> digits;
    std::vector<rtp::TelephoneEvent> packets;
    std::vector<bool> markers;
    Bytes sound;
    std::uint16_t sequence = 1000;
    bool isInOrder = true;
};

} // namespace

class PressedKeysTest : public QObject {
    Q_OBJECT

private slots:
    void aKeyIsAsLongAsItIsPressed()
    {
        Stream stream;
        stream.keys.press(kFive);
        for (int i = 0; i < 3; ++i)
            QVERIFY(!stream.next()); // it may bring events of its own
        int events = 0;
        while (stream.next())
            ++events;
        QCOMPARE(events, 7); // five for 100 ms, the last of them the first of three ends
        QVERIFY(stream.isInOrder);
        QCOMPARE(stream.markers, (std::vector<bool>{true, false, false, false, false, false, false}));
        std::vector<std::uint16_t> durations;
        int ends = 0;
        for (const rtp::TelephoneEvent& packet : stream.packets) {
            durations.push_back(packet.duration);
            ends += packet.end ? 1 : 0;
        }
        QCOMPARE(durations, (std::vector<std::uint16_t>{160, 320, 480, 640, 800, 800, 800}));
        QCOMPARE(ends, 3);
        QCOMPARE(stream.digits.size(), std::size_t{1});
        QCOMPARE(stream.digits.front(), (rtp::DigitEvent{'5', 1003 * 160U, 800}));
        for (int i = 0; i < 50; ++i)
            QVERIFY(!stream.next());
    }

    void keysWaitForEachOther()
    {
        Stream stream;
        for (const char symbol : {'1', '1', '#'})
            stream.keys.press({*rtp::eventCode(symbol), kEvents, 800, 160});
        for (int i = 0; i < 60; ++i)
            (void)stream.next();
        QString all;
        for (const rtp::DigitEvent& digit : stream.digits)
            all += QLatin1Char(digit.symbol);
        QCOMPARE(all, QStringLiteral("11#"));
    }

    void tooManyAreLeftOut()
    {
        Stream stream;
        for (std::size_t i = 0; i < 3 * PressedKeys::kMost; ++i)
            stream.keys.press(kFive);
        for (std::size_t i = 0; i < 40 * PressedKeys::kMost; ++i)
            (void)stream.next();
        QCOMPARE(stream.digits.size(), PressedKeys::kMost);
        stream.keys.press(kFive);
        for (int i = 0; i < 20; ++i)
            (void)stream.next();
        QCOMPARE(stream.digits.size(), PressedKeys::kMost + 1);
    }

    /// Whatever a stream's clock does, each key is heard once and the sound comes back.
    void aStreamThatJumps()
    {
        std::mt19937 random(4733);
        for (int round = 0; round < 500; ++round) {
            Stream stream;
            stream.keys.press(kFive);
            int quiet = 0;
            for (int i = 0; i < 400 && quiet < 10; ++i) {
                if (random() % 4 == 0)
                    stream.sequence = static_cast<std::uint16_t>(random());
                quiet = stream.next() ? 0 : quiet + 1;
            }
            QCOMPARE(quiet, 10);
            stream.decoder.finish(stream.digits);
            QCOMPARE(stream.digits.size(), std::size_t{1});
        }
    }

    /// Some phones tell each key both ways, at once or when it is released.
    void whoSendsEventsItselfIsHeardOnce_data()
    {
        QTest::addColumn<bool>("afterwards");
        QTest::newRow("told at once") << false;
        QTest::newRow("told when it is released") << true;
    }
    void whoSendsEventsItselfIsHeardOnce()
    {
        QFETCH(bool, afterwards);
        PressedKeys keys;
        Bytes own = rtpPacket(1, 0x1234, 4);
        own[1] = std::byte{kEvents};
        const Bytes sound = rtpPacket(2);
        const auto goesOn = [&](const Bytes& packet) {
            return keys.inPlaceOf(*rtp::parsePacket(packet)).empty();
        };
        for (int key = 0; key < 3; ++key) {
            if (!afterwards)
                keys.press(kFive);
            QVERIFY(goesOn(sound)); // of before
            for (int i = 0; i < 8; ++i)
                QVERIFY(goesOn(own));
            if (afterwards)
                keys.press(kFive);
            for (int i = 0; i < 20; ++i)
                QVERIFY(goesOn(sound));
        }
        Bytes quiet = rtpPacket(1, 0x1234, 4); // Opus may be as short
        quiet[1] = std::byte{kEvents + 2};
        QVERIFY(goesOn(quiet));
        keys.press({5, kEvents + 1, 800, 160}); // of another type than its own
        QVERIFY(goesOn(quiet));
        for (int i = 0; i < 2; ++i)
            QVERIFY(goesOn(sound));
        QVERIFY(!goesOn(sound));
    }

    void theOtherSideHearsThem()
    {
        Call call;
        QVERIFY(call.connected());
        call.bridge->setTap(9);
        call.bridge->press(Side::Caller, kFive);
        rtp::TelephoneEventDecoder decoder;
        std::vector<rtp::DigitEvent> digits;
        for (std::uint16_t sequence = 1; sequence < 15; ++sequence) {
            call.caller.rtp.send(rtpPacket(sequence), call.local(Side::Caller));
            const Arrival heard = call.callee.rtp.next();
            const auto packet = rtp::parsePacket(heard.datagram);
            QVERIFY(packet);
            QCOMPARE(packet->sequenceNumber, sequence);
            QCOMPARE(packet->payloadType == kEvents, sequence > 3 && sequence <= 10);
            if (packet->payloadType == kEvents)
                decoder.add(*packet, digits);
        }
        QCOMPARE(digits.size(), std::size_t{1});
        QCOMPARE(digits.front().symbol, '5');
        int recorded = 0;
        call.relay->drainTap([&](const relay::TapPacket& packet) {
            recorded += rtp::parsePacket(packet.datagram)->payloadType == kEvents ? 1 : 0;
        });
        QCOMPARE(recorded, 7);
        call.callee.rtp.send(rtpPacket(1), call.local(Side::Callee)); // and nothing the other way
        QVERIFY(call.caller.rtp.next().datagram == rtpPacket(1));
    }
};

QTEST_GUILESS_MAIN(PressedKeysTest)
#include "tst_pressed_keys.moc"
