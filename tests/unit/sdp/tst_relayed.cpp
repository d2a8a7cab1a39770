// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of descriptions that pass through the exchange: ours is ours, the rest stays, nothing leaks.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sdp/relayed.h"

#include <QDir>
#include <QFileInfo>
#include <QtTest>

#include <random>

using namespace sr;
using namespace sr::sdp;
using namespace std::string_literals;

namespace {

/// Addresses, ports and keys that no description of ours may show stand in these: 192.0.2.*, 2001:db8::*,
/// 61xxx, `Q`s.
const std::string kBaresip = "v=0\r\n"
                             "o=- 1234567890 987654321 IN IP4 192.0.2.10\r\n"
                             "s=-\r\n"
                             "c=IN IP4 192.0.2.10\r\n"
                             "t=0 0\r\n"
                             "a=tool:baresip 3.10.1\r\n"
                             "m=audio 61010 RTP/AVP 96 0 8 101\r\n"
                             "b=AS:125\r\n"
                             "a=rtpmap:96 opus/48000/2\r\n"
                             "a=fmtp:96 stereo=1;sprop-stereo=1;useinbandfec=1\r\n"
                             "a=rtpmap:0 PCMU/8000\r\n"
                             "a=rtpmap:8 PCMA/8000\r\n"
                             "a=rtpmap:101 telephone-event/8000\r\n"
                             "a=fmtp:101 0-15\r\n"
                             "a=rtcp:61011\r\n"
                             "a=rtcp-mux\r\n"
                             "a=label:1\r\n"
                             "a=rtcp-rsize\r\n"
                             "a=ssrc:3735928559 cname:sip:alice@192.0.2.10\r\n"
                             "a=sendrecv\r\n"
                             "a=ptime:20\r\n"
                             "a=minptime:10\r\n";
const std::string kLinphone =
    "v=0\r\n"
    "o=alice 3411 2902 IN IP6 2001:db8::11\r\n"
    "s=Talk\r\n"
    "c=IN IP6 2001:db8::11\r\n"
    "b=AS:380\r\n"
    "t=0 0\r\n"
    "a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r\n"
    "a=record:off\r\n"
    "m=audio 61020 RTP/SAVPF 96 97 9 101\r\n"
    "a=rtpmap:96 opus/48000/2\r\n"
    "a=fmtp:96 useinbandfec=1\r\n"
    "a=rtpmap:97 speex/16000\r\n"
    "a=fmtp:97 vbr=on\r\n"
    "a=rtpmap:101 telephone-event/48000\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\r\n"
    "a=crypto:2 AES_256_CM_HMAC_SHA1_80 "
    "inline:QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ "
    "UNENCRYPTED_SRTCP\r\n"
    "a=rtcp-fb:* trr-int 5000\r\n"
    "a=rtcp-fb:* ccm tmmbr\r\n"
    "m=video 61022 RTP/AVPF 96\r\n"
    "a=rtpmap:96 VP8/90000\r\n"
    "a=rtcp-fb:96 nack pli\r\n";
const std::string kSnom =
    "v=0\r\n"
    "o=root 513747297 513747297 IN IP4 192.0.2.12\r\n"
    "s=call\r\n"
    "c=IN IP4 192.0.2.12\r\n"
    "t=0 0\r\n"
    "m=audio 61030 RTP/AVP 9 8 0 3 99 18 101\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:99 G726-32/8000\r\n"
    "a=rtpmap:18 G729/8000\r\n"
    "a=fmtp:18 annexb=no\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\n"
    "a=encryption:optional\r\n"
    "a=direction:both\r\n"
    "a=alt:1 1 : 0123 4567 192.0.2.12 61030\r\n"
    "a=sendonly\r\n";
const std::string kInnovaphone =
    "v=0\r\n"
    "o=- 20518 0 IN IP4 192.0.2.13\r\n"
    "s=-\r\n"
    "c=IN IP4 192.0.2.13\r\n"
    "t=0 0\r\n"
    "m=image 61042 udptl t38\r\n"
    "a=T38FaxVersion:0\r\n"
    "m=audio 61040 RTP/AVP 8 0 18 13 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:13 CN/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ice-ufrag:wxyz\r\n"
    "a=ice-pwd:0123456789012345678901\r\n"
    "a=candidate:1 1 UDP 2130706431 192.0.2.13 61040 typ host\r\n"
    "a=candidate:2 2 UDP 1694498814 192.0.2.14 61041 typ srflx raddr 192.0.2.13 rport 61041\r\n"
    "a=remote-candidates:1 192.0.2.99 61099\r\n"
    "a=fingerprint:sha-256 "
    "12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:"
    "BC:DE:F0\r\n"
    "a=maxptime:60\r\n"
    "m=application 61044 TCP/TLS/RTP/AVP 120\r\n";
const std::string kWebRtc =
    "v=0\r\n"
    "o=- 4962303333179871722 1 IN IP4 192.0.2.15\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1\r\n"
    "a=msid-semantic: WMS stream\r\n"
    "a=ice-options:trickle\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 8 110\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:ETEn\r\n"
    "a=ice-pwd:OtSK0WpNtpUjkY4+86js7Z/l\r\n"
    "a=fingerprint:sha-256 "
    "12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:"
    "BC:DE:F0\r\n"
    "a=setup:actpass\r\n"
    "a=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=sendrecv\r\n"
    "a=msid:stream track\r\n"
    "a=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n"
    "a=fmtp:63 111/111\r\n"
    "a=rtpmap:110 telephone-event/48000\r\n"
    "a=ssrc:3735928559 cname:Qcname\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "a=sctp-port:5000\r\n";

const std::string kOurKey(40, 'z');

Relayed plan(bool secure, const std::string& address = "198.51.100.7")
{
    Relayed ours{.sessionId = 7000, .version = 3, .audio = {}};
    ours.audio.rtp = {*IpAddress::parse(address), 20000};
    ours.audio.secure = secure;
    if (secure)
        ours.audio.crypto.push_back(*parseCryptoAttribute("1 AES_CM_128_HMAC_SHA1_80 inline:" + kOurKey));
    return ours;
}

bool holds(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// All lines of that type.
std::string linesOf(const std::string& text, char type)
{
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at = text.find("\r\n", at) + 2) {
        if (text[at] == type)
            lines += text.substr(at, text.find("\r\n", at) + 2 - at);
    }
    return lines;
}

/// Everything that a reader of `out` must find there, whatever `source` was; an empty text if it is all
/// right.
std::string fault(const SessionDescription& source, const std::string& out, const Relayed& ours)
{
    const auto parsed = parse(out);
    if (!parsed)
        return "not a description: " + parsed.error().text();
    if (parsed->media.size() != source.media.size())
        return "media sections";
    const Media* was = source.audio();
    const Media* is = parsed->audio();
    if (was == nullptr || is == nullptr || was - source.media.data() != is - parsed->media.data())
        return "audio section";
    if (is->rtp != ours.audio.rtp || parsed->connection.address != ours.audio.rtp.address)
        return "address";
    if (is->order != was->order || is->formats != was->formats || is->ptimeMs != was->ptimeMs)
        return "formats";
    if (is->direction != was->effectiveDirection() || is->isOnHold() != was->isOnHold())
        return "direction";
    if (is->crypto != ours.audio.crypto || is->keys.size() != is->crypto.size())
        return "keys";
    if (is->isSecure() != ours.audio.secure || is->rtcpMux || is->rtcpPort != is->rtp.port + 1)
        return "profile";
    for (const Media& one : parsed->media) {
        if (&one != is && one.rtp.port != 0)
            return "open section";
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto octet = static_cast<unsigned char>(out[i]);
        if (octet < 0x20 && !(octet == '\r' && out[i + 1] == '\n') && !(octet == '\n' && out[i - 1] == '\r'))
            return "control character";
    }
    return {};
}

/// Body of a SIP message, or the whole file where there is no header before it.
std::string descriptionIn(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const std::string whole = file.readAll().toStdString();
    const std::size_t at = whole.find("\nv=0");
    return at == std::string::npos ? whole : whole.substr(at + 1);
}

void addPhones()
{
    QTest::addColumn<std::string>("text");
    QTest::newRow("baresip") << kBaresip;
    QTest::newRow("linphone") << kLinphone;
    QTest::newRow("snom") << kSnom;
    QTest::newRow("innovaphone") << kInnovaphone;
    QTest::newRow("WebRTC") << kWebRtc;
}

} // namespace

