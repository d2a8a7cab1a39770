// SPDX-License-Identifier: GPL-3.0-or-later
// Offers and answers of the exchange itself, and that every answer fits its offer.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sdp/own_description.h"

#include <QtTest>

#include <random>

using namespace sr;
using namespace sr::sdp;
using namespace std::string_literals;

namespace {

OwnAudio own(Direction direction = Direction::SendRecv)
{
    OwnAudio audio;
    audio.ours.sessionId = 42;
    audio.ours.version = 1;
    audio.ours.audio.rtp = {*IpAddress::parse("198.51.100.7"), 20000};
    audio.formats = {{9, {"G722", 8000, 1, {}}},
                     {8, {"PCMA", 8000, 1, {}}},
                     {0, {"PCMU", 8000, 1, {}}},
                     {96, {"OPUS", 48000, 2, "useinbandfec=1"}},
                     {101, {"TELEPHONE-EVENT", 8000, 1, "0-15"}}};
    audio.direction = direction;
    return audio;
}

/// With a key for the line that the offer's audio prefers.
OwnAudio secured(const SessionDescription& offer)
{
    OwnAudio audio = own();
    audio.ours.audio.secure = true;
    if (const CryptoAttribute* line = chosen(offer.audio()->crypto))
        audio.ours.audio.crypto.push_back({line->tag, *newKey(line->key.suite)});
    return audio;
}

std::string behind(const std::string& text, const std::string& start)
{
    const std::size_t at = text.find(start);
    return at == std::string::npos ? std::string() : text.substr(at);
}

} // namespace

class TestOwnDescription : public QObject {
    Q_OBJECT
private slots:
    void offered();
    void offeredSecurely();
    void answered();
    void formats_data();
    void formats();
    void directions_data();
    void directions();
    void otherMediaAreRefusedInTheirPlaces();
    void answeredSecurely();
    void nothingInCommon_data();
    void nothingInCommon();
    void anyOffer();
};

void TestOwnDescription::offered()
{
    OwnAudio audio = own(Direction::SendOnly);
    QCOMPARE(offer(audio), "v=0\r\n"
                           "o=- 42 1 IN IP4 198.51.100.7\r\n"
                           "s=-\r\n"
                           "c=IN IP4 198.51.100.7\r\n"
                           "t=0 0\r\n"
                           "m=audio 20000 RTP/AVP 9 8 0 96 101\r\n"
                           "a=rtpmap:9 G722/8000\r\n"
                           "a=rtpmap:8 PCMA/8000\r\n"
                           "a=rtpmap:0 PCMU/8000\r\n"
                           "a=rtpmap:96 opus/48000/2\r\n"
                           "a=fmtp:96 useinbandfec=1\r\n"
                           "a=rtpmap:101 telephone-event/8000\r\n"
                           "a=fmtp:101 0-15\r\n"
                           "a=ptime:20\r\n"
                           "a=sendonly\r\n"s);
    audio.ptimeMs = 0;
    audio.formats.resize(1);
    audio.ours.audio.rtp.address = *IpAddress::parse("2001:db8::7");
    QCOMPARE(offer(audio), "v=0\r\n"
                           "o=- 42 1 IN IP6 2001:db8::7\r\n"
                           "s=-\r\n"
                           "c=IN IP6 2001:db8::7\r\n"
                           "t=0 0\r\n"
                           "m=audio 20000 RTP/AVP 9\r\n"
                           "a=rtpmap:9 G722/8000\r\n"
                           "a=sendonly\r\n"s);
}

void TestOwnDescription::offeredSecurely()
{
    OwnAudio audio = own();
    audio.ours.audio.secure = true;
    for (const std::string_view suite : suites()) {
        auto& lines = audio.ours.audio.crypto;
        lines.push_back({static_cast<std::uint32_t>(lines.size() + 1), *newKey(suite)});
    }
    const auto parsed = parse(offer(audio));
    QVERIFY(parsed);
    QVERIFY(parsed->audio()->isSecure());
    QVERIFY(parsed->audio()->crypto == audio.ours.audio.crypto);
    QCOMPARE(parsed->audio()->formats.size(), audio.formats.size());
    for (const OwnFormat& one : audio.formats)
        QVERIFY(parsed->audio()->formats.at(one.payloadType) == one.format);
}

void TestOwnDescription::answered()
{
    const auto theirs = parse("v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 111 8 100 18\r\n"
                              "a=rtpmap:111 OPUS/48000/2\r\na=fmtp:111 stereo=1\r\n"
                              "a=rtpmap:100 telephone-event/8000\r\na=fmtp:100 0-16\r\na=sendonly\r\n");
    QVERIFY(theirs);
    QCOMPARE(*answer(*theirs, own()), "v=0\r\n"
                                      "o=- 42 1 IN IP4 198.51.100.7\r\n"
                                      "s=-\r\n"
                                      "c=IN IP4 198.51.100.7\r\n"
                                      "t=0 0\r\n"
                                      "m=audio 20000 RTP/AVP 111 8 100\r\n"
                                      "a=rtpmap:111 opus/48000/2\r\n"
                                      "a=fmtp:111 useinbandfec=1\r\n"
                                      "a=rtpmap:8 PCMA/8000\r\n"
                                      "a=rtpmap:100 telephone-event/8000\r\n"
                                      "a=fmtp:100 0-15\r\n"
                                      "a=ptime:20\r\n"
                                      "a=recvonly\r\n"s);
}

