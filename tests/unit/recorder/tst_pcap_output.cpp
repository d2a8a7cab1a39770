// SPDX-License-Identifier: GPL-3.0-or-later
// A native pcap recording: packets in order of time, keys gone from the SDP.
#include "core/capture/capture_reader.h"
#include "recorder/pipeline/pcap_output.h"
#include "tests/support/capture_builder.h"

#include <QTest>

using namespace sr;

namespace {

std::vector<capture::CapturedCall> callsIn(ByteView pcap)
{
    std::vector<capture::CapturedCall> calls;
    std::vector<capture::FileError> errors;
    Progress quiet;
    MemorySource source(pcap);
    const auto read = capture::readCapture(
        source, "test", {}, quiet, [&](capture::CapturedCall&& call) { calls.push_back(std::move(call)); },
        errors);
    return read && errors.empty() ? std::move(calls) : std::vector<capture::CapturedCall>{};
}

std::uint64_t packetsOf(const capture::CapturedCall& call)
{
    std::uint64_t count = 0;
    for (const capture::CallStream& stream : call.streams)
        count += stream.rtp.packets;
    return count;
}

} // namespace

class PcapOutputTest : public QObject {
    Q_OBJECT

private slots:
    void readsBackAsTheSameCall()
    {
        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        const auto calls = callsIn(builder.pcap());
        QCOMPARE(calls.size(), std::size_t(1));
        MemorySink sink;
        const Progress quiet;
        QVERIFY(recorder::writeCallPcap(calls[0], sink, quiet));
        const auto again = callsIn(sink.bytes());
        QCOMPARE(again.size(), std::size_t(1));
        QCOMPARE(again[0].callId, calls[0].callId);
        QCOMPARE(packetsOf(again[0]), packetsOf(calls[0]));
        QVERIFY(packetsOf(again[0]) > 900);
        QVERIFY(again[0].answered == calls[0].answered);
    }

    void stopsWhenCancelled()
    {
        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        const auto calls = callsIn(builder.pcap());
        QCOMPARE(calls.size(), std::size_t(1));
        MemorySink sink;
        Progress progress;
        progress.cancel();
        const auto written = recorder::writeCallPcap(calls[0], sink, progress);
        QVERIFY(!written && written.error().code == BaseErrc::Cancelled);
    }

    void keysLeaveTheSdp()
    {
        const std::string body = "v=0\r\nm=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
                                 "inline:AAAA\r\na=rtpmap:8 PCMA/8000\r\n";
        const std::string clearBody = "v=0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";
        const auto message = [](const std::string& header, const std::string& text) {
            return "INVITE sip:1@x SIP/2.0\r\n" + header + ": " + std::to_string(text.size()) + "\r\n\r\n" +
                   text;
        };
        QCOMPARE(recorder::withoutSrtp(message("Content-Length", body)),
                 message("Content-Length", clearBody));
        QCOMPARE(recorder::withoutSrtp(message("l", body)), message("l", clearBody));
        QCOMPARE(recorder::withoutSrtp(message("l", clearBody)), message("l", clearBody));
        QCOMPARE(recorder::withoutSrtp("no header end"), std::string("no header end"));
        QVERIFY(!QByteArray::fromStdString(
                     recorder::withoutSrtp(message("l", "m=audio 1 RTP/SAVPF 0\na=crypto:1 x y")))
                     .contains("crypto"));
    }
};

QTEST_GUILESS_MAIN(PcapOutputTest)
#include "tst_pcap_output.moc"