class TestRelayed : public QObject {
    Q_OBJECT
private slots:
    void whole();
    void phones_data() { addPhones(); }
    void phones();
    void profiles_data();
    void profiles();
    void attributes_data();
    void attributes();
    void heldByAddress_data();
    void heldByAddress();
    void sessionLevel();
    void otherMediaKeepTheirPlaces();
    void linesInOrder();
    void refused_data();
    void refused();
    void mutated_data() { addPhones(); }
    void mutated();
    void fixtures();
};

void TestRelayed::whole()
{
    QCOMPARE(*relayed(kSnom, plan(true)), "v=0\r\n"
                                          "o=- 7000 3 IN IP4 198.51.100.7\r\n"
                                          "s=call\r\n"
                                          "c=IN IP4 198.51.100.7\r\n"
                                          "t=0 0\r\n"
                                          "m=audio 20000 RTP/SAVP 9 8 0 3 99 18 101\r\n"
                                          "a=rtpmap:9 G722/8000\r\n"
                                          "a=rtpmap:99 G726-32/8000\r\n"
                                          "a=rtpmap:18 G729/8000\r\n"
                                          "a=fmtp:18 annexb=no\r\n"
                                          "a=rtpmap:101 telephone-event/8000\r\n"
                                          "a=fmtp:101 0-15\r\n"
                                          "a=ptime:20\r\n"
                                          "a=direction:both\r\n"
                                          "a=sendonly\r\n"
                                          "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"s +
                                              kOurKey + "\r\n");
    const std::string v6 = *relayed(kSnom, plan(false, "2001:db8:ffff::1"));
    QVERIFY(holds(v6, "c=IN IP6 2001:db8:ffff::1\r\n"));
}

