// SPDX-License-Identifier: GPL-3.0-or-later
// SIP over TCP: any cutting and order of segments gives the same messages; other streams are given up early.
#include "core/capture/sip_framer.h"
#include "core/capture/tcp_reassembler.h"
#include "tests/unit/capture/frames.h"

#include <QTest>

#include <algorithm>

using namespace sr;
using namespace sr::capture;
using namespace sr::test;

namespace {

const Endpoint kA = at("192.0.2.1", 40000);
const Endpoint kB = at("192.0.2.2", 5060);
constexpr UtcTime kNow{seconds(1'000'000)};

std::string message(unsigned number, std::size_t bodyBytes)
{
    const std::string body(bodyBytes, static_cast<char>('a' + number % 26));
    if (number % 3 == 0)
        return "SIP/2.0 200 OK\r\nCall-ID: " + std::to_string(number) + "\r\nl:" + std::to_string(bodyBytes) +
               "\r\n\r\n" + body;
    return "INVITE sip:" + std::to_string(number) +
           "@example.net SIP/2.0\r\nCall-ID: x\r\nCONTENT-LENGTH :  " + std::to_string(bodyBytes) +
           "\r\n\r\n" + body;
}

TcpSegment segment(std::uint32_t sequence, ByteView payload, bool syn = false, UtcTime time = kNow)
{
    return {time, kA, kB, sequence, syn, payload};
}

std::vector<std::string> textsOf(const Collected& sink)
{
    std::vector<std::string> texts;
    for (const auto& item : sink.items)
        texts.push_back(item.payload);
    return texts;
}

std::vector<std::string> framed(const std::vector<std::string>& pushes)
{
    SipFramer framer;
    std::vector<std::string> out;
    for (const std::string& push : pushes) {
        framer.push(bytesOf(push));
        while (const auto found = framer.next())
            out.emplace_back(textOf(*found));
    }
    return out;
}

} // namespace

class TestTcpReassembler : public QObject {
    Q_OBJECT
private slots:
    void startLines_data();
    void startLines();
    void framerFindsItsWayAgain();
    void framerLimits();
    void anySegmentationGivesTheSameMessages_data();
    void anySegmentationGivesTheSameMessages();
    void missingOctetsLoseOneMessageOnly();
    void gapIsSkippedAfterAWhile();
    void joinedInTheMiddle();
    void newConnectionOnTheSamePorts();
    void otherProtocolsAreGivenUpAtOnce_data();
    void otherProtocolsAreGivenUpAtOnce();
    void bigTransferJoinedInTheMiddleIsGivenUp();
    void memoryIsBounded();
    void throughTheLayers();
};

void TestTcpReassembler::startLines_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("expected");
    const auto row = [](const char* name, const QByteArray& line, SipStart expected) {
        QTest::newRow(name) << line << static_cast<int>(expected);
    };
    row("request", "INVITE sip:bob@example.com SIP/2.0\r\n", SipStart::Yes);
    row("response", "SIP/2.0 180 Ringing\r\n", SipStart::Yes);
    row("lower-case version", "BYE tel:+49 sip/2.0\n", SipStart::Yes);
    row("unknown method and scheme",
        "!odd.Method0123456789_*+`.%indeed'~ soap.beep://192.0.2.103:3002 SIP/2.0\r\n", SipStart::Yes);
    row("nothing yet", "", SipStart::Partial);
    row("half a method", "INV", SipStart::Partial);
    row("half a version", "SIP/2", SipStart::Partial);
    row("half a scheme", "OPTIONS si", SipStart::Partial);
    row("line not ended", "OPTIONS sip:a@b SIP/2.0", SipStart::Partial);
    row("HTTP request", "GET /index.html HTTP/1.1\r\n", SipStart::No);
    row("HTTP proxy request", "CONNECT host:443 HTTP/1.1\r\n", SipStart::No);
    row("HTTP response", "HTTP/1.1 200 OK\r\n", SipStart::No);
    row("TLS", QByteArray("\x16\x03\x01\x02\x00\x01", 6), SipStart::No);
    row("RTSP", "DESCRIBE rtsp://host/ RTSP/1.0\r\n", SipStart::No);
    row("status without digits", "SIP/2.0 OK\r\n", SipStart::No);
    row("zeros", QByteArray(20, '\0'), SipStart::No);
    row("letters for ever", QByteArray(100, 'A'), SipStart::No);
}

