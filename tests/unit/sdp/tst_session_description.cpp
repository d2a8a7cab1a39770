// SPDX-License-Identifier: GPL-3.0-or-later
// Session descriptions as phones write them, and as nobody should.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sdp/session_description.h"

#include <QtTest>

using namespace sr;
using namespace sr::sdp;
using namespace std::string_literals;

namespace {

const std::string kPlain = "v=0\r\n"
                           "o=- 20518 0 IN IP4 203.0.113.1\r\n"
                           "s= \r\n"
                           "c=IN IP4 203.0.113.1\r\n"
                           "t=0 0\r\n"
                           "m=audio 54400 RTP/SAVP 8 0 97 101 13\r\n"
                           "a=rtpmap:97 opus/48000/2\r\n"
                           "a=fmtp:97 useinbandfec=1\r\n"
                           "a=rtpmap:101 telephone-event/8000\r\n"
                           "a=fmtp:101 0-15\r\n"
                           "a=ptime:20\r\n"
                           "a=candidate:1 1 UDP 2130706431 203.0.113.1 54400 typ host\r\n";

std::string crypto(const std::string& suite, std::size_t characters)
{
    return kPlain + "a=crypto:1 " + suite + " inline:" + std::string(characters, 'Q') + "|2^31|1:4 KDR=1\r\n";
}

} // namespace

class TestSessionDescription : public QObject {
    Q_OBJECT
private slots:
    void plain();
    void direction_data();
    void direction();
    void hold_data();
    void hold();
    void secure_data();
    void secure();
    void connection_data();
    void connection();
    void severalMedia();
    void rtcp_data();
    void rtcp();
    void cryptoLine_data();
    void cryptoLine();
    void mki_data();
    void mki();
    void lenient_data();
    void lenient();
    void refused_data();
    void refused();
    void limits();
    void everyTruncation();
};

void TestSessionDescription::plain()
{
    const auto parsed = parse(kPlain);
    QVERIFY(parsed);
    QCOMPARE(parsed->origin, "- 20518 0 IN IP4 203.0.113.1"s);
    QCOMPARE(parsed->media.size(), std::size_t{1});
    const Media* audio = parsed->audio();
    QVERIFY(audio != nullptr);
    QCOMPARE(audio->protocol, "RTP/SAVP"s);
    QCOMPARE(audio->rtp.toString(), "203.0.113.1:54400"s);
    const std::vector<std::uint8_t> order{8, 0, 97, 101, 13};
    QCOMPARE(audio->order, order);
    QCOMPARE(audio->formats.size(), std::size_t{5});
    QCOMPARE(audio->formats.at(8).encoding, "PCMA"s);
    QCOMPARE(audio->formats.at(0).clockRate, 8000U);
    const rtp::PayloadFormat opus{"OPUS", 48000, 2, "useinbandfec=1"};
    QVERIFY(audio->formats.at(97) == opus);
    QCOMPARE(audio->formats.at(101).encoding, "TELEPHONE-EVENT"s);
    QCOMPARE(audio->formats.at(101).fmtp, "0-15"s);
    QCOMPARE(audio->formats.at(13).encoding, "CN"s);
    QCOMPARE(audio->ptimeMs, 20U);
    QVERIFY(audio->direction == Direction::SendRecv);
    QVERIFY(audio->keys.empty());
}

void TestSessionDescription::direction_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("expected");
    const std::string session = "v=0\na=recvonly\nm=audio 4000 RTP/AVP 8\n";
    QTest::newRow("nothing said") << "v=0\nm=audio 4000 RTP/AVP 8\n"s << int(Direction::SendRecv);
    QTest::newRow("session level lends it") << session << int(Direction::RecvOnly);
    QTest::newRow("media level wins") << session + "a=inactive\n" << int(Direction::Inactive);
    QTest::newRow("media level says the default") << session + "a=sendrecv\n" << int(Direction::SendRecv);
    QTest::newRow("capitals") << session + "a=SendOnly\n" << int(Direction::SendOnly);
}

void TestSessionDescription::direction()
{
    QFETCH(std::string, text);
    QFETCH(int, expected);
    const auto parsed = parse(text);
    QVERIFY(parsed);
    QCOMPARE(int(parsed->audio()->direction), expected);
}

