// SPDX-License-Identifier: GPL-3.0-or-later
// Capture files of every variant, and every kind of damage to them.
#include "core/capture/packet_reader.h"
#include "tests/unit/capture/frames.h"

#include <QTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

struct Seen {
    std::vector<CapturedPacket> packets; ///< without bytes
    std::vector<Bytes> bytes;
    std::optional<Error> error;
    std::uint64_t stoppedAt = 0;
};

Seen readBytes(const Bytes& file)
{
    Seen seen;
    MemorySource source(file);
    auto reader = PacketReader::open(source, "test.cap");
    if (!reader) {
        seen.error = reader.error();
        return seen;
    }
    CapturedPacket packet;
    while ((*reader)->next(packet)) {
        seen.bytes.emplace_back(packet.bytes.begin(), packet.bytes.end());
        packet.bytes = {};
        seen.packets.push_back(packet);
    }
    seen.error = (*reader)->error();
    seen.stoppedAt = (*reader)->offset();
    CapturedPacket again;
    if ((*reader)->next(again))
        seen.packets.clear(); // a reader that has stopped must not start again
    return seen;
}

Bytes block(bool big, std::uint32_t type, Bytes body)
{
    while (body.size() % 4 != 0)
        body.push_back({});
    const auto length = in(big, static_cast<std::uint32_t>(body.size() + 12));
    return in(big, type) + length + body + length;
}
Bytes section(bool big)
{
    return block(big, 0x0a0d0d0a,
                 in<std::uint32_t>(big, 0x1a2b3c4d) + in<std::uint16_t>(big, 1) + in<std::uint16_t>(big, 0) +
                     Bytes(8, std::byte{0xff}));
}
Bytes option(bool big, std::uint16_t code, Bytes value)
{
    const auto length = in(big, static_cast<std::uint16_t>(value.size()));
    while (value.size() % 4 != 0)
        value.push_back({});
    return in(big, code) + length + value;
}
Bytes interfaceBlock(bool big, unsigned linkType, const Bytes& options = {}, std::uint32_t snap = 0)
{
    return block(big, 1,
                 in(big, static_cast<std::uint16_t>(linkType)) + Bytes(2) + in(big, snap) + options +
                     (options.empty() ? Bytes{} : Bytes(4)));
}
Bytes enhanced(bool big, std::uint32_t interface, std::uint64_t units, const Bytes& frame,
               std::uint32_t original = 0)
{
    const auto size = static_cast<std::uint32_t>(frame.size());
    return block(big, 6,
                 in(big, interface) + in(big, static_cast<std::uint32_t>(units >> 32)) +
                     in(big, static_cast<std::uint32_t>(units)) + in(big, size) +
                     in(big, original != 0 ? original : size) + frame);
}

UtcTime micros(std::int64_t count)
{
    return UtcTime(microseconds(count));
}

} // namespace

class TestPacketReaders : public QObject {
    Q_OBJECT
private slots:
    void classicVariants_data();
    void classicVariants();
    void lengthsOfOldVersionsAreSwapped();
    void recordsLargerThanTheBlockBuffer();
    void pcapngByteOrders_data();
    void pcapngByteOrders();
    void timeResolutions_data();
    void timeResolutions();
    void severalSectionsAndInterfaces();
    void simpleAndObsoletePackets();
    void unknownBlocksAreSkipped();
    void cutAnywherePcap();
    void cutAnywherePcapng();
    void foreign_data();
    void foreign();
    void hostile_data();
    void hostile();
    void sourceFailureIsTold();
};

void TestPacketReaders::classicVariants_data()
{
    QTest::addColumn<bool>("big");
    QTest::addColumn<quint32>("magic");
    QTest::addColumn<int>("extra");
    QTest::addColumn<int>("afterHeader");
    QTest::addColumn<qint64>("expected");
    for (const bool big : {false, true}) {
        const char* order = big ? "big endian" : "little endian";
        QTest::addRow("microseconds, %s", order) << big << 0xa1b2c3d4U << 0 << 0 << qint64{7'000'123};
        QTest::addRow("nanoseconds, %s", order) << big << 0xa1b23c4dU << 0 << 0 << qint64{7'000'000};
        QTest::addRow("Kuznetzov's longer records, %s", order)
            << big << 0xa1b2cd34U << 8 << 0 << qint64{7'000'123};
        QTest::addRow("Ixia with file length, %s", order)
            << big << 0x1c0001acU << 0 << 4 << qint64{7'000'000};
    }
}

