// SPDX-License-Identifier: GPL-3.0-or-later
// Fragments in any order, doubled, overlapping, missing, and more of them than memory may hold.
#include "core/capture/ip_reassembler.h"
#include "tests/unit/capture/frames.h"

#include <QTest>

#include <algorithm>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

struct Part {
    std::size_t offset = 0;
    Bytes bytes;
    bool more = false;
};

std::vector<Part> split(std::mt19937& random, const Bytes& whole)
{
    std::vector<Part> parts;
    for (std::size_t at = 0; at < whole.size();) {
        const std::size_t size = std::min<std::size_t>(8 * (1 + random() % 24), whole.size() - at);
        const auto from = whole.begin() + static_cast<std::ptrdiff_t>(at);
        parts.push_back(
            {at, Bytes(from, from + static_cast<std::ptrdiff_t>(size)), at + size < whole.size()});
        at += size;
    }
    return parts;
}

IpPacket piece(bool v6, std::uint32_t id, const Part& part)
{
    IpPacket packet;
    packet.from = at(v6 ? "2001:db8::1" : "192.0.2.1", 0).address;
    packet.to = at(v6 ? "2001:db8::2" : "192.0.2.2", 0).address;
    packet.protocol = 17;
    packet.payload = part.bytes;
    packet.isFragment = true;
    packet.fragment = {id, static_cast<std::uint32_t>(part.offset), part.more};
    return packet;
}

constexpr UtcTime kNow{seconds(1'000'000)};

} // namespace

class TestIpReassembler : public QObject {
    Q_OBJECT
private slots:
    void anyFragmentationGivesTheSameDatagrams_data();
    void anyFragmentationGivesTheSameDatagrams();
    void overlapKeepsTheFirstOctetsInIpv4();
    void overlapGivesIpv6Up();
    void exactRepetitionIsHarmless();
    void lastFragmentsThatDisagree();
    void identificationIsUsedAgain();
    void memoryIsBounded();
    void tooManyHolesGiveUp();
    void oldFragmentsAreForgotten();
    void beyondTheLargestDatagram();
};

void TestIpReassembler::anyFragmentationGivesTheSameDatagrams_data()
{
    QTest::addColumn<bool>("v6");
    QTest::addColumn<bool>("doubled");
    QTest::newRow("IPv4") << false << false;
    QTest::newRow("IPv4, mirror port doubles all") << false << true;
    QTest::newRow("IPv6") << true << false;
    QTest::newRow("IPv6, mirror port doubles all") << true << true;
}

/// Through the whole decoder: 40 datagrams at once, cut at random places, all pieces shuffled.
void TestIpReassembler::anyFragmentationGivesTheSameDatagrams()
{
    QFETCH(bool, v6);
    QFETCH(bool, doubled);
    const Endpoint a = at(v6 ? "2001:db8::1" : "192.0.2.1", 1000);
    const Endpoint b = at(v6 ? "2001:db8::2" : "192.0.2.2", 2000);
    for (unsigned seed = 1; seed <= 30; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::string> sent;
        std::vector<Bytes> frames;
        for (std::uint32_t id = 0; id < 40; ++id) {
            const Bytes payload = randomBytes(random, 1 + random() % 3000);
            sent.emplace_back(textOf(payload));
            const auto parts = split(random, udp(a, b, payload));
            if (parts.size() == 1) {
                frames.push_back(udpPacket(a, b, payload));
                continue;
            }
            for (const Part& part : parts)
                frames.push_back(fragment(a.address, b.address, 17, id, part.offset, part.more, part.bytes));
        }
        std::shuffle(frames.begin(), frames.end(), random);
        Collected sink;
        PacketDecoder decoder(sink);
        for (const Bytes& frame : frames) {
            decoder.take(captured(frame, 101));
            if (doubled)
                decoder.take(captured(frame, 101));
        }
        std::vector<std::string> got;
        for (const auto& item : sink.items) {
            QVERIFY(item.from == a);
            QVERIFY(item.to == b);
            got.push_back(item.payload);
        }
        std::sort(sent.begin(), sent.end());
        std::sort(got.begin(), got.end());
        if (doubled) // unfragmented ones come twice; reassembled ones must not
            got.erase(std::unique(got.begin(), got.end()), got.end());
        QVERIFY(got == sent);
        QCOMPARE(decoder.dropped(), std::uint64_t{0});
    }
}

void TestIpReassembler::overlapKeepsTheFirstOctetsInIpv4()
{
    IpReassembler fragments;
    QVERIFY(!fragments.add(kNow, piece(false, 1, {8, raw("BBBBBBBB"), true})));
    QVERIFY(!fragments.add(kNow, piece(false, 1, {0, raw("aaaaaaaaaaaaaaaa"), true})));
    const auto whole = fragments.add(kNow, piece(false, 1, {8, raw("cccccccccccc"), false}));
    QVERIFY(whole);
    QVERIFY(whole->payload == raw("aaaaaaaaBBBBBBBBcccc"));
    QCOMPARE(whole->protocol, std::uint8_t{17});
}

