// SPDX-License-Identifier: GPL-3.0-or-later
// Rotation: id and wrapped key change in the file, nothing else does, and the content opens as before.
#include "core/crypto/sealed_layout.h"
#include "tests/unit/crypto/samples.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::crypto;
using sr::test::pattern;
using sr::test::ringOf;
using sr::test::secretOf;

class TestRewrap : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    KeyRing m_ring = ringOf(secretOf(static_cast<unsigned char>(1)));
    Path path() const { return pathOf(m_dir.filePath(QStringLiteral("größe 1.wav")).toStdString()); }
    Bytes onDisk() const { return readFile(path(), 1 << 24).valueOr({}); }

    Status rewrapOnDisk(const KeyRing& ring, const Key& newKey)
    {
        auto file = File::open(path(), OpenMode::ReadWrite);
        if (!file)
            return file.error();
        return rewrap(**file, ring, newKey);
    }

private slots:
    void init()
    {
        m_ring = ringOf(secretOf(static_cast<unsigned char>(1)));
        const auto sealed =
            seal(pattern(150'000), *m_ring.active(KeyPurpose::Archive), ContentType::Audio, "uid-1");
        QVERIFY(sealed && writeFileAtomic(path(), *sealed));
    }

    void changesTwoFieldsOnly()
    {
        const Bytes before = onDisk();
        const Key newKey =
            m_ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(2)), {});
        QVERIFY(rewrapOnDisk(m_ring, newKey));
        const Bytes after = onDisk();
        QCOMPARE(after.size(), before.size());
        QVERIFY(std::equal(before.begin(), before.begin() + kKeyIdAt, after.begin()));
        QVERIFY(std::equal(before.begin() + kFixedPreambleBytes - 2, before.end(),
                           after.begin() + kFixedPreambleBytes - 2));
        QVERIFY(std::equal(newKey.id.begin(), newKey.id.end(), after.begin() + kKeyIdAt));

        // The new key alone opens it, the old one alone does not.
        const auto byNew = unseal(after, ringOf(newKey.secret), ContentType::Audio, "uid-1");
        QVERIFY(byNew && *byNew == pattern(150'000));
        const auto byOld =
            unseal(after, ringOf(secretOf(static_cast<unsigned char>(1))), ContentType::Audio, "uid-1");
        QVERIFY(!byOld);
        QCOMPARE(byOld.error().code, make_error_code(CryptoErrc::UnknownKey));
    }
    void twiceIsOnce()
    {
        const Key newKey =
            m_ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(2)), {});
        QVERIFY(rewrapOnDisk(m_ring, newKey));
        const Bytes once = onDisk();
        QVERIFY(rewrapOnDisk(m_ring, newKey));
        QCOMPARE(onDisk(), once);
    }
    void anOpenPlayerGoesOnReading()
    {
        auto file = File::open(path(), OpenMode::Read);
        QVERIFY(file);
        auto player = UnsealingSource::open(std::move(*file), m_ring);
        QVERIFY(player);
        QVERIFY(rewrapOnDisk(m_ring, m_ring.add(KeyPurpose::Archive, KeyOrigin::Rotation,
                                                secretOf(static_cast<unsigned char>(2)), {})));
        const auto clear = readAll(**player, 1 << 20);
        QVERIFY(clear && *clear == pattern(150'000));
    }

    void withoutTheOldKeyTheFileStays()
    {
        const Bytes before = onDisk();
        const KeyRing foreign = ringOf(secretOf(static_cast<unsigned char>(5)));
        const auto done = rewrapOnDisk(foreign, *foreign.active(KeyPurpose::Archive));
        QVERIFY(!done);
        QCOMPARE(done.error().code, make_error_code(CryptoErrc::UnknownKey));
        QCOMPARE(onDisk(), before);
    }
    void aClearFileStays()
    {
        QVERIFY(writeFileAtomic(path(), pattern(500)));
        const auto done = rewrapOnDisk(m_ring, *m_ring.active(KeyPurpose::Archive));
        QVERIFY(!done);
        QCOMPARE(done.error().code, make_error_code(CryptoErrc::NotSealed));
        QCOMPARE(onDisk(), pattern(500));
    }
    void aDamagedWrappedKeyStays()
    {
        Bytes bytes = onDisk();
        bytes[kWrappedKeyAt + 3] ^= std::byte{1};
        QVERIFY(writeFileAtomic(path(), bytes));
        const Key newKey =
            m_ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(2)), {});
        const auto done = rewrapOnDisk(m_ring, newKey);
        QVERIFY(!done);
        QCOMPARE(done.error().code, make_error_code(CryptoErrc::WrongKey));
        QCOMPARE(onDisk(), bytes);
    }
    void anIntegrityKeyIsRefused()
    {
        const Key integrity = m_ring.add(KeyPurpose::Integrity, KeyOrigin::Default,
                                         secretOf(static_cast<unsigned char>(2)), {});
        const auto done = rewrapOnDisk(m_ring, integrity);
        QVERIFY(!done);
        QCOMPARE(done.error().code, make_error_code(CryptoErrc::WrongKey));
    }
};

QTEST_GUILESS_MAIN(TestRewrap)
#include "tst_rewrap.moc"
