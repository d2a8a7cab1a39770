// SPDX-License-Identifier: GPL-3.0-or-later
// The recorder's copy: the ring by itself, with every length and at every place of its end, and through a
// relay.
#include "core/relay/key_ears.h"
#include "core/relay/tap_ring.h"
#include "tests/unit/relay/device.h"

#include <deque>
#include <random>

using namespace sr;
using namespace sr::test;
using relay::Side;
using relay::TapRing;

namespace {

Bytes filled(std::mt19937& random, std::size_t size)
{
    Bytes bytes(size);
    for (std::byte& octet : bytes)
        octet = static_cast<std::byte>(random());
    return bytes;
}

struct Tapped {
    std::uint64_t tag = 0;
    Side from = Side::Caller;
    Bytes datagram;
    UtcTime time{};
};

/// What has come by now.
void drainInto(relay::Relay& relay, std::vector<Tapped>& out)
{
    relay.drainTap([&](const relay::TapPacket& packet) {
        out.push_back(
            {packet.tag, packet.from, Bytes(packet.datagram.begin(), packet.datagram.end()), packet.time});
    });
}

} // namespace

class TapTest : public QObject {
    Q_OBJECT

private slots:
    /// Against a queue of values: whatever was taken comes out, in order and unchanged; a refusal is only for
    /// want of room.
    void ringEqualsAQueue_data()
    {
        QTest::addColumn<unsigned>("seed");
        QTest::addColumn<unsigned>("most");
        for (unsigned seed = 1; seed <= 5; ++seed) {
            QTest::addRow("telephone packets, seed %u", seed) << seed << 200U;
            QTest::addRow("up to half the ring, seed %u", seed) << seed << 2000U;
            QTest::addRow("next to nothing, seed %u", seed) << seed << 9U;
        }
    }
    void ringEqualsAQueue()
    {
        QFETCH(unsigned, seed);
        QFETCH(unsigned, most);
        std::mt19937 random(seed);
        TapRing ring(4096);
        QCOMPARE(ring.size(), std::size_t{4096});
        struct Expected {
            TapRing::Label label;
            Bytes datagram;
        };
        std::deque<Expected> queue;
        std::uint64_t lost = 0;
        for (int step = 0; step < 20000; ++step) {
            if (random() % 256 != 0) {
                const TapRing::Label label{random(), static_cast<std::int64_t>(random()),
                                           static_cast<std::uint32_t>(random() % 2)};
                Bytes datagram = filled(random, random() % most);
                if (ring.put(label, datagram))
                    queue.push_back({label, std::move(datagram)});
                else {
                    ++lost;
                    QVERIFY(!queue.empty());
                }
                continue;
            }
            const std::size_t count = queue.size();
            QCOMPARE(ring.drain([&](const TapRing::Label& label, ByteView datagram) {
                QVERIFY(!queue.empty());
                const Expected& expected = queue.front();
                QVERIFY(label.tag == expected.label.tag && label.time == expected.label.time &&
                        label.from == expected.label.from);
                QVERIFY(std::ranges::equal(datagram, expected.datagram));
                queue.pop_front();
            }),
                     count);
            QVERIFY(queue.empty());
        }
        QCOMPARE(ring.lost(), lost);
        QVERIFY(lost > 0);
    }

    void whatIsLongerThanTheRingIsLost()
    {
        TapRing ring(4096);
        QVERIFY(!ring.put({}, Bytes(5000)));
        QVERIFY(ring.put({}, Bytes(100)));
        QCOMPARE(ring.lost(), std::uint64_t{1});
    }

    void bothSidesAreCopiedUnderTheirTag()
    {
        Call call;
        QVERIFY(call.connected());
        const auto before = SystemClock().utcNow();
        call.bridge->setTap(0xfeedULL << 32);
        for (std::uint16_t i = 0; i < 10; ++i) {
            call.caller.rtp.send(rtpPacket(i, 1), call.local(Side::Caller));
            QVERIFY(call.callee.rtp.next().datagram == rtpPacket(i, 1));
            call.callee.rtp.send(rtpPacket(i, 2), call.local(Side::Callee));
            QVERIFY(call.caller.rtp.next().datagram == rtpPacket(i, 2));
        }
        call.caller.rtcp.send(rtcpPacket(1), rtcpPort(call.local(Side::Caller))); // is not copied
        QVERIFY(!call.callee.rtcp.next().datagram.empty());
        std::vector<Tapped> tapped;
        drainInto(*call.relay, tapped);
        QCOMPARE(tapped.size(), std::size_t{20});
        for (std::uint16_t i = 0; i < 20; ++i) {
            QCOMPARE(tapped[i].tag, 0xfeedULL << 32);
            QVERIFY(tapped[i].from == (i % 2 == 0 ? Side::Caller : Side::Callee));
            QVERIFY(tapped[i].datagram == rtpPacket(i / 2, i % 2 == 0 ? 1 : 2));
            QVERIFY(tapped[i].time >= before && tapped[i].time <= SystemClock().utcNow());
        }
        QCOMPARE(call.relay->tapLost(), std::uint64_t{0});
    }

