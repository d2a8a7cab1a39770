// SPDX-License-Identifier: GPL-3.0-or-later
// Credentials as the standards print them, as phones write them, and as nobody should.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/digest_credentials.h"
#include "core/sip/quoted_string.h"

#include <QTest>

#include <random>

using namespace sr;
using namespace sr::sip;
using namespace std::string_literals;

namespace {

const std::string kBob = R"(Digest username="bob", realm="biloxi.com", )"
                         R"(nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com")";
const std::string kMufasa =
    R"(Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", )"
    R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, )"
    R"(cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, )"
    R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
const std::string kOffer = "v=0\r\no=bob 2890844526 2890844526 IN IP4 media.biloxi.com\r\ns=-\r\n"
                           "c=IN IP4 media.biloxi.com\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\n"
                           "a=rtpmap:0 PCMU/8000\r\nm=video 51372 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
                           "m=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n";

/// A whole header with `more` behind what every one needs.
std::string with(const std::string& more)
{
    return kBob + R"(, response="89eb0059246c02b2f6ee02c7961d5ea3")" + more;
}

/// The five that have to be there, with `leftOut` of them missing.
std::string without(const std::string& leftOut)
{
    std::string header = "Digest ";
    for (const char* name : {"username", "realm", "nonce", "uri", "response"}) {
        if (name != leftOut)
            header += name + "=\"x\","s;
    }
    return header;
}

} // namespace

class TestDigestCredentials : public QObject {
    Q_OBJECT
private slots:
    void printedExamples_data();
    void printedExamples();
    void anyChangeIsNoAnswer();
    void emptySecretNeverMatches();
    void capitalsInTheCount();
    void everyField();
    void lenient_data();
    void lenient();
    void refused_data();
    void refused();
    void limits();
    void errorsQuoteNothing();
    void quotedValuesComeBack();
};

void TestDigestCredentials::printedExamples_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<std::string>("method");
    QTest::addColumn<std::string>("body");
    QTest::newRow("RFC 7616 3.9.1, MD5")
        << kMufasa + R"(, algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec")"
        << "GET"s
        << ""s;
    QTest::newRow("RFC 7616 3.9.1, SHA-256")
        << kMufasa +
               R"(, algorithm=SHA-256, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")"
        << "GET"s
        << ""s;
    QTest::newRow("RFC 2617 3.5")
        << R"(Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",)"
           R"( uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b",)"
           R"( response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41")"s
        << "GET"s
        << ""s;
    // draft-smith-sipping-auth-examples-01: the names of RFC 3261 with the nonce of RFC 2617
    QTest::newRow("SIP, no qop (3.1.2)")
        << kBob +
               R"(, response="bf57e4e0d0bffc0fbaedce64d59add5e", opaque="5ccc069c403ebaf9f0171e9517f40e41")"
        << "INVITE"s
        << ""s;
    QTest::newRow("SIP, auth (3.2.2)")
        << with(R"(, qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41")")
        << "INVITE"s << kOffer;
    QTest::newRow("SIP, auth-int (3.5.2)")
        << kBob + R"(, algorithm=MD5, qop=auth-int, nc=00000001, cnonce="0a4f113b",)"
                  R"( response="bdbeebb2da6adb6bca02599c2239e192")"
        << "INVITE"s << kOffer;
    // The same with SHA-256, computed with Python's hashlib
    QTest::newRow("SIP, no qop, SHA-256")
        << kBob +
               R"(, algorithm=SHA-256, response="38aad98c50c33abe72c5f88dd17246ffcfa6b1f68852c855719ff0659386c0ca")"
        << "INVITE"s
        << ""s;
}

void TestDigestCredentials::printedExamples()
{
    QFETCH(std::string, header);
    QFETCH(std::string, method);
    QFETCH(std::string, body);
    const auto credentials = parseDigestCredentials(header);
    QVERIFY(credentials);
    const std::string password = credentials->username == "bob"                  ? "zanzibar"
                                 : credentials->realm == "http-auth@example.org" ? "Circle of Life"
                                                                                 : "Circle Of Life";
    const auto secret = [&](const std::string& word) {
        return digestSecret(credentials->username, credentials->realm, word);
    };
    QVERIFY(answers(*credentials, method, secret(password), body));
    QVERIFY(!answers(*credentials, method, secret(password + "!"), body));
    QCOMPARE(answers(*credentials, method, secret(password), body + "!"),
             credentials->qop != DigestQop::AuthInt);
}