void TestRelayed::phones()
{
    QFETCH(std::string, text);
    const auto source = parse(text);
    QVERIFY(source);
    for (const bool secure : {false, true}) {
        const auto out = relayed(text, plan(secure));
        QVERIFY2(out, out ? "" : out.error().text().c_str());
        QCOMPARE(fault(*source, *out, plan(secure)), ""s);
        for (const char* foreign :
             {"192.0.2.", "2001:db8", "610", "QQ", "12:34", "cname", "ice-", "mid:", "msid"})
            QVERIFY2(!holds(*out, foreign), foreign);
        QCOMPARE(*relayed(*out, plan(secure)), *out);
    }
}

void TestRelayed::profiles_data()
{
    QTest::addColumn<std::string>("source");
    QTest::addColumn<bool>("secure");
    QTest::addColumn<std::string>("profile");
    QTest::newRow("clear stays clear") << "RTP/AVP"s << false << "RTP/AVP"s;
    QTest::newRow("clear becomes secure") << "RTP/AVP"s << true << "RTP/SAVP"s;
    QTest::newRow("secure becomes clear") << "RTP/SAVP"s << false << "RTP/AVP"s;
    QTest::newRow("feedback stays") << "RTP/AVPF"s << false << "RTP/AVPF"s;
    QTest::newRow("feedback stays with keys") << "RTP/AVPF"s << true << "RTP/SAVPF"s;
    QTest::newRow("lower case") << "rtp/savpf"s << true << "RTP/SAVPF"s;
    QTest::newRow("DTLS ends here") << "UDP/TLS/RTP/SAVPF"s << true << "RTP/SAVPF"s;
}

void TestRelayed::profiles()
{
    QFETCH(std::string, source);
    QFETCH(bool, secure);
    QFETCH(std::string, profile);
    const auto out = relayed("v=0\nm=audio 4000 " + source + " 8\n", plan(secure));
    QCOMPARE(linesOf(*out, 'm'), "m=audio 20000 " + profile + " 8\r\n");
}

