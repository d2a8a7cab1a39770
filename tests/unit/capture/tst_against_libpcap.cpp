// SPDX-License-Identifier: GPL-3.0-or-later
// Our reader and writer against libpcap: the same packets, lengths and times of real captures and of our own.
#include "core/base/file.h"
#include "core/capture/packet_reader.h"
#include "core/capture/pcap_writer.h"
#include "tests/unit/capture/frames.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

#include <pcap/pcap.h>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

struct Record {
    std::int64_t micros = 0;
    std::uint32_t original = 0;
    std::string bytes;
    bool operator==(const Record&) const = default;
};

std::vector<Record> byLibpcap(const QString& path, int& linkType)
{
    char message[PCAP_ERRBUF_SIZE];
    pcap_t* pcap = pcap_open_offline(qPrintable(path), message);
    std::vector<Record> records;
    if (pcap == nullptr)
        return records;
    linkType = pcap_datalink(pcap);
    pcap_pkthdr* header = nullptr;
    const unsigned char* data = nullptr;
    while (pcap_next_ex(pcap, &header, &data) == 1)
        records.push_back({std::int64_t{header->ts.tv_sec} * 1'000'000 + header->ts.tv_usec, header->len,
                           std::string(reinterpret_cast<const char*>(data), header->caplen)});
    pcap_close(pcap);
    return records;
}

std::vector<Record> byUs(const QString& path, int linkType, QString& problem)
{
    std::vector<Record> records;
    auto file = File::open(pathOf(path.toStdString()), OpenMode::Read);
    if (!file)
        return records;
    auto reader = PacketReader::open(**file, path.toStdString());
    if (!reader) {
        problem = QString::fromStdString(reader.error().text());
        return records;
    }
    CapturedPacket packet;
    while ((*reader)->next(packet)) {
        if (packet.linkType != linkType)
            problem = QStringLiteral("link type");
        records.push_back({packet.time.time_since_epoch().count(), packet.originalLength,
                           std::string(textOf(packet.bytes))});
    }
    if ((*reader)->error())
        problem = QString::fromStdString((*reader)->error()->text());
    return records;
}

} // namespace

class TestAgainstLibpcap : public QObject {
    Q_OBJECT
private slots:
    void fixturesReadTheSame();
    void whatWeWriteReadsTheSame();
    void writtenDatagramsComeBack_data();
    void writtenDatagramsComeBack();
    void checksumsAreRight();
    void tooLargeIsRefused();
};

void TestAgainstLibpcap::fixturesReadTheSame()
{
    const QString folder = QStringLiteral(SR_FIXTURES);
    if (!QFileInfo::exists(folder)) {
        if (qEnvironmentVariable("CI") == QLatin1String("true") &&
            QFileInfo::exists(folder + QStringLiteral("/..")))
            QFAIL("the fixtures are missing");
        QSKIP("no fixtures beside the project");
    }
    int files = 0;
    QDirIterator it(folder, {QStringLiteral("*.pcap"), QStringLiteral("*.pcapng")}, QDir::Files,
                    QDirIterator::Subdirectories);
    while (it.hasNext()) {
        const QString path = it.next();
        int linkType = -1;
        const auto theirs = byLibpcap(path, linkType);
        QString problem;
        const auto ours = byUs(path, linkType, problem);
        QVERIFY2(problem.isEmpty(), qPrintable(path + problem));
        QVERIFY2(!theirs.empty(), qPrintable(path));
        QVERIFY2(theirs == ours, qPrintable(path));
        ++files;
    }
    QVERIFY(files > 0);
}

void TestAgainstLibpcap::whatWeWriteReadsTheSame()
{
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("own.pcap"));
    {
        auto file = File::open(pathOf(path.toStdString()), OpenMode::CreateNew);
        QVERIFY(static_cast<bool>(file));
        auto writer = PcapWriter::create(**file);
        QVERIFY(static_cast<bool>(writer));
        for (int i = 0; i < 50; ++i)
            QVERIFY(static_cast<bool>(writer->add(UtcTime(seconds(1'770'000'000) + microseconds(i * 333'333)),
                                                  at("192.0.2.1", 5060), at("2001:db8::1", 5062),
                                                  raw(std::string(static_cast<std::size_t>(i), 'p')))));
    }
    int linkType = -1;
    const auto theirs = byLibpcap(path, linkType);
    QString problem;
    QCOMPARE(theirs.size(), std::size_t{50});
    QVERIFY(theirs == byUs(path, linkType, problem));
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    QCOMPARE(theirs[3].micros, std::int64_t{1'770'000'000'999'999});
}

void TestAgainstLibpcap::writtenDatagramsComeBack_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::newRow("IPv4") << QByteArray("192.0.2.1") << QByteArray("10.255.0.9");
    QTest::newRow("IPv6") << QByteArray("2001:db8::1") << QByteArray("fe80::1234");
    QTest::newRow("both families, as IPv6 with a mapped address")
        << QByteArray("192.0.2.1") << QByteArray("2001:db8::1");
}

void TestAgainstLibpcap::writtenDatagramsComeBack()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    const Endpoint a = at(from.constData(), 1);
    const Endpoint b = at(to.constData(), 65535);
    MemorySink out;
    auto writer = PcapWriter::create(out);
    QVERIFY(static_cast<bool>(writer));
    std::vector<Collected::Item> sent;
    std::mt19937 random(5);
    for (const std::size_t size : {1U, 2U, 3U, 172U, 1400U, 65507U}) {
        const Bytes payload = randomBytes(random, size);
        sent.push_back({UtcTime(microseconds(size * 1'000'001)), a, b, std::string(textOf(payload)), false});
        QVERIFY(static_cast<bool>(writer->add(sent.back().time, a, b, payload)));
    }
    MemorySource source(out.bytes());
    auto reader = PacketReader::open(source, "memory");
    QVERIFY(static_cast<bool>(reader));
    Collected sink;
    PacketDecoder decoder(sink);
    CapturedPacket packet;
    while ((*reader)->next(packet))
        decoder.take(packet);
    QVERIFY(!(*reader)->error());
    QVERIFY(sink.items == sent);
}

void TestAgainstLibpcap::checksumsAreRight()
{
    MemorySink out;
    auto writer = PcapWriter::create(out);
    QVERIFY(static_cast<bool>(writer));
    QVERIFY(static_cast<bool>(writer->add({}, at("192.0.2.1", 5060), at("192.0.2.2", 5061), raw("odd"))));
    const ByteView ip = ByteView(out.bytes()).subspan(24 + 16 + 14);
    const auto sum = [](ByteView bytes, std::uint32_t start) {
        std::uint32_t total = start;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            total += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
        while (total > 0xffff)
            total = (total & 0xffff) + (total >> 16);
        return total;
    };
    QCOMPARE(sum(ip.first(20), 0), 0xffffU); // RFC 1071: over everything it gives all ones
    QCOMPARE(sum(ip.subspan(20), sum(ip.subspan(12, 8), 17 + 11)), 0xffffU);
}

void TestAgainstLibpcap::tooLargeIsRefused()
{
    MemorySink out;
    auto writer = PcapWriter::create(out);
    QVERIFY(static_cast<bool>(writer));
    const Status added = writer->add({}, at("192.0.2.1", 1), at("192.0.2.2", 2), Bytes(65508));
    QVERIFY(!added);
    QCOMPARE(added.error().code, make_error_code(BaseErrc::TooLarge));
    QCOMPARE(out.bytes().size(), std::size_t{24});
}

QTEST_GUILESS_MAIN(TestAgainstLibpcap)
#include "tst_against_libpcap.moc"
