// SPDX-License-Identifier: GPL-3.0-or-later
// Captures written by phones, and calls that span files.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestPhoneFiles : public QObject {
    Q_OBJECT
private slots:
    void phoneFileByName();
    void phoneFileByPorts();
    void namesWithoutDevice_data();
    void namesWithoutDevice();
    void dummySignalling_data();
    void dummySignalling();
    void spansFiles();
    void spansFilesOfPlainNumbers();
};

void TestPhoneFiles::phoneFileByName()
{
    const std::string guid = "e89277f0e909d31192e80090331032dd";
    const RtpRun local{"10.0.0.1:16386", "10.0.0.1:16388", 1};
    const RtpRun remote{"10.0.0.1:16388", "10.0.0.1:16386", 2};
    Flow f;
    f.file(0, "/in/" + guid + "-009033103210-17-anna.pcap");
    f.sip(0.001, A, B, request("INVITE").with(sdp(A, 16388)).from("<sip:0471999@x>"));
    f.sip(0.002, B, A, response(200).tt().with(sdp(A, 16386)));
    f.rtp(0.1, 3.1, local).rtp(0.1, 3.1, remote);
    f.file(50, "0123456789abcdef0123456789abcdef-00-90-33-10-32-10-2a.pcap"); // no signalling in it
    f.rtp(50.1, 53.1, local);
    f.file(60, "trunk.pcap").rtp(60.1, 61, kForth);
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{3});
    QCOMPARE(calls[0].origin, CallOrigin::PhoneFile);
    QCOMPARE(calls[0].guid, guid);
    QCOMPARE(calls[0].deviceId, std::string("009033103210-17-anna"));
    QCOMPARE(calls[0].caller.number, std::string("0471999"));
    QCOMPARE(calls[0].localParty.value(), Party::Callee);
    QCOMPARE(packets(calls[0], Party::Callee), std::uint64_t{150});
    QCOMPARE(calls[0].files.size(), std::size_t{1});
    QCOMPARE(calls[1].origin, CallOrigin::PhoneFile);
    QCOMPARE(calls[1].guid, std::string("0123456789abcdef0123456789abcdef"));
    QCOMPARE(calls[1].deviceId, std::string("00-90-33-10-32-10-2a"));
    QCOMPARE(calls[1].localParty.value(), Party::Caller);
    QCOMPARE(calls[2].origin, CallOrigin::BareRtp);
    QVERIFY(!calls[2].localParty);
}

void TestPhoneFiles::phoneFileByPorts()
{
    Flow f; // the older bare number tells nothing, the ports do
    f.file(0, "20140102030405.pcap");
    f.rtp(0.1, 3.1, {"10.0.0.1:16388", "10.0.0.1:16386", 2})
        .rtp(0.2, 3.1, {"10.0.0.1:16386", "10.0.0.1:16388", 1});
    f.file(4, "20140102030406.pcap");
    f.rtp(4.1, 7.1, {"10.0.0.1:16388", "10.0.0.1:16386", 2})
        .rtp(4.2, 7.1, {"10.0.0.1:16386", "10.0.0.1:16388", 1});
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls) {
        QCOMPARE(call.origin, CallOrigin::PhoneFile);
        QCOMPARE(call.localParty.value(), Party::Callee);
        QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
        QCOMPARE(call.files.size(), std::size_t{1});
    }
}

void TestPhoneFiles::namesWithoutDevice_data()
{
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("guid");
    const std::string guid = "e89277f0e909d31192e80090331032dd";
    QTest::newRow("guid") << guid + ".pcap" << guid;
    QTest::newRow("hyphens and capitals") << "/in/E89277F0-E909-D311-92E8-0090331032DD.pcap"s << guid;
    QTest::newRow("decimal number") << "12345678901234567890.pcapng"s
                                    << ""s;
    QTest::newRow("any name") << "trace.pcap"s
                              << ""s;
}

void TestPhoneFiles::namesWithoutDevice()
{
    QFETCH(std::string, name);
    QFETCH(std::string, guid);
    Flow f; // two phones write at the same time, and their dummy signalling has one Call-ID
    for (const double t : {0.0, 1.0}) {
        f.file(t * 10, t == 0 ? name : "1000000000000002.pcap");
        f.sip(t * 10 + 0.01, A, A, request("INVITE").with(sdp(A, 16386)));
        f.sip(t * 10 + 0.02, A, A, response(200).tt().with(sdp(A, 16388)));
        f.rtp(t * 10 + 0.1, t * 10 + 3.1, {"10.0.0.1:16386", "10.0.0.1:16388", 1});
        f.rtp(t * 10 + 0.1, t * 10 + 3.1, {"10.0.0.1:16388", "10.0.0.1:16386", 2});
    }
    const auto calls = f.run();
    QCOMPARE(calls.size(), std::size_t{2});
    for (const CapturedCall& call : calls) {
        QCOMPARE(call.origin, CallOrigin::PhoneFile);
        QCOMPARE(call.localParty.value(), Party::Caller);
        QCOMPARE(packets(call, Party::Caller), std::uint64_t{150});
        QCOMPARE(packets(call, Party::Callee), std::uint64_t{150});
    }
    QCOMPARE(calls[0].guid, guid);
}

void TestPhoneFiles::dummySignalling_data()
{
    QTest::addColumn<std::string>("second"); // behind the INVITE
    QTest::newRow("INVITE alone") << ""s;
    QTest::newRow("INVITE and ACK") << "ACK"s;
    QTest::newRow("INVITE and BYE") << "BYE"s;
}

void TestPhoneFiles::dummySignalling()
{
    QFETCH(std::string, second);
    for (const std::string name :
         {"e89277f0e909d31192e80090331032dd-009033103210-17.pcap", "12345678901234567890.pcap", "any.pcap"}) {
        Flow f;
        f.file(0, name).sip(0.01, A, A, request("INVITE").with(sdp(A, 16386)));
        if (!second.empty())
            f.sip(second == "BYE" ? 3 : 0.02, A, A, request(second).tt());
        f.rtp(0.1, 2.1, {"10.0.0.1:16386", "10.0.0.1:16388", 1});
        f.rtp(0.1, 2.1, {"10.0.0.1:16388", "10.0.0.1:16386", 2});
        ONE_CALL(f);
        QVERIFY(call.answered);
        QCOMPARE(call.origin, CallOrigin::PhoneFile);
        QCOMPARE(packets(call, Party::Caller), std::uint64_t{100});
        QCOMPARE(packets(call, Party::Callee), std::uint64_t{100});
    }
}

void TestPhoneFiles::spansFilesOfPlainNumbers()
{
    Flow f = plainCall(); // names like those of phones, but not their ports
    f.file(-1, "e89277f0e909d31192e80090331032dd.pcap").file(5, "20140102030405.pcap");
    ONE_CALL(f);
    QCOMPARE(call.origin, CallOrigin::Sip);
    QCOMPARE(call.files.size(), std::size_t{2});
    QCOMPARE(call.streams.size(), std::size_t{2});
    QVERIFY(call.guid.empty());
}

void TestPhoneFiles::spansFiles()
{
    Flow f = plainCall();
    f.file(-1, "a.pcap").file(5, "b.pcap").file(11, "c.pcap");
    ONE_CALL(f);
    const std::vector<std::string> expected{"a.pcap", "b.pcap"};
    QCOMPARE(call.files, expected);
    QCOMPARE(call.streams.size(), std::size_t{2});
}

QTEST_GUILESS_MAIN(TestPhoneFiles)
#include "tst_phone_files.moc"