void TestRelayed::attributes_data()
{
    QTest::addColumn<std::string>("line");
    QTest::addColumn<bool>("passes");
    const auto row = [](const char* line, bool passes) {
        QTest::newRow(line) << std::string(line) << passes;
    };
    row("a=rtcp-fb:* nack", true);
    row("a=extmap:3 urn:ietf:params:rtp-hdrext:toffset", true);
    row("a=X-nobody-knows:this or that", true);
    row("a=silenceSupp:off - - - -", true);
    row("a=tool:1.2.3", true);
    row("a=x:12:34:56", true);
    row("b=TIAS:64000", true);
    row("a=Crypto : 1 AES_CM_128_HMAC_SHA1_80 x", false);
    row("a=RTCP-MUX", false);
    row("a=ICE-anything:1", false);
    row("a=zrtp-hash:1.10 fe30", false);
    row("a=key-mgmt:mikey AQAFgM0X", false);
    row("a=acap:1 crypto:1 AES", false);
    row("a=X-nobody-knows:10.0.0.1", false);
    row("a=X-nobody-knows:a10.0.0.1:5060", false);
    row("a=X-nobody-knows:see fe80::1%eth0", false);
    row("a=X-nobody-knows:[::1]", false);
    row("a=X-nobody-knows:2001:db8:0:0:0:0:0:1", false);
    row("a=X-nobody-knows:1 AES_CM_128_HMAC_SHA1_80 InLine:QUJD", false);
    row("a=", false);
    row("a=:x", false);
    row("a=two words", false);
    row("b=AS", false);
    row("b=AS:many", false);
    row("i=title", false);
    row("k=clear:secret", false);
    row("z=0 0", false);
    row("A=sendonly", false);
    row("hello", false);
}

void TestRelayed::attributes()
{
    QFETCH(std::string, line);
    QFETCH(bool, passes);
    const std::string media = "m=audio 4000 RTP/AVP 8\n";
    for (const std::string& text : {"v=0\n" + line + "\n" + media, "v=0\n" + media + line + "\n"}) {
        const auto out = relayed(text, plan(false));
        QVERIFY(out);
        QCOMPARE(holds(*out, "\r\n" + line + "\r\n"), passes);
        QCOMPARE(std::count(out->begin(), out->end(), '\n'), passes ? 7 : 6);
    }
}

void TestRelayed::heldByAddress_data()
{
    QTest::addColumn<std::string>("lines");
    QTest::addColumn<std::string>("direction");
    QTest::newRow("session level") << "c=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 8\n"s
                                   << "a=sendonly\r\n"s;
    QTest::newRow("media level") << "c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8\nc=IN IP4 0.0.0.0\n"s
                                 << "a=sendonly\r\n"s;
    QTest::newRow("IPv6") << "c=IN IP6 ::\nm=audio 4000 RTP/AVP 8\n"s
                          << "a=sendonly\r\n"s;
    QTest::newRow("says sendrecv as well") << "c=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 8\na=sendrecv\n"s
                                           << "a=sendonly\r\n"s;
    QTest::newRow("says recvonly") << "c=IN IP4 0.0.0.0\na=recvonly\nm=audio 4000 RTP/AVP 8\n"s
                                   << "a=inactive\r\n"s;
    QTest::newRow("ICE tells later") << "c=IN IP4 0.0.0.0\nm=audio 9 RTP/AVP 8\n"s
                                     << ""s;
    QTest::newRow("a host name is somewhere") << "c=IN IP4 pbx.example.org\nm=audio 4000 RTP/AVP 8\n"s
                                              << ""s;
    QTest::newRow("no address at all") << "m=audio 4000 RTP/AVP 8\n"s
                                       << ""s;
}