void TestSessionDescription::hold_data()
{
    QTest::addColumn<std::string>("lines");
    QTest::addColumn<int>("effective");
    QTest::addColumn<bool>("onHold");
    const std::string from = "m=audio 4000 RTP/AVP 8\nc=IN IP4 10.0.0.1\n";
    const std::string nowhere = "m=audio 4000 RTP/AVP 8\nc=IN IP4 0.0.0.0\n";
    QTest::newRow("talking") << from << int(Direction::SendRecv) << false;
    QTest::newRow("music on hold") << from + "a=sendonly\n" << int(Direction::SendOnly) << true;
    QTest::newRow("held") << from + "a=recvonly\n" << int(Direction::RecvOnly) << false;
    QTest::newRow("both hold") << from + "a=inactive\n" << int(Direction::Inactive) << true;
    QTest::newRow("hold of old") << nowhere << int(Direction::SendOnly) << true;
    QTest::newRow("hold of old, held itself") << nowhere + "a=recvonly\n" << int(Direction::Inactive) << true;
    QTest::newRow("section with its own address")
        << "c=IN IP4 0.0.0.0\n" + from << int(Direction::SendRecv) << false;
    QTest::newRow("ICE tells later") << "m=audio 9 RTP/AVP 8\nc=IN IP4 0.0.0.0\n"s << int(Direction::SendRecv)
                                     << false;
    QTest::newRow("host name") << "m=audio 4000 RTP/AVP 8\nc=IN IP4 x.example.org\n"s
                               << int(Direction::SendRecv) << false;
}

void TestSessionDescription::hold()
{
    QFETCH(std::string, lines);
    QFETCH(int, effective);
    QFETCH(bool, onHold);
    const auto parsed = parse("v=0\n" + lines);
    QVERIFY(parsed);
    QCOMPARE(int(parsed->audio()->effectiveDirection()), effective);
    QCOMPARE(parsed->audio()->isOnHold(), onHold);
}

void TestSessionDescription::secure_data()
{
    QTest::addColumn<std::string>("protocol");
    QTest::addColumn<bool>("secure");
    QTest::newRow("clear") << "RTP/AVP"s << false;
    QTest::newRow("clear with feedback") << "RTP/AVPF"s << false;
    QTest::newRow("secure") << "RTP/SAVP"s << true;
    QTest::newRow("lower case") << "rtp/savp"s << true;
    QTest::newRow("secure with feedback") << "RTP/SAVPF"s << true;
    QTest::newRow("DTLS") << "UDP/TLS/RTP/SAVP"s << true;
    QTest::newRow("something else") << "XSAVP"s << false;
}

void TestSessionDescription::secure()
{
    QFETCH(std::string, protocol);
    QFETCH(bool, secure);
    QCOMPARE(parse("v=0\nm=audio 4000 " + protocol + " 8\n")->audio()->isSecure(), secure);
}

void TestSessionDescription::connection_data()
{
    QTest::addColumn<std::string>("lines");
    QTest::addColumn<std::string>("address");
    QTest::newRow("session level") << "c=IN IP4 10.0.0.1\nm=audio 4 RTP/AVP 8\n"s
                                   << "10.0.0.1"s;
    QTest::newRow("media level wins") << "c=IN IP4 10.0.0.1\nm=audio 4 RTP/AVP 8\nc=IN IP4 10.0.0.2\n"s
                                      << "10.0.0.2"s;
    QTest::newRow("IPv6") << "c=IN IP6 2001:db8::1\nm=audio 4 RTP/AVP 8\n"s
                          << "2001:db8::1"s;
    QTest::newRow("multicast with ttl") << "c=IN IP4 224.2.1.1/127\nm=audio 4 RTP/AVP 8\n"s
                                        << "224.2.1.1"s;
    QTest::newRow("hold of old") << "c=IN IP4 0.0.0.0\nm=audio 4 RTP/AVP 8\n"s
                                 << "0.0.0.0"s;
    QTest::newRow("host name is not resolved") << "c=IN IP4 sip.example.org\nm=audio 4 RTP/AVP 8\n"s
                                               << "::"s;
}

void TestSessionDescription::connection()
{
    QFETCH(std::string, lines);
    QFETCH(std::string, address);
    const auto parsed = parse("v=0\n" + lines);
    QVERIFY(parsed);
    QCOMPARE(parsed->audio()->rtp.address.toString(), address);
    QCOMPARE(parsed->audio()->rtp.address.isUnspecified(), address == "0.0.0.0" || address == "::");
}

void TestSessionDescription::severalMedia()
{
    const auto parsed =
        parse("v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 0 RTP/AVP 8\r\nm=image 5000 udptl t38\r\n"
              "m=audio 4000/2 RTP/AVP 9 9 200 x 18\r\na=rtpmap:9 G722/8000\r\nm=video 6000 RTP/AVP 31\r\n");
    QVERIFY(parsed);
    QCOMPARE(parsed->media.size(), std::size_t{4});
    QCOMPARE(parsed->media[0].rtp.port, std::uint16_t{0});
    QVERIFY(parsed->media[1].order.empty());
    QCOMPARE(parsed->audio(), &parsed->media[2]);
    const std::vector<std::uint8_t> order{9, 18};
    QCOMPARE(parsed->media[2].order, order);
    QCOMPARE(parsed->media[2].formats.at(9).clockRate, 8000U);
    QCOMPARE(parsed->media[2].formats.at(18).encoding, "G729"s);
    QVERIFY(parsed->media[3].formats.empty());
    QVERIFY(parse("v=0\r\nm=audio 0 RTP/AVP 8\r\n")->audio() == nullptr);
}

