// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody speaks in a device's place: who is heard, by the other side and by the recorder, and who is not.
#include "core/rtp/srtp.h"
#include "core/rtp/srtp_sender.h"
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::test;
using relay::Side;

namespace {

constexpr std::uint32_t kMusic = 0x5678;

/// A call whose caller has a substitute.
struct Scene {
    explicit Scene(bool yields = false)
    {
        ready = call.connected() && speaks(1);
        call.bridge->setSubstitute(Side::Caller, relay::Substitute{music.local(), yields});
    }
    /// The caller says something, and it is the next thing that is heard.
    bool speaks(std::uint16_t sequence)
    {
        call.caller.rtp.send(rtpPacket(sequence), call.local(Side::Caller));
        return call.callee.rtp.next().datagram == rtpPacket(sequence);
    }
    bool plays(std::uint16_t sequence)
    {
        music.send(rtpPacket(sequence, kMusic), call.local(Side::Caller));
        return call.callee.rtp.next().datagram == rtpPacket(sequence, kMusic);
    }
    /// What the caller says goes on for half a second without music. A machine that takes longer for it tries
    /// again.
    bool speaksAlone(std::uint16_t sequence)
    {
        for (;;) {
            const auto begun = std::chrono::steady_clock::now();
            if (!speaks(sequence++))
                return false;
            music.send(rtpPacket(72, kMusic), call.local(Side::Caller));
            if (speaks(sequence++))
                return true;
            if (std::chrono::steady_clock::now() - begun < milliseconds(500))
                return false;
            (void)call.callee.rtp.next(); // what was said behind the music
        }
    }
    std::uint64_t packets() { return call.state(Side::Caller).packets; }

    Call call;
    test::Port music;
    bool ready = false;
};

} // namespace

class SubstituteTest : public QObject {
    Q_OBJECT

private slots:
    void isHeardInsteadOfTheDevice()
    {
        Scene scene;
        QVERIFY(scene.ready);
        scene.call.caller.rtp.send(rtpPacket(2), scene.call.local(Side::Caller));
        QTRY_COMPARE(scene.packets(), std::uint64_t{2}); // heard of, for who asks whether it is there
        QVERIFY(scene.plays(70));                        // the very next packet
        QCOMPARE(scene.call.state(Side::Caller).substituted, std::uint64_t{1});
        QCOMPARE(scene.packets(), std::uint64_t{2});
        // The other way nothing has changed, and reports go on both ways.
        scene.call.callee.rtp.send(rtpPacket(9), scene.call.local(Side::Callee));
        QVERIFY(scene.call.caller.rtp.next().datagram == rtpPacket(9));
        scene.call.caller.rtcp.send(rtcpPacket(5), rtcpPort(scene.call.local(Side::Caller)));
        QVERIFY(scene.call.callee.rtcp.next().datagram == rtcpPacket(5));
    }

