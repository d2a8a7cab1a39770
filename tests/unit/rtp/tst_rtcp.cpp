// SPDX-License-Identifier: GPL-3.0-or-later
// RTCP: reports of a real exchange, strict lengths, and telling it from RTP on one port.
#include "core/rtp/rtcp.h"
#include "tests/unit/rtp/fixture_datagrams.h"

#include <QTest>

using namespace sr;
using rtp::parseRtcp;
using rtp::RtcpError;

namespace {
ByteView view(const QByteArray& data)
{
    return std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size())));
}
} // namespace

class RtcpTest : public QObject {
    Q_OBJECT

private slots:
    void rejectsMalformed_data()
    {
        QTest::addColumn<QByteArray>("datagram");
        QTest::addColumn<int>("expected");
        const auto row = [](const char* name, const char* hex, RtcpError expected) {
            QTest::newRow(name) << QByteArray::fromHex(hex) << int(expected);
        };
        row("empty", "", RtcpError::Truncated);
        row("three octets", "80c900", RtcpError::Truncated);
        row("version 1", "40c9000100000001", RtcpError::BadVersion);
        row("length field beyond the datagram", "80c9000200000001", RtcpError::Truncated);
        row("rest after the first packet is no packet", "80c900010000000180", RtcpError::Truncated);
        row("receiver report without its reporter", "80c90000", RtcpError::BadLength);
        row("one report block announced, none there", "81c9000100000001", RtcpError::BadLength);
        row("sender report without sender info", "80c8000100000001", RtcpError::BadLength);
        row("source description item longer than the packet", "81ca00020000000101ff6161",
            RtcpError::BadLength);
        row("source description without its end", "81ca00020000000101026161", RtcpError::BadLength);
        row("two chunks announced, one there", "82ca0002000000010101610000", RtcpError::BadLength);
        row("goodbye with three sources in one word", "83cb000100000001", RtcpError::BadLength);
        row("goodbye with a reason longer than the packet", "81cb00020000000109616161", RtcpError::BadLength);
        row("padding before the last packet",
            "a0c900020000000100000004"
            "80c9000100000001",
            RtcpError::BadPadding);
        row("padding of zero", "a0c900020000000100000000", RtcpError::BadPadding);
        row("padding no multiple of four", "a0c900020000000100000003", RtcpError::BadPadding);
        row("padding longer than the packet", "a0c900010000000c", RtcpError::BadPadding);
    }
    void rejectsMalformed()
    {
        QFETCH(QByteArray, datagram);
        QFETCH(int, expected);
        const auto parsed = parseRtcp(view(datagram));
        QVERIFY(!parsed);
        QCOMPARE(int(parsed.error()), expected);
    }

    void readsEveryField()
    {
        const QByteArray raw = QByteArray::fromHex("81c8000c"
                                                   "11223344"
                                                   "dd3ac1704d614df8"
                                                   "00007d00"
                                                   "000000c8"
                                                   "00006400"
                                                   "aabbccdd"
                                                   "40ffffff"
                                                   "00010005"
                                                   "0000000a"
                                                   "c1704d61"
                                                   "00008000"
                                                   "81ca0003"
                                                   "11223344"
                                                   "0103783a"
                                                   "79000000"
                                                   "81cb0003"
                                                   "11223344"
                                                   "05"
                                                   "6c65617665"
                                                   "0000"
                                                   "a0cc0003"
                                                   "11223344"
                                                   "41424344"
                                                   "00000004");
        const auto parsed = parseRtcp(view(raw));
        QVERIFY(bool(parsed));
        QCOMPARE(parsed->packets, std::size_t(4));
        QCOMPARE(parsed->senders.size(), std::size_t(1));
        QCOMPARE(parsed->senders[0].ssrc, 0x11223344U);
        QCOMPARE(parsed->senders[0].ntp, 0xdd3ac1704d614df8ULL);
        QCOMPARE(parsed->senders[0].rtpTimestamp, 32000U);
        QCOMPARE(parsed->senders[0].packets, 200U);
        QCOMPARE(parsed->senders[0].octets, 25600U);
        QCOMPARE(parsed->reports.size(), std::size_t(1));
        QCOMPARE(parsed->reports[0].ssrc, 0xaabbccddU);
        QCOMPARE(int(parsed->reports[0].fractionLost), 0x40);
        QCOMPARE(parsed->reports[0].cumulativeLost, -1); // duplicates outnumber losses
        QCOMPARE(parsed->reports[0].highestSequence, 0x00010005U);
        QCOMPARE(parsed->reports[0].jitter, 10U);
        QCOMPARE(parsed->reports[0].delaySinceSenderReport, 32768U);
        QCOMPARE(parsed->descriptions[0].cname, std::string("x:y"));
        QCOMPARE(parsed->goodbyes[0].sources, std::vector<std::uint32_t>{0x11223344U});
        QCOMPARE(parsed->goodbyes[0].reason, std::string("leave"));
    }

    void readsTheFixture()
    {
        const QString path = QStringLiteral(SR_FIXTURES "/ndpi/rtcp_multiple_pkts_in_the_same_datagram.pcap");
        SR_NEED_FIXTURE(path);
        const auto datagrams = test::fixtureDatagrams(path);
        QCOMPARE(datagrams.size(), std::size_t(5));
        std::size_t senders = 0;
        for (const Bytes& datagram : datagrams) {
            QVERIFY(rtp::isRtcp(datagram));
            const auto parsed = parseRtcp(datagram);
            QVERIFY(bool(parsed));
            QCOMPARE(parsed->packets, std::size_t(2));
            QCOMPARE(parsed->reports.size(), std::size_t(1));
            QVERIFY(parsed->descriptions[0].cname == "5d931534" ||
                    parsed->descriptions[0].cname == "1932db4");
            senders += parsed->senders.size();
        }
        QCOMPARE(senders, std::size_t(3));
    }

    void isToldFromRtp_data()
    {
        QTest::addColumn<QByteArray>("datagram");
        QTest::addColumn<bool>("rtcp");
        QTest::newRow("PCMA with marker") << QByteArray::fromHex("8088000100000000") << false;
        QTest::newRow("dynamic type 96 with marker") << QByteArray::fromHex("80e0000100000000") << false;
        QTest::newRow("type 63 with marker") << QByteArray::fromHex("80bf000100000000") << false;
        QTest::newRow("sender report") << QByteArray::fromHex("80c8000600000000") << true;
        QTest::newRow("feedback") << QByteArray::fromHex("81cd000200000000") << true;
        QTest::newRow("STUN") << QByteArray::fromHex("000100082112a442") << false;
        QTest::newRow("cut") << QByteArray::fromHex("80c8") << false;
    }
    void isToldFromRtp()
    {
        QFETCH(QByteArray, datagram);
        QFETCH(bool, rtcp);
        QCOMPARE(rtp::isRtcp(view(datagram)), rtcp);
    }
};

QTEST_GUILESS_MAIN(RtcpTest)
#include "tst_rtcp.moc"
