// SPDX-License-Identifier: GPL-3.0-or-later
// Our answers to challenges: as the standards print them, and as our own exchange takes them.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/digest_challenge.h"
#include "core/sip/digest_credentials.h"
#include "core/sip/digest_response.h"

#include <QTest>

using namespace sr;
using namespace sr::sip;
using namespace std::string_literals;

namespace {

/// The challenge of RFC 7616 3.9.1, with `more` behind what both of its headers have.
std::string mufasa(const std::string& more)
{
    return R"(Digest realm="http-auth@example.org", qop="auth, auth-int", )"
           R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
           R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")" +
           more;
}

const DigestAccount kMufasa{"Mufasa", Password("Circle of Life")};
const DigestUse kPrinted{"GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1};

/// A challenge with this nonce, and `more`.
std::string asked(const std::string& nonce, const std::string& more = {})
{
    return R"(Digest realm="trunk", qop="auth", nonce=")" + nonce + "\"" + more;
}

} // namespace

class TestDigestResponse : public QObject {
    Q_OBJECT
private slots:
    void printedExamples_data();
    void printedExamples();
    void whatWeAskWeCanAnswer_data();
    void whatWeAskWeCanAnswer();
    void sessionKeyTakesTheFirstNonces();
    void without_qop();
    void refused_data();
    void refused();
    void theBestAlgorithmIsAnswered();
    void aNonceIsAnsweredOnce();
    void usesOfANonceAreCounted();
    void quotesStayInside();
};

void TestDigestResponse::printedExamples_data()
{
    QTest::addColumn<std::string>("algorithm");
    QTest::addColumn<std::string>("response");
    QTest::newRow("RFC 7616 3.9.1, MD5") << ", algorithm=MD5"s
                                         << "8ca523f5e9506fed4657c9700eebdbec"s;
    QTest::newRow("RFC 7616 3.9.1, no algorithm named") << ""s
                                                        << "8ca523f5e9506fed4657c9700eebdbec"s;
    QTest::newRow("RFC 7616 3.9.1, SHA-256")
        << ", algorithm=SHA-256"s
        << "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"s;
}

void TestDigestResponse::printedExamples()
{
    QFETCH(std::string, algorithm);
    QFETCH(std::string, response);
    const auto challenge = parseDigestChallenge(mufasa(algorithm));
    QVERIFY(challenge);
    const auto sent = parseDigestCredentials(digestResponse(*challenge, kMufasa, kPrinted));
    QVERIFY(sent);
    QCOMPARE(sent->response, response);
    QCOMPARE(sent->opaque, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"s);
    QCOMPARE(sent->nc, 1U);
    QVERIFY(sent->qop == DigestQop::Auth);
}

void TestDigestResponse::whatWeAskWeCanAnswer_data()
{
    QTest::addColumn<int>("algorithm");
    QTest::newRow("MD5") << int(DigestAlgorithm::Md5);
    QTest::newRow("SHA-256") << int(DigestAlgorithm::Sha256);
}

void TestDigestResponse::whatWeAskWeCanAnswer()
{
    QFETCH(int, algorithm);
    const std::string realm = "a \"quoted\\ realm";
    const auto challenge =
        parseDigestChallenge(digestChallenge(realm, "0123", DigestAlgorithm(algorithm), true));
    QVERIFY(challenge);
    QVERIFY(challenge->isStale);
    DigestResponder responder;
    QVERIFY(responder.take({digestChallenge(realm, "0123", DigestAlgorithm(algorithm), false)}, false) ==
            DigestResponder::Verdict::Answer);
    const DigestAccount account{"tr\"unk", Password("pass:word")};
    const auto sent = parseDigestCredentials(responder.answer(account, "REGISTER", "sip:x"));
    QVERIFY(sent);
    QCOMPARE(sent->username, account.user);
    QVERIFY(answers(*sent, "REGISTER", digestSecret(account.user, realm, "pass:word"), {}));
    QVERIFY(!answers(*sent, "REGISTER", digestSecret(account.user, realm, "another"), {}));
}

void TestDigestResponse::sessionKeyTakesTheFirstNonces()
{
    const auto challenge = parseDigestChallenge(mufasa(", algorithm=md5-SESS"));
    QVERIFY(challenge && challenge->isSession);
    const std::string value = digestResponse(*challenge, kMufasa, kPrinted);
    QVERIFY(value.find("algorithm=MD5-sess") != value.npos);
    // Computed with Python's hashlib by the formula of RFC 7616 3.4.2
    QVERIFY(value.find("response=\"e783283f46242139c486a698fec7211d\"") != value.npos);
}

void TestDigestResponse::without_qop()
{
    for (const char* header :
         {R"(Digest realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")",
          R"(Digest realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="")"}) {
        const auto challenge = parseDigestChallenge(header);
        QVERIFY(challenge);
        const std::string value = digestResponse(*challenge, {"bob", Password("zanzibar")},
                                                 {"INVITE", "sip:bob@biloxi.com", "unused", 7});
        // draft-smith-sipping-auth-examples-01 3.1.2
        QVERIFY(value.find("response=\"bf57e4e0d0bffc0fbaedce64d59add5e\"") != value.npos);
        QVERIFY(value.find("qop") == value.npos && value.find("nc=") == value.npos &&
                value.find("cnonce") == value.npos);
    }
}

