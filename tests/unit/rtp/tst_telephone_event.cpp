// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 4733: whatever the network does to its packets, one key press is one digit.
#include "core/rtp/telephone_event.h"
#include "tests/unit/rtp/fixture_datagrams.h"

#include <QTest>

using namespace sr;
using rtp::DigitEvent;

namespace {

/// `code ticks duration flags`: flags E end, M marker.
struct Sent {
    std::uint8_t code;
    std::uint32_t timestamp;
    std::uint16_t duration;
    const char* flags;
};

std::vector<DigitEvent> decode(const std::vector<Sent>& sent)
{
    rtp::TelephoneEventDecoder decoder;
    std::vector<DigitEvent> out;
    for (const Sent& s : sent) {
        std::byte payload[4]{std::byte{s.code}, std::byte{10}, {}, {}};
        if (QByteArray(s.flags).contains('E'))
            payload[1] |= std::byte{0x80};
        storeBe(payload + 2, s.duration);
        rtp::PacketView packet;
        packet.payload = payload;
        packet.timestamp = s.timestamp;
        packet.marker = QByteArray(s.flags).contains('M');
        decoder.add(packet, out);
    }
    decoder.finish(out);
    return out;
}

QString shown(const std::vector<DigitEvent>& digits)
{
    QStringList parts;
    for (const DigitEvent& d : digits)
        parts += QStringLiteral("%1@%2+%3").arg(QLatin1Char(d.symbol)).arg(d.timestamp).arg(d.duration);
    return parts.join(QLatin1Char(' '));
}

} // namespace

Q_DECLARE_METATYPE(std::vector<Sent>)

class TelephoneEventTest : public QObject {
    Q_OBJECT

private slots:
    void becomesDigits_data()
    {
        QTest::addColumn<std::vector<Sent>>("sent");
        QTest::addColumn<QString>("digits");
        const auto row = [](const char* name, const std::vector<Sent>& sent, const char* digits) {
            QTest::newRow(name) << sent << QString::fromLatin1(digits);
        };
        row("plain press with three ends",
            {{5, 1000, 160, "M"},
             {5, 1000, 320, ""},
             {5, 1000, 480, "E"},
             {5, 1000, 480, "E"},
             {5, 1000, 480, "E"}},
            "5@1000+480");
        row("lost start", {{1, 1000, 320, ""}, {1, 1000, 480, "E"}}, "1@1000+480");
        row("only one end arrived", {{1, 1000, 480, "E"}}, "1@1000+480");
        row("lost end, next digit closes",
            {{1, 1000, 160, "M"}, {1, 1000, 320, ""}, {2, 3000, 160, "M"}, {2, 3000, 320, "E"}},
            "1@1000+320 2@3000+320");
        row("lost end at the end of the stream", {{1, 1000, 160, "M"}, {1, 1000, 320, ""}}, "1@1000+320");
        row("same key twice", {{7, 1000, 320, "ME"}, {7, 3000, 320, "ME"}}, "7@1000+320 7@3000+320");
        row("same key twice, end of the first lost", {{7, 1000, 320, "M"}, {7, 3000, 320, "ME"}},
            "7@1000+320 7@3000+320");
        row("every packet twice, as mirror ports do",
            {{9, 0, 160, "M"}, {9, 0, 160, "M"}, {9, 0, 320, "E"}, {9, 0, 320, "E"}}, "9@0+320");
        row("middle packet overtakes", {{9, 0, 320, ""}, {9, 0, 160, ""}, {9, 0, 480, "E"}}, "9@0+480");
        row("late copy of the last end after the next digit began",
            {{1, 1000, 480, "E"}, {2, 3000, 160, "M"}, {1, 1000, 480, "E"}, {2, 3000, 320, "E"}},
            "1@1000+480 2@3000+320");
        row("whole digit overtaken by its successor",
            {{2, 3000, 160, "M"}, {1, 1000, 480, "E"}, {1, 1000, 480, "E"}, {2, 3000, 320, "E"}},
            "1@1000+480 2@3000+320");
        row("long event in three segments",
            {{11, 1000, 0x8000, "M"},
             {11, 1000, 0xffff, ""},
             {11, 66535, 0x8000, ""},
             {11, 66535, 0xffff, ""},
             {11, 132070, 800, "E"}},
            "#@1000+131870");
        row("long event whose last packet of a segment was lost",
            {{11, 1000, 0xfff0, "M"}, {11, 66535, 160, ""}, {11, 66535, 320, "E"}}, "#@1000+65855");
        row("new press at the very distance of a segment has the marker",
            {{11, 1000, 400, "M"}, {11, 66535, 160, "ME"}}, "#@1000+400 #@66535+160");
        row("time stamps wrap", {{3, 0xffffff00U, 160, "M"}, {3, 0xffffff00U, 480, "E"}, {4, 800, 160, "ME"}},
            "3@4294967040+480 4@800+160");
        row("star, pound, A to D and flash",
            {{10, 0, 160, "ME"},
             {11, 1000, 160, "ME"},
             {12, 2000, 160, "ME"},
             {15, 3000, 160, "ME"},
             {16, 4000, 0, "ME"}},
            "*@0+160 #@1000+160 A@2000+160 D@3000+160 !@4000+0");
        row("fax and modem tones are no digits", {{32, 0, 160, "ME"}, {36, 0, 160, "ME"}, {255, 9, 1, "E"}},
            "");
    }
    void becomesDigits()
    {
        QFETCH(std::vector<Sent>, sent);
        QFETCH(QString, digits);
        QCOMPARE(shown(decode(sent)), digits);
    }

