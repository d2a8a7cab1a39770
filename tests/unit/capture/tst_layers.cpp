// SPDX-License-Identifier: GPL-3.0-or-later
// Link layers, IP headers and tunnels: the same datagram comes out of every wrapping.
#include "core/capture/packet_decoder.h"
#include "tests/unit/capture/frames.h"

#include <QTest>

#include <array>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

const Endpoint kFrom = at("192.0.2.1", 5060);
const Endpoint kTo = at("198.51.100.7", 16384);
const Endpoint kFrom6 = at("2001:db8::1", 5060);
const Endpoint kTo6 = at("2001:db8::2", 16384);

QByteArray qt(const Bytes& bytes)
{
    return QByteArray(textOf(bytes).data(), static_cast<qsizetype>(bytes.size()));
}
Bytes from(const QByteArray& bytes)
{
    return raw({bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

std::vector<Collected::Item> decode(const Bytes& frame, unsigned linkType, std::uint64_t* dropped = nullptr)
{
    Collected sink;
    PacketDecoder decoder(sink);
    decoder.take(captured(frame, linkType));
    decoder.finish();
    if (dropped != nullptr)
        *dropped = decoder.dropped();
    return sink.items;
}

} // namespace

class TestLayers : public QObject {
    Q_OBJECT
private slots:
    void wrappings_data();
    void wrappings();
    void shortened_data() { wrappings_data(); }
    void shortened();
    void nothingForUs_data();
    void nothingForUs();
    void foreignLinksAreNoted();
    void paddingIsNotPayload();
    void cutPacketsAreHandedOnAndCounted();
    void tunnelsHaveADepthLimit();
    void theShortWayReadsLikeTheLayers();
};

void TestLayers::wrappings_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<int>("linkType");
    QTest::addColumn<bool>("v6");
    const Bytes v4 = udpPacket(kFrom, kTo, raw("hello"));
    const Bytes v6 = udpPacket(kFrom6, kTo6, raw("hello"));
    const auto row = [](const char* name, const Bytes& frame, int linkType, bool isV6 = false) {
        QTest::newRow(name) << qt(frame) << linkType << isV6;
    };
    row("Ethernet, IPv4", ethernet(0x0800, v4), 1);
    row("Ethernet, IPv6", ethernet(0x86dd, v6), 1, true);
    row("802.1Q", ethernet(0x8100, hex("2064 0800") + v4), 1);
    row("QinQ", ethernet(0x88a8, hex("0001 8100 0002 86dd") + v6), 1, true);
    row("four tags of three kinds", ethernet(0x9100, hex("0001 9200 0002 8100 0003 8100 0004 0800") + v4), 1);
    row("PPPoE", ethernet(0x8864, hex("1100 0001 0021 0021") + v4), 1);
    row("PPPoE with IPv6", ethernet(0x8864, hex("1100 0001 0021 0057") + v6), 1, true);
    row("VLAN and PPPoE", ethernet(0x8100, hex("0001 8864 1100 0001 0021 0021") + v4), 1);
    row("MPLS, two labels", ethernet(0x8847, hex("00001040 00002140") + v4), 1);
    row("Ethernet over MPLS", ethernet(0x8847, hex("00002140 00000000") + ethernet(0x0800, v4)), 1);
    row("802.3 with SNAP", ethernet(0x0040, hex("aaaa03 000000 0800") + v4), 1);
    row("Linux cooked", hex("0000 0001 0006 020000000001 0000 0800") + v4, 113);
    row("Linux cooked with VLAN", hex("0004 0001 0006 020000000001 0000 8100 0005 86dd") + v6, 113, true);
    row("Linux cooked v2", hex("0800 0000 00000002 0001 00 06 0200000000010000") + v4, 276);
    row("Linux cooked v2, IPv6", hex("86dd 0000 00000002 0001 00 06 0200000000010000") + v6, 276, true);
    row("BSD loopback, little endian", hex("02000000") + v4, 0);
    row("BSD loopback, big endian, IPv6 of Darwin", hex("0000001e") + v6, 0, true);
    row("OpenBSD loopback", hex("00000002") + v4, 108);
    for (const int type : {12, 14, 101})
        QTest::addRow("raw IP, link type %d", type) << qt(v4) << type << false;
    row("raw IPv6 in 101", v6, 101, true);
    row("LINKTYPE_IPV4", v4, 228);
    row("LINKTYPE_IPV6", v6, 229, true);
    row("PPP", hex("ff03 0021") + v4, 9);
    row("PPP, compressed protocol", hex("57") + v6, 50, true);
    row("4 in 4", ethernet(0x0800, ipPacket(kTo.address, kFrom.address, 4, v4)), 1);
    row("6 in 4", ethernet(0x0800, ipPacket(kTo.address, kFrom.address, 41, v6)), 1, true);
    row("4 in 6", ethernet(0x86dd, ipPacket(kTo6.address, kFrom6.address, 4, v4)), 1);
    row("6 in 6", ethernet(0x86dd, ipPacket(kTo6.address, kFrom6.address, 41, v6)), 1, true);
    row("GRE", ipPacket(kTo.address, kFrom.address, 47, hex("0000 0800") + v4), 101);
    row("GRE with checksum, key and number",
        ipPacket(kTo.address, kFrom.address, 47, hex("b000 86dd 00000000 00000001 00000002") + v6), 101,
        true);
    row("Ethernet in GRE", ipPacket(kTo.address, kFrom.address, 47, hex("0000 6558") + ethernet(0x0800, v4)),
        101);
    row("ERSPAN II",
        ipPacket(kTo.address, kFrom.address, 47,
                 hex("1000 88be 00000001 1000000000000000") + ethernet(0x8100, hex("0001 0800") + v4)),
        101);
    row("ERSPAN III",
        ipPacket(kTo.address, kFrom.address, 47,
                 hex("1000 22eb 00000001 200000000000000000000000") + ethernet(0x0800, v4)),
        101);
    const Bytes inner = udp(kFrom6, kTo6, raw("hello"));
    row("IPv6 with hop-by-hop, routing and destination options",
        ipPacket(kFrom6.address, kTo6.address, 0,
                 hex("2b00 0000 0000 0000") + hex("3c01 0000 0000 0000 0000 0000 0000 0000") +
                     hex("1100 0000 0000 0000") + inner),
        101, true);
    row("IPv6 with authentication header",
        ipPacket(kFrom6.address, kTo6.address, 51,
                 hex("1104 0000 00000001 00000001 000000000000000000000000") + inner),
        101, true);
    row("IPv6, atomic fragment",
        ipPacket(kFrom6.address, kTo6.address, 44, hex("1100 0000 00000009") + inner), 101, true);
    Bytes options = ipPacket(kFrom.address, kTo.address, 17, hex("01010101") + udp(kFrom, kTo, raw("hello")));
    options[0] = std::byte{0x46};
    row("IPv4 with options", options, 101);
    Bytes offload = v4;
    offload[2] = offload[3] = std::byte{0};
    row("IPv4 whose length the card fills in", offload, 101);
}

void TestLayers::wrappings()
{
    QFETCH(QByteArray, frame);
    QFETCH(int, linkType);
    QFETCH(bool, v6);
    std::uint64_t dropped = 0;
    const auto items = decode(from(frame), static_cast<unsigned>(linkType), &dropped);
    QCOMPARE(items.size(), std::size_t{1});
    QCOMPARE(items[0].payload, std::string("hello"));
    QVERIFY(items[0].from == (v6 ? kFrom6 : kFrom));
    QVERIFY(items[0].to == (v6 ? kTo6 : kTo));
    QVERIFY(!items[0].stream);
    QCOMPARE(dropped, std::uint64_t{0});
}

/// At every length the layers give a beginning of the payload or nothing, and read nothing beyond.
void TestLayers::shortened()
{
    QFETCH(QByteArray, frame);
    QFETCH(int, linkType);
    for (qsizetype length = 0; length < frame.size(); ++length) {
        const Bytes cut = from(frame.first(length)); // its own allocation, so that sanitizers see the end
        for (const auto& item : decode(cut, static_cast<unsigned>(linkType)))
            QVERIFY(std::string("hello").starts_with(item.payload));
    }
}

void TestLayers::nothingForUs_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<int>("linkType");
    const Bytes v4 = udpPacket(kFrom, kTo, raw("hello"));
    QTest::newRow("ARP") << qt(ethernet(0x0806, Bytes(28))) << 1;
    QTest::newRow("spanning tree") << qt(ethernet(0x0026, hex("424203") + Bytes(35))) << 1;
    QTest::newRow("ICMP") << qt(ethernet(0x0800, ipPacket(kFrom.address, kTo.address, 1, Bytes(8)))) << 1;
    QTest::newRow("link type of Bluetooth") << qt(v4) << 201;
    QTest::newRow("IPv4 under the EtherType of IPv6") << qt(ethernet(0x86dd, v4)) << 1;
    QTest::newRow("IP version 5") << qt(hex("55") + Bytes(40)) << 101;
    QTest::newRow("header length below 20") << qt(hex("44") + Bytes(40)) << 101;
    QTest::newRow("PPTP in GRE") << qt(ipPacket(kFrom.address, kTo.address, 47, hex("0001 0800") + v4))
                                 << 101;
    QTest::newRow("UDP without payload") << qt(udpPacket(kFrom, kTo, {})) << 101;
    QTest::newRow("extension header longer than the packet")
        << qt(ipPacket(kFrom6.address, kTo6.address, 0, hex("11ff 0000 0000 0000"))) << 101;
    QTest::newRow("extension headers that never end")
        << qt(ipPacket(kFrom6.address, kTo6.address, 0, Bytes(1200))) << 101;
}