void TestDigestResponse::refused_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<int>("error");
    const auto row = [](const char* name, const std::string& header, SipErrc error) {
        QTest::newRow(name) << header << int(error);
    };
    row("another scheme", "Basic realm=\"x\"", SipErrc::NotDigest);
    row("nothing", "", SipErrc::NotDigest);
    row("no nonce", "Digest realm=\"x\"", SipErrc::BadChallenge);
    row("no realm", "Digest nonce=\"x\"", SipErrc::BadChallenge);
    row("quote without end", "Digest realm=\"x", SipErrc::BadChallenge);
    row("two nonces", "Digest realm=x, nonce=a, nonce=b", SipErrc::BadChallenge);
    row("unknown algorithm", mufasa(", algorithm=SHA-512-256"), SipErrc::UnknownAlgorithm);
    row("a session of nothing", mufasa(", algorithm=-sess"), SipErrc::UnknownAlgorithm);
    row("auth-int alone", R"(Digest realm="x", nonce="y", qop="auth-int")", SipErrc::UnknownAlgorithm);
    row("a control character", "Digest realm=\"x\r\nVia: y\", nonce=z", SipErrc::BadChallenge);
}

void TestDigestResponse::refused()
{
    QFETCH(std::string, header);
    QFETCH(int, error);
    const auto challenge = parseDigestChallenge(header);
    QVERIFY(!challenge);
    QVERIFY(challenge.error().code == SipErrc(error));
    QVERIFY(!bestChallenge({header}));
}

void TestDigestResponse::theBestAlgorithmIsAnswered()
{
    const std::string sha = asked("s", ", algorithm=SHA-256");
    const std::string md5 = asked("m", ", algorithm=MD5");
    const std::string other = asked("o", ", algorithm=SHA-512-256");
    QCOMPARE(bestChallenge({md5, sha})->nonce, "s"s);
    QCOMPARE(bestChallenge({sha, md5})->nonce, "s"s);
    QCOMPARE(bestChallenge({other, md5, asked("n")})->nonce, "m"s);
    QVERIFY(!bestChallenge({other}));
    DigestResponder responder;
    QVERIFY(responder.take({other}, false) == DigestResponder::Verdict::Unknown);
    QVERIFY(!responder.canAnswer());
}

void TestDigestResponse::aNonceIsAnsweredOnce()
{
    using Verdict = DigestResponder::Verdict;
    DigestResponder responder;
    QVERIFY(responder.take({asked("1")}, false) == Verdict::Answer);
    QVERIFY(responder.take({asked("1")}, true) == Verdict::Refused);
    QVERIFY(responder.take({asked("2")}, true) == Verdict::Refused);
    QVERIFY(responder.take({asked("2", ", stale=TRUE")}, true) == Verdict::Answer);
    QVERIFY(responder.take({asked("2", ", stale=TRUE")}, true) == Verdict::Refused);
    QVERIFY(responder.take({asked("3")}, false) == Verdict::Answer); // of a later request
}

void TestDigestResponse::usesOfANonceAreCounted()
{
    DigestResponder responder;
    const auto next = [&] { return *parseDigestCredentials(responder.answer(kMufasa, "BYE", "sip:x")); };
    QVERIFY(responder.take({asked("1")}, false) == DigestResponder::Verdict::Answer);
    const DigestCredentials first = next();
    const DigestCredentials second = next();
    QCOMPARE(first.nc, 1U);
    QCOMPARE(second.nc, 2U);
    QCOMPARE(first.cnonce, second.cnonce);
    QVERIFY(responder.take({asked("2")}, false) == DigestResponder::Verdict::Answer);
    QCOMPARE(next().nc, 1U);
    QVERIFY(next().cnonce != first.cnonce);
}

void TestDigestResponse::quotesStayInside()
{
    const auto challenge = parseDigestChallenge(R"(Digest realm="a\", uri=\"sip:evil", nonce="n\\")");
    QVERIFY(challenge);
    const auto sent = parseDigestCredentials(digestResponse(*challenge, kMufasa, kPrinted));
    QVERIFY(sent);
    QCOMPARE(sent->realm, "a\", uri=\"sip:evil"s);
    QCOMPARE(sent->nonce, "n\\"s);
    QCOMPARE(sent->uri, "/dir/index.html"s);
}

QTEST_GUILESS_MAIN(TestDigestResponse)
#include "tst_digest_response.moc"