    void severalEventsInOnePacket()
    {
        const QByteArray payload = QByteArray::fromHex("018a0190"
                                                       "028a00c8");
        rtp::PacketView packet;
        packet.payload = std::as_bytes(std::span(payload.constData(), 8));
        packet.timestamp = 100;
        packet.marker = true;
        rtp::TelephoneEventDecoder decoder;
        std::vector<DigitEvent> out;
        decoder.add(packet, out);
        QCOMPARE(shown(out), QStringLiteral("1@100+400 2@500+200"));
    }

    void shortPayloadIsIgnored()
    {
        QVERIFY(!rtp::parseTelephoneEvent(bytesOf("abc")).has_value());
        rtp::PacketView packet;
        packet.payload = bytesOf("abc");
        rtp::TelephoneEventDecoder decoder;
        std::vector<DigitEvent> out;
        decoder.add(packet, out);
        decoder.finish(out);
        QVERIFY(out.empty());
    }

    void silenceOfTheSenderClosesAnEvent()
    {
        rtp::TelephoneEventDecoder decoder;
        std::vector<DigitEvent> out;
        const QByteArray payload = QByteArray::fromHex("060a0140");
        rtp::PacketView packet;
        packet.payload = std::as_bytes(std::span(payload.constData(), 4));
        packet.timestamp = 1000;
        decoder.add(packet, out);
        decoder.advance(1000 + 320 + 800, 800, out);
        QVERIFY(out.empty());
        decoder.advance(1000 + 320 + 801, 800, out);
        QCOMPARE(shown(out), QStringLiteral("6@1000+320"));
        decoder.finish(out);
        QCOMPARE(out.size(), std::size_t(1));
    }

    void fixturesGiveTheirDigit_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<char>("symbol");
        for (char digit = '0'; digit <= '9'; ++digit)
            QTest::newRow(qPrintable(QStringLiteral("key %1").arg(QLatin1Char(digit))))
                << QStringLiteral("dtmf_2833_%1.pcap").arg(QLatin1Char(digit)) << digit;
        QTest::newRow("star") << QStringLiteral("dtmf_2833_star.pcap") << '*';
        QTest::newRow("pound") << QStringLiteral("dtmf_2833_pound.pcap") << '#';
    }
    void fixturesGiveTheirDigit()
    {
        QFETCH(QString, file);
        QFETCH(char, symbol);
        const QString path = QStringLiteral(SR_FIXTURES "/sipp/pcap/") + file;
        SR_NEED_FIXTURE(path);
        rtp::TelephoneEventDecoder decoder;
        std::vector<DigitEvent> out;
        const auto datagrams = test::fixtureDatagrams(path);
        QCOMPARE(datagrams.size(), std::size_t(10));
        for (const Bytes& datagram : datagrams) {
            const auto packet = rtp::parsePacket(datagram);
            QVERIFY(bool(packet));
            decoder.add(*packet, out);
        }
        decoder.finish(out);
        QCOMPARE(out.size(), std::size_t(1));
        QCOMPARE(out[0].symbol, symbol);
        QCOMPARE(out[0].duration, 2240U); // 0x08c0 by tshark
    }
};

QTEST_GUILESS_MAIN(TelephoneEventTest)
#include "tst_telephone_event.moc"
