// SPDX-License-Identifier: GPL-3.0-or-later
// The spool keeps every packet of every stream in order, in little memory, and says when the disk is full.
#include "core/capture/spool.h"
#include "core/capture/spool_file.h"
#include "tests/unit/capture/spool_packets.h"

#include <QDir>
#include <QTest>

#include <atomic>
#include <deque>
#include <random>
#include <thread>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

class TestSpool : public QObject {
    Q_OBJECT
private slots:
    void keepsEveryPacket_data();
    void keepsEveryPacket();
    void longStreamsInLittleMemory();
    void emptyAndLargestDatagrams();
    void memoryStaysInBudgetForTenThousandCalls();
    void visitsWhileOthersAppend();
    void leavesNoFileBehind();
    void missingFolderIsTold();
    void fileSpaceIsUsedAgain();
    void emptyFileGivesItsSpaceBack();
    void rangesAreTheirPartOfTheVisit_data();
    void rangesAreTheirPartOfTheVisit();
    void streamsOutliveTheSpool();
    void memoryOnlyNeedsNoFolder();
    void timesThatJumpAreKeptInLittleMemory();
};

void TestSpool::keepsEveryPacket_data()
{
    QTest::addColumn<quint64>("budget");
    QTest::newRow("all in memory") << quint64{256 * 1024 * 1024};
    QTest::newRow("some of it overflows") << quint64{2 * 1024 * 1024};
    QTest::newRow("nearly everything overflows") << quint64{64 * 1024};
    QTest::newRow("no memory at all") << quint64{0};
}

void TestSpool::keepsEveryPacket()
{
    QFETCH(quint64, budget);
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), budget);
    QVERIFY(static_cast<bool>(spool));
    constexpr std::uint32_t kStreams = 40;
    std::vector<std::shared_ptr<SpoolStream>> streams(kStreams);
    std::vector<std::uint32_t> counts(kStreams);
    std::mt19937 random(7);
    for (int i = 0; i < 30'000; ++i) {
        const auto number = static_cast<std::uint32_t>(random() % kStreams * (random() % 2)); // one is busier
        if (!streams[number])
            streams[number] = (*spool)->newStream();
        QVERIFY(static_cast<bool>(
            streams[number]->append(timeOf(number, counts[number]), packetOf(number, counts[number]))));
        ++counts[number];
        if (i % 5000 == 4999) { // a call ends: read it, twice, and start anew
            const auto ended = static_cast<std::uint32_t>(random() % kStreams);
            if (streams[ended]) {
                QVERIFY(holds(*streams[ended], ended, counts[ended]));
                QVERIFY(holds(*streams[ended], ended, counts[ended]));
                streams[ended].reset();
                counts[ended] = 0;
            }
        }
    }
    for (std::uint32_t number = 0; number < kStreams; ++number)
        QVERIFY(!streams[number] || holds(*streams[number], number, counts[number]));
    QVERIFY((*spool)->memoryBytes() <= std::max<quint64>(budget, 64 * 1024));
    streams.clear();
    QCOMPARE((*spool)->memoryBytes(), std::uint64_t{0});
}

void TestSpool::longStreamsInLittleMemory()
{
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 16 * 1024);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    auto other = (*spool)->newStream();
    constexpr std::uint32_t kPackets = 20'000; // many chunks
    for (std::uint32_t i = 0; i < kPackets; ++i) {
        QVERIFY(static_cast<bool>(stream->append(timeOf(1, i), packetOf(1, i))));
        QVERIFY(static_cast<bool>(other->append(timeOf(2, i), packetOf(2, i))));
    }
    QVERIFY(holds(*stream, 1, kPackets));
    stream.reset();
    QVERIFY(holds(*other, 2, kPackets));
}

void TestSpool::emptyAndLargestDatagrams()
{
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 4096);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    const std::vector<std::size_t> sizes{0, 65535, 1, 0, 65535, 65535, 172};
    for (const std::size_t size : sizes)
        QVERIFY(static_cast<bool>(stream->append(UtcTime{}, Bytes(size, std::byte{0x42}))));
    const Status refused = stream->append(UtcTime{}, Bytes(65536));
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, make_error_code(BaseErrc::TooLarge));
    std::vector<std::size_t> seen;
    QVERIFY(static_cast<bool>(
        stream->visit([&](UtcTime, ByteView datagram) { seen.push_back(datagram.size()); })));
    QVERIFY(seen == sizes);
}