void TestPacketReaders::classicVariants()
{
    QFETCH(bool, big);
    QFETCH(quint32, magic);
    QFETCH(int, extra);
    QFETCH(int, afterHeader);
    QFETCH(qint64, expected);
    PcapBytes file(big, magic, 113);
    file.bytes = file.bytes + Bytes(static_cast<std::size_t>(afterHeader));
    const Bytes more(static_cast<std::size_t>(extra), std::byte{0xee});
    const Bytes longer = raw(std::string(300, 'x')); // above the snapshot length of 96 in the header
    file.add(7, 123, raw("first"), 0, more);
    file.add(8, 999, longer, 1500, more);
    const Seen seen = readBytes(file.bytes);
    QVERIFY(!seen.error);
    QCOMPARE(seen.packets.size(), std::size_t{2});
    QCOMPARE(seen.packets[0].time, micros(expected));
    QCOMPARE(seen.packets[0].linkType, std::uint16_t{113});
    QCOMPARE(seen.packets[0].offset, file.starts[0]);
    QVERIFY(seen.bytes[0] == raw("first"));
    QCOMPARE(seen.packets[1].originalLength, 1500U);
    QCOMPARE(seen.packets[1].offset, file.starts[1]);
    QVERIFY(seen.bytes[1] == longer);
    QCOMPARE(seen.stoppedAt, file.bytes.size());
}

void TestPacketReaders::lengthsOfOldVersionsAreSwapped()
{
    PcapBytes file(false, 0xa1b2c3d4, 1, 2);
    file.add(1, 2, raw("four"));
    // original length first, as version 2.2 wrote it
    storeLe<std::uint32_t>(file.bytes.data() + file.starts[0] + 8, 60);
    storeLe<std::uint32_t>(file.bytes.data() + file.starts[0] + 12, 4);
    const Seen seen = readBytes(file.bytes);
    QVERIFY(!seen.error);
    QVERIFY(seen.bytes.at(0) == raw("four"));
    QCOMPARE(seen.packets[0].originalLength, 60U);
}

void TestPacketReaders::recordsLargerThanTheBlockBuffer()
{
    std::mt19937 random(1);
    PcapBytes file;
    std::vector<Bytes> frames;
    for (const std::size_t size : {1U, 1048576U, 0U, 65535U, 1048575U, 7U}) {
        frames.push_back(randomBytes(random, size));
        file.add(1, 0, frames.back());
    }
    const Seen seen = readBytes(file.bytes);
    QVERIFY(!seen.error);
    QVERIFY(seen.bytes == frames);
}

void TestPacketReaders::pcapngByteOrders_data()
{
    QTest::addColumn<bool>("big");
    QTest::newRow("little endian") << false;
    QTest::newRow("big endian") << true;
}

void TestPacketReaders::pcapngByteOrders()
{
    QFETCH(bool, big);
    const Bytes head = section(big) + interfaceBlock(big, 1);
    const Bytes file =
        head + enhanced(big, 0, 0x500000001ULL, raw("odd"), 99) + enhanced(big, 0, 12, raw("even"));
    const Seen seen = readBytes(file);
    QVERIFY(!seen.error);
    QCOMPARE(seen.packets.size(), std::size_t{2});
    QCOMPARE(seen.packets[0].time, micros(0x500000001LL));
    QCOMPARE(seen.packets[0].originalLength, 99U);
    QCOMPARE(seen.packets[0].offset, head.size());
    QVERIFY(seen.bytes[0] == raw("odd"));
    QVERIFY(seen.bytes[1] == raw("even"));
    QCOMPARE(seen.packets[1].time, micros(12));
}

