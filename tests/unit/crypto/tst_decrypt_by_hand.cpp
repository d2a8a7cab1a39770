// SPDX-License-Identifier: GPL-3.0-or-later
// The documented format is the format: a script in another language opens what we sealed.
#include "core/crypto/sealed_layout.h"
#include "tests/unit/crypto/samples.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::crypto;
using sr::test::pattern;
using sr::test::ringOf;
using sr::test::secretOf;

class TestDecryptByHand : public QObject {
    Q_OBJECT
    static constexpr const char* kPython = "/usr/bin/python3";

    /// Exit code, with the script's words.
    static int run(const QStringList& arguments, QByteArray* words)
    {
        QProcess script;
        script.start(QString::fromLatin1(kPython), arguments);
        if (!script.waitForFinished(60'000))
            return -1;
        *words = script.readAllStandardError();
        return script.exitStatus() == QProcess::NormalExit ? script.exitCode() : -1;
    }

private slots:
    void initTestCase()
    {
        QByteArray words;
        if (run({QStringLiteral("-c"), QStringLiteral("import cryptography")}, &words) != 0)
            QFAIL("this test needs Debian's python3-cryptography");
    }

    void scriptOpensWhatWeSealed_data()
    {
        QTest::addColumn<std::size_t>("size");
        QTest::addColumn<QString>("uid");
        const auto uid = QStringLiteral("0123456789abcdef0123456789abcdef-2");
        QTest::newRow("nothing") << std::size_t{0} << uid;
        QTest::newRow("a note") << std::size_t{42} << uid;
        QTest::newRow("no uid") << std::size_t{42} << QString();
        QTest::newRow("one full segment") << kClearInFirst << uid;
        QTest::newRow("three full segments") << kClearInFirst + 2 * kClearPerSegment << uid;
        QTest::newRow("many segments") << std::size_t{1'000'001} << uid;
    }
    void scriptOpensWhatWeSealed()
    {
        QFETCH(std::size_t, size);
        QFETCH(QString, uid);
        const QTemporaryDir dir;
        const QString sealedName = dir.filePath(QStringLiteral("2026 größe.wav"));
        const QString clearName = dir.filePath(QStringLiteral("clear.wav"));
        const KeyRing ring = ringOf(Secret::random().value());
        const Key& key = *ring.active(KeyPurpose::Archive);
        const Bytes clear = pattern(size);
        const auto sealed = seal(clear, key, ContentType::Audio, uid.toStdString());
        QVERIFY(sealed && writeFileAtomic(pathOf(sealedName.toStdString()), *sealed));

        // The secret as `key export` prints it: the last word of the line.
        const QString line = QString::fromStdString(ring.exportText()).trimmed();
        const QString secret = line.section(u' ', -1);
        QByteArray words;
        const QStringList arguments = {QStringLiteral(SR_DECRYPT_SCRIPT), sealedName, secret, clearName};
        QVERIFY2(run(arguments, &words) == 0, words.constData());
        const auto back = readFile(pathOf(clearName.toStdString()), 1 << 24);
        QVERIFY(back && *back == clear);
    }
    void scriptRefusesAWrongSecret()
    {
        const QTemporaryDir dir;
        const QString sealedName = dir.filePath(QStringLiteral("a"));
        const KeyRing ring = ringOf(secretOf(static_cast<unsigned char>(1)));
        const auto sealed = seal(pattern(9), *ring.active(KeyPurpose::Archive), ContentType::Audio, "u");
        QVERIFY(sealed && writeFileAtomic(pathOf(sealedName.toStdString()), *sealed));
        QByteArray words;
        QCOMPARE(run({QStringLiteral(SR_DECRYPT_SCRIPT), sealedName, QString(64, u'2'),
                      dir.filePath(QStringLiteral("b"))},
                     &words),
                 1);
        QVERIFY2(words.contains("InvalidUnwrap"), words.constData());
    }
};

QTEST_GUILESS_MAIN(TestDecryptByHand)
#include "tst_decrypt_by_hand.moc"
