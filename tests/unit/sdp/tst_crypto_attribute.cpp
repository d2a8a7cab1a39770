// SPDX-License-Identifier: GPL-3.0-or-later
// Which a=crypto line of an offer is taken, and that what we write is what was meant.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/rtp/srtp.h"
#include "core/sdp/session_description.h"

#include <QtTest>

using namespace sr;
using namespace sr::sdp;
using namespace std::string_literals;

namespace {

const std::string kKey128(40, 'Q');

std::vector<CryptoAttribute> read(const std::vector<std::string>& lines)
{
    std::string text = "v=0\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/SAVP 8\n";
    for (const std::string& line : lines)
        text += "a=crypto:" + line + "\n";
    const auto parsed = parse(text);
    return parsed ? parsed->audio()->crypto : std::vector<CryptoAttribute>{};
}

} // namespace

class TestCryptoAttribute : public QObject {
    Q_OBJECT
private slots:
    void followed_data();
    void followed();
    void firstThatWeCanFollow();
    void answerTakesOneOfTheOffer();
    void written_data();
    void written();
    void newKeys();
};

void TestCryptoAttribute::followed_data()
{
    QTest::addColumn<std::string>("line");
    QTest::addColumn<bool>("followed");
    const std::string plain = "1 AES_CM_128_HMAC_SHA1_80 inline:" + kKey128;
    QTest::newRow("plain") << plain << true;
    QTest::newRow("lifetime and MKI") << plain + "|2^31|1:4" << true;
    QTest::newRow("lower case") << "1 aes_cm_128_hmac_sha1_80 inline:" + kKey128 << true;
    QTest::newRow("window size is a hint") << plain + " WSH=128" << true;
    QTest::newRow("extension that may be ignored") << plain + " -x" << true;
    QTest::newRow("order of FEC as by default") << plain + " FEC_ORDER=FEC_SRTP" << true;
    QTest::newRow("other order of FEC") << plain + " FEC_ORDER=SRTP_FEC" << false;
    QTest::newRow("key derivation rate") << plain + " KDR=1" << false;
    QTest::newRow("clear RTP") << plain + " UNENCRYPTED_SRTP" << false;
    QTest::newRow("clear RTCP behind a hint") << plain + " WSH=64 UNENCRYPTED_SRTCP" << false;
    QTest::newRow("no authentication") << plain + " unauthenticated_srtp" << false;
    QTest::newRow("unknown extension") << plain + " x" << false;
    QTest::newRow("several keys") << plain + "|1:4;inline:" + kKey128 + "|2:4" << false;
    QTest::newRow("several keys of which one is broken") << plain + "|1:4;inline:QQ|2:4" << false;
    QTest::newRow("tag is no number") << "x AES_CM_128_HMAC_SHA1_80 inline:" + kKey128 << false;
    QTest::newRow("tag of nine digits") << "999999999 AES_CM_128_HMAC_SHA1_80 inline:" + kKey128 << true;
    QTest::newRow("suite that nobody has")
        << "1 AES_192_CM_HMAC_SHA1_80 inline:" + std::string(51, 'Q') << false;
    QTest::newRow("unknown suite") << "1 F8_128_HMAC_SHA1_80 inline:" + kKey128 << false;
    QTest::newRow("no key") << "1 AES_CM_128_HMAC_SHA1_80"s << false;
    QTest::newRow("key too short") << "1 AES_CM_128_HMAC_SHA1_80 inline:QQQQ"s << false;
    QTest::newRow("nothing") << ""s << false;
}

void TestCryptoAttribute::followed()
{
    QFETCH(std::string, line);
    QFETCH(bool, followed);
    const auto lines = read({line});
    QCOMPARE(!lines.empty(), followed);
    QCOMPARE(chosen(lines) != nullptr, followed);
    if (followed)
        QCOMPARE(lines[0].key.suite, "AES_CM_128_HMAC_SHA1_80"s);
}

void TestCryptoAttribute::firstThatWeCanFollow()
{
    const auto lines =
        read({"1 AES_CM_128_HMAC_SHA1_80 inline:" + kKey128 + " UNENCRYPTED_SRTP",
              "2 F8_128_HMAC_SHA1_80 inline:" + kKey128, "3 AEAD_AES_256_GCM inline:" + std::string(59, 'Q'),
              "4 AES_CM_128_HMAC_SHA1_32 inline:" + kKey128});
    QCOMPARE(lines.size(), std::size_t{2});
    QCOMPARE(chosen(lines)->tag, 3U);
    QCOMPARE(chosen(lines)->key.suite, "AEAD_AES_256_GCM"s);
    QVERIFY(chosen({}) == nullptr);
}

void TestCryptoAttribute::answerTakesOneOfTheOffer()
{
    const auto offer =
        read({"1 AES_CM_128_HMAC_SHA1_80 inline:" + kKey128, "2 AES_CM_128_HMAC_SHA1_32 inline:" + kKey128});
    const std::string theirs(40, 'A');
    const auto second = read({"2 AES_CM_128_HMAC_SHA1_32 inline:" + theirs});
    QVERIFY(taken(second, offer) == &second[0]);
    QVERIFY(taken(read({"3 AES_CM_128_HMAC_SHA1_80 inline:" + theirs}), offer) == nullptr);
    QVERIFY(taken(read({"2 AES_CM_128_HMAC_SHA1_80 inline:" + theirs}), offer) == nullptr);
    QVERIFY(taken({}, offer) == nullptr);
    QVERIFY(taken(second, {}) == nullptr);
}

void TestCryptoAttribute::written_data()
{
    QTest::addColumn<std::string>("line");
    const std::string name = "7 AES_CM_128_HMAC_SHA1_80 inline:";
    QTest::newRow("example of RFC 4568") << name + "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
    QTest::newRow("MKI") << name + kKey128 + "|1:4";
    QTest::newRow("MKI of more than 64 bits") << name + kKey128 + "|18446744073709551617:9";
    QTest::newRow("MKI 0") << name + kKey128 + "|0:1";
    QTest::newRow("padded by one") << "1 AEAD_AES_256_GCM inline:" + std::string(58, 'Q') + "E=";
    QTest::newRow("padded by two") << "1 AES_256_CM_HMAC_SHA1_80 inline:" + std::string(61, 'Q') + "Q==";
}

void TestCryptoAttribute::written()
{
    QFETCH(std::string, line);
    const auto lines = read({line});
    QCOMPARE(lines.size(), std::size_t{1});
    QCOMPARE(toString(lines[0]), line);
}

void TestCryptoAttribute::newKeys()
{
    std::vector<std::string> lines;
    std::vector<CryptoAttribute> ours;
    for (const std::string_view suite : suites()) {
        const auto one = newKey(suite);
        const auto other = newKey(suite);
        QVERIFY(one && other);
        QVERIFY(one->keySalt != other->keySalt);
        QVERIFY(rtp::SrtpReceiver::open(*one));
        ours.push_back({static_cast<std::uint32_t>(ours.size() + 1), *one});
        lines.push_back(toString(ours.back()));
    }
    QCOMPARE(ours.size(), std::size_t{5});
    QVERIFY(read(lines) == ours);
    QVERIFY(newKey("ROT_13").error().code == make_error_code(SdpErrc::UnknownSuite));
    QVERIFY(newKey("AES_192_CM_HMAC_SHA1_80").error().code == make_error_code(SdpErrc::UnknownSuite));
}

QTEST_GUILESS_MAIN(TestCryptoAttribute)
#include "tst_crypto_attribute.moc"