    void aPausedTapCopiesNothingAndMayGoOnUnderAnotherTag()
    {
        Call call;
        QVERIFY(call.connected());
        std::uint16_t sequence = 0;
        const auto talk = [&] {
            call.caller.rtp.send(rtpPacket(sequence), call.local(Side::Caller));
            QVERIFY(call.callee.rtp.next().datagram == rtpPacket(sequence));
            ++sequence;
        };
        talk(); // 0: not tapped yet
        call.bridge->setTap(1);
        talk();
        call.bridge->setTap(std::nullopt);
        talk(); // 2: paused
        call.bridge->setTap(2);
        talk();
        std::vector<Tapped> tapped;
        drainInto(*call.relay, tapped);
        QCOMPARE(tapped.size(), std::size_t{2});
        QCOMPARE(tapped[0].tag, std::uint64_t{1});
        QVERIFY(tapped[0].datagram == rtpPacket(1));
        QCOMPARE(tapped[1].tag, std::uint64_t{2});
        QVERIFY(tapped[1].datagram == rtpPacket(3));
    }

    /// Keys are heard while a recording pauses; what is said is not copied.
    void keysAreCopiedWithoutATap()
    {
        Call call;
        QVERIFY(call.connected());
        call.bridge->setKeys(7, Side::Caller, {101, 96, 8, 200});
        std::uint16_t sequence = 0;
        const auto send = [&](std::uint8_t type, std::uint8_t event) {
            Bytes packet = rtpPacket(sequence, 1, 4);
            packet[1] = static_cast<std::byte>(type);
            storeBe(packet.data() + 4, std::uint32_t{sequence} * 800U); // each a key of its own
            packet[12] = static_cast<std::byte>(event);
            packet[13] = std::byte{0x8A}; // its end
            call.caller.rtp.send(packet, call.local(Side::Caller));
            QVERIFY(call.callee.rtp.next().datagram == packet);
            ++sequence;
        };
        send(101, 10); // nothing is recorded yet
        send(8, 0);
        call.bridge->setTap(7);
        send(101, 7);
        send(8, 0);
        call.bridge->setTap(std::nullopt);
        send(96, 11);
        send(97, 1); // something else
        QByteArray copies;
        QByteArray heard;
        relay::KeyEars ears([&](std::uint64_t tag, Side from, char key) {
            QVERIFY(tag == 7 && from == Side::Caller);
            heard += key;
        });
        std::vector<unsigned> skipped;
        call.relay->drainTap([&](const relay::TapPacket& packet) {
            QCOMPARE(packet.tag, std::uint64_t{7});
            copies += packet.tapped ? (packet.key ? "K" : "s") : (packet.key ? "k" : "?");
            skipped.push_back(packet.skipped);
            ears.add(packet);
        });
        QCOMPARE(copies, QByteArray("kKsk"));
        QVERIFY(skipped == (std::vector<unsigned>{1, 2, 2, 3}));
        QCOMPARE(heard, QByteArray("*7#"));
        ears.forget(7);
    }

    /// RFC 4733 2.5.1.4: the end of a key comes three times.
    void repeatsOfAnUntappedKeyStayUntapped()
    {
        Call call;
        QVERIFY(call.connected());
        call.bridge->setKeys(7, Side::Caller, {101});
        std::uint16_t sequence = 0;
        const auto send = [&](std::uint32_t time) {
            Bytes packet = rtpPacket(sequence++, 1, 4);
            packet[1] = std::byte{101};
            storeBe(packet.data() + 4, time);
            call.caller.rtp.send(packet, call.local(Side::Caller));
            QVERIFY(call.callee.rtp.next().datagram == packet);
        };
        send(800);
        call.bridge->setTap(7);
        send(800);
        send(1600);
        QByteArray tapped;
        call.relay->drainTap([&](const relay::TapPacket& packet) { tapped += packet.tapped ? "t" : "u"; });
        QCOMPARE(tapped, QByteArray("uut"));
    }

    void refusedPacketsAreNotCopied()
    {
        Call call;
        QVERIFY(call.connected());
        call.bridge->setTap(1);
        call.caller.rtp.send(rtpPacket(1), call.local(Side::Caller));
        QVERIFY(!call.callee.rtp.next().datagram.empty());
        Port stranger;
        stranger.send(rtpPacket(2), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        std::vector<Tapped> tapped;
        drainInto(*call.relay, tapped);
        QCOMPARE(tapped.size(), std::size_t{1});
    }

    void aFullRingLosesCopiesAndNoSound()
    {
        Call call; // the default of eight MiB would take long to fill
        relay::RelayOptions options;
        options.tapBytes = 1;
        auto relay = relay::Relay::start(options);
        QVERIFY(bool(relay));
        call.bridge.reset();
        call.relay = std::move(*relay);
        call.bridge = std::move(*call.relay->open(loopback(), loopback()));
        QVERIFY(call.connected());
        call.bridge->setTap(1);
        std::uint64_t sent = 0;
        while (call.relay->tapLost() < 3 && sent < 5000) {
            const Bytes packet = rtpPacket(static_cast<std::uint16_t>(sent++), 1, 1000);
            call.caller.rtp.send(packet, call.local(Side::Caller));
            QVERIFY(call.callee.rtp.next().datagram == packet);
        }
        QCOMPARE(call.relay->tapLost(), std::uint64_t{3});
        std::vector<Tapped> tapped;
        drainInto(*call.relay, tapped);
        QCOMPARE(tapped.size(), sent - 3);
        QVERIFY(tapped.front().datagram == rtpPacket(0, 1, 1000));
    }
};

QTEST_GUILESS_MAIN(TapTest)
#include "tst_tap.moc"
