// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a challenge.
#include "core/sip/digest_challenge.h"

#include <QTest>

using namespace sr::sip;
using namespace std::string_literals;

class TestDigestChallenge : public QObject {
    Q_OBJECT

private slots:
    void text_data();
    void text();
};

void TestDigestChallenge::text_data()
{
    QTest::addColumn<std::string>("written");
    QTest::addColumn<std::string>("expected");
    QTest::newRow("SHA-256") << digestChallenge("example.com", "5f3a", DigestAlgorithm::Sha256, false)
                             << R"(Digest realm="example.com", nonce="5f3a", algorithm=SHA-256, qop="auth")"s;
    QTest::newRow("MD5, stale")
        << digestChallenge("example.com", "5f3a", DigestAlgorithm::Md5, true)
        << R"(Digest realm="example.com", nonce="5f3a", algorithm=MD5, qop="auth", stale=true)"s;
    QTest::newRow("quotes and backslashes")
        << digestChallenge(R"(the "old" C:\ place)", "5f3a", DigestAlgorithm::Md5, false)
        << R"(Digest realm="the \"old\" C:\\ place", nonce="5f3a", algorithm=MD5, qop="auth")"s;
    QTest::newRow("no line break gets into a header")
        << digestChallenge("a\r\nContact: <sip:evil>\x7f\tb", "5f3a", DigestAlgorithm::Md5, false)
        << "Digest realm=\"aContact: <sip:evil>\tb\", nonce=\"5f3a\", algorithm=MD5, qop=\"auth\""s;
}

void TestDigestChallenge::text()
{
    QFETCH(std::string, written);
    QFETCH(std::string, expected);
    QCOMPARE(written, expected);
}

QTEST_GUILESS_MAIN(TestDigestChallenge)
#include "tst_digest_challenge.moc"
