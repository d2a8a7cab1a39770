// SPDX-License-Identifier: GPL-3.0-or-later
// Several files as one capture: their order, progress, cancellation, and bad ones among good ones.
#include "core/capture/capture_reader.h"
#include "tests/unit/capture/frames.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

const Endpoint kA = at("192.0.2.1", 10000);
const Endpoint kB = at("192.0.2.2", 20000);

/// `count` RTP packets of one stream from `first` on; 20 ms each.
PcapBytes mediaFrom(std::uint32_t first, std::uint32_t count)
{
    PcapBytes file;
    for (std::uint32_t i = first; i < first + count; ++i)
        file.add(1000 + i / 50, i % 50 * 20'000,
                 ethernet(0x0800, udpPacket(kA, kB,
                                            hex("8008") + be(static_cast<std::uint16_t>(i)) + be(i * 160) +
                                                hex("00000007") + Bytes(160))));
    return file;
}

Path write(const QTemporaryDir& dir, const char* name, const Bytes& bytes)
{
    const Path path = pathOf(dir.path().toStdString()) / name;
    const Status written = writeFileAtomic(path, bytes);
    return written ? path : Path{};
}

struct Outcome {
    Result<CaptureStats> stats = CaptureStats{};
    std::vector<FileError> errors;
    std::vector<std::uint16_t> sequence; ///< of the media of all calls, as visited
};

Outcome read(const std::vector<Path>& files, Progress& progress)
{
    Outcome outcome;
    outcome.stats = readCaptures(
        files, {}, progress,
        [&](CapturedCall&& call) {
            for (const CallStream& stream : call.streams) {
                const Status visited = stream.rtp.source->visit([&](UtcTime, ByteView datagram) {
                    outcome.sequence.push_back(loadBe<std::uint16_t>(datagram.data() + 2));
                });
                QVERIFY(static_cast<bool>(visited));
            }
        },
        outcome.errors);
    return outcome;
}

std::vector<std::uint16_t> counted(std::uint16_t count)
{
    std::vector<std::uint16_t> numbers;
    for (std::uint16_t i = 0; i < count; ++i)
        numbers.push_back(i);
    return numbers;
}

} // namespace

class TestCaptureReader : public QObject {
    Q_OBJECT
private slots:
    void filesAreTakenInOrderOfTheirFirstPackets();
    void badFilesAreToldAndTheOthersRead();
    void progressRunsToTheEnd();
    void cancelled();
    void missingSpoolFolder();
    void fromMemory();
    void framesThatNobodyWantsAreCounted();
    void foreignLinkTypesAreErrors();
    void cutMediaIsCounted();
};

void TestCaptureReader::filesAreTakenInOrderOfTheirFirstPackets()
{
    QTemporaryDir dir;
    Progress progress;
    const auto outcome =
        read({write(dir, "a", mediaFrom(200, 100).bytes), write(dir, "b", mediaFrom(0, 100).bytes),
              write(dir, "c", mediaFrom(100, 100).bytes)},
             progress);
    QVERIFY(static_cast<bool>(outcome.stats));
    QVERIFY(outcome.errors.empty());
    QCOMPARE(outcome.stats->packets, std::uint64_t{300});
    QCOMPARE(outcome.stats->rtpPackets, std::uint64_t{300});
    QVERIFY(outcome.sequence == counted(300));
}

void TestCaptureReader::badFilesAreToldAndTheOthersRead()
{
    QTemporaryDir dir;
    Bytes cut = mediaFrom(100, 100).bytes;
    cut.erase(cut.end() - 7, cut.end());
    const std::size_t lastRecord = cut.size() + 7 - (16 + 14 + 20 + 8 + 172);
    Progress progress;
    const auto outcome =
        read({write(dir, "empty", {}), write(dir, "cut", cut), write(dir, "text", raw("not a capture")),
              pathOf(dir.path().toStdString()) / "missing", write(dir, "good", mediaFrom(0, 100).bytes)},
             progress);
    QVERIFY(static_cast<bool>(outcome.stats));
    QVERIFY(outcome.sequence == counted(199)); // all whole packets of the cut one too
    QCOMPARE(outcome.errors.size(), std::size_t{4});
    const auto errorOf = [&](const char* name) -> const FileError& {
        for (const FileError& error : outcome.errors) {
            if (pathOf(error.file).filename() == name)
                return error;
        }
        return outcome.errors.front();
    };
    QCOMPARE(errorOf("empty").error.code, make_error_code(BaseErrc::Truncated));
    QCOMPARE(errorOf("text").error.code, make_error_code(BaseErrc::Malformed));
    QCOMPARE(errorOf("missing").error.code, make_error_code(BaseErrc::NotFound));
    QCOMPARE(errorOf("cut").error.code, make_error_code(BaseErrc::Truncated));
    QCOMPARE(errorOf("cut").offset, std::uint64_t{lastRecord});
}