void TestOwnDescription::formats_data()
{
    QTest::addColumn<std::string>("offered");
    QTest::addColumn<std::string>("answered");
    const auto row = [](const char* name, const std::string& offered, const std::string& answered) {
        QTest::newRow(name) << offered << answered;
    };
    row("static types without a map", "RTP/AVP 0 8 9", "RTP/AVP 0 8 9");
    row("types nobody knows are left out", "RTP/AVP 18 97 0", "RTP/AVP 0");
    row("other clock", "RTP/AVP 97 0 \na=rtpmap:97 telephone-event/48000", "RTP/AVP 0");
    row("other number of channels", "RTP/AVP 97 0\na=rtpmap:97 opus/48000", "RTP/AVP 0");
    row("static type mapped anew", "RTP/AVP 9 0\na=rtpmap:9 PCMA/8000", "RTP/AVP 9 0");
    row("opus alone", "RTP/AVP 97\na=rtpmap:97 opus/48000/2", "RTP/AVP 97");
    row("feedback", "RTP/AVPF 0", "RTP/AVPF 0");
}

void TestOwnDescription::formats()
{
    QFETCH(std::string, offered);
    QFETCH(std::string, answered);
    const auto text = answer(*parse("v=0\nm=audio 4000 " + offered + "\n"), own());
    QVERIFY(text);
    const std::string line = behind(*text, "m=");
    QCOMPARE(line.substr(0, line.find("\r\n")), "m=audio 20000 " + answered);
}

void TestOwnDescription::directions_data()
{
    QTest::addColumn<std::string>("lines");
    QTest::addColumn<int>("ours");
    QTest::addColumn<int>("answered");
    const auto row = [](const char* name, const std::string& lines, Direction ours, Direction answered) {
        QTest::newRow(name) << lines << int(ours) << int(answered);
    };
    row("both talk", "a=sendrecv\n", Direction::SendRecv, Direction::SendRecv);
    row("they hold", "a=sendonly\n", Direction::SendRecv, Direction::RecvOnly);
    row("they listen", "a=recvonly\n", Direction::SendRecv, Direction::SendOnly);
    row("nobody talks", "a=inactive\n", Direction::SendRecv, Direction::Inactive);
    row("announcement", "a=sendrecv\n", Direction::SendOnly, Direction::SendOnly);
    row("announcement to one who holds", "a=sendonly\n", Direction::SendOnly, Direction::Inactive);
    row("we listen", "a=sendrecv\n", Direction::RecvOnly, Direction::RecvOnly);
    row("both listen", "a=recvonly\n", Direction::RecvOnly, Direction::Inactive);
    row("hold of old", "c=IN IP4 0.0.0.0\n", Direction::SendRecv, Direction::RecvOnly);
}

void TestOwnDescription::directions()
{
    QFETCH(std::string, lines);
    QFETCH(int, ours);
    QFETCH(int, answered);
    const auto text =
        answer(*parse("v=0\nm=audio 4000 RTP/AVP 8\n" + lines), own(static_cast<Direction>(ours)));
    QVERIFY(text);
    QCOMPARE(int(parse(*text)->audio()->direction), answered);
}

void TestOwnDescription::otherMediaAreRefusedInTheirPlaces()
{
    const auto text = answer(
        *parse(
            "v=0\nm=audio 0 RTP/AVP 3\nm=image 5 udptl t38\nm=audio 4000 RTP/AVP 8\nm=video 6 RTP/AVP 99 98\n"
            "m=audio 8 RTP/AVP 8\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
            "m=10.0.0.1 7 RTP/10.0.0.1 8\n"),
        own());
    QVERIFY(text);
    QCOMPARE(
        behind(*text, "m="),
        "m=audio 0 RTP/AVP 3\r\nm=image 0 udptl t38\r\nm=audio 20000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        "a=ptime:20\r\na=sendrecv\r\nm=video 0 RTP/AVP 99 98\r\nm=audio 0 RTP/AVP 8\r\n"
        "m=application 0 UDP/DTLS/SCTP 0\r\nm=application 0 RTP/AVP 8\r\n"s);
}

