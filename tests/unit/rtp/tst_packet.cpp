// SPDX-License-Identifier: GPL-3.0-or-later
// RTP headers: what is refused and what is read, and the static payload types.
#include "core/rtp/packet.h"
#include "core/rtp/payload_format.h"

#include <QTest>

using namespace sr;
using rtp::ParseError;
using rtp::parsePacket;

namespace {
ByteView view(const QByteArray& data)
{
    return std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size())));
}
} // namespace

class PacketTest : public QObject {
    Q_OBJECT

private slots:
    void rejectsMalformed_data()
    {
        QTest::addColumn<QByteArray>("datagram");
        QTest::addColumn<int>("expected");
        const auto row = [](const char* name, const char* hex, ParseError expected) {
            QTest::newRow(name) << QByteArray::fromHex(hex) << int(expected);
        };
        row("empty datagram", "", ParseError::Truncated);
        row("eleven octets", "8000000000000000000000", ParseError::Truncated);
        row("version 1", "400000000000000000000000", ParseError::BadVersion);
        row("version 3", "c00000000000000000000000", ParseError::BadVersion);
        row("CSRC list cut off", "810000000000000000000000", ParseError::Truncated);
        row("fifteen CSRC cut off by one octet",
            "8f0000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000"
            "0000000000000000000000000000000000000000000000000000000000",
            ParseError::Truncated);
        row("extension header cut off", "900000000000000000000000bede", ParseError::Truncated);
        row("extension cut off", "900000000000000000000000bede0001", ParseError::Truncated);
        row("extension longer than any datagram", "900000000000000000000000bedeffff00",
            ParseError::Truncated);
        row("pad count 0", "a0000000000000000000000000", ParseError::BadPadding);
        row("pad count exceeds payload", "a0000000000000000000000002", ParseError::BadPadding);
        row("padding without payload", "a00000000000000000000000", ParseError::BadPadding);
    }
    void rejectsMalformed()
    {
        QFETCH(QByteArray, datagram);
        QFETCH(int, expected);
        const auto packet = parsePacket(view(datagram));
        QVERIFY(!packet);
        QCOMPARE(int(packet.error()), expected);
        QVERIFY(qstrlen(rtp::text(packet.error())) > 10);
    }

    void readsG711Packet()
    {
        const QByteArray raw = QByteArray::fromHex("80880001000000a0deadbeef") + QByteArray(160, '\xd5');
        const auto packet = parsePacket(view(raw));
        QVERIFY(bool(packet));
        QCOMPARE(int(packet->payloadType), 8);
        QVERIFY(packet->marker);
        QCOMPARE(int(packet->sequenceNumber), 1);
        QCOMPARE(packet->timestamp, 160U);
        QCOMPARE(packet->ssrc, 0xdeadbeefU);
        QCOMPARE(packet->payload.size(), std::size_t(160));
    }

    void stripsCsrcExtensionAndPadding()
    {
        // Two CSRC, an extension of one word, three octets of payload, padding of two.
        const QByteArray raw = QByteArray::fromHex("b27f1234000003e800000001"
                                                   "0000000a0000000b"
                                                   "bede000111223344"
                                                   "616263"
                                                   "0002");
        const auto packet = parsePacket(view(raw));
        QVERIFY(bool(packet));
        QCOMPARE(textOf(packet->payload), std::string_view("abc"));
        QCOMPARE(int(packet->payloadType), 127);
        QVERIFY(!packet->marker);
        QCOMPARE(int(packet->sequenceNumber), 0x1234);
    }

    void acceptsEmptyPayload()
    {
        const auto packet = parsePacket(view(QByteArray::fromHex("800000000000000000000000")));
        QVERIFY(bool(packet));
        QVERIFY(packet->payload.empty());
    }

    void timestampsCompareAroundTheCircle()
    {
        QVERIFY(rtp::timestampAfter(1, 0));
        QVERIFY(rtp::timestampAfter(5, 0xfffffff0U));
        QVERIFY(!rtp::timestampAfter(0xfffffff0U, 5));
        QVERIFY(!rtp::timestampAfter(7, 7));
    }

    void knowsStaticTypes()
    {
        const auto pcma = rtp::staticFormat(8);
        QVERIFY(pcma.has_value());
        QCOMPARE(pcma->encoding, std::string("PCMA"));
        QCOMPARE(rtp::staticFormat(9)->clockRate, 8000U); // RFC 3551 §4.5.2, though it sounds at 16000
        QCOMPARE(rtp::staticFormat(11)->clockRate, 44100U);
        QCOMPARE(int(rtp::staticFormat(10)->channels), 2);
        QCOMPARE(rtp::staticFormat(13)->encoding, std::string("CN"));
        QCOMPARE(rtp::staticFormat(18)->encoding, std::string("G729"));
        for (const int unassigned : {2, 20, 35, 72, 96, 127})
            QVERIFY(!rtp::staticFormat(static_cast<std::uint8_t>(unassigned)).has_value());
    }
};

QTEST_GUILESS_MAIN(PacketTest)
#include "tst_packet.moc"