void TestRelayed::heldByAddress()
{
    QFETCH(std::string, lines);
    QFETCH(std::string, direction);
    const std::string text = "v=0\n" + lines;
    QCOMPARE(parse(text)->audio()->isOnHold(), !direction.empty());
    const auto out = relayed(text, plan(false));
    QVERIFY(out);
    QCOMPARE(linesOf(*out, 'a'), direction);
    QCOMPARE(parse(*out)->audio()->isOnHold(), !direction.empty());
    QCOMPARE(*relayed(*out, plan(false)), *out);
}

void TestRelayed::sessionLevel()
{
    const std::string audio = "m=audio 4000 RTP/AVP 8\n";
    const auto out = relayed(
        "v=0\ni=x\nt=3034423619 3042462419\nt=x\nt=1\ns=caf\xc3\xa9\ta\x1b[1m\nu=http://x\na=inactive\n" +
            audio + "s=not here\n",
        plan(false));
    QCOMPARE(*out, "v=0\r\no=- 7000 3 IN IP4 198.51.100.7\r\ns=caf\xc3\xa9 a[1m\r\nc=IN IP4 198.51.100.7\r\n"
                   "t=3034423619 3042462419\r\na=inactive\r\nm=audio 20000 RTP/AVP 8\r\n"s);
    for (const std::string subject : {"", "s= \n", "s=call of 10.0.0.1\n", "s=inline:QQ\n"})
        QCOMPARE(linesOf(*relayed("v=0\n" + subject + audio, plan(false)), 's'), "s=-\r\n"s);
}

void TestRelayed::otherMediaKeepTheirPlaces()
{
    const auto out =
        relayed("v=0\nm=audio 0 RTP/AVP 8\na=x\nm=video 4 RTP/AVP 31 99\nc=IN IP4 10.0.0.1\nb=AS:1\n"
                "m=AUDIO 4000/2 RTP/AVP 9 9 200 x 18\na=y\nm=image 5 udptl t38\nm=audio 6 RTP/AVP 8\n"
                "m=10.0.0.1 7 RTP/10.0.0.1 10.0.0.1\nm=text 8 RTP//AVP\nm=message 9 TCP/MSRP *\n",
                plan(false));
    QVERIFY(out);
    QCOMPARE(out->substr(out->find("m=")), "m=audio 0 RTP/AVP 8\r\nm=video 0 RTP/AVP 31 99\r\n"
                                           "m=AUDIO 20000 RTP/AVP 9 18\r\na=y\r\nm=image 0 udptl t38\r\n"
                                           "m=audio 0 RTP/AVP 8\r\nm=application 0 RTP/AVP 0\r\n"
                                           "m=text 0 RTP/AVP 0\r\nm=message 0 TCP/MSRP *\r\n"s);
}

void TestRelayed::linesInOrder()
{
    const auto out = relayed("a=x\nb=AS:1\nt=0 0\nc=IN IP4 10.0.0.1\ns=y\no=- 1 1 IN IP4 10.0.0.1\nv=0\n"
                             "m=audio 4000 RTP/AVP 8\na=ptime:20\nb=AS:2\nc=IN IP4 10.0.0.1\n",
                             plan(true));
    QVERIFY(out);
    std::string types;
    for (std::size_t at = 0; at < out->size(); at = out->find("\r\n", at) + 2)
        types += (*out)[at];
    QCOMPARE(types, "voscbtambaa"s);
}

void TestRelayed::refused_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("code");
    QTest::newRow("empty") << ""s << int(SdpErrc::NotSdp);
    QTest::newRow("a web page") << "<html>"s << int(SdpErrc::NotSdp);
    QTest::newRow("media line without a port") << "v=0\nm=audio\n"s << int(SdpErrc::BadLine);
    QTest::newRow("no media") << "v=0\n"s << int(SdpErrc::NoAudio);
    QTest::newRow("audio is refused") << "v=0\nm=audio 0 RTP/AVP 8\n"s << int(SdpErrc::NoAudio);
    QTest::newRow("fax alone") << "v=0\nm=image 4000 udptl t38\n"s << int(SdpErrc::NoAudio);
    QTest::newRow("audio without formats") << "v=0\nm=audio 4000 RTP/AVP\n"s << int(SdpErrc::NoAudio);
    QTest::newRow("too long") << "v=0\n" + std::string(kMaxOctets, 'a') << int(SdpErrc::TooLarge);
    std::string grows = "v=0\nm=audio 4000 RTP/AVP 8\n";
    while (grows.size() < kMaxOctets - 4)
        grows += "a=x\n";
    QTest::newRow("longer than allowed with our line ends") << grows << int(SdpErrc::TooLarge);
}

