// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates that we make, read and hold against keys; OpenSSL's own program reads them too.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/crypto/certificate.h"
#include "tests/support/fake_clock.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTest>

using namespace sr;
using namespace sr::crypto;

namespace {

const CertificateNames kNames{{"pbx.example", "xn--bro-hoa.example"},
                              {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("2001:db8::1")}};

CertificateAndKey made(const CertificateNames& names = kNames)
{
    return makeCertificate(names, test::FakeClock().utcNow()).value();
}

} // namespace

class TestCertificate : public QObject {
    Q_OBJECT
private slots:
    void whatIsMadeReadsBack()
    {
        const CertificateAndKey one = made();
        const auto facts = readCertificate(one.certificate);
        QVERIFY(facts);
        QCOMPARE(facts->commonName, std::string("pbx.example"));
        QVERIFY(facts->names == kNames);
        const UtcTime now = test::FakeClock().utcNow();
        QVERIFY(facts->from == now - std::chrono::days(1));
        QVERIFY(facts->until == now + std::chrono::days(3652));
        QCOMPARE(facts->fingerprint.size(), std::size_t{32 * 3 - 1});
        QVERIFY(checkKey(one.certificate, one.key));
        QVERIFY(readCertificate(made().certificate)->fingerprint != facts->fingerprint);
    }
    void opensslReadsIt()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("openssl")).isEmpty())
            QSKIP("no openssl program");
        const CertificateAndKey one = made();
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"),
                      {QStringLiteral("x509"), QStringLiteral("-noout"), QStringLiteral("-text"),
                       QStringLiteral("-fingerprint"), QStringLiteral("-sha256")});
        openssl.write(one.certificate.c_str());
        openssl.closeWriteChannel();
        QVERIFY(openssl.waitForFinished(20'000));
        const QByteArray text = openssl.readAllStandardOutput();
        for (const char* expected :
             {"prime256v1", "ecdsa-with-SHA256", "Issuer: CN = pbx.example", "Subject: CN = pbx.example",
              "DNS:pbx.example, DNS:xn--bro-hoa.example, IP Address:192.0.2.1, IP "
              "Address:2001:DB8:0:0:0:0:0:1",
              "CA:FALSE", "TLS Web Server Authentication"})
            QVERIFY2(text.contains(expected), (QByteArray(expected) + " is not in\n" + text).constData());
        QVERIFY(text.contains(readCertificate(one.certificate)->fingerprint.c_str()));
    }
    void aNameIsNothingButAName()
    {
        const CertificateNames odd{{"a,IP:10.0.0.1", std::string(300, 'x')}, {}};
        const auto facts = readCertificate(made(odd).certificate);
        QVERIFY(facts);
        QVERIFY(facts->names == odd);
        QVERIFY(readCertificate(made({}).certificate)->names == CertificateNames{});
        QCOMPARE(readCertificate(made({{}, {*IpAddress::parse("::1")}}).certificate)->commonName,
                 std::string("::1"));
    }
    void onesOwnKeyOnly()
    {
        const CertificateAndKey one = made();
        const CertificateAndKey other = made();
        QVERIFY(checkKey(one.certificate, other.key).error().code == CryptoErrc::KeyOfAnother);
        QVERIFY(checkKey(one.certificate, one.certificate).error().code == CryptoErrc::BadKey);
        QVERIFY(checkKey(one.certificate, {}).error().code == CryptoErrc::BadKey);
        QVERIFY(checkKey(one.key, one.key).error().code == CryptoErrc::BadCertificate);
        QVERIFY(checkKey({}, one.key).error().code == CryptoErrc::BadCertificate);
        // The first one counts.
        QVERIFY(checkKey(one.certificate + other.certificate, one.key));
        QVERIFY(!checkKey(other.certificate + one.certificate, one.key));
    }
    void chainsComeApart()
    {
        const std::string one = made().certificate;
        const std::string other = made().certificate;
        const auto split = splitCertificates("words before\n" + one + "and between\n" + other);
        QVERIFY(split);
        QCOMPARE(*split, (std::vector<std::string>{one, other}));
        QVERIFY(splitCertificates("").error().code == CryptoErrc::BadCertificate);
        QVERIFY(splitCertificates("words").error().code == CryptoErrc::BadCertificate);
        std::string damaged = other;
        damaged.replace(100, 8, "????????");
        QVERIFY(!splitCertificates(one + damaged));
        QVERIFY(!readCertificate(damaged));
        for (std::size_t size = 0; size < one.size() - 1; ++size)
            QVERIFY(!readCertificate(one.substr(0, size)));
    }
};

QTEST_GUILESS_MAIN(TestCertificate)
#include "tst_certificate.moc"