void TestIpReassembler::overlapGivesIpv6Up()
{
    IpReassembler fragments;
    QVERIFY(!fragments.add(kNow, piece(true, 1, {0, raw("aaaaaaaa"), true})));
    QVERIFY(!fragments.add(kNow, piece(true, 1, {0, raw("AAAAAAAAbbbbbbbb"), true})));
    QCOMPARE(fragments.givenUp(), std::uint64_t{1});
    // What follows of it is swallowed, as RFC 8200 §4.5 asks.
    QVERIFY(!fragments.add(kNow, piece(true, 1, {0, raw("aaaaaaaa"), true})));
    QVERIFY(!fragments.add(kNow, piece(true, 1, {8, raw("cc"), false})));
    // Same place and length but other octets is an overlap too.
    QVERIFY(!fragments.add(kNow, piece(true, 2, {0, raw("aaaaaaaa"), true})));
    QVERIFY(!fragments.add(kNow, piece(true, 2, {0, raw("aaaaaaaX"), true})));
    QVERIFY(!fragments.add(kNow, piece(true, 2, {8, raw("cc"), false})));
}

void TestIpReassembler::exactRepetitionIsHarmless()
{
    for (const bool v6 : {false, true}) {
        IpReassembler fragments;
        QVERIFY(!fragments.add(kNow, piece(v6, 1, {8, raw("end"), false})));
        QVERIFY(!fragments.add(kNow, piece(v6, 1, {8, raw("end"), false})));
        const auto whole = fragments.add(kNow, piece(v6, 1, {0, raw("01234567"), true}));
        QVERIFY(whole);
        QVERIFY(whole->payload == raw("01234567end"));
        QVERIFY(!fragments.add(kNow + milliseconds(1), piece(v6, 1, {0, raw("01234567"), true})));
        QVERIFY(!fragments.add(kNow + milliseconds(1), piece(v6, 1, {8, raw("end"), false})));
        QCOMPARE(fragments.bytesHeld(), std::size_t{0});
    }
}

void TestIpReassembler::lastFragmentsThatDisagree()
{
    IpReassembler fragments;
    QVERIFY(!fragments.add(kNow, piece(false, 1, {16, raw("last"), false})));
    QVERIFY(!fragments.add(kNow, piece(false, 1, {24, raw("later"), false})));
    QCOMPARE(fragments.givenUp(), std::uint64_t{1});
    QVERIFY(!fragments.add(kNow, piece(false, 2, {16, raw("01234567"), true})));
    QVERIFY(!fragments.add(kNow, piece(false, 2, {8, raw("x"), false})));
    QCOMPARE(fragments.givenUp(), std::uint64_t{2});
}

void TestIpReassembler::identificationIsUsedAgain()
{
    IpReassembler fragments;
    for (int round = 0; round < 3; ++round) {
        const UtcTime now = kNow + seconds(round);
        QVERIFY(!fragments.add(now, piece(false, 7, {0, raw("01234567"), true})));
        QVERIFY(fragments.add(now, piece(false, 7, {8, raw("rest"), false})));
    }
}

void TestIpReassembler::memoryIsBounded()
{
    IpReassembler fragments;
    const Bytes eight(8);
    for (std::uint32_t id = 0; id < 60'000; ++id) { // each makes room for a datagram of 64 KiB
        QVERIFY(!fragments.add(kNow, piece(true, id, {65'520, eight, true})));
        QVERIFY(fragments.bytesHeld() <= IpReassembler::kMaxBytes);
        QVERIFY(fragments.pending() <= IpReassembler::kMaxPackets);
    }
    QVERIFY(fragments.pending() > 100);
    for (std::uint32_t id = 0; id < 60'000; ++id)
        QVERIFY(!fragments.add(kNow, piece(true, 100'000 + id, {0, eight, true})));
    QVERIFY(fragments.pending() <= IpReassembler::kMaxPackets);
}

void TestIpReassembler::tooManyHolesGiveUp()
{
    IpReassembler fragments;
    for (std::size_t i = 0; i <= IpReassembler::kMaxParts; ++i)
        QVERIFY(!fragments.add(kNow, piece(false, 1, {i * 16, Bytes(8), true})));
    QCOMPARE(fragments.givenUp(), std::uint64_t{1});
}

void TestIpReassembler::oldFragmentsAreForgotten()
{
    IpReassembler fragments;
    QVERIFY(!fragments.add(kNow, piece(false, 1, {0, raw("01234567"), true})));
    QVERIFY(!fragments.add(kNow + seconds(31), piece(false, 2, {0, raw("01234567"), true})));
    QCOMPARE(fragments.pending(), std::size_t{1});
    QVERIFY(!fragments.add(kNow + seconds(31), piece(false, 1, {8, raw("rest"), false})));
    // A capture of earlier times that follows does not complete what was there before.
    QVERIFY(!fragments.add(kNow - seconds(3600), piece(false, 2, {8, raw("rest"), false})));
}

void TestIpReassembler::beyondTheLargestDatagram()
{
    IpReassembler fragments;
    QVERIFY(!fragments.add(kNow, piece(false, 1, {65'528, Bytes(8), true})));
    QVERIFY(!fragments.add(kNow, piece(false, 1, {8, Bytes(7), true})));
    QCOMPARE(fragments.pending(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestIpReassembler)
#include "tst_ip_reassembler.moc"
