// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent of full ICE has to say goes into descriptions and comes out of them.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sdp/full_ice.h"
#include "core/sdp/session_description.h"

#include <QTest>

using namespace sr;
using namespace sr::sdp;

namespace {

const std::string kVideo =
    "m=video 5000 RTP/AVP 96\r\nc=IN IP4 192.0.2.9\r\na=candidate:7 1 UDP 1 192.0.2.9 5000 typ host\r\n";

std::string described(const std::string& audio)
{
    return "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=ice-lite\r\n"
           "m=audio 4000 RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n" +
           audio;
}

const std::string kIce = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
                         "a=candidate:1 1 UDP 2130706431 192.0.2.1 4000 typ host\r\n"
                         "a=candidate:1 2 UDP 2130706430 192.0.2.1 4001 typ host\r\n"
                         "a=end-of-candidates\r\na=remote-candidates:1 192.0.2.3 9\r\na=ICE-options:ice2\r\n";

Place placeOf(int rtp, int rtcp)
{
    const IpAddress here = *IpAddress::parse("127.0.0.1");
    return {{here, static_cast<std::uint16_t>(rtp)}, {here, static_cast<std::uint16_t>(rtcp)}};
}

Media audioOf(const std::string& text)
{
    const auto parsed = parse(text);
    return parsed && parsed->audio() != nullptr ? *parsed->audio() : Media();
}

} // namespace

class FullIceTest : public QObject {
    Q_OBJECT

private slots:
    void linesOfIceAreTakenOut()
    {
        const std::string plain = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
                                  "m=audio 4000 RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
                                  "a=rtcp:4009\r\n";
        QCOMPARE(withoutIce(described(kIce + "a=rtcp:4009\r\n")), plain);
        QCOMPARE(withoutIce(plain), plain);
        std::string bare = plain; // lines that end as in Unix
        std::erase(bare, '\r');
        QCOMPARE(withoutIce(bare), plain);
        QCOMPARE(withoutIce(""), std::string());
    }

    void theAudioMoves()
    {
        const Media moved =
            audioOf(movedTo(described("a=rtcp:4009\r\n" + kIce + kVideo), placeOf(6000, 6007)));
        QCOMPARE(moved.rtp.toString(), std::string("127.0.0.1:6000"));
        QCOMPARE(moved.rtcpPort, std::uint16_t{6007});
        QVERIFY(!moved.ice && moved.order.size() == 2 && moved.protocol == "RTP/SAVP");
        const std::string next = movedTo(described("a=rtcp:4009\r\n"), placeOf(6000, 6001));
        QVERIFY(next.find("a=rtcp:") == std::string::npos);
        QVERIFY(next.find("192.0.2.1") == next.rfind("192.0.2.1")); // in o= alone
        const std::string audio =
            movedTo(described("c=IN IP4 192.0.2.8\r\na=sendonly\r\n" + kVideo), placeOf(6000, 0));
        QCOMPARE(audioOf(audio).rtp.toString(), std::string("127.0.0.1:6000"));
        QVERIFY(audioOf(audio).isOnHold());
        QVERIFY(audio.find("m=video 5000 RTP/AVP 96\r\nc=IN IP4 192.0.2.9\r\n") != std::string::npos);
    }

    void whatHasNoAudioStays()
    {
        const std::string text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
        QCOMPARE(movedTo(text, placeOf(6000, 6001)), text);
        QCOMPARE(movedTo("no description", placeOf(6000, 6001)), std::string("no description\r\n"));
    }

    void whatAnAgentSaysIsPutIn_data()
    {
        QTest::addColumn<bool>("had");
        QTest::newRow("rtcp-mux is there") << true;
        QTest::newRow("rtcp-mux is not") << false;
    }
    void whatAnAgentSaysIsPutIn()
    {
        QFETCH(bool, had);
        const std::vector<std::string> candidates{
            "1 1 UDP 2015363327 127.0.0.1 6000 typ host",
            "2 1 UDP 7 198.51.100.1 7000 typ relay raddr 127.0.0.1 rport 6000"};
        const std::string text =
            withIce(described((had ? "a=rtcp-mux\r\n" : "") + kIce + kVideo), placeOf(6000, 6000),
                    {"ours", std::string(22, 'p')}, candidates, true);
        const Media audio = audioOf(text);
        QVERIFY2(audio.ice && audio.ice->login.userFragment == "ours" && audio.rtcpMux, text.c_str());
        QVERIFY(!audio.ice->lite && audio.wantsChecks());
        QCOMPARE(text.find("a=rtcp-mux"), text.rfind("a=rtcp-mux"));
        QVERIFY(candidateValues(text) == candidates);
        QVERIFY(text.find("a=candidate:2 1") < text.find("m=video")); // in the section of the audio
        const std::string without = withIce(described(""), placeOf(6000, 6001), {"ours", "word"}, {}, false);
        QVERIFY(!audioOf(without).rtcpMux);
    }

    void candidatesThatCannotBeUsedAreLeftOut()
    {
        std::string lines =
            "a=candidate:1 1 TCP 1 192.0.2.1 9 typ host\r\na=candidate:1 1 UDP 1 x.local 4000 typ host\r\n"
            "a=candidate\r\na=candidate:\r\n";
        for (int i = 0; i < 50; ++i)
            lines += "a=candidate:1 1 UDP 1 192.0.2.1 " + std::to_string(4000 + i) + " typ host\r\n";
        QCOMPARE(candidateValues(described(lines + kVideo)).size(), IceAttributes::kMostCandidates);
        QVERIFY(candidateValues("").empty());
    }
};

QTEST_GUILESS_MAIN(FullIceTest)
#include "tst_full_ice.moc"