void TestSpool::memoryStaysInBudgetForTenThousandCalls()
{
    QTemporaryDir dir;
    constexpr std::uint64_t kBudget = 64 * 1024 * 1024;
    auto spool = Spool::create(pathOfDir(dir), kBudget);
    QVERIFY(static_cast<bool>(spool));
    constexpr std::uint32_t kStreams = 20'000;
    std::vector<std::shared_ptr<SpoolStream>> streams;
    for (std::uint32_t i = 0; i < kStreams; ++i)
        streams.push_back((*spool)->newStream());
    std::uint64_t most = 0;
    for (std::uint32_t round = 0; round < 25; ++round) {
        for (std::uint32_t i = 0; i < kStreams; ++i)
            QVERIFY(static_cast<bool>(streams[i]->append(timeOf(i, round), packetOf(i, round))));
        most = std::max(most, (*spool)->memoryBytes());
    }
    QVERIFY2(most <= kBudget, qPrintable(QString::number(most)));
    QVERIFY(most > kBudget / 2); // there was something to overflow
    for (std::uint32_t i = 0; i < kStreams; i += 97)
        QVERIFY(holds(*streams[i], i, 25));
}

void TestSpool::visitsWhileOthersAppend()
{
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 512 * 1024);
    QVERIFY(static_cast<bool>(spool));
    constexpr std::uint32_t kPackets = 400;
    std::vector<std::shared_ptr<SpoolStream>> ended;
    for (std::uint32_t number = 0; number < 24; ++number) {
        ended.push_back((*spool)->newStream());
        for (std::uint32_t i = 0; i < kPackets; ++i)
            QVERIFY(static_cast<bool>(ended.back()->append(timeOf(number, i), packetOf(number, i))));
    }
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (std::uint32_t reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&, reader] {
            for (std::uint32_t number = reader; number < ended.size(); number += 2) {
                if (!holds(*ended[number], number, kPackets))
                    ++wrong;
                ended[number].reset(); // freed on this thread
            }
        });
    }
    auto busy = (*spool)->newStream(); // pushes the others out of memory meanwhile
    for (std::uint32_t i = 0; i < 20'000; ++i)
        QVERIFY(static_cast<bool>(busy->append(timeOf(99, i), packetOf(99, i))));
    for (std::thread& reader : readers)
        reader.join();
    QCOMPARE(wrong.load(), 0);
    QVERIFY(holds(*busy, 99, 20'000));
}

void TestSpool::leavesNoFileBehind()
{
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 0);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    for (std::uint32_t i = 0; i < 1000; ++i)
        QVERIFY(static_cast<bool>(stream->append(timeOf(1, i), packetOf(1, i))));
    stream.reset();
    spool->reset();
    QVERIFY(QDir(dir.path()).isEmpty());
}

void TestSpool::missingFolderIsTold()
{
    QTemporaryDir dir;
    const auto spool = Spool::create(pathOfDir(dir) / "not" / "there", 1024);
    QVERIFY(!spool);
    QCOMPARE(spool.error().code, make_error_code(BaseErrc::NotFound));
}

void TestSpool::fileSpaceIsUsedAgain()
{
    QTemporaryDir dir;
    auto file = SpoolFile::create(pathOfDir(dir));
    QVERIFY(static_cast<bool>(file));
    const auto fill = [](const SpoolPiece& piece, int number) {
        std::fill_n(piece.data, piece.bytes, static_cast<std::byte>(number * 37));
    };
    std::deque<std::pair<SpoolPiece, int>> live;
    for (int i = 0; i < 5000; ++i) { // half a gigabyte goes through, 20 MB live at a time
        const auto piece = (*file)->take(i % 3 == 0 ? 3'000 : 100'000);
        QVERIFY(static_cast<bool>(piece));
        QVERIFY(piece->bytes >= (i % 3 == 0 ? 3'000U : 100'000U));
        fill(*piece, i);
        live.emplace_back(*piece, i);
        if (live.size() > 200) {
            const auto& [oldest, number] = live.front();
            for (const std::size_t at :
                 {std::size_t{0}, oldest.bytes / std::size_t{2}, oldest.bytes - std::size_t{1}})
                QCOMPARE(oldest.data[at], static_cast<std::byte>(number * 37)); // no two share octets
            (*file)->free(oldest);
            live.pop_front();
        }
    }
    QVERIFY2((*file)->bytes() <= 40 * 1024 * 1024, qPrintable(QString::number((*file)->bytes())));
    QVERIFY(!(*file)->take(SpoolFile::kMaxPiece + 1));
}

void TestSpool::emptyFileGivesItsSpaceBack()
{
    QTemporaryDir dir;
    auto file = SpoolFile::create(pathOfDir(dir));
    QVERIFY(static_cast<bool>(file));
    std::vector<SpoolPiece> live;
    for (int i = 0; i < 800; ++i) { // 100 MB
        const auto piece = (*file)->take(SpoolFile::kMaxPiece);
        QVERIFY(static_cast<bool>(piece));
        live.push_back(*piece);
    }
    QCOMPARE((*file)->bytes(), std::uint64_t{100} * 1024 * 1024);
    for (const SpoolPiece& piece : live)
        (*file)->free(piece);
    QCOMPARE((*file)->bytes(), std::uint64_t{0});
    const auto again = (*file)->take(1);
    QVERIFY(static_cast<bool>(again));
    QCOMPARE((*file)->bytes(), std::uint64_t{SpoolFile::kSegmentBytes});
}

void TestSpool::rangesAreTheirPartOfTheVisit()
{
    QFETCH(quint64, budget);
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), budget);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    constexpr std::uint32_t kPackets = 3000; // ten chunks
    for (std::uint32_t i = 0; i < kPackets; ++i)
        QVERIFY(static_cast<bool>(stream->append(timeOf(5, i), packetOf(5, i))));
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges{
        {0, 0}, {0, 1}, {0, kPackets}, {17, 1}, {1499, 800}, {2999, 1}, {2999, 5}, {3000, 1}, {9999, 7}};
    for (const auto& [first, count] : ranges) {
        std::uint64_t next = first;
        bool right = true;
        QVERIFY(static_cast<bool>(stream->visitRange(first, count, [&](UtcTime time, ByteView datagram) {
            const auto number = static_cast<std::uint32_t>(next++);
            const Bytes expected = packetOf(5, number);
            right = right && time == timeOf(5, number) &&
                    std::equal(expected.begin(), expected.end(), datagram.begin(), datagram.end());
        })));
        QVERIFY(right);
        QCOMPARE(next, std::max(first, std::min<std::uint64_t>(first + count, kPackets)));
    }
}

