// SPDX-License-Identifier: GPL-3.0-or-later
// Offer and answer through the relay where the two sides differ in what they know: ICE and RTCP beside RTP.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/call_media.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;

namespace {

std::string sdpOf(int port, const std::string& more = {}, const std::string& profile = "RTP/AVP")
{
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
           std::to_string(port) + " " + profile + " 8 101\r\na=rtpmap:101 telephone-event/8000\r\n" + more;
}

std::string iceOf(int port, const std::string& fragment = "abcd")
{
    return "a=ice-ufrag:" + fragment + "\r\na=ice-pwd:0123456789012345678901\r\n" +
           "a=candidate:1 1 UDP 2130706431 127.0.0.1 " + std::to_string(port) + " typ host\r\n";
}

const std::string kHash =
    "12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0";

std::string dtlsOf(const std::string& setup, const std::string& hash = kHash)
{
    return "a=fingerprint:sha-256 " + hash + "\r\n" + (setup.empty() ? "" : "a=setup:" + setup + "\r\n");
}

const std::string kDtls = "UDP/TLS/RTP/SAVPF";

std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

bool holds(const std::string& text, const std::string& part)
{
    return count(text, part) > 0;
}

struct Scene {
    std::unique_ptr<relay::Relay> relay = std::move(*relay::Relay::start({}));
    std::unique_ptr<CallMedia> media =
        std::move(*CallMedia::open(*relay, IpAddress::v4(0x7f000001), IpAddress::v4(0x7f000001)));

    /// What the caller gets for its offer, if the callee answers so.
    std::string answerTo(const std::string& offer, const std::string& calleeAnswers = sdpOf(5000))
    {
        calleeGot = media->passOffer(Side::Caller, offer).valueOr({});
        return media->passAnswer(Side::Callee, calleeAnswers).valueOr({});
    }
    std::string calleeGot;
};

sdp::Media audioOf(const std::string& description)
{
    const auto parsed = sdp::parse(description);
    return parsed && parsed->audio() != nullptr ? *parsed->audio() : sdp::Media();
}

std::string candidateOf(int component, const Endpoint& at)
{
    return "a=candidate:1 " + std::to_string(component) + " UDP " + std::to_string(2130706432 - component) +
           " " + at.address.toString() + " " + std::to_string(at.port) + " typ host\r\n";
}

} // namespace

class CallMediaTest : public QObject {
    Q_OBJECT

private slots:
    void aDeviceWithIceIsAnsweredAsALiteSide()
    {
        Scene scene;
        const std::string answer = scene.answerTo(sdpOf(4000, iceOf(4000)));
        const Endpoint ours = scene.media->local(Side::Caller);
        QVERIFY2(holds(answer, candidateOf(1, ours)), answer.c_str());
        QVERIFY(holds(answer, candidateOf(2, {ours.address, static_cast<std::uint16_t>(ours.port + 1)})));
        QVERIFY(answer.find("a=ice-lite\r\n") < answer.find("m=audio"));
        QVERIFY(!holds(answer, "rtcp-mux"));
        const sdp::Media audio = audioOf(answer);
        QVERIFY(audio.ice && audio.ice->lite && audio.ice->login.userFragment != "abcd");
        QVERIFY(audio.ice->login.password != "0123456789012345678901");
        for (const char* line : {"ice-", "candidate", "rtcp-mux"})
            QVERIFY(!holds(scene.calleeGot, line));
    }

    void reportsBesideSoundNeedNoCandidate()
    {
        Scene scene;
        const std::string answer = scene.answerTo(sdpOf(4000, iceOf(4000) + "a=rtcp-mux\r\n"));
        QCOMPARE(count(answer, "a=candidate:"), std::size_t{1});
        QCOMPARE(count(answer, "a=rtcp-mux\r\n"), std::size_t{1});
    }

