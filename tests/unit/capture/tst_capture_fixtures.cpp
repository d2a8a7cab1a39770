// SPDX-License-Identifier: GPL-3.0-or-later
// Calls in captures that nobody here made: the counts are those that tshark shows for the same files.
#include "core/capture/capture_reader.h"

#include <QFileInfo>
#include <QtTest>

#include <algorithm>

using namespace sr;
using namespace sr::capture;

namespace {

std::vector<CapturedCall> callsOf(const std::string& name, CaptureStats* stats = nullptr)
{
    std::vector<CapturedCall> calls;
    std::vector<FileError> errors;
    Progress progress;
    const auto read = readCaptures(
        {pathOf(std::string(SR_FIXTURES) + "/" + name)}, ReadOptions{}, progress,
        [&](CapturedCall&& call) { calls.push_back(std::move(call)); }, errors);
    if (read && stats != nullptr)
        *stats = *read;
    return calls;
}

std::uint64_t packetsOf(const std::vector<CapturedCall>& calls)
{
    std::uint64_t sum = 0;
    for (const CapturedCall& call : calls) {
        for (const CallStream& one : call.streams)
            sum += one.rtp.packets;
    }
    return sum;
}

} // namespace

class TestCaptureFixtures : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void sippCall();
    void cybercity_data();
    void cybercity();
    void bareRtp_data();
    void bareRtp();
    void skinny();
    void noCalls_data();
    void noCalls();
};

void TestCaptureFixtures::initTestCase()
{
    const QString dir = QStringLiteral(SR_FIXTURES);
    if (QFileInfo::exists(dir))
        return;
    if (qEnvironmentVariable("CI") == QLatin1String("true") && QFileInfo::exists(dir + QStringLiteral("/..")))
        QFAIL("fixture folder is missing");
    QSKIP("no fixtures on this machine");
}

void TestCaptureFixtures::sippCall()
{
    CaptureStats stats;
    const auto calls = callsOf("generated/sipp-call-g711a-dtmf-2way.pcapng", &stats);
    QCOMPARE(calls.size(), std::size_t{1});
    const CapturedCall& call = calls.front();
    QCOMPARE(call.origin, CallOrigin::Sip);
    QVERIFY(call.answered);
    QVERIFY(call.ringing);
    QVERIFY(call.endSeen);
    QCOMPARE(call.flow.back().kind, FlowKind::Bye);
    QCOMPARE(call.signalling.size(), std::size_t{6});
    QCOMPARE(call.streams.size(), std::size_t{4});
    std::array<std::uint64_t, 2> bySpeaker{};
    for (const CallStream& one : call.streams) {
        bySpeaker[static_cast<std::size_t>(one.speaker)] += one.rtp.packets;
        QCOMPARE(one.rtp.from.port, std::uint16_t(one.speaker == Party::Caller ? 6000 : 7000));
        QCOMPARE(one.rtp.epochs.back().formats.at(8).encoding, std::string("PCMA"));
    }
    QCOMPARE(bySpeaker[0], std::uint64_t{246});
    QCOMPARE(bySpeaker[1], std::uint64_t{246});
    QCOMPARE(stats.sipMessages, std::uint64_t{6});
    QCOMPARE(stats.rtpPackets, std::uint64_t{492});
}

void TestCaptureFixtures::cybercity_data()
{
    QTest::addColumn<std::string>("file");
    QTest::newRow("with the noise of a LAN") << std::string("sngrep/aaa.pcap");
    QTest::newRow("SIP and RTP alone") << std::string("ndpi/sip.pcap");
}

void TestCaptureFixtures::cybercity()
{
    QFETCH(std::string, file);
    CaptureStats stats;
    const auto calls = callsOf(file, &stats);
    QCOMPARE(stats.sipMessages, std::uint64_t{81});
    QCOMPARE(stats.rtcpPackets, std::uint64_t{1});
    QCOMPARE(calls.size(), std::size_t{4});
    QVERIFY(std::ranges::all_of(calls, [](const CapturedCall& c) { return c.origin == CallOrigin::Sip; }));
    QCOMPARE(packetsOf(calls), std::uint64_t{9});
    std::vector<int> status; // challenged and refused, and once with a word from the network before it
    for (const CapturedCall& call : calls) {
        QVERIFY(!call.answered);
        status.push_back(call.finalStatus);
    }
    const std::vector expected{408, 403, 403, 480};
    QCOMPARE(status, expected);
    QCOMPARE(calls.back().streams.size(), std::size_t{1});
    QCOMPARE(calls.back().streams.front().speaker, Party::Caller);
    QCOMPARE(calls.back().callee.number, std::string("35104724"));
    QVERIFY(std::ranges::count(calls.back().flow, FlowKind::EarlyMedia, &FlowEvent::kind) == 1);
}

void TestCaptureFixtures::bareRtp_data()
{
    QTest::addColumn<std::string>("file");
    QTest::addColumn<int>("packets");
    QTest::addColumn<std::string>("encoding");
    QTest::newRow("A-law of 40 ms") << std::string("asterisk-testsuite/40msalaw.pcap") << 826
                                    << std::string("PCMA");
    QTest::newRow("u-law") << std::string("asterisk-testsuite/CARRIER_G711U.pcap") << 800
                           << std::string("PCMU");
    QTest::newRow("Opus, told by its clock")
        << std::string("asterisk-testsuite/opus-2013785496.pcap") << 765 << std::string("OPUS");
    QTest::newRow("u-law with digits")
        << std::string("asterisk-testsuite/ulaw-2013785496.pcap") << 974 << std::string("PCMU");
    QTest::newRow("A-law of SIPp") << std::string("sipp/pcap/g711a.pcap") << 236 << std::string("PCMA");
}

void TestCaptureFixtures::bareRtp()
{
    QFETCH(std::string, file);
    QFETCH(int, packets);
    QFETCH(std::string, encoding);
    const auto calls = callsOf(file);
    QCOMPARE(calls.size(), std::size_t{1});
    QCOMPARE(calls.front().origin, CallOrigin::BareRtp);
    QCOMPARE(packetsOf(calls), std::uint64_t(packets));
    const auto& formats = calls.front().streams.front().rtp.epochs.front().formats;
    QVERIFY(std::ranges::any_of(formats, [&](const auto& one) { return one.second.encoding == encoding; }));
}

void TestCaptureFixtures::skinny()
{
    const auto calls = callsOf("ndpi/skinny.pcap"); // six streams, two of them one conversation
    QCOMPARE(packetsOf(calls), std::uint64_t{15 + 16 + 33 + 17 + 36 + 18});
    QCOMPARE(calls.size(), std::size_t{5});
    QCOMPARE(std::ranges::count_if(calls, [](const CapturedCall& c) { return c.streams.size() == 2; }), 1);
    for (const CapturedCall& call : calls)
        QCOMPARE(call.origin, CallOrigin::BareRtp);
}

void TestCaptureFixtures::noCalls_data()
{
    QTest::addColumn<std::string>("file");
    QTest::newRow("STUN and a little media") << std::string("ndpi/stun.pcap");
    QTest::newRow("DTLS") << std::string("ndpi/dtls.pcap");
    QTest::newRow("HTTP on the SIP port") << std::string("ndpi/http_on_sip_port.pcap");
    QTest::newRow("RTCP alone") << std::string("ndpi/rtcp_multiple_pkts_in_the_same_datagram.pcap");
}

void TestCaptureFixtures::noCalls()
{
    QFETCH(std::string, file);
    QCOMPARE(callsOf(file).size(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestCaptureFixtures)
#include "tst_capture_fixtures.moc"