void TestDigestCredentials::anyChangeIsNoAnswer()
{
    const auto right = parseDigestCredentials(with(R"(, qop=auth, nc=00000001, cnonce="0a4f113b")"));
    QVERIFY(right);
    const DigestSecret secret = digestSecret("bob", "biloxi.com", "zanzibar");
    QVERIFY(answers(*right, "INVITE", secret, {}));
    QVERIFY(!answers(*right, "invite", secret, {}));
    QVERIFY(!answers(*right, "BYE", secret, {}));
    const auto changed = [&](auto change) {
        DigestCredentials credentials = *right;
        change(credentials);
        return answers(credentials, "INVITE", secret, {});
    };
    QVERIFY(!changed([](DigestCredentials& c) { c.nonce += '0'; }));
    QVERIFY(!changed([](DigestCredentials& c) { c.uri = "sip:carol@biloxi.com"; }));
    QVERIFY(!changed([](DigestCredentials& c) { c.cnonce.clear(); }));
    QVERIFY(!changed([](DigestCredentials& c) { c.nc = 2; }));
    QVERIFY(!changed([](DigestCredentials& c) { c.qop = DigestQop::None; }));
    QVERIFY(!changed([](DigestCredentials& c) { c.qop = DigestQop::AuthInt; }));
    QVERIFY(!changed([](DigestCredentials& c) { c.algorithm = DigestAlgorithm::Sha256; }));
    QVERIFY(!changed([](DigestCredentials& c) { c.response.pop_back(); }));
    QVERIFY(!changed([](DigestCredentials& c) { c.response.clear(); }));
    QVERIFY(!changed([](DigestCredentials& c) { c.response.back() ^= 1; }));
}

void TestDigestCredentials::emptySecretNeverMatches()
{
    const auto sent = parseDigestCredentials(with({}));
    QVERIFY(sent);
    const DigestSecret whole = digestSecret("bob", "biloxi.com", "zanzibar");
    const auto forged = [&](DigestAlgorithm algorithm, const DigestSecret& secret) {
        // What somebody would send who guesses that there is no secret
        DigestCredentials credentials = *sent;
        credentials.algorithm = algorithm;
        credentials.response = digestHash(algorithm, ":" + credentials.nonce + ":" +
                                                         digestHash(algorithm, "INVITE:" + credentials.uri));
        return answers(credentials, "INVITE", secret, {});
    };
    QVERIFY(!forged(DigestAlgorithm::Md5, {}));
    QVERIFY(!forged(DigestAlgorithm::Sha256, {}));
    QVERIFY(!forged(DigestAlgorithm::Md5, {{}, whole.sha256}));
    QVERIFY(!forged(DigestAlgorithm::Sha256, {whole.md5, {}}));
}

void TestDigestCredentials::capitalsInTheCount()
{
    // Both computed with Python's hashlib over the count as it is written here.
    const DigestSecret secret = digestSecret("bob", "biloxi.com", "zanzibar");
    for (const auto& [count, response] : {std::pair("0000000a", "da61920429f958b1fe4eb4f5eebbc2cf"),
                                          std::pair("0000000A", "da6be1845d464fc8abd6d3cb4e42d009")}) {
        const auto sent = parseDigestCredentials(kBob + ",qop=auth,cnonce=\"0a4f113b\",nc=" + count +
                                                 ",response=\"" + response + "\"");
        QVERIFY(sent);
        QCOMPARE(sent->nc, 10U);
        QVERIFY(answers(*sent, "INVITE", secret, {}));
    }
}

void TestDigestCredentials::everyField()
{
    const auto sent = parseDigestCredentials(
        R"(Digest username="u", realm="r", nonce="n", uri="sip:x", response="abc", cnonce="c", opaque="o", )"
        R"(algorithm=SHA-256, qop=auth-int, nc=fedcba98)");
    QVERIFY(sent);
    const DigestCredentials expected{
        "u", "r", "n", "sip:x", "abc", "c", "o", DigestAlgorithm::Sha256, DigestQop::AuthInt, 0xfedcba98U};
    QVERIFY(*sent == expected);
    const auto least = parseDigestCredentials(without({}));
    QVERIFY(least);
    const DigestCredentials few{"x", "x", "x", "x", "x", {}, {}, DigestAlgorithm::Md5, DigestQop::None, 0};
    QVERIFY(*least == few);
}