void TestLayers::nothingForUs()
{
    QFETCH(QByteArray, frame);
    QFETCH(int, linkType);
    std::uint64_t dropped = 0;
    QVERIFY(decode(from(frame), static_cast<unsigned>(linkType), &dropped).empty());
    QCOMPARE(dropped, std::uint64_t{1});
}

void TestLayers::paddingIsNotPayload()
{
    const auto items = decode(ethernet(0x0800, udpPacket(kFrom, kTo, raw("hi"))) + Bytes(30), 1);
    QCOMPARE(items.size(), std::size_t{1});
    QCOMPARE(items[0].payload, std::string("hi"));
    const auto items6 = decode(ethernet(0x86dd, udpPacket(kFrom6, kTo6, raw("hi"))) + Bytes(4), 1);
    QCOMPARE(items6.size(), std::size_t{1});
    QCOMPARE(items6[0].payload, std::string("hi"));
}

void TestLayers::cutPacketsAreHandedOnAndCounted()
{
    Bytes frame = ethernet(0x0800, udpPacket(kFrom, kTo, raw("a long message")));
    const auto whole = static_cast<std::uint32_t>(frame.size());
    frame.erase(frame.end() - 8, frame.end());
    Collected sink;
    PacketDecoder decoder(sink);
    auto packet = captured(frame);
    packet.originalLength = whole;
    decoder.take(packet);
    QCOMPARE(decoder.cut(), std::uint64_t{1});
    QCOMPARE(sink.items.size(), std::size_t{1});
    QCOMPARE(sink.items[0].payload, std::string("a long"));
}