void TestTcpReassembler::startLines()
{
    QFETCH(QByteArray, line);
    QFETCH(int, expected);
    const Bytes own = raw({line.constData(), static_cast<std::size_t>(line.size())});
    QCOMPARE(static_cast<int>(matchSipStart(own)), expected);
}

void TestTcpReassembler::framerFindsItsWayAgain()
{
    const std::string one = message(1, 30);
    const std::string two = message(3, 0);
    QCOMPARE(framed({"\r\n\r\n" + one + "\r\n\r\n", "\r\n" + two}), (std::vector<std::string>{one, two}));
    QCOMPARE(framed({"garbage\r\nmore of it\n" + one + two}), (std::vector<std::string>{one, two}));
    // The next message starts with its segment although the garbage before has no line end.
    QCOMPARE(framed({"</xml>", one}), (std::vector<std::string>{one}));
    QCOMPARE(framed({"</xml>" + one.substr(0, 0), one.substr(0, 5), one.substr(5)}),
             (std::vector<std::string>{one}));
    // No length: no body, and what looked like one is skipped.
    const std::string bare = "ACK sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n";
    QCOMPARE(framed({bare + "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\n" + two}),
             (std::vector<std::string>{bare, two}));
    // Bare line feeds.
    const std::string lines = "BYE sip:a@b SIP/2.0\nContent-Length: 2\n\nhi";
    QCOMPARE(framed({lines + two}), (std::vector<std::string>{lines, two}));
    // Octet by octet.
    std::vector<std::string> single;
    for (const char c : one + two)
        single.emplace_back(1, c);
    QCOMPARE(framed(single), (std::vector<std::string>{one, two}));
}

void TestTcpReassembler::framerLimits()
{
    const std::string good = message(2, 10);
    const std::string wide =
        "INVITE sip:a@b SIP/2.0\r\nX: " + std::string(SipFramer::kMaxHeaderBytes, 'x') + "\r\n\r\n";
    QCOMPARE(framed({wide, good}), (std::vector<std::string>{good}));
    QCOMPARE(framed({"INVITE sip:a@b SIP/2.0\r\nl: 1048577\r\n\r\n" + good}),
             (std::vector<std::string>{good}));
    QCOMPARE(framed({"INVITE sip:a@b SIP/2.0\r\nl: -1\r\n\r\n" + good}), (std::vector<std::string>{good}));
    QCOMPARE(framed({"INVITE sip:a@b SIP/2.0\r\nl: 99999999999999999999\r\n\r\n" + good}),
             (std::vector<std::string>{good}));
    const std::string largest = message(1, SipFramer::kMaxBodyBytes);
    QCOMPARE(framed({largest, good}), (std::vector<std::string>{largest, good}));
}

void TestTcpReassembler::anySegmentationGivesTheSameMessages_data()
{
    QTest::addColumn<quint32>("first");
    QTest::newRow("small numbers") << 1000U;
    QTest::newRow("wrap of the sequence number") << 0xfffff000U;
    QTest::newRow("wrap in the first segment") << 0xfffffffeU;
}