void TestDigestCredentials::lenient_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<std::string>("username");
    QTest::addColumn<bool>("counted");
    const std::string rest = R"(, realm="r", nonce="n", uri="sip:x", response="")";
    QTest::newRow("values quoted that are tokens")
        << R"(Digest username="u", algorithm="MD5", qop="auth", nc="00000001", cnonce="c")" + rest << "u"s
        << true;
    QTest::newRow("values bare that are quoted")
        << "Digest username=u,realm=r,nonce=a/b+c==,uri=sip:x@y;z=1,response=0,qop=auth,nc=00000001,cnonce=c"s
        << "u"s << true;
    QTest::newRow("any order and case")
        << R"(dIGEST RESPONSE="", Uri="sip:x", NONCE="n", ReAlM="r", USERNAME="u", ALGORITHM=md5, QOP=Auth, )"
           R"(CNONCE="c", NC=00000001)"s
        << "u"s << true;
    QTest::newRow("folded, blanks everywhere")
        << " Digest\r\n\tusername \t= \"u\" ,\r\n realm=\"r\",nonce=\"n\"  ,  uri=\"sip:x\",response=\"\" \r\n"s
        << "u"s << false;
    QTest::newRow("escapes") << R"(Digest username="a\"b\\c\d, realm=\"z")" + rest << R"(a"b\cd, realm="z)"s
                             << false;
    QTest::newRow("UTF-8 and a tab") << "Digest username=\"J\xc3\xbcrgen\t1\"" + rest << "J\xc3\xbcrgen\t1"s
                                     << false;
    QTest::newRow("unknown ones, even twice")
        << R"(Digest auth-param="x,y", userhash=false, username="u", userhash=false)" + rest << "u"s << false;
    QTest::newRow("commas too many") << R"(Digest ,, username="u",,)" + rest + " , "
                                     << "u"s << false;
    QTest::newRow("first REGISTER of an IMS phone")
        << R"(Digest username="u", realm="r", nonce="", uri="sip:x", response="")"s
        << "u"s << false;
    QTest::newRow("nobody") << R"(Digest username="")" + rest << ""s << false;
    QTest::newRow("count and cnonce without qop mean nothing")
        << R"(Digest username="u", nc=7, cnonce="c")" + rest << "u"s << false;
}

void TestDigestCredentials::lenient()
{
    QFETCH(std::string, header);
    QFETCH(std::string, username);
    QFETCH(bool, counted);
    const auto sent = parseDigestCredentials(header);
    QVERIFY2(sent, sent ? "" : sent.error().text().c_str());
    QCOMPARE(sent->username, username);
    QCOMPARE(sent->realm, "r"s);
    QVERIFY(sent->uri.starts_with("sip:x"));
    QCOMPARE(sent->qop == DigestQop::Auth, counted);
    QCOMPARE(sent->nc, counted ? 1U : 0U);
}

void TestDigestCredentials::refused_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<SipErrc>("why");
    const auto row = [](const std::string& name, const std::string& header,
                        SipErrc why = SipErrc::BadCredentials) {
        QTest::newRow(name.c_str()) << header << why;
    };
    row("nothing", "", SipErrc::NotDigest);
    row("blanks", " \r\n ", SipErrc::NotDigest);
    row("another scheme", "Basic dTpw", SipErrc::NotDigest);
    row("scheme with a longer name", "Digestive username=\"u\"", SipErrc::NotDigest);
    row("no blank behind the scheme", "Digest,username=\"u\"", SipErrc::NotDigest);
    row("scheme alone", "Digest");
    for (const char* name : {"username", "realm", "nonce", "uri", "response"})
        row("no "s + name, without(name));
    for (const auto& [name, again] :
         {std::pair("username", "USERNAME"), std::pair("realm", "Realm"), std::pair("nonce", "nonce"),
          std::pair("uri", "URI"), std::pair("response", "Response"), std::pair("cnonce", "CNonce"),
          std::pair("opaque", "opaque"), std::pair("algorithm", "Algorithm"), std::pair("qop", "qop"),
          std::pair("nc", "NC")})
        row(name + " twice"s, "Digest "s + name + "=MD5, " + again + "=\"MD5\"");
    row("quote without end", with(", opaque=\"x"));
    row("ends in an escape", with(", opaque=\"x\\"));
    row("escaped quote is no end", with(", opaque=\"x\\\""));
    row("no value", with(", opaque="));
    row("no value but a comma", with(", opaque=, x=y"));
    row("no equals sign", with(", opaque"));
    row("no name", with(", =x"));
    row("two words", with(", opaque=x y"));
    row("text behind a quote", with(", opaque=\"x\"y"));
    row("quote in a bare value", with(", opaque=x\"y\""));
    row("no comma between", with(" opaque=\"x\""));
    row("semicolon between", with("; opaque=\"x\""));
    row("name that is none", with(", o(paque=\"x\""));
    row("second credentials behind a comma", with(", Digest username=\"u\""));
    row("line break in a quote", with(", opaque=\"x\r\n y\""));
    row("escaped line break", with(", opaque=\"x\\\ny\""));
    row("zero octet in a quote", with(", opaque=\"x\0y\""s));
    row("zero octet in a bare value", with(", opaque=x\0y"s));
    row("zero octet between", with(",\0"s));
    row("control character in a parameter that is skipped", with(", x=\"\x01\""));
    row("MD5-sess", with(", algorithm=MD5-sess"), SipErrc::UnknownAlgorithm);
    row("SHA-256-sess", with(", algorithm=\"SHA-256-sess\""), SipErrc::UnknownAlgorithm);
    row("SHA-512-256", with(", algorithm=SHA-512-256"), SipErrc::UnknownAlgorithm);
    row("AKA", with(", algorithm=AKAv1-MD5"), SipErrc::UnknownAlgorithm);
    row("empty algorithm", with(", algorithm=\"\""), SipErrc::UnknownAlgorithm);
    const std::string count = ", cnonce=\"c\", nc=00000001";
    row("unknown qop", with(", qop=auth-conf" + count));
    row("the offered qop sent back", with(", qop=\"auth,auth-int\"" + count));
    row("empty qop", with(", qop=\"\"" + count));
    row("qop without count", with(", qop=auth, cnonce=\"c\""));
    row("qop without cnonce", with(", qop=auth, nc=00000001"));
    const std::string auth = ", qop=auth, cnonce=\"c\"";
    row("count too short", with(auth + ", nc=1"));
    row("count too long", with(auth + ", nc=000000001"));
    row("count with a sign", with(auth + ", nc=-0000001"));
    row("count with a prefix", with(auth + ", nc=0x000001"));
    row("count that is no hex", with(auth + ", nc=0000000g"));
    row("count with a blank", with(auth + ", nc=\" 0000001\""));
}