    void aDeviceWithoutIceIsToldNothingOfIt()
    {
        Scene scene;
        const std::string answer = scene.answerTo(sdpOf(4000), sdpOf(5000, iceOf(5000) + "a=rtcp-mux\r\n"));
        for (const char* line : {"ice-", "candidate", "rtcp-mux"})
            QVERIFY(!holds(answer, line));
        QVERIFY(holds(scene.answerTo(sdpOf(4000, "a=rtcp-mux\r\n")), "a=rtcp-mux\r\n"));
    }

    void thoseWithWhomNoChecksArePossible_data()
    {
        QTest::addColumn<QByteArray>("offer");
        const auto row = [](const char* name, const std::string& offer) {
            QTest::newRow(name) << QByteArray::fromStdString(offer);
        };
        std::string lite = sdpOf(4000, iceOf(4000));
        lite.insert(lite.find("m=audio"), "a=ice-lite\r\n");
        row("a lite one", lite);
        row("an address that is none of the candidates", sdpOf(4000, iceOf(4002)));
        row("without a password", sdpOf(4000, "a=ice-ufrag:abcd\r\n"));
        row("a password that is too short", sdpOf(4000, "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n"));
        row("a fragment with a blank",
            sdpOf(4000, "a=ice-ufrag:ab cd\r\na=ice-pwd:0123456789012345678901\r\n"));
    }
    void thoseWithWhomNoChecksArePossible()
    {
        QFETCH(QByteArray, offer);
        Scene scene;
        const std::string answer = scene.answerTo(offer.toStdString());
        QVERIFY(!answer.empty() && !holds(answer, "ice-") && !holds(answer, "candidate"));
    }

    void theLoginOfTheSessionCountsToo()
    {
        Scene scene;
        std::string offer = sdpOf(9, "a=rtcp-mux\r\n");
        offer.replace(offer.find("127.0.0.1\r\nt="), 9, "0.0.0.0");
        offer.insert(offer.find("m=audio"), "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n");
        QVERIFY(holds(scene.answerTo(offer), "a=ice-lite\r\n"));
    }

    void theLoginLastsUntilTheDeviceRestarts()
    {
        Scene scene;
        const auto login = [](const std::string& text) { return audioOf(text).ice->login; };
        const sdp::IceLogin first = login(scene.answerTo(sdpOf(4000, iceOf(4000))));
        QVERIFY(login(scene.answerTo(sdpOf(4000, iceOf(4000)))) == first);
        const sdp::IceLogin second = login(scene.answerTo(sdpOf(4000, iceOf(4000, "efgh"))));
        QVERIFY(second.userFragment != first.userFragment && second.password != first.password);
        // Asked by the other side, it hears the login that holds.
        const auto offered = scene.media->passOffer(Side::Callee, sdpOf(5000));
        QVERIFY(offered && login(*offered) == second);
    }

    void aRefusedRestartLeavesTheLogin()
    {
        Scene scene;
        const auto first = audioOf(scene.answerTo(sdpOf(4000, iceOf(4000)))).ice->login;
        QVERIFY(bool(scene.media->passOffer(Side::Caller, sdpOf(4000, iceOf(4000, "efgh")))));
        scene.media->revert();
        QVERIFY(audioOf(*scene.media->passOffer(Side::Callee, sdpOf(5000))).ice->login == first);
    }

    void aDeviceThatIsKnownToWantItIsOfferedIce()
    {
        Scene scene;
        scene.media->setTerms(Side::Callee, {.ice = true});
        const std::string answer = scene.answerTo(sdpOf(4000), sdpOf(5000, iceOf(5000)));
        QVERIFY(!holds(answer, "ice-"));
        QCOMPARE(count(scene.calleeGot, "a=candidate:"), std::size_t{2});
        QVERIFY(holds(scene.calleeGot, "a=ice-lite\r\n") && holds(scene.calleeGot, "a=rtcp-mux\r\n"));
        // Media waits for checks now.
        QVERIFY(scene.media->bridge().state(Side::Callee).source == Endpoint());
    }