void TestTcpReassembler::anySegmentationGivesTheSameMessages()
{
    QFETCH(quint32, first);
    for (unsigned seed = 1; seed <= 60; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::string> sent;
        std::string stream;
        for (unsigned i = 0; i < 12; ++i) {
            sent.push_back(
                message(static_cast<unsigned>(random() % 30), random() % 4 == 0 ? 0 : random() % 900));
            stream += sent.back();
            if (random() % 3 == 0)
                stream += "\r\n\r\n";
        }
        std::vector<std::pair<std::size_t, std::size_t>> cuts; // offset, length
        for (std::size_t from = 0; from < stream.size();) {
            const std::size_t size = std::min<std::size_t>(1 + random() % 700, stream.size() - from);
            cuts.emplace_back(from, size);
            if (random() % 4 == 0) // sent again, also with other borders
                cuts.emplace_back(from, size);
            if (random() % 5 == 0 && from > 50)
                cuts.emplace_back(from - 50,
                                  std::min<std::size_t>(stream.size() - from + 50, 40 + random() % 100));
            from += size;
        }
        for (std::size_t i = 0; i + 1 < cuts.size(); ++i) // local disorder, as networks make it
            std::swap(cuts[i], cuts[std::min(cuts.size() - 1, i + random() % 6)]);
        Collected sink;
        TcpReassembler tcp(sink);
        tcp.take(segment(first - 1, {}, true));
        for (const auto& [from, size] : cuts)
            QVERIFY(tcp.take(
                segment(first + static_cast<std::uint32_t>(from), bytesOf(stream).subspan(from, size))));
        tcp.take(segment(first - 1, {}, true)); // a SYN repeated late changes nothing
        tcp.finish();
        QCOMPARE(textsOf(sink), sent);
        for (const auto& item : sink.items)
            QVERIFY(item.stream && item.from == kA && item.to == kB && item.time == kNow);
    }
}

void TestTcpReassembler::missingOctetsLoseOneMessageOnly()
{
    const std::vector<std::string> sent{message(1, 200), message(2, 200), message(3, 200), message(4, 10)};
    Collected sink;
    TcpReassembler tcp(sink);
    std::uint32_t sequence = 5;
    tcp.take(segment(4, {}, true));
    for (const std::string& text : sent) {
        const auto half = static_cast<std::uint32_t>(text.size() / 2);
        tcp.take(segment(sequence, bytesOf(text).first(half)));
        if (&text != &sent[1]) // its second half never comes
            tcp.take(segment(sequence + half, bytesOf(text).subspan(half)));
        sequence += static_cast<std::uint32_t>(text.size());
    }
    QCOMPARE(sink.items.size(), std::size_t{1}); // still hoping
    tcp.finish();
    QCOMPARE(textsOf(sink), (std::vector<std::string>{sent[0], sent[2], sent[3]}));
}

void TestTcpReassembler::gapIsSkippedAfterAWhile()
{
    const std::string one = message(1, 50);
    const std::string two = message(2, 50);
    Collected sink;
    TcpReassembler tcp(sink);
    tcp.take(segment(0, {}, true));
    tcp.take(segment(101, bytesOf(one)));
    QVERIFY(sink.items.empty());
    tcp.take(segment(101 + static_cast<std::uint32_t>(one.size()), bytesOf(two), false, kNow + seconds(4)));
    QCOMPARE(textsOf(sink), (std::vector<std::string>{one, two}));
    // By volume: more than fits behind a gap.
    const std::string large = message(5, 100'000);
    Collected later;
    TcpReassembler bounded(later);
    bounded.take(segment(0, {}, true));
    for (std::uint32_t i = 0; i < 4; ++i)
        bounded.take(segment(50 + i * static_cast<std::uint32_t>(large.size()), bytesOf(large)));
    QVERIFY(later.items.size() >= 3);
    QVERIFY(bounded.bytesHeld() < 1024 * 1024);
}

void TestTcpReassembler::joinedInTheMiddle()
{
    const std::string one = message(1, 300);
    const std::string two = message(2, 30);
    Collected sink;
    TcpReassembler tcp(sink);
    const std::string stream = one.substr(200) + "\r\n" + two; // bodies of SDP end so
    for (std::size_t i = 0; i < stream.size(); i += 40)
        QVERIFY(tcp.take(
            segment(9000 + static_cast<std::uint32_t>(i), bytesOf(std::string_view(stream).substr(i, 40)))));
    QCOMPARE(textsOf(sink), (std::vector<std::string>{two}));
}

void TestTcpReassembler::newConnectionOnTheSamePorts()
{
    const std::string one = message(1, 30);
    const std::string two = message(2, 30);
    Collected sink;
    TcpReassembler tcp(sink);
    tcp.take(segment(10, {}, true));
    tcp.take(segment(11, bytesOf(one).first(20))); // died
    tcp.take(segment(700, {}, true));
    tcp.take(segment(701, bytesOf(two)));
    // And without its SYN, far away.
    tcp.take(segment(0x70000000, bytesOf(one)));
    QCOMPARE(textsOf(sink), (std::vector<std::string>{two, one}));
}

void TestTcpReassembler::otherProtocolsAreGivenUpAtOnce_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("HTTP on the port of SIP") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    QTest::newRow("TLS") << QByteArray("\x16\x03\x01\x02\x00\x01\x00", 7);
    QTest::newRow("SSH") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n");
}