void TestRelayed::refused()
{
    QFETCH(std::string, text);
    QFETCH(int, code);
    const auto out = relayed(text, plan(false));
    QVERIFY(!out);
    QVERIFY(out.error().code == make_error_code(static_cast<SdpErrc>(code)));
    QVERIFY(!out.error().text().empty());
}

/// Each is changed once in one place, so that a key or an address stays what it was and its line may not.
void TestRelayed::mutated()
{
    QFETCH(std::string, text);
    std::mt19937 random(20240601); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
    std::uniform_int_distribution<int> octets(0, 255);
    std::uniform_int_distribution<std::size_t> places(0, text.size() - 1);
    const Relayed ours = plan(true);
    int written = 0;
    for (int i = 0; i < 4000; ++i) {
        std::string changed = text;
        const std::size_t at = places(random);
        const auto octet = static_cast<char>(octets(random));
        switch (i % 4) {
        case 0:
            changed[at] = octet;
            break;
        case 1:
            changed.insert(at, 1, octet);
            break;
        case 2:
            changed.erase(at, 1);
            break;
        default:
            changed.insert(at, i % 8 == 3 ? "\n" : "\r\n");
            break;
        }
        const auto out = relayed(changed, ours);
        if (const auto read = parse(changed)) { // who has read it already gets the same
            const auto again = relayed(changed, *read, ours);
            QVERIFY(bool(again) == bool(out) && (!out || *again == *out));
        }
        if (!out)
            continue;
        ++written;
        for (const char* foreign : {"192.0.2.", "2001:db8", "QQQQQQQQ"})
            QVERIFY2(!holds(*out, foreign), (foreign + "\n"s + changed).c_str());
        const bool cleans = octet >= 0 && (octet < ' ' || octet == 0x7f); // then the two read different texts
        const auto source = parse(changed);
        if (!cleans && source) {
            const std::string found = fault(*source, *out, ours);
            QVERIFY2(found.empty(), (found + "\n" + changed + "\n" + *out).c_str());
        }
        QCOMPARE(*relayed(*out, ours), *out);
    }
    QVERIFY2(written > 2000, std::to_string(written).c_str());
}

void TestRelayed::fixtures()
{
    const QString dir = QStringLiteral(SR_FIXTURES);
    if (!QFileInfo::exists(dir)) {
        if (qEnvironmentVariable("CI") == QLatin1String("true") &&
            QFileInfo::exists(dir + QStringLiteral("/..")))
            QFAIL("fixture folder is missing");
        QSKIP("no fixtures on this machine");
    }
    int passed = 0;
    for (const char* folder : {"sofia-sip/sdp/tests", "sofia-sip/sip/tests", "rfc4475", "drachtio-siprec"}) {
        const QDir from(dir + QLatin1Char('/') + QLatin1String(folder));
        const auto names = from.entryList(QDir::Files);
        for (const QString& name : names) {
            const std::string text = descriptionIn(from.filePath(name));
            const auto source = parse(text);
            const auto out = relayed(text, plan(true));
            if (!source || !out)
                continue; // no description, or none with audio
            ++passed;
            const std::string found = fault(*source, *out, plan(true));
            QVERIFY2(found.empty(), (name.toStdString() + ": " + found).c_str());
            for (const Media& one : source->media)
                QVERIFY(one.rtp.address.isUnspecified() || !holds(*out, one.rtp.address.toString()));
            QCOMPARE(*relayed(*out, plan(true)), *out);
        }
    }
    QVERIFY2(passed >= 30, std::to_string(passed).c_str());
}

QTEST_GUILESS_MAIN(TestRelayed)
#include "tst_relayed.moc"
