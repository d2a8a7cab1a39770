// SPDX-License-Identifier: GPL-3.0-or-later
// What is taken for RTP, when a stream is believed, and that the table stays right and bounded.
#include "core/capture/rtp_collector.h"
#include "tests/unit/capture/sip_flow.h"

#include <QtTest>

#include <random>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;

namespace {

struct Bench {
    std::unique_ptr<Spool> spool = std::move(*Spool::create({}, 64 * 1024 * 1024));
    bool awaited = false;
    RtpCollector collector;

    explicit Bench(std::uint32_t maxStreams = 1000)
        : collector(*spool, maxStreams, [this](const Endpoint&) { return awaited; })
    {}
    bool packet(double t, std::uint16_t sequence, std::uint32_t ssrc = 1,
                const std::string& from = "10.0.0.1:4000")
    {
        const Bytes bytes = rtpPacket(ssrc, sequence, sequence * 160U, 8, 160);
        return collector.take({at(t), ep(from), ep("10.0.0.2:6000"), bytes, false});
    }
    std::vector<std::uint64_t> counts()
    {
        std::vector<std::uint64_t> out;
        for (const CollectedStream& one : collector.streams())
            out.push_back(one.packets);
        return out;
    }
};

using Counts = std::vector<std::uint64_t>;

Bytes octets(std::initializer_list<int> head, std::size_t size)
{
    Bytes out(size);
    std::size_t i = 0;
    for (const int value : head)
        out[i++] = static_cast<std::byte>(value);
    return out;
}

} // namespace

class TestRtpCollector : public QObject {
    Q_OBJECT
private slots:
    void looks_data();
    void looks();
    void believedAfterThree();
    void startsInDisorder();
    void startsDoubled();
    void chanceIsNoStream();
    void awaitedAtOnce();
    void gapStartsAnother();
    void gapOfAwaitedDoesNot();
    void retired();
    void closedInTheMiddle();
    void sequenceWraps();
    void samples();
    void limit();
    void tableAgainstModel();
};

void TestRtpCollector::looks_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("expected");
    const auto row = [](const char* name, const Bytes& bytes, Looks looks) {
        QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()),
                                          qsizetype(bytes.size()))
                            << int(looks);
    };
    row("RTP", octets({0x80, 8}, 172), Looks::Rtp);
    row("RTP with marker", octets({0x80, 0x88}, 172), Looks::Rtp);
    row("RTP without payload", octets({0x80, 8}, 12), Looks::Rtp);
    row("dynamic type with marker", octets({0x80, 0xe0}, 20), Looks::Rtp);
    row("shorter than its header", octets({0x80, 8}, 11), Looks::Other);
    row("CSRC list beyond the end", octets({0x8f, 8}, 60), Looks::Other);
    row("CSRC list that fits", octets({0x8f, 8}, 72), Looks::Rtp);
    row("extension beyond the end", octets({0x90, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 9}, 40),
        Looks::Other);
    row("extension that fits", octets({0x90, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1}, 40),
        Looks::Rtp);
    row("sender report", octets({0x80, 200, 0, 6}, 28), Looks::Rtcp);
    row("receiver report in a compound", octets({0x81, 201, 0, 7}, 60), Looks::Rtcp);
    row("RTCP longer than the datagram", octets({0x80, 200, 1, 0}, 28), Looks::Other);
    row("payload type 72 without marker", octets({0x80, 72}, 172), Looks::Other);
    row("STUN binding", octets({0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, 20), Looks::Other);
    row("DTLS", octets({22, 0xfe, 0xfd}, 60), Looks::Other);
    row("TURN channel", octets({0x40, 0, 0, 160}, 164), Looks::Other);
    row("DNS", octets({0x12, 0x34, 1, 0}, 40), Looks::Other);
    row("version 1", octets({0x40, 8}, 172), Looks::Other);
    row("version 3", octets({0xc0, 8}, 172), Looks::Other);
    row("text", octets({'S', 'I', 'P'}, 200), Looks::Other);
    row("empty", {}, Looks::Other);
}

void TestRtpCollector::looks()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, expected);
    QCOMPARE(int(looksOf(std::as_bytes(std::span(bytes.constData(), std::size_t(bytes.size()))))), expected);
}

void TestRtpCollector::believedAfterThree()
{
    Bench b;
    b.packet(0, 7);
    b.packet(0.02, 8);
    QVERIFY(b.counts().empty());
    b.packet(0.04, 9);
    QCOMPARE(b.counts(), Counts{3});
    b.packet(0.06, 10);
    QCOMPARE(b.counts(), Counts{4});
    QCOMPARE(b.collector.at(ep("10.0.0.1:4000")).size(), std::size_t{1});
    QCOMPARE(b.collector.at(ep("10.0.0.2:6000")).size(), std::size_t{1});
    QCOMPARE(b.collector.at(ep("10.0.0.2:6001")).size(), std::size_t{0});
    QCOMPARE(b.collector.streams().front().first, at(0));
}

void TestRtpCollector::startsInDisorder()
{
    Bench b;
    for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{10, 9, 12, 11, 13})
        b.packet(sequence * 0.02, sequence);
    QCOMPARE(b.counts(), Counts{5}); // nothing of the start is lost
}

void TestRtpCollector::startsDoubled()
{
    Bench b;
    for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{10, 10, 11, 11, 12, 12})
        b.packet(sequence * 0.02, sequence);
    QCOMPARE(b.counts(), Counts{6});
}

