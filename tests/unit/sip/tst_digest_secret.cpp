// SPDX-License-Identifier: GPL-3.0-or-later
// H(A1) of the standard's own example.
#include "core/sip/digest_secret.h"

#include <QTest>

using namespace sr::sip;

class TestDigestSecret : public QObject {
    Q_OBJECT

private slots:
    void standardsExample()
    {
        // RFC 7616, 3.9.1: the response follows from H(A1), H(A2) and the nonces that it prints.
        const DigestSecret secret = digestSecret("Mufasa", "http-auth@example.org", "Circle of Life");
        const std::string nonces = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:"
                                   "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth:";
        const auto response = [&](DigestAlgorithm algorithm, const std::string& a1) {
            return digestHash(algorithm, a1 + ":" + nonces + digestHash(algorithm, "GET:/dir/index.html"));
        };
        QCOMPARE(response(DigestAlgorithm::Md5, secret.md5), std::string("8ca523f5e9506fed4657c9700eebdbec"));
        QCOMPARE(response(DigestAlgorithm::Sha256, secret.sha256),
                 std::string("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"));
    }
};

QTEST_GUILESS_MAIN(TestDigestSecret)
#include "tst_digest_secret.moc"