void TestPacketReaders::timeResolutions_data()
{
    QTest::addColumn<int>("resolution"); // -1: option absent
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<quint64>("units");
    QTest::addColumn<qint64>("expected");
    QTest::newRow("microseconds when nothing is said")
        << -1 << qint64{0} << quint64{1'500'000} << qint64{1'500'000};
    QTest::newRow("10^-9") << 9 << qint64{0} << quint64{1'700'000'000'123'456'789}
                           << qint64{1'700'000'000'123'456};
    QTest::newRow("10^-3") << 3 << qint64{0} << quint64{1'234} << qint64{1'234'000};
    QTest::newRow("10^0") << 0 << qint64{0} << quint64{1'700'000'000} << qint64{1'700'000'000'000'000};
    QTest::newRow("10^-15") << 15 << qint64{0} << quint64{2'000'001'999'999'999} << qint64{2'000'001};
    QTest::newRow("10^-19") << 19 << qint64{0} << quint64{15'000'000'000'000'000'000U} << qint64{1'500'000};
    QTest::newRow("2^-10") << (0x80 | 10) << qint64{0} << quint64{1'536} << qint64{1'500'000};
    QTest::newRow("2^-32") << (0x80 | 32) << qint64{0} << quint64{0x280000000U} << qint64{2'500'000};
    QTest::newRow("2^-63") << (0x80 | 63) << qint64{0} << quint64{0xc000000000000000U} << qint64{1'500'000};
    QTest::newRow("offset added") << 6 << qint64{1'000} << quint64{5} << qint64{1'000'000'005};
    QTest::newRow("offset subtracted") << 6 << qint64{-1} << quint64{3'000'000} << qint64{2'000'000};
    QTest::newRow("never before 1970") << 6 << std::numeric_limits<qint64>::min() << quint64{7} << qint64{7};
    QTest::newRow("never after the year 9999")
        << 0 << std::numeric_limits<qint64>::max() << std::numeric_limits<quint64>::max()
        << qint64{253'402'300'799'000'000};
}

void TestPacketReaders::timeResolutions()
{
    QFETCH(int, resolution);
    QFETCH(qint64, offset);
    QFETCH(quint64, units);
    QFETCH(qint64, expected);
    Bytes options = option(false, 2, raw("eth0"));
    if (resolution >= 0)
        options = options + option(false, 9, u8(static_cast<unsigned>(resolution)));
    if (offset != 0)
        options = options + option(false, 14, in(false, static_cast<std::uint64_t>(offset)));
    const Seen seen = readBytes(section(false) + interfaceBlock(false, 1, options) +
                                enhanced(false, 0, units, raw("abcd")));
    QVERIFY(!seen.error);
    QCOMPARE(seen.packets.at(0).time, micros(expected));
}

void TestPacketReaders::severalSectionsAndInterfaces()
{
    const Bytes nano = option(false, 9, u8(9));
    const Bytes file = section(false) + interfaceBlock(false, 1) + interfaceBlock(false, 113, nano) +
                       enhanced(false, 1, 5'000'000'000, raw("cook")) +
                       enhanced(false, 0, 6'000'000, raw("ether")) + section(true) +
                       interfaceBlock(true, 276) + enhanced(true, 0, 7'000'000, raw("big"));
    const Seen seen = readBytes(file);
    QVERIFY(!seen.error);
    QCOMPARE(seen.packets.size(), std::size_t{3});
    QCOMPARE(seen.packets[0].linkType, std::uint16_t{113});
    QCOMPARE(seen.packets[0].time, micros(5'000'000));
    QCOMPARE(seen.packets[1].linkType, std::uint16_t{1});
    QCOMPARE(seen.packets[1].time, micros(6'000'000));
    QCOMPARE(seen.packets[2].linkType, std::uint16_t{276});
    QVERIFY(seen.bytes[2] == raw("big"));
    // The interface of the section before does not go on.
    const Seen stale = readBytes(section(false) + interfaceBlock(false, 1) + section(false) +
                                 enhanced(false, 0, 1, raw("lost")));
    QVERIFY(stale.error);
    QCOMPARE(stale.packets.size(), std::size_t{0});
}

void TestPacketReaders::simpleAndObsoletePackets()
{
    const Bytes simple = block(false, 3, in<std::uint32_t>(false, 11) + raw("hello world"));
    const Bytes obsolete =
        block(false, 2,
              in<std::uint16_t>(false, 0) + in<std::uint16_t>(false, 3) + in<std::uint32_t>(false, 0) +
                  in<std::uint32_t>(false, 42) + in<std::uint32_t>(false, 5) + in<std::uint32_t>(false, 50) +
                  raw("older"));
    const Bytes head = section(false) + interfaceBlock(false, 101, {}, 4);
    const Seen seen = readBytes(head + obsolete + simple);
    QVERIFY(!seen.error);
    QVERIFY(seen.bytes.at(0) == raw("older"));
    QCOMPARE(seen.packets[0].originalLength, 50U);
    QCOMPARE(seen.packets[0].time, micros(42));
    QVERIFY(seen.bytes.at(1) == raw("hell")); // cut by the interface's snapshot length
    QCOMPARE(seen.packets[1].originalLength, 11U);
    QCOMPARE(seen.packets[1].time, micros(42)); // has none of its own
}

void TestPacketReaders::unknownBlocksAreSkipped()
{
    const Bytes large = block(false, 0x0bad, Bytes(3'000'000, std::byte{0x5a}));
    const Seen seen =
        readBytes(section(false) + large + interfaceBlock(false, 1) + block(false, 5, Bytes(8)) +
                  enhanced(false, 0, 1, raw("found")) + block(false, 4, Bytes(40)));
    QVERIFY(!seen.error);
    QVERIFY(seen.bytes.at(0) == raw("found"));
}

void TestPacketReaders::cutAnywherePcap()
{
    PcapBytes file;
    for (unsigned i = 0; i < 5; ++i)
        file.add(i, i, raw(std::string(10 + i, 'a')));
    for (std::size_t length = 0; length < file.bytes.size(); ++length) {
        const Seen seen =
            readBytes(Bytes(file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(length)));
        std::size_t whole = 0; // records that end within the length
        while (whole < 5 && (whole + 1 < 5 ? file.starts[whole + 1] : file.bytes.size()) <= length)
            ++whole;
        QCOMPARE(seen.packets.size(), length < 24 ? 0 : whole);
        const bool clean = length >= 24 && length == file.starts[whole];
        QCOMPARE(!seen.error, clean);
        if (clean)
            continue;
        QCOMPARE(seen.error->code, make_error_code(BaseErrc::Truncated));
        if (length >= 24) {
            QCOMPARE(seen.stoppedAt, file.starts[whole]);
            QVERIFY(seen.error->context.find("octet " + std::to_string(seen.stoppedAt) + ":") !=
                    std::string::npos);
        }
        QVERIFY(seen.error->context.starts_with("test.cap"));
    }
}

void TestPacketReaders::cutAnywherePcapng()
{
    std::vector<Bytes> blocks{section(false), interfaceBlock(false, 1, option(false, 9, u8(6)))};
    for (unsigned i = 0; i < 3; ++i)
        blocks.push_back(enhanced(false, 0, i, raw(std::string(10 + i, 'b'))));
    blocks.push_back(block(false, 0x77, Bytes(20)));
    Bytes file;
    std::vector<std::size_t> ends;
    for (const Bytes& part : blocks) {
        file = file + part;
        ends.push_back(file.size());
    }
    for (std::size_t length = 0; length < file.size(); ++length) {
        const Seen seen = readBytes(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)));
        std::size_t packets = 0;
        bool clean = false;
        std::size_t last = 0;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            packets += i >= 2 && i < 5 && ends[i] <= length ? 1 : 0;
            clean = clean || ends[i] == length;
            last = ends[i] <= length ? ends[i] : last;
        }
        QCOMPARE(seen.packets.size(), packets);
        QCOMPARE(!seen.error, clean);
        if (!clean)
            QCOMPARE(seen.error->code, make_error_code(BaseErrc::Truncated));
        if (!clean && length >= 12) {
            QVERIFY(seen.error->context.find("octet " + std::to_string(last) + ":") != std::string::npos);
            QCOMPARE(seen.stoppedAt, std::uint64_t{last}); // not where the block claims to end
        }
    }
}

void TestPacketReaders::foreign_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("words");
    const int malformed = static_cast<int>(BaseErrc::Malformed);
    QTest::newRow("empty") << QByteArray() << static_cast<int>(BaseErrc::Truncated) << QByteArray("empty");
    QTest::newRow("a wave file") << QByteArray("RIFF1234WAVEfmt ") << malformed << QByteArray("neither pcap");
    QTest::newRow("compressed") << QByteArray("\x1f\x8b\x08\x00\x00", 5) << malformed << QByteArray("gzip");
    QTest::newRow("version from the future")
        << QByteArray("\xd4\xc3\xb2\xa1\x03\x00\x00\x00", 8) + QByteArray(16, 0) << malformed
        << QByteArray("version 3.0");
}

void TestPacketReaders::foreign()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    QFETCH(QByteArray, words);
    const Seen seen = readBytes(raw({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
    QVERIFY(seen.error);
    QCOMPARE(seen.error->code, make_error_code(static_cast<BaseErrc>(code)));
    QVERIFY2(seen.error->context.find(words.toStdString()) != std::string::npos, seen.error->context.c_str());
}

void TestPacketReaders::hostile_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char* name, const Bytes& bytes) {
        const std::string_view text = textOf(bytes);
        QTest::newRow(name) << QByteArray(text.data(), static_cast<qsizetype>(text.size()));
    };
    PcapBytes huge;
    huge.add(1, 1, raw("x"));
    storeLe<std::uint32_t>(huge.bytes.data() + huge.starts[0] + 8, 0xffffffff);
    row("pcap packet of 4 GiB", huge.bytes + Bytes(64));
    const Bytes head = section(false) + interfaceBlock(false, 1);
    Bytes block4g = head + enhanced(false, 0, 1, raw("x"));
    storeLe<std::uint32_t>(block4g.data() + head.size() + 4, 0xfffffff0);
    row("packet block of 4 GiB", block4g);
    Bytes zero = head + enhanced(false, 0, 1, raw("x"));
    storeLe<std::uint32_t>(zero.data() + head.size() + 4, 0);
    row("block of no length", zero);
    Bytes beyond = head + enhanced(false, 0, 1, raw("x"));
    storeLe<std::uint32_t>(beyond.data() + head.size() + 20, 5);
    row("packet longer than its block", beyond);
    Bytes lengths = head + enhanced(false, 0, 1, raw("x"));
    lengths[lengths.size() - 4] = std::byte{0x44};
    row("two lengths that differ", lengths);
    row("unknown interface", head + enhanced(false, 1, 1, raw("x")));
    row("packet before any interface", section(false) + enhanced(false, 0, 1, raw("x")));
    row("resolution of 10^-20", section(false) + interfaceBlock(false, 1, option(false, 9, u8(20))));
    row("option out of its block", section(false) + interfaceBlock(false, 1, hex("0200ff00")));
    row("section without byte-order magic",
        hex("0a0d0d0a 1c000000 00000000 01000000 ffffffffffffffff 1c000000"));
    row("section of version 2", hex("0a0d0d0a 1c000000 4d3c2b1a 02000000 ffffffffffffffff 1c000000"));
}

void TestPacketReaders::hostile()
{
    QFETCH(QByteArray, bytes);
    const Seen seen = readBytes(raw({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
    QVERIFY(seen.error);
    QCOMPARE(seen.error->code, make_error_code(BaseErrc::Malformed));
    QVERIFY(seen.error->context.find("octet ") != std::string::npos);
    QVERIFY(seen.packets.empty());
}

void TestPacketReaders::sourceFailureIsTold()
{
    class Failing final : public ByteSource {
    public:
        explicit Failing(const Bytes& bytes)
            : m_memory(bytes)
        {}
        std::uint64_t size() const override { return m_memory.size(); }
        Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
        {
            if (offset >= 100)
                return fail(BaseErrc::Io, "the seal is broken");
            return m_memory.readAt(
                offset, out.first(std::min<std::size_t>(out.size(), 100 - static_cast<std::size_t>(offset))));
        }

    private:
        MemorySource m_memory;
    };
    PcapBytes file;
    for (unsigned i = 0; i < 10; ++i)
        file.add(i, 0, raw("0123456789"));
    Failing source(file.bytes);
    auto reader = PacketReader::open(source, "sealed.pcap");
    QVERIFY(static_cast<bool>(reader));
    CapturedPacket packet;
    int packets = 0;
    while ((*reader)->next(packet))
        ++packets;
    QCOMPARE(packets, 2); // records of 26 octets from octet 24
    QVERIFY((*reader)->error());
    QCOMPARE((*reader)->error()->code, make_error_code(BaseErrc::Io));
    QVERIFY((*reader)->error()->context.find("the seal is broken") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestPacketReaders)
#include "tst_packet_readers.moc"