void TestCaptureReader::progressRunsToTheEnd()
{
    class Noting final : public Progress {
    public:
        void report(std::uint64_t done, std::uint64_t total) override
        {
            rising = rising && done >= last && done <= total;
            last = done;
            all = total;
            ++reports;
        }
        std::uint64_t last = 0;
        std::uint64_t all = 0;
        int reports = 0;
        bool rising = true;
    } progress;
    QTemporaryDir dir;
    const Bytes one = mediaFrom(0, 6000).bytes;
    const Bytes two = mediaFrom(6000, 6000).bytes;
    const auto outcome = read({write(dir, "1", one), write(dir, "2", two)}, progress);
    QVERIFY(static_cast<bool>(outcome.stats));
    QVERIFY(progress.rising);
    QCOMPARE(progress.all, std::uint64_t{one.size() + two.size()});
    QCOMPARE(progress.last, progress.all);
    QVERIFY(progress.reports >= 4);
}

void TestCaptureReader::cancelled()
{
    class Impatient final : public Progress {
    public:
        void report(std::uint64_t done, std::uint64_t) override
        {
            if (done > 0)
                cancel();
        }
    } progress;
    QTemporaryDir dir;
    const auto outcome = read({write(dir, "1", mediaFrom(0, 6000).bytes)}, progress);
    QVERIFY(!outcome.stats);
    QCOMPARE(outcome.stats.error().code, make_error_code(BaseErrc::Cancelled));
}

void TestCaptureReader::missingSpoolFolder()
{
    QTemporaryDir dir;
    ReadOptions options;
    options.spoolDir = pathOf(dir.path().toStdString()) / "nowhere";
    Progress progress;
    std::vector<FileError> errors;
    const auto stats = readCaptures({write(dir, "1", mediaFrom(0, 10).bytes)}, options, progress, {}, errors);
    QVERIFY(!stats);
    QCOMPARE(stats.error().code, make_error_code(BaseErrc::NotFound));
}

void TestCaptureReader::fromMemory()
{
    const Bytes bytes = mediaFrom(0, 50).bytes;
    MemorySource source(bytes);
    Progress progress;
    std::vector<FileError> errors;
    std::uint64_t packets = 0;
    const auto stats = readCapture(
        source, "memory", {}, progress,
        [&](CapturedCall&& call) {
            for (const CallStream& stream : call.streams)
                packets += stream.rtp.packets;
        },
        errors);
    QVERIFY(static_cast<bool>(stats));
    QVERIFY(errors.empty());
    QCOMPARE(packets, std::uint64_t{50});
}

void TestCaptureReader::framesThatNobodyWantsAreCounted()
{
    QTemporaryDir dir;
    PcapBytes file = mediaFrom(0, 20);
    file.add(1100, 0, ethernet(0x0806, Bytes(28)));
    file.add(1100, 0, ethernet(0x0800, udpPacket(kA, kB, raw("what is this"))), 1500);
    Progress progress;
    const auto outcome = read({write(dir, "1", file.bytes)}, progress);
    QVERIFY(static_cast<bool>(outcome.stats));
    QCOMPARE(outcome.stats->packets, std::uint64_t{22});
    QCOMPARE(outcome.stats->ignored, std::uint64_t{2});
    QCOMPARE(outcome.stats->cut, std::uint64_t{1});
}

void TestCaptureReader::foreignLinkTypesAreErrors()
{
    QTemporaryDir dir;
    PcapBytes wireless(false, 0xa1b2c3d4, 105);
    wireless.add(1000, 0, Bytes(60, std::byte{8}));
    wireless.add(1001, 0, Bytes(60, std::byte{8}));
    Progress progress;
    const auto outcome =
        read({write(dir, "wireless", wireless.bytes), write(dir, "good", mediaFrom(0, 100).bytes)}, progress);
    QVERIFY(outcome.sequence == counted(100));
    QCOMPARE(outcome.errors.size(), std::size_t{1});
    QVERIFY(outcome.errors[0].file.ends_with("wireless"));
    QCOMPARE(outcome.errors[0].offset, std::uint64_t{24});
    const std::string text = outcome.errors[0].error.text();
    QVERIFY2(text.find("link type 105 is not supported; its packets were left out: 2") != std::string::npos,
             text.c_str());
}

void TestCaptureReader::cutMediaIsCounted()
{
    PcapBytes file;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const Bytes frame = ethernet(0x0800, udpPacket(kA, kB,
                                                       hex("8008") + be(static_cast<std::uint16_t>(i)) +
                                                           be(i * 160) + hex("00000007") + Bytes(160)));
        const auto whole = static_cast<std::uint32_t>(frame.size());
        const bool cut = i % 10 == 0 || i == 1; // the first is held back until there are more
        for (int copy = 0; copy < 2; ++copy)
            file.add(1000 + i / 50, i % 50 * 20'000, cut ? Bytes(frame.begin(), frame.begin() + 100) : frame,
                     whole);
    }
    MemorySource source(file.bytes);
    Progress progress;
    std::vector<FileError> errors;
    std::uint64_t cut = 0;
    const auto stats = readCapture(
        source, "memory", {}, progress,
        [&](CapturedCall&& call) {
            for (const CallStream& stream : call.streams)
                cut += stream.cutPackets;
        },
        errors);
    QVERIFY(static_cast<bool>(stats));
    QCOMPARE(stats->cut, std::uint64_t{22});
    QCOMPARE(cut, std::uint64_t{11});
}

QTEST_GUILESS_MAIN(TestCaptureReader)
#include "tst_capture_reader.moc"