    void whoBeginsTheHandshake_data()
    {
        QTest::addColumn<QByteArray>("offered");
        QTest::addColumn<QByteArray>("answered");
        QTest::newRow("either") << QByteArray("actpass") << QByteArray("passive");
        QTest::newRow("the device") << QByteArray("active") << QByteArray("passive");
        QTest::newRow("the exchange") << QByteArray("passive") << QByteArray("active");
        QTest::newRow("not said") << QByteArray() << QByteArray("passive");
    }
    void whoBeginsTheHandshake()
    {
        QFETCH(QByteArray, offered);
        QFETCH(QByteArray, answered);
        Scene scene;
        const std::string answer = scene.answerTo(
            sdpOf(4000, dtlsOf(offered.toStdString()), kDtls),
            sdpOf(5000, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') + "\r\n",
                  "RTP/SAVP"));
        QVERIFY2(holds(answer, " " + kDtls + " "), answer.c_str());
        QVERIFY(holds(answer, "a=setup:" + answered.toStdString() + "\r\n"));
        QVERIFY(holds(answer, "a=fingerprint:" + scene.relay->fingerprint() + "\r\n"));
        QVERIFY(!holds(answer, "a=crypto"));
        QVERIFY(!holds(scene.calleeGot, kHash) && holds(scene.calleeGot, "a=setup:actpass\r\n")); // ours
        QVERIFY(holds(scene.calleeGot, " RTP/SAVP ") && holds(scene.calleeGot, "a=crypto:1 "));
        QTRY_VERIFY(scene.media->bridge().state(Side::Caller).handshake == relay::Handshake::UnderWay);
    }

    void theProfileOfTheOfferIsThatOfTheAnswer()
    {
        Scene scene;
        scene.media->setTerms(Side::Callee, {});
        for (const char* profile : {"RTP/AVP", "RTP/AVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP"})
            QVERIFY(holds(scene.answerTo(sdpOf(4000, dtlsOf("actpass"), profile)),
                          std::string(" ") + profile + " "));
    }

    void anOfferOfDtlsThatCannotBeFollowed_data()
    {
        QTest::addColumn<QByteArray>("more");
        const auto row = [](const char* name, const std::string& more) {
            QTest::newRow(name) << QByteArray::fromStdString(more);
        };
        row("no fingerprint", "a=setup:actpass\r\n");
        row("not now", dtlsOf("holdconn"));
        row("a hash that nobody knows",
            "a=fingerprint:md5 12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0\r\n");
        row("half a hash", dtlsOf("actpass", kHash.substr(3)));
        row("no hexadecimal digits", dtlsOf("actpass", "XX" + kHash.substr(2)));
        row("blanks in it", dtlsOf("actpass", "12 " + kHash.substr(3)));
    }
    void anOfferOfDtlsThatCannotBeFollowed()
    {
        QFETCH(QByteArray, more);
        Scene scene;
        QVERIFY(!scene.media->passOffer(Side::Caller, sdpOf(4000, more.toStdString(), kDtls)));
    }

    void aDeviceThatIsKnownToWantItIsOfferedDtls_data()
    {
        QTest::addColumn<QByteArray>("setup");
        QTest::newRow("it begins") << QByteArray("active");
        QTest::newRow("we begin") << QByteArray("passive");
    }
    void aDeviceThatIsKnownToWantItIsOfferedDtls()
    {
        QFETCH(QByteArray, setup);
        Scene scene;
        scene.media->setTerms(Side::Callee, {Protection::Dtls, true});
        const std::string answer = scene.answerTo(
            sdpOf(4000), sdpOf(5000, iceOf(5000) + dtlsOf(setup.toStdString()), "UDP/TLS/RTP/SAVP"));
        QVERIFY(holds(scene.calleeGot, " UDP/TLS/RTP/SAVP ") &&
                holds(scene.calleeGot, "a=setup:actpass\r\n"));
        QVERIFY(holds(answer, " RTP/AVP ") && !holds(answer, "fingerprint"));
        QTRY_VERIFY(scene.media->bridge().state(Side::Callee).handshake == relay::Handshake::UnderWay);
        const auto again = scene.media->terms(Side::Callee);
        QVERIFY(again.protection == Protection::Dtls && again.ice);
        QVERIFY(!scene.media->passAnswer(Side::Callee, sdpOf(5000))); // an answer without it
    }