void TestSessionDescription::rtcp_data()
{
    QTest::addColumn<std::string>("line");
    QTest::addColumn<int>("port");
    QTest::newRow("next port") << ""s << 4001;
    QTest::newRow("said") << "a=rtcp:5005 IN IP4 10.0.0.1\n"s << 5005;
    QTest::newRow("multiplexed") << "a=rtcp-mux\n"s << 4000;
    QTest::newRow("nonsense") << "a=rtcp:99999\n"s << 4001;
}

void TestSessionDescription::rtcp()
{
    QFETCH(std::string, line);
    QFETCH(int, port);
    const auto parsed = parse("v=0\nm=audio 4000 RTP/AVP 8\n" + line);
    QVERIFY(parsed);
    QCOMPARE(int(parsed->audio()->rtcpPort), port);
}

void TestSessionDescription::cryptoLine_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("suite");
    QTest::addColumn<int>("octets");
    QTest::newRow("AES 128, 80 bit") << crypto("AES_CM_128_HMAC_SHA1_80", 40) << "AES_CM_128_HMAC_SHA1_80"s
                                     << 30;
    QTest::newRow("AES 128, 32 bit") << crypto("AES_CM_128_HMAC_SHA1_32", 40) << "AES_CM_128_HMAC_SHA1_32"s
                                     << 30;
    QTest::newRow("AES 256") << crypto("AES_256_CM_HMAC_SHA1_80", 62) << "AES_256_CM_HMAC_SHA1_80"s << 46;
    QTest::newRow("AES 256 in the other spelling")
        << crypto("AES_CM_256_HMAC_SHA1_80", 62) << "AES_256_CM_HMAC_SHA1_80"s << 46;
    QTest::newRow("GCM") << crypto("AEAD_AES_256_GCM", 59) << "AEAD_AES_256_GCM"s << 44;
    QTest::newRow("lower case") << crypto("aes_cm_128_hmac_sha1_80", 40) << "AES_CM_128_HMAC_SHA1_80"s << 30;
    QTest::newRow("key too short") << crypto("AES_CM_128_HMAC_SHA1_80", 36) << ""s << 0;
    QTest::newRow("unknown suite, by name only") << crypto("ROT_13", 40) << "ROT_13"s << 0;
    QTest::newRow("unknown suite, unfit to be shown") << crypto("ROT\x1b[13", 40) << ""s << 0;
    QTest::newRow("not base64") << kPlain + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:!!!!\r\n"
                                << ""s << 0;
    QTest::newRow("no key") << kPlain + "a=crypto:1 AES_CM_128_HMAC_SHA1_80\r\n"
                            << ""s << 0;
}

void TestSessionDescription::cryptoLine()
{
    QFETCH(std::string, text);
    QFETCH(std::string, suite);
    QFETCH(int, octets);
    const auto parsed = parse(text);
    QVERIFY(parsed);
    const auto& keys = parsed->audio()->keys;
    QCOMPARE(keys.size(), suite.empty() ? std::size_t{0} : std::size_t{1});
    if (suite.empty())
        return;
    QCOMPARE(keys[0].suite, suite);
    QCOMPARE(int(keys[0].keySalt.size()), octets);
    if (octets == 0)
        return;
    QCOMPARE(std::uint8_t(keys[0].keySalt[0]), std::uint8_t{0x41}); // QQ.. is 0x41 0x04 0x10
    QCOMPARE(std::uint8_t(keys[0].keySalt[1]), std::uint8_t{0x04});
}

void TestSessionDescription::mki_data()
{
    QTest::addColumn<std::string>("behindKey");
    QTest::addColumn<std::string>("octets");
    QTest::newRow("none") << ""s
                          << ""s;
    QTest::newRow("lifetime alone") << "|2^20"s
                                    << ""s;
    QTest::newRow("behind a lifetime") << "|2^20|1:4"s
                                       << "00000001"s;
    QTest::newRow("alone") << "|1:4"s
                           << "00000001"s;
    QTest::newRow("one octet") << "|255:1"s
                               << "ff"s;
    QTest::newRow("more than 64 bits") << "|18446744073709551616:9"s
                                       << "010000000000000000"s;
    QTest::newRow("session parameters follow") << "|2^31|7:2 KDR=1"s
                                               << "0007"s;
    QTest::newRow("larger than its length") << "|256:1"s
                                            << ""s;
    QTest::newRow("no length") << "|1:"s
                               << ""s;
    QTest::newRow("length 0") << "|1:0"s
                              << ""s;
    QTest::newRow("too long") << "|1:129"s
                              << ""s;
    QTest::newRow("no number") << "|x:4"s
                               << ""s;
}