void TestRtpCollector::chanceIsNoStream()
{
    Bench b;
    std::mt19937 random(5); // fixed: the same garbage each time
    for (int i = 0; i < 20000; ++i)
        b.packet(i * 0.001, static_cast<std::uint16_t>(random()),
                 static_cast<std::uint32_t>(1 + random() % 50));
    for (int i = 0; i < 20000; ++i)
        b.packet(i * 0.001, 7, 1000 + static_cast<std::uint32_t>(i)); // as many candidates as packets
    for (int i = 0; i < 1000; ++i)
        b.packet(i * 0.02, 55, 99); // always the same sequence number
    QVERIFY(b.counts().size() <= 2);
}

void TestRtpCollector::awaitedAtOnce()
{
    Bench b;
    b.packet(0, 1);
    b.awaited = true;
    b.packet(0.02, 5000); // another start under the same SSRC
    b.packet(0.02, 9, 2);
    QCOMPARE(b.counts(), (Counts{1, 1}));
}

void TestRtpCollector::gapStartsAnother()
{
    Bench b;
    for (std::uint16_t i = 0; i < 5; ++i)
        b.packet(i, i);
    for (std::uint16_t i = 5; i < 15; ++i)
        b.packet(65 + i * 0.02, i);
    QCOMPARE(b.counts(), (Counts{5, 10}));
}

void TestRtpCollector::gapOfAwaitedDoesNot()
{
    Bench b;
    b.awaited = true; // a long hold
    b.packet(0, 1);
    b.packet(600, 2);
    QCOMPARE(b.counts(), Counts{2});
}

void TestRtpCollector::retired()
{
    Bench b;
    for (std::uint16_t i = 0; i < 5; ++i)
        b.packet(i, i);
    CollectedStream& stream = b.collector.streams().front();
    RtpCollector::retire(stream);
    stream.spool.reset();
    for (std::uint16_t i = 5; i < 50; ++i)
        b.packet(i, i);
    QCOMPARE(b.counts(), Counts{5}); // goes on talking after the call: dropped
    b.awaited = true;
    b.packet(50, 50);
    QCOMPARE(b.counts(), (Counts{5, 1}));
    b.packet(50.02, 51);
    QCOMPARE(b.counts(), (Counts{5, 2}));
}

void TestRtpCollector::closedInTheMiddle()
{
    Bench b;
    for (std::uint16_t i = 0; i < 5; ++i)
        b.packet(i * 0.02, i);
    b.collector.close(b.collector.streams().front());
    for (std::uint16_t i = 5; i < 9; ++i)
        b.packet(i * 0.02, i);
    QCOMPARE(b.counts(), (Counts{5, 4}));
    b.collector.remove(b.collector.streams().front());
    b.packet(0.2, 9);
    QCOMPARE(b.counts(), Counts{5});
    QCOMPARE(b.collector.at(ep("10.0.0.1:4000")).size(), std::size_t{1});
}

void TestRtpCollector::sequenceWraps()
{
    Bench b;
    for (int i = -2; i < 3; ++i)
        b.packet(i * 0.02, static_cast<std::uint16_t>(i));
    QCOMPARE(b.counts(), Counts{5});
}

void TestRtpCollector::samples()
{
    Bench b;
    for (std::uint16_t i = 0; i < 200; ++i) {
        const std::uint8_t type = i >= 100 && i < 105 ? 101 : 8;
        const Bytes bytes = rtpPacket(1, i, i * 160U, type, type == 8 ? 160 : 4);
        b.collector.take({at(i * 0.02), ep("10.0.0.1:4000"), ep("10.0.0.2:6000"), bytes, false});
    }
    const auto& samples = b.collector.streams().front().samples;
    QCOMPARE(samples.size(), std::size_t{2});
    QCOMPARE(samples[0].packets, PayloadSample::kSampled);
    QCOMPARE(samples[0].lastTimestamp - samples[0].firstTimestamp, 63U * 160U);
    QCOMPARE(samples[1].payloadType, std::uint8_t{101});
    QCOMPARE(samples[1].packets, std::uint16_t{5});
    QCOMPARE(samples[1].maxOctets, std::uint16_t{16});
}

void TestRtpCollector::limit()
{
    Bench b(3);
    int refused = 0;
    for (std::uint32_t ssrc = 1; ssrc <= 5; ++ssrc) {
        for (std::uint16_t i = 0; i < 3; ++i)
            refused += b.packet(i, i, ssrc) ? 0 : 1;
    }
    QCOMPARE(b.counts(), (Counts{3, 3, 3}));
    QCOMPARE(refused, 2);
}

/// The hash table against a plain map, with streams that come and go.
void TestRtpCollector::tableAgainstModel()
{
    Bench b(100000);
    std::map<std::uint32_t, std::uint64_t> model;
    std::mt19937 random(7);
    b.awaited = true;
    for (int i = 0; i < 60000; ++i) {
        const auto ssrc = static_cast<std::uint32_t>(random() % 3000);
        b.packet(0, static_cast<std::uint16_t>(i), ssrc);
        ++model[ssrc];
        if (i % 3 == 0) {
            auto victim = b.collector.streams().begin();
            model.erase(victim->key.ssrc);
            b.collector.remove(*victim);
        }
    }
    QCOMPARE(b.collector.streams().size(), model.size());
    QVERIFY(model.size() > 100);
    for (const CollectedStream& one : b.collector.streams())
        QCOMPARE(one.packets, model.at(one.key.ssrc));
    QCOMPARE(b.collector.at(ep("10.0.0.1:4000")).size(), model.size());
}

QTEST_GUILESS_MAIN(TestRtpCollector)
#include "tst_rtp_collector.moc"