void TestTcpReassembler::otherProtocolsAreGivenUpAtOnce()
{
    QFETCH(QByteArray, octets);
    const Bytes own = raw({octets.constData(), static_cast<std::size_t>(octets.size())});
    Collected sink;
    TcpReassembler tcp(sink);
    QVERIFY(tcp.take(segment(1, {}, true)));
    QVERIFY(!tcp.take(segment(2, own)));
    QCOMPARE(tcp.bytesHeld(), std::size_t{0});
    const std::string sip = message(1, 10);
    QVERIFY(!tcp.take(segment(2 + static_cast<std::uint32_t>(own.size()), bytesOf(sip))));
    QVERIFY(sink.items.empty());
}

void TestTcpReassembler::bigTransferJoinedInTheMiddleIsGivenUp()
{
    std::mt19937 random(3);
    Collected sink;
    TcpReassembler tcp(sink);
    bool interesting = true;
    std::uint32_t sequence = 1;
    int segments = 0;
    for (; interesting && segments < 1000; ++segments, sequence += 1460)
        interesting = tcp.take(segment(sequence, randomBytes(random, 1460)));
    QVERIFY(!interesting);
    QVERIFY(segments < 20);
    QCOMPARE(tcp.bytesHeld(), std::size_t{0});
}

void TestTcpReassembler::memoryIsBounded()
{
    Collected sink;
    TcpReassembler tcp(sink);
    const std::string begun = "INVITE sip:a@b SIP/2.0\r\nl: 1000000\r\n\r\n" + std::string(60'000, 'x');
    for (std::uint32_t i = 0; i < 70'000; ++i) {
        TcpSegment one = segment(1, bytesOf(begun).first(i < 2000 ? begun.size() : 60));
        one.from = {IpAddress::v4(i), 5060};
        tcp.take(one);
        QVERIFY(tcp.bytesHeld() <= TcpReassembler::kMaxBytes);
    }
    QVERIFY(tcp.flows() <= TcpReassembler::kMaxFlows);
}

void TestTcpReassembler::throughTheLayers()
{
    const std::string text = message(1, 2000);
    Collected sink;
    PacketDecoder decoder(sink);
    decoder.take(captured(ethernet(0x0800, tcpPacket(kA, kB, 99, 0x02, {})), 1, kNow));
    for (std::size_t i = 0; i < text.size(); i += 500)
        decoder.take(captured(ethernet(0x0800, tcpPacket(kA, kB, 100 + static_cast<std::uint32_t>(i), 0x18,
                                                         raw(std::string_view(text).substr(i, 500)))),
                              1, kNow + milliseconds(i)));
    QCOMPARE(textsOf(sink), (std::vector<std::string>{text}));
    QVERIFY(sink.items[0].time == kNow + milliseconds(2000)); // of the last segment
    QVERIFY(sink.items[0].from == kA);
    QCOMPARE(decoder.dropped(), std::uint64_t{0});
}

QTEST_GUILESS_MAIN(TestTcpReassembler)
#include "tst_tcp_reassembler.moc"
