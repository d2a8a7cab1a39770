// SPDX-License-Identifier: GPL-3.0-or-later
// The certificate of the exchange: made once, renewed in time, or the administrator's own; never a key that
// others can read.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/sip_error.h"
#include "core/sip/tls_identity.h"
#include "tests/support/fake_clock.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::sip;

namespace {

struct Scene {
    QTemporaryDir dir;
    test::FakeClock clock;
    TlsOptions options{pathOf(dir.filePath(QStringLiteral("Büro/tls")).toStdString()),
                       {},
                       {},
                       {{"pbx.example"}, {*IpAddress::parse("127.0.0.1")}}};

    Path file(const char* name) const { return pathOf(dir.filePath(QString::fromUtf8(name)).toStdString()); }
    void put(const Path& path, const std::string& text) const
    {
        if (!writeFileAtomic(path, std::as_bytes(std::span(text))))
            qFatal("no file");
    }
    Result<TlsIdentity> prepare() const { return prepareTls(options, clock); }
    std::string failure() const
    {
        const auto identity = prepare();
        return identity ? std::string() : identity.error().text();
    }
};

std::string textOf(const Path& path)
{
    const auto bytes = readFile(path, 1 << 20);
    return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : std::string();
}

#ifndef Q_OS_WIN
QFile::Permissions othersOf(const Path& path)
{
    return QFileInfo(QString::fromStdString(utf8Of(path))).permissions() &
           (QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther |
            QFile::ExeOther);
}
#endif

} // namespace

class TestTlsIdentity : public QObject {
    Q_OBJECT
private slots:
    void madeOnceAndRenewedInTime()
    {
        Scene scene;
        const auto first = scene.prepare();
        QVERIFY2(first, first ? "" : first.error().text().c_str());
        QVERIFY(first->isNew);
        QVERIFY(first->facts.names == scene.options.names);
        scene.options.names.hosts = {"another.example"};
        scene.clock.advance(std::chrono::days(3652 - 31));
        const auto second = scene.prepare();
        QVERIFY(second && !second->isNew);
        QCOMPARE(second->facts.fingerprint, first->facts.fingerprint);
        scene.clock.advance(std::chrono::days(2));
        const auto third = scene.prepare();
        QVERIFY(third && third->isNew);
        QVERIFY(third->facts.fingerprint != first->facts.fingerprint);
        QCOMPARE(third->facts.commonName, std::string("another.example"));
        // A damaged one is replaced.
        scene.put(third->sofiaFolder / "agent.pem", "nothing");
        const auto fourth = scene.prepare();
        QVERIFY(fourth && fourth->isNew);
    }
    void theKeyIsPrivate()
    {
#ifndef Q_OS_WIN
        Scene scene;
        const auto identity = scene.prepare();
        QVERIFY(identity);
        for (const Path& path :
             {scene.options.folder, identity->sofiaFolder, identity->sofiaFolder / "agent.pem"})
            QCOMPARE(othersOf(path), QFile::Permissions());
        QVERIFY(textOf(identity->sofiaFolder / "agent.pem").find("PRIVATE KEY") != std::string::npos);
        QVERIFY(textOf(identity->sofiaFolder / "cafile.pem").find("PRIVATE KEY") == std::string::npos);
#endif
    }
    void theAdministratorsOwn()
    {
        Scene scene;
        const auto leaf = crypto::makeCertificate({{"leaf"}, {}}, scene.clock.utcNow()).value();
        const auto root = crypto::makeCertificate({{"root"}, {}}, scene.clock.utcNow()).value();
        scene.options.certificate = scene.file("chain.pem");
        scene.options.key = scene.file("key.pem");
        scene.put(scene.options.certificate, leaf.certificate + root.certificate);
        scene.put(scene.options.key, leaf.key);
        const auto identity = scene.prepare();
        QVERIFY2(identity, identity ? "" : identity.error().text().c_str());
        QVERIFY(!identity->isNew);
        QCOMPARE(identity->facts.commonName, std::string("leaf"));
        QCOMPARE(textOf(identity->sofiaFolder / "agent.pem"), leaf.certificate + leaf.key);
        QCOMPARE(textOf(identity->sofiaFolder / "cafile.pem"), root.certificate);
    }
    void authoritiesOfOthers()
    {
        Scene scene;
        scene.options.trusted = "one\n";
        const auto first = scene.prepare();
        QVERIFY2(first, first ? "" : first.error().text().c_str());
        const Path trust = first->sofiaFolder / "cafile.pem";
        const std::string before = textOf(trust);
        QVERIFY(before.ends_with("-----END CERTIFICATE-----\none\n"));
        scene.options.trusted = "another\n"; // of the next start
        const auto second = scene.prepare();
        QVERIFY(second && !second->isNew);
        QCOMPARE(textOf(trust), before.substr(0, before.size() - 4) + "another\n");
    }
    void whatIsWrongIsSaid()
    {
        Scene scene;
        const auto one = crypto::makeCertificate({{"one"}, {}}, scene.clock.utcNow()).value();
        const auto other = crypto::makeCertificate({{"other"}, {}}, scene.clock.utcNow()).value();
        scene.options.certificate = scene.file("chain.pem");
        QVERIFY(scene.failure().find("belong together") != std::string::npos);
        scene.options.key = scene.file("key.pem");
        QVERIFY(scene.failure().find("chain.pem") != std::string::npos); // it is not there
        scene.put(scene.options.certificate, one.certificate);
        QVERIFY(scene.failure().find("key.pem") != std::string::npos);
        scene.put(scene.options.key, other.key);
        QVERIFY(scene.failure().find("not that of the first certificate") != std::string::npos);
        scene.put(scene.options.key,
                  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        QVERIFY(scene.failure().find("without a password") != std::string::npos);
        scene.put(scene.options.key, one.key);
        scene.put(scene.options.certificate, "no certificate");
        QVERIFY(scene.failure().find("damaged") != std::string::npos);
        scene.put(scene.options.certificate, one.certificate);
        QCOMPARE(scene.failure(), std::string());
        scene.clock.advance(std::chrono::days(3652));
        const auto expired = scene.prepare();
        QVERIFY(!expired && expired.error().code == SipErrc::CertificateExpired);
    }
};

QTEST_GUILESS_MAIN(TestTlsIdentity)
#include "tst_tls_identity.moc"
