// SPDX-License-Identifier: GPL-3.0-or-later
// Keys by INFO: to a side that hears keys in its media they come there, to others as INFO.
#include "core/rtp/telephone_event.h"
#include "tests/unit/pbx/call_scene.h"
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

const std::string kHead = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ";

/// Anna and otto with real sockets; anna presses keys by INFO.
struct Scene {
    explicit Scene(const std::string& ottos = {}, const std::string& annas = {})
        : scene(1, annas.empty() ? sdpOf(anna.local().port) : described(anna, annas))
    {
        scene.answer(0, ottos.empty() ? sdpOf(otto.local().port) : described(otto, ottos));
        relayed = audioOf(scene.caller.lastSdp()).rtp;
    }
    /// `more`: behind the port.
    static std::string described(const test::Port& port, const std::string& more)
    {
        return kHead + std::to_string(port.local().port) + " " + more;
    }
    /// A packet of sound that otto hears as what the answer is: its payload type.
    int speaks()
    {
        anna.send(rtpPacket(++sequence), relayed);
        heard = otto.next().datagram;
        const auto packet = rtp::parsePacket(heard);
        return packet ? packet->payloadType : -1;
    }
    QString presses(const std::string& type = "application/dtmf-relay",
                    const std::string& body = "Signal=5\r\nDuration=160\r\n")
    {
        scene.caller.events->onInfo(type, body);
        return scene.phoneLog();
    }

    test::Port anna;
    test::Port otto;
    CallScene scene;
    Endpoint relayed;
    Bytes heard;
    std::uint16_t sequence = 0;
};

} // namespace

class TestCallInfo : public QObject {
    Q_OBJECT

private slots:
    void aKeyComesInTheMedia()
    {
        Scene scene;
        QCOMPARE(scene.speaks(), 0);
        QCOMPARE(scene.presses(), QStringLiteral("ack"));
        rtp::TelephoneEventDecoder decoder;
        std::vector<rtp::DigitEvent> digits;
        for (int i = 0; i < 20; ++i)
            if (scene.speaks() == 101)
                decoder.add(*rtp::parsePacket(scene.heard), digits);
        QCOMPARE(digits.size(), std::size_t{1});
        QCOMPARE(digits.front().symbol, '5');
        QCOMPARE(digits.front().duration, 160U * 8);
    }

    void whoSaysNothingIsHeardByInfo()
    {
        Scene scene;
        QCOMPARE(scene.presses(), QStringLiteral("ack info"));
    }

    void otherInfoIsNoKey()
    {
        Scene scene;
        QCOMPARE(scene.speaks(), 0);
        QCOMPARE(scene.presses("application/media_control+xml", "<x/>"), QStringLiteral("ack info"));
        QCOMPARE(scene.speaks(), 0);
    }

    void whoKnowsNoEventsHearsInfo_data()
    {
        QTest::addColumn<QString>("ottos");
        QTest::addColumn<QString>("annasEvents");
        QTest::addColumn<bool>("inMedia");
        const QString wide = QStringLiteral("telephone-event/48000");
        const QString narrow = QStringLiteral("telephone-event/8000");
        QTest::newRow("none at all") << QStringLiteral("RTP/AVP 8\r\n") << narrow << false;
        QTest::newRow("of the sound's clock")
            << QStringLiteral("RTP/AVP 96 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 "
                              "telephone-event/48000\r\n")
            << wide << true;
        QTest::newRow("that are not agreed")
            << QStringLiteral("RTP/AVP 96 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 "
                              "telephone-event/48000\r\n")
            << narrow << false;
        QTest::newRow("of another clock")
            << QStringLiteral("RTP/AVP 96 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 "
                              "telephone-event/8000\r\n")
            << narrow << false;
    }
    void whoKnowsNoEventsHearsInfo()
    {
        QFETCH(QString, ottos);
        QFETCH(QString, annasEvents);
        QFETCH(bool, inMedia);
        Scene scene(ottos.toStdString(), "RTP/AVP 96 8 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 " +
                                             annasEvents.toStdString() + "\r\n");
        QCOMPARE(scene.speaks(), 0);
        QCOMPARE(scene.presses(), inMedia ? QStringLiteral("ack") : QStringLiteral("ack info"));
        for (int i = 0; i < 3; ++i)
            QCOMPARE(scene.speaks(), 0);
        QCOMPARE(scene.speaks(), inMedia ? 101 : 0);
    }
};

QTEST_GUILESS_MAIN(TestCallInfo)
#include "tst_call_info.moc"