void TestSpool::rangesAreTheirPartOfTheVisit_data()
{
    QTest::addColumn<quint64>("budget");
    QTest::newRow("in memory") << quint64{64 * 1024 * 1024};
    QTest::newRow("in the file") << quint64{0};
}

void TestSpool::streamsOutliveTheSpool()
{
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 8 * 1024);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    for (std::uint32_t i = 0; i < 500; ++i)
        QVERIFY(static_cast<bool>(stream->append(timeOf(3, i), packetOf(3, i))));
    spool->reset();
    QVERIFY(holds(*stream, 3, 500));
}

void TestSpool::memoryOnlyNeedsNoFolder()
{
    auto spool = Spool::create({}, 1024);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    for (std::uint32_t i = 0; i < 5000; ++i)
        QVERIFY(static_cast<bool>(stream->append(timeOf(4, i), packetOf(4, i))));
    QVERIFY(holds(*stream, 4, 5000));
}

void TestSpool::timesThatJumpAreKeptInLittleMemory()
{
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 64 * 1024 * 1024);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    const auto jumping = [](std::uint32_t i) {
        return i % 2 == 0 ? timeOf(7, i) : timeOf(7, i) + std::chrono::hours(i % 3 == 0 ? 24 : -24);
    };
    constexpr std::uint32_t kPackets = 2000;
    for (std::uint32_t i = 0; i < kPackets; ++i)
        QVERIFY(static_cast<bool>(stream->append(jumping(i), packetOf(7, i))));
    QVERIFY((*spool)->memoryBytes() < kPackets * 2048);
    std::uint32_t next = 0;
    bool right = true;
    QVERIFY(static_cast<bool>(stream->visit([&](UtcTime time, ByteView datagram) {
        const Bytes expected = packetOf(7, next);
        right = right && time == jumping(next) && std::ranges::equal(datagram, expected);
        ++next;
    })));
    QVERIFY(right);
    QCOMPARE(next, kPackets);
}

QTEST_GUILESS_MAIN(TestSpool)
#include "tst_spool.moc"
