// SPDX-License-Identifier: GPL-3.0-or-later
// Packets taken many at a time give what they give one by one: the same records, datagrams and order.
#include "core/capture/pcap_reader.h"
#include "tests/unit/capture/frames.h"

#include <QTest>

#include <array>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

const Endpoint kFrom = at("192.0.2.1", 4000);
const Endpoint kTo = at("192.0.2.2", 5060);

class Memory final : public ByteSource {
public:
    explicit Memory(Bytes bytes)
        : m_bytes(std::move(bytes))
    {}
    std::uint64_t size() const override { return m_bytes.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        const std::size_t count =
            offset < m_bytes.size() ? std::min(out.size(), m_bytes.size() - static_cast<std::size_t>(offset))
                                    : 0;
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
        return count;
    }

private:
    Bytes m_bytes;
};

struct Seen {
    std::uint64_t offset;
    UtcTime time;
    std::uint32_t original;
    Bytes bytes;
    bool operator==(const Seen&) const = default;
};

Seen seenOf(const CapturedPacket& packet)
{
    return {packet.offset, packet.time, packet.originalLength, {packet.bytes.begin(), packet.bytes.end()}};
}

/// Bytes of a file whose records straddle the reader's buffer many times.
Bytes longFile(std::uint32_t magic, bool big)
{
    std::mt19937 random(11);
    PcapBytes head(big, magic);
    Bytes all = head.bytes;
    for (std::uint32_t i = 0; all.size() < 6 * 1024 * 1024; ++i) {
        PcapBytes one(big, magic);
        const std::size_t before = one.bytes.size();
        one.add(i, i % 1000, randomBytes(random, random() % 9000));
        all.insert(all.end(), one.bytes.begin() + static_cast<std::ptrdiff_t>(before), one.bytes.end());
    }
    return all;
}

std::vector<Bytes> mixedFrames()
{
    const Bytes sip = raw("OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n");
    const Bytes long1 = udp(kFrom, kTo, Bytes(1600, std::byte{0x61}));
    const Bytes first(long1.begin(), long1.begin() + 800);
    const Bytes second(long1.begin() + 800, long1.end());
    std::vector<Bytes> frames;
    std::uint32_t sequence = 1000;
    for (unsigned i = 0; i < 200; ++i) {
        frames.push_back(ethernet(0x0800, udpPacket(kFrom, kTo, raw("datagram " + std::to_string(i)))));
        if (i % 7 == 3) {
            frames.push_back(ethernet(0x0800, tcpPacket(kFrom, kTo, sequence, 0x18, sip)));
            sequence += static_cast<std::uint32_t>(sip.size());
        }
        if (i % 11 == 5) {
            frames.push_back(ethernet(0x0800, fragment(kFrom.address, kTo.address, 17, i, 0, true, first)));
            frames.push_back(
                ethernet(0x0800, fragment(kFrom.address, kTo.address, 17, i, 800, false, second)));
        }
        if (i % 13 == 1)
            frames.push_back(ethernet(0x0806, Bytes(28)));
    }
    return frames;
}

} // namespace

class TestBatches : public QObject {
    Q_OBJECT
private slots:
    void readsTheSameRecords_data();
    void readsTheSameRecords();
    void stopsWhereTheFileIsDamaged();
    void decodesTheSameDatagrams_data();
    void decodesTheSameDatagrams();
};

void TestBatches::readsTheSameRecords_data()
{
    QTest::addColumn<quint32>("magic");
    QTest::addColumn<bool>("big");
    QTest::newRow("little-endian") << quint32{0xa1b2c3d4} << false;
    QTest::newRow("big-endian, nanoseconds") << quint32{0xa1b23c4d} << true;
}

void TestBatches::readsTheSameRecords()
{
    QFETCH(quint32, magic);
    QFETCH(bool, big);
    const Bytes file = longFile(magic, big);
    Memory one(file);
    Memory many(file);
    auto single = PacketReader::open(one, "one");
    auto batched = PacketReader::open(many, "many");
    QVERIFY(static_cast<bool>(single) && static_cast<bool>(batched));
    std::array<CapturedPacket, 32> packets;
    std::size_t largest = 0;
    std::size_t total = 0;
    while (const std::size_t count = (*batched)->nextSome(packets)) {
        largest = std::max(largest, count);
        total += count;
        std::vector<Seen> expected(count);
        for (Seen& seen : expected) {
            CapturedPacket packet;
            QVERIFY((*single)->next(packet));
            seen = seenOf(packet);
        }
        for (std::size_t i = 0; i < count; ++i) // looked at only when all of them are there
            QVERIFY(seenOf(packets[i]) == expected[i]);
    }
    CapturedPacket packet;
    QVERIFY(!(*single)->next(packet));
    QVERIFY(!(*batched)->error());
    QCOMPARE(largest, packets.size());
    QVERIFY(total > 1000);
}

void TestBatches::stopsWhereTheFileIsDamaged()
{
    PcapBytes file;
    for (std::uint32_t i = 0; i < 5; ++i)
        file.add(i, 0, Bytes(60));
    storeLe<std::uint32_t>(file.bytes.data() + file.starts[3] + 8, 0x7fffffff);
    Memory memory(file.bytes);
    auto reader = PacketReader::open(memory, "damaged");
    QVERIFY(static_cast<bool>(reader));
    std::array<CapturedPacket, 32> packets;
    QCOMPARE((*reader)->nextSome(packets), std::size_t{3});
    QVERIFY(!(*reader)->error()); // what came before counts
    QCOMPARE((*reader)->nextSome(packets), std::size_t{0});
    QVERIFY((*reader)->error().has_value());
    QVERIFY((*reader)->error()->context.find("octet " + std::to_string(file.starts[3])) != std::string::npos);
}

void TestBatches::decodesTheSameDatagrams_data()
{
    QTest::addColumn<int>("batch");
    QTest::newRow("one") << 1;
    QTest::newRow("a few") << 5;
    QTest::newRow("as many as the reader gives") << 32;
    QTest::newRow("more than are gathered") << 400;
}

void TestBatches::decodesTheSameDatagrams()
{
    QFETCH(int, batch);
    const std::vector<Bytes> frames = mixedFrames();
    std::vector<CapturedPacket> packets;
    for (std::size_t i = 0; i < frames.size(); ++i)
        packets.push_back(captured(frames[i], 1, UtcTime(seconds(1000) + milliseconds(i))));
    Collected single;
    PacketDecoder one(single);
    for (const CapturedPacket& packet : packets)
        one.take(packet);
    one.finish();
    Collected batched;
    PacketDecoder many(batched);
    for (std::size_t i = 0; i < packets.size(); i += static_cast<std::size_t>(batch))
        many.takeAll(
            std::span(packets).subspan(i, std::min(packets.size() - i, static_cast<std::size_t>(batch))));
    many.finish();
    QVERIFY(single.items.size() > 230); // datagrams, messages and what came in fragments
    QVERIFY(
        std::any_of(single.items.begin(), single.items.end(), [](const auto& item) { return item.stream; }));
    QVERIFY(batched.items == single.items);
    QCOMPARE(many.frames(), one.frames());
    QCOMPARE(many.datagrams(), one.datagrams());
    QCOMPARE(many.dropped(), one.dropped());
}

QTEST_GUILESS_MAIN(TestBatches)
#include "tst_batches.moc"