void TestSessionDescription::mki()
{
    QFETCH(std::string, behindKey);
    QFETCH(std::string, octets);
    const auto parsed = parse(kPlain + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') +
                              behindKey + "\r\n");
    QCOMPARE(parsed->audio()->keys.size(), std::size_t{1});
    QCOMPARE(toHex(bytesOf(parsed->audio()->keys[0].mki)), octets);

    const auto several = parse(kPlain + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') +
                               "|2^20|1:4;inline:" + std::string(40, 'B') + "|2^20|2:4\r\n");
    QCOMPARE(several->audio()->keys.size(), std::size_t{2});
    QCOMPARE(several->audio()->keys[1].mki, "\0\0\0\2"s);
}

void TestSessionDescription::lenient_data()
{
    QTest::addColumn<std::string>("text");
    QTest::newRow("bare line feeds") << "v=0\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8\n"s;
    QTest::newRow("bare carriage returns") << "v=0\rc=IN IP4 10.0.0.1\rm=audio 4000 RTP/AVP 8\r"s;
    QTest::newRow("no v line") << "o=- 1 1 IN IP4 x\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8"s;
    QTest::newRow("empty line first") << "\r\nv=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 8\r\n"s;
    QTest::newRow("unknown lines") << "v=0\nq=?\nhello\nc=IN IP4 10.0.0.1\nm=AUDIO 4000  RTP/AVP  8 \n"s;
    QTest::newRow("broken attributes")
        << "v=0\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8\na=rtpmap:\na=rtpmap:300 x/1\na=rtpmap:8\na=fmtp:x\na=\na=ptime:?\n"s;
}

void TestSessionDescription::lenient()
{
    QFETCH(std::string, text);
    const auto parsed = parse(text);
    QVERIFY2(parsed, parsed ? "" : parsed.error().text().c_str());
    QVERIFY(parsed->audio() != nullptr);
    QCOMPARE(parsed->audio()->rtp.toString(), "10.0.0.1:4000"s);
    QCOMPARE(parsed->audio()->formats.at(8).encoding, "PCMA"s);
}

void TestSessionDescription::refused_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("code");
    QTest::newRow("empty") << ""s << int(SdpErrc::NotSdp);
    QTest::newRow("blank lines") << "\r\n\r\n"s << int(SdpErrc::NotSdp);
    QTest::newRow("a web page") << "<html>"s << int(SdpErrc::NotSdp);
    QTest::newRow("binary") << std::string("\x80\x08\x00\x01", 4) << int(SdpErrc::NotSdp);
    QTest::newRow("media line without a port") << "v=0\nm=audio\n"s << int(SdpErrc::BadLine);
    QTest::newRow("port beyond 65535") << "v=0\nm=audio 70000 RTP/AVP 8\n"s << int(SdpErrc::BadLine);
    QTest::newRow("too long") << "v=0\n" + std::string(kMaxOctets, 'a') << int(SdpErrc::TooLarge);
}

void TestSessionDescription::refused()
{
    QFETCH(std::string, text);
    QFETCH(int, code);
    const auto parsed = parse(text);
    QVERIFY(!parsed);
    QVERIFY(parsed.error().code == make_error_code(static_cast<SdpErrc>(code)));
    if (code == int(SdpErrc::BadLine))
        QVERIFY(parsed.error().text().find("offset 4") != std::string::npos);
}

void TestSessionDescription::limits()
{
    std::string many = "v=0\n";
    for (std::size_t i = 0; i < kMaxMedia; ++i)
        many += "m=audio 4000 RTP/AVP 8\n";
    QVERIFY(parse(many));
    QVERIFY(parse(many + "m=audio 4000 RTP/AVP 8\n").error().code == make_error_code(SdpErrc::TooLarge));
    std::string keys = crypto("AES_CM_128_HMAC_SHA1_80", 40);
    for (int i = 0; i < 100; ++i)
        keys += "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') + "\r\n";
    QCOMPARE(parse(keys)->audio()->keys.size(), std::size_t{8});
    std::string types = "v=0\nm=audio 4000 RTP/AVP";
    for (int i = 0; i < 5000; ++i)
        types += " " + std::to_string(i % 300);
    QCOMPARE(parse(types)->audio()->order.size(), std::size_t{128});
}

void TestSessionDescription::everyTruncation()
{
    const std::string whole = crypto("AES_CM_128_HMAC_SHA1_80", 40);
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const auto parsed = parse(std::string_view(whole).substr(0, n));
        if (parsed)
            QVERIFY(parsed->media.size() <= 1);
    }
}

QTEST_GUILESS_MAIN(TestSessionDescription)
#include "tst_session_description.moc"