    void endsAtOnceAndItsLastPacketsAreNobodys()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.plays(70));
        scene.call.bridge->setSubstitute(Side::Caller, std::nullopt);
        scene.music.send(rtpPacket(71, kMusic), scene.call.local(Side::Caller));
        QTRY_COMPARE(scene.call.state(Side::Caller).refused, std::uint64_t{1});
        QVERIFY(scene.speaks(2));
    }

    /// Hold as in RFC 2543 forgets the source, so the next packet settles it: never one of the music.
    void doesNotTakeTheDevicesPlace()
    {
        Scene scene;
        relay::Peer nowhere = scene.call.caller.peer();
        nowhere.rtp.address = IpAddress::v4(0);
        QVERIFY(scene.call.bridge->setPeer(Side::Caller, nowhere));
        QVERIFY(scene.plays(70));
        QVERIFY(scene.call.bridge->setPeer(Side::Caller, scene.call.caller.peer()));
        scene.call.bridge->setSubstitute(Side::Caller, std::nullopt);
        scene.music.send(rtpPacket(71, kMusic), scene.call.local(Side::Caller));
        QTRY_COMPARE(scene.call.state(Side::Caller).refused, std::uint64_t{1});
        QVERIFY(scene.call.state(Side::Caller).source.port == 0);
        QVERIFY(scene.speaks(2));
        // Its port may serve again, as a substitute or as a device.
        scene.call.bridge->setSubstitute(Side::Caller, relay::Substitute{scene.music.local(), false});
        QVERIFY(scene.plays(72));
        scene.call.bridge->setSubstitute(Side::Caller, std::nullopt);
        relay::Peer device;
        device.rtp = scene.music.local();
        QVERIFY(scene.call.bridge->setPeer(Side::Caller, device));
        QVERIFY(scene.plays(73));
    }

    void nobodyElseIsTakenForIt()
    {
        Scene scene;
        test::Port stranger;
        stranger.send(rtpPacket(66), scene.call.local(Side::Caller));
        scene.music.send(rtpPacket(67), rtcpPort(scene.call.local(Side::Caller)));
        scene.music.send(Bytes(5), scene.call.local(Side::Caller));
        QTRY_COMPARE(scene.call.state(Side::Caller).refused, std::uint64_t{3});
        QVERIFY(scene.plays(70));
    }

    void yieldsToWhatTheDeviceSays()
    {
        Scene scene(true);
        QVERIFY(scene.ready && scene.plays(70));
        Bytes comfort = rtpPacket(2);
        comfort[1] = std::byte{13};
        scene.call.caller.rtp.send(comfort, scene.call.local(Side::Caller)); // says that nothing is said
        QTRY_COMPARE(scene.packets(), std::uint64_t{2});
        QVERIFY(scene.plays(71));
        QVERIFY(scene.speaksAlone(3));
        // It comes back once the device has been silent for a while.
        std::uint16_t sequence = 73;
        Arrival heard;
        bool isBack = false;
        QTRY_VERIFY(isBack || (isBack = [&] {
                        scene.music.send(rtpPacket(sequence++, kMusic), scene.call.local(Side::Caller));
                        return scene.call.callee.rtp.poll(heard);
                    }()));
        QVERIFY(loadBe<std::uint32_t>(heard.datagram.data() + 8) == kMusic);
    }

    void theOtherSideHearsItUnderItsOwnKey()
    {
        Scene scene;
        const rtp::SrtpKey theirs{"AES_CM_128_HMAC_SHA1_80", std::string(30, 'a')};
        const rtp::SrtpKey ours{"AES_CM_128_HMAC_SHA1_80", std::string(30, 'b')};
        const auto receiver = rtp::SrtpReceiver::open(ours, rtp::SrtpReceiver::Joins::FromTheStart);
        QVERIFY(bool(receiver));
        relay::Peer callee = scene.call.callee.peer();
        callee.sends = theirs;
        callee.expects = ours;
        QVERIFY(scene.call.bridge->setPeer(Side::Callee, callee));
        const auto hears = [&](const Bytes& rtp) {
            const Bytes datagram = scene.call.callee.rtp.next().datagram;
            const auto clear = (*receiver)->unprotect(datagram);
            return clear && std::ranges::equal(*clear, rtp);
        };
        scene.music.send(rtpPacket(70, kMusic), scene.call.local(Side::Caller));
        QVERIFY(hears(rtpPacket(70, kMusic)));
        scene.call.bridge->setSubstitute(Side::Caller, std::nullopt);
        scene.call.caller.rtp.send(rtpPacket(2), scene.call.local(Side::Caller));
        QVERIFY(hears(rtpPacket(2)));
    }

    /// What the held side hears; packets that nobody heard are no losses.
    void theRecorderHearsTheSame()
    {
        Scene scene;
        QVERIFY(scene.ready);
        scene.call.bridge->setTap(7);
        QVERIFY(scene.plays(70));
        scene.call.caller.rtp.send(rtpPacket(2), scene.call.local(Side::Caller));
        QTRY_COMPARE(scene.packets(), std::uint64_t{2});
        scene.call.bridge->setTap(std::nullopt);
        QVERIFY(scene.plays(71));
        scene.call.bridge->setTap(7);
        QVERIFY(scene.plays(72));
        scene.call.bridge->setSubstitute(Side::Caller, std::nullopt);
        QVERIFY(scene.speaks(3));
        std::vector<std::uint16_t> numbers; // as the recorder counts them
        scene.call.relay->drainTap([&](const relay::TapPacket& packet) {
            numbers.push_back(static_cast<std::uint16_t>(loadBe<std::uint16_t>(packet.datagram.data() + 2) -
                                                         packet.skipped));
            QVERIFY(packet.from == Side::Caller && packet.tag == 7);
        });
        // Music 70 and 72 with one left out between, then the device's 3 behind 1 and 2, which were not
        // copied.
        QCOMPARE(numbers, (std::vector<std::uint16_t>{70, 71, 1}));
    }
};

QTEST_GUILESS_MAIN(SubstituteTest)
#include "tst_substitute.moc"