void TestOwnDescription::answeredSecurely()
{
    const std::string key(40, 'Q');
    const auto theirs =
        parse("v=0\nm=audio 4000 RTP/SAVPF 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key +
              " UNENCRYPTED_SRTP\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" + key + "\n");
    QVERIFY(theirs);
    const OwnAudio audio = secured(*theirs);
    const auto text = answer(*theirs, audio);
    QVERIFY(text);
    const auto ours = parse(*text);
    QCOMPARE(ours->audio()->protocol, "RTP/SAVPF"s);
    QVERIFY(ours->audio()->crypto == audio.ours.audio.crypto);
    QCOMPARE(taken(ours->audio()->crypto, theirs->audio()->crypto)->tag, 2U);
    QCOMPARE(ours->audio()->crypto[0].key.suite, "AES_CM_128_HMAC_SHA1_32"s);
    QCOMPARE(text->find(key), std::string::npos);

    OwnAudio otherTag = audio;
    otherTag.ours.audio.crypto[0].tag = 1;
    QVERIFY(answer(*theirs, otherTag).error().code == make_error_code(SdpErrc::NoCommon));
    QVERIFY(answer(*theirs, own()).error().code == make_error_code(SdpErrc::NoCommon));
}

void TestOwnDescription::nothingInCommon_data()
{
    QTest::addColumn<std::string>("media");
    QTest::addColumn<int>("code");
    QTest::newRow("no audio") << "m=image 5 udptl t38\n"s << int(SdpErrc::NoAudio);
    QTest::newRow("refused audio") << "m=audio 0 RTP/AVP 8\n"s << int(SdpErrc::NoAudio);
    QTest::newRow("other formats") << "m=audio 4000 RTP/AVP 3 18\n"s << int(SdpErrc::NoCommon);
    QTest::newRow("nothing that sounds")
        << "m=audio 4000 RTP/AVP 101 13\na=rtpmap:101 telephone-event/8000\n"s << int(SdpErrc::NoCommon);
    QTest::newRow("no formats") << "m=audio 4000 RTP/AVP\n"s << int(SdpErrc::NoCommon);
    QTest::newRow("secure") << "m=audio 4000 RTP/SAVP 8\n"s << int(SdpErrc::NoCommon);
    QTest::newRow("DTLS") << "m=audio 4000 UDP/TLS/RTP/SAVPF 8\n"s << int(SdpErrc::NoCommon);
    QTest::newRow("not RTP") << "m=audio 4000 udp 8\n"s << int(SdpErrc::NoCommon);
}

void TestOwnDescription::nothingInCommon()
{
    QFETCH(std::string, media);
    QFETCH(int, code);
    const auto text = answer(*parse("v=0\n" + media), own());
    QVERIFY(!text);
    QVERIFY(text.error().code == make_error_code(static_cast<SdpErrc>(code)));
}

/// Sections, formats and directions by chance: the answer has the offer's sections, and of them only what it
/// offers.
void TestOwnDescription::anyOffer()
{
    std::mt19937 random(20240601); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
    const auto below = [&](std::size_t n) { return random() % n; };
    const std::array types{"audio", "video", "image", "text"};
    const std::array protocols{"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "udptl"};
    const std::array payloads{"0", "8", "9", "18", "97", "98", "13", "t38"};
    const std::array directions{"", "a=sendrecv\n", "a=sendonly\n", "a=recvonly\n", "a=inactive\n"};
    int answers = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string text = "v=0\nc=IN IP4 10.0.0."s + (below(8) == 0 ? "x" : "1") + "\n";
        for (std::size_t sections = below(4) + 1; sections > 0; --sections) {
            text += "m="s + types[below(2) * below(4)] + ' ' + std::to_string(below(4) * 1000) + ' ' +
                    protocols[below(protocols.size())];
            for (std::size_t n = below(6); n > 0; --n)
                text += " "s + payloads[below(payloads.size())];
            text += "\na=rtpmap:97 opus/48000/2\na=rtpmap:98 telephone-event/8000\n"
                    "a=crypto:5 AEAD_AES_128_GCM inline:" +
                    std::string(38, 'Q') + "\n" + directions[below(directions.size())];
        }
        const auto theirs = parse(text);
        QVERIFY(theirs);
        if (theirs->audio() == nullptr)
            continue;
        const auto out = answer(*theirs, theirs->audio()->isSecure() ? secured(*theirs) : own());
        if (!out)
            continue;
        ++answers;
        const auto ours = parse(*out);
        QVERIFY(ours);
        QCOMPARE(ours->media.size(), theirs->media.size());
        for (std::size_t m = 0; m < ours->media.size(); ++m) {
            const Media& is = ours->media[m];
            const Media& was = theirs->media[m];
            QCOMPARE(is.type, was.type);
            QCOMPARE(is.protocol, was.protocol);
            QCOMPARE(is.rtp.port != 0, &was == theirs->audio());
            if (&was != theirs->audio())
                continue;
            QVERIFY(!sends(is.direction) || receives(was.direction));
            QVERIFY(!receives(is.direction) || sends(was.direction));
            for (const std::uint8_t type : is.order) {
                QVERIFY(was.formats.contains(type));
                QCOMPARE(is.formats.at(type).encoding, was.formats.at(type).encoding);
            }
        }
    }
    QVERIFY2(answers > 300, std::to_string(answers).c_str());
}

QTEST_GUILESS_MAIN(TestOwnDescription)
#include "tst_own_description.moc"