    void eachSideKeepsItsProtection_data()
    {
        QTest::addColumn<int>("caller");
        QTest::addColumn<int>("callee");
        const char* const names[] = {"RTP", "SDES", "DTLS"};
        for (int caller = 0; caller < 3; ++caller)
            for (int callee = 0; callee < 3; ++callee)
                QTest::addRow("%s to %s", names[caller], names[callee]) << caller << callee;
    }
    void eachSideKeepsItsProtection()
    {
        QFETCH(int, caller);
        QFETCH(int, callee);
        const auto kindOf = [](const std::string& text) {
            const sdp::Media audio = audioOf(text);
            return audio.isDtls() ? 2 : audio.isSecure() ? 1 : 0;
        };
        const auto described = [](int kind, int port, const std::string& setup, char key) {
            const std::string crypto =
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, key) + "\r\n";
            return kind == 2   ? sdpOf(port, dtlsOf(setup), "UDP/TLS/RTP/SAVP")
                   : kind == 1 ? sdpOf(port, crypto, "RTP/SAVP")
                               : sdpOf(port);
        };
        Scene scene;
        scene.media->setTerms(Side::Callee, {Protection{static_cast<std::uint8_t>(callee)}, false});
        const std::string answer =
            scene.answerTo(described(caller, 4000, "actpass", 'A'), described(callee, 5000, "active", 'B'));
        QCOMPARE(kindOf(scene.calleeGot), callee);
        QCOMPARE(kindOf(answer), caller);
        // The callee asks anew, and each goes on as before.
        const std::string offered =
            scene.media->passOffer(Side::Callee, described(callee, 5000, "actpass", 'B')).valueOr({});
        QCOMPARE(kindOf(offered), caller);
        const std::string answered =
            scene.media->passAnswer(Side::Caller, described(caller, 4000, "active", 'A')).valueOr({});
        QCOMPARE(kindOf(answered), callee);
        const std::string again =
            scene.media->passOffer(Side::Caller, described(caller, 4000, "actpass", 'A')).valueOr({});
        QCOMPARE(kindOf(again), callee);
        for (const std::string& text : {answer, offered, answered, again}) {
            const sdp::Media audio = audioOf(text);
            QCOMPARE(audio.crypto.empty(), kindOf(text) != 1);
            QCOMPARE(audio.fingerprints.empty(), kindOf(text) != 2);
        }
    }

    void aDeviceThatIsOfferedSdesMayAnswerWithDtls()
    {
        Scene scene;
        scene.media->setTerms(Side::Callee, {Protection::Sdes, false});
        const std::string crypto =
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'B') + "\r\n";
        const std::string dtls = sdpOf(5000, dtlsOf("active"), "RTP/SAVP");
        const std::string answer = scene.answerTo(sdpOf(4000), sdpOf(5002, crypto, "RTP/SAVP"));
        QVERIFY(holds(scene.calleeGot, " RTP/SAVP ") && holds(scene.calleeGot, "a=crypto:1 ") &&
                holds(scene.calleeGot, "a=setup:actpass\r\n"));
        QVERIFY(!answer.empty());
        QVERIFY(scene.media->passAnswer(Side::Callee, dtls)); // another device, whose answer holds
        QVERIFY(scene.media->terms(Side::Callee).protection == Protection::Dtls);
        QVERIFY(scene.media->passOffer(Side::Caller, sdpOf(4000, "a=sendonly\r\n")));
        QVERIFY(!scene.media->passAnswer(Side::Callee, sdpOf(5002, crypto, "RTP/SAVP"))); // it has chosen
    }

    void theFingerprintOfTheSessionCountsToo()
    {
        Scene scene;
        std::string offer = sdpOf(4000, {}, kDtls);
        offer.insert(offer.find("m=audio"), dtlsOf("actpass"));
        QVERIFY(bool(scene.media->passOffer(Side::Caller, offer)));
    }
};

QTEST_GUILESS_MAIN(CallMediaTest)
#include "tst_call_media.moc"