void TestLayers::tunnelsHaveADepthLimit()
{
    Bytes packet = udpPacket(kFrom, kTo, raw("hello"));
    for (int depth = 0; depth < PacketDecoder::kMaxDepth; ++depth)
        packet = ipPacket(kTo.address, kFrom.address, 4, packet);
    QCOMPARE(decode(packet, 101).size(), std::size_t{1});
    packet = ipPacket(kTo.address, kFrom.address, 4, packet);
    QVERIFY(decode(packet, 101).empty());
}

void TestLayers::foreignLinksAreNoted()
{
    Collected sink;
    PacketDecoder decoder(sink);
    const Bytes good = ethernet(0x0800, udpPacket(kFrom, kTo, raw("heard")));
    auto foreign = captured(Bytes(60, std::byte{8}), 105);
    foreign.offset = 24;
    auto again = foreign;
    again.offset = 100;
    decoder.take(foreign);
    decoder.take(captured(good));
    decoder.take(captured(Bytes(60, std::byte{8}), 147));
    decoder.take(again);
    decoder.take(captured(ethernet(0x0806, Bytes(28)))); // nothing for us, but no foreign link
    const auto links = decoder.takeForeign();
    QCOMPARE(links.size(), std::size_t{2});
    QCOMPARE(links[0].type, std::uint16_t{105});
    QCOMPARE(links[0].offset, std::uint64_t{24});
    QCOMPARE(links[0].packets, std::uint64_t{2});
    QCOMPARE(links[1].type, std::uint16_t{147});
    QVERIFY(decoder.takeForeign().empty());
    QCOMPARE(sink.items.size(), std::size_t{1}); // the other interface is read all the same
}

/// Behind a VLAN tag nothing takes the short way.
void TestLayers::theShortWayReadsLikeTheLayers()
{
    std::mt19937 random(5);
    std::size_t read = 0;
    for (int round = 0; round < 20000; ++round) {
        Bytes packet = udpPacket(kFrom, kTo, randomBytes(random, random() % 40));
        for (unsigned i = 0; i < random() % 3; ++i) { // lengths, flags and protocol are what matters
            constexpr std::array<std::size_t, 10> kPlaces{0, 2, 3, 6, 7, 9, 20, 24, 25, 27};
            packet[kPlaces[random() % kPlaces.size()]] =
                static_cast<std::byte>(random() % 2 == 0 ? random() % 64 : random());
        }
        packet.resize(random() % 4 == 0 ? random() % 80 : packet.size());
        std::uint64_t dropped = 0;
        std::uint64_t taggedDropped = 0;
        const auto plain = decode(ethernet(0x0800, packet), 1, &dropped);
        const auto tagged = decode(ethernet(0x8100, hex("2064 0800") + packet), 1, &taggedDropped);
        QVERIFY(plain == tagged);
        QCOMPARE(dropped, taggedDropped);
        read += plain.size();
    }
    QVERIFY(read > 5000 && read < 19000);
}

QTEST_GUILESS_MAIN(TestLayers)
#include "tst_layers.moc"
