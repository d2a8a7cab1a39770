// SPDX-License-Identifier: GPL-3.0-or-later
// Packets of a mapped capture stay where they are (POSIX; elsewhere captures are not mapped).
#include "core/base/mapped_source.h"
#include "core/capture/spool.h"
#include "tests/unit/capture/spool_packets.h"

#include <QTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

class TestSpoolMapped : public QObject {
    Q_OBJECT
private slots:
    void aMappedCaptureIsPointedInto();
    void aCaptureCutMeanwhileIsAnError();
};

namespace {

/// A file with packets 0 to count - 1 of stream 6, one after the other, as a mapped capture holds them.
struct Standing {
    QTemporaryDir dir;
    std::vector<ByteView> packets;
    std::shared_ptr<const MappedSource> source;

    explicit Standing(std::uint32_t count)
    {
        Bytes all;
        std::vector<std::size_t> ends;
        for (std::uint32_t i = 0; i < count; ++i) {
            const Bytes packet = packetOf(6, i);
            all.insert(all.end(), packet.begin(), packet.end());
            ends.push_back(all.size());
        }
        const Path path = pathOfDir(dir) / "capture";
        if (!writeFileAtomic(path, all))
            return;
        if (auto mapped = MappedSource::open(path))
            source = *mapped;
        for (std::size_t begin = 0; source && packets.size() < count; begin = ends[packets.size() - 1])
            packets.push_back(source->view().subspan(begin, ends[packets.size()] - begin));
    }
};

} // namespace

void TestSpoolMapped::aMappedCaptureIsPointedInto()
{
    constexpr std::uint32_t kPackets = 4000;
    Standing standing(kPackets);
    QVERIFY(standing.source != nullptr);
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 1024 * 1024);
    QVERIFY(static_cast<bool>(spool));
    auto stream = (*spool)->newStream();
    for (std::uint32_t i = 0; i < kPackets; ++i) {
        if (i == 10) // what came before it was mapped is copied, and so is what is not in it
            (*spool)->setStanding(standing.source);
        const bool copied = i % 100 == 0;
        QVERIFY(static_cast<bool>(
            stream->append(timeOf(6, i), copied ? ByteView(packetOf(6, i)) : standing.packets[i])));
    }
    (*spool)->setStanding(nullptr);
    QVERIFY((*spool)->memoryBytes() < kPackets * 64);
    standing.source.reset(); // the stream holds on to it
    QVERIFY(holds(*stream, 6, kPackets));
    std::uint32_t next = 0;
    bool right = true;
    QVERIFY(static_cast<bool>(stream->visitHeads([&](const rtp::PacketHead& packet) {
        const Bytes expected = packetOf(6, next);
        right = right && packet.captured == timeOf(6, next) && packet.datagram.size() == expected.size() &&
                std::equal(packet.head, packet.head + rtp::PacketHead::kBytes, expected.begin());
        ++next;
    })));
    QVERIFY(right);
    QCOMPARE(next, kPackets);
}

void TestSpoolMapped::aCaptureCutMeanwhileIsAnError()
{
    Standing standing(2000);
    QVERIFY(standing.source != nullptr);
    QTemporaryDir dir;
    auto spool = Spool::create(pathOfDir(dir), 1024 * 1024);
    QVERIFY(static_cast<bool>(spool));
    (*spool)->setStanding(standing.source);
    auto stream = (*spool)->newStream();
    for (std::uint32_t i = 0; i < 2000; ++i)
        QVERIFY(static_cast<bool>(stream->append(timeOf(6, i), standing.packets[i])));
    auto file = File::open(pathOfDir(standing.dir) / "capture", OpenMode::ReadWrite);
    QVERIFY(file && (*file)->truncate(4096));
    std::uint64_t octets = 0;
    const Status visited = stream->visit([&](UtcTime, ByteView datagram) {
        for (const std::byte b : datagram)
            octets += std::to_integer<std::uint64_t>(b);
    });
    QVERIFY(octets > 0);
    QVERIFY(!visited && visited.error().code == BaseErrc::Io);
}

QTEST_GUILESS_MAIN(TestSpoolMapped)
#include "tst_spool_mapped.moc"