void TestDigestCredentials::refused()
{
    QFETCH(std::string, header);
    QFETCH(SipErrc, why);
    const auto sent = parseDigestCredentials(header);
    QVERIFY(!sent);
    QVERIFY2(sent.error().code == why, sent.error().text().c_str());
}

void TestDigestCredentials::limits()
{
    const auto value = [](const std::string& name, std::size_t octets) {
        return with(", " + name + "=\"" + std::string(octets, 'o') + "\"");
    };
    const auto longest = parseDigestCredentials(value("opaque", kMaxCredentialValueBytes));
    QVERIFY(longest);
    QCOMPARE(longest->opaque.size(), kMaxCredentialValueBytes);
    for (const char* name : {"opaque", "unknown"}) {
        const auto longer = parseDigestCredentials(value(name, kMaxCredentialValueBytes + 1));
        QVERIFY(!longer);
        QVERIFY(longer.error().code == BaseErrc::TooLarge);
    }
    std::string all = with({});
    all.append(kMaxCredentialBytes - all.size(), ' ');
    QVERIFY(parseDigestCredentials(all));
    const auto larger = parseDigestCredentials(all + ' ');
    QVERIFY(!larger);
    QVERIFY(larger.error().code == BaseErrc::TooLarge);
}

void TestDigestCredentials::errorsQuoteNothing()
{
    for (const std::string& header : {with(", s3cret"), with(", opaque=\"s3cret\" s3cret=1"),
                                      with(", qop=s3cret"), with(", algorithm=s3cret"), "s3cret x=1"s}) {
        const auto sent = parseDigestCredentials(header);
        QVERIFY(!sent);
        QVERIFY(sent.error().text().find("s3cret") == std::string::npos);
    }
}

void TestDigestCredentials::quotedValuesComeBack()
{
    std::mt19937 random(7616);
    const auto text = [&random] {
        std::string made(random() % 60, '\0');
        for (char& c : made) {
            const auto kind = random() % 4; // the interesting ones often
            c = kind == 0 ? R"("\,=)"[random() % 4] : static_cast<char>(random());
            if (isControl(c))
                c = ' ';
        }
        return made;
    };
    for (int round = 0; round < 2000; ++round) {
        const DigestCredentials made{text(), text(), text(), text(), text(), text(), text(), {}, {}, 0};
        const auto read = parseDigestCredentials(
            "Digest username=" + quotedString(made.username) + ",realm=" + quotedString(made.realm) +
            ",nonce=" + quotedString(made.nonce) + ",uri=" + quotedString(made.uri) +
            ",response=" + quotedString(made.response) + ",cnonce=" + quotedString(made.cnonce) +
            ",opaque=" + quotedString(made.opaque));
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QVERIFY2(*read == made, made.username.c_str());
    }
}

QTEST_GUILESS_MAIN(TestDigestCredentials)
#include "tst_digest_credentials.moc"
