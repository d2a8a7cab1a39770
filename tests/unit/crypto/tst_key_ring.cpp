// SPDX-License-Identifier: GPL-3.0-or-later
// The key ring: one active key a purpose, former keys stay, both written forms come back, bad ones do not.
#include "core/crypto/digest.h"
#include "core/crypto/key_ring.h"
#include "tests/unit/crypto/samples.h"

#include <QTest>

#include <limits>

using namespace sr;
using namespace sr::crypto;
using sr::test::secretOf;
using sr::test::StandingClock;

namespace {

Secret secret(unsigned char value)
{
    return secretOf(value);
}

bool same(const KeyRing& a, const KeyRing& b)
{
    return std::equal(a.keys().begin(), a.keys().end(), b.keys().begin(), b.keys().end(),
                      [](const Key& one, const Key& two) {
                          return one.id == two.id && one.purpose == two.purpose && one.origin == two.origin &&
                                 one.active == two.active && one.created == two.created &&
                                 std::ranges::equal(one.secret.bytes(), two.secret.bytes());
                      });
}

/// Every purpose, origin and state.
KeyRing fullRing()
{
    KeyRing ring;
    const UtcTime time = StandingClock().utcNow();
    ring.add(KeyPurpose::Archive, KeyOrigin::Default, secret(1), time);
    ring.add(KeyPurpose::Integrity, KeyOrigin::Default, secret(2), time);
    ring.add(KeyPurpose::Archive, KeyOrigin::Passphrase, secret(3), time + microseconds(1));
    ring.add(KeyPurpose::Archive, KeyOrigin::KeyFile, secret(4), time + seconds(86'400));
    ring.add(KeyPurpose::Archive, KeyOrigin::Imported, secret(5), UtcTime{});
    ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secret(6), time);
    return ring;
}

} // namespace

class TestKeyRing : public QObject {
    Q_OBJECT

private slots:
    void generatedRingHasOneActiveKeyAPurpose()
    {
        const auto ring = KeyRing::generate(StandingClock());
        QVERIFY(ring);
        QCOMPARE(ring->keys().size(), std::size_t{2});
        QVERIFY(ring->active(KeyPurpose::Archive) && ring->active(KeyPurpose::Integrity));
        QCOMPARE(ring->active(KeyPurpose::Archive)->created, StandingClock().utcNow());
        const auto another = KeyRing::generate(StandingClock());
        QVERIFY(ring->active(KeyPurpose::Archive)->id != another->active(KeyPurpose::Archive)->id);
    }
    void idIsTheHashOfPurposeAndSecret()
    {
        Bytes hashed(bytesOf("switchroom key ").begin(), bytesOf("switchroom key ").end());
        hashed.push_back(std::byte{1});
        const Secret seven = secret(7);
        hashed.insert(hashed.end(), seven.bytes().begin(), seven.bytes().end());
        const Sha256 digest = sha256(hashed);
        const KeyId id = keyIdOf(KeyPurpose::Archive, secret(7));
        QVERIFY(std::equal(id.begin(), id.end(), digest.begin()));
        QVERIFY(id != keyIdOf(KeyPurpose::Integrity, secret(7)));
    }
    void addedKeyBecomesTheActiveOne()
    {
        KeyRing ring = fullRing();
        QVERIFY(std::ranges::equal(ring.active(KeyPurpose::Archive)->secret.bytes(), secret(6).bytes()));
        QVERIFY(std::ranges::equal(ring.active(KeyPurpose::Integrity)->secret.bytes(), secret(2).bytes()));
        // A former one comes back without a copy.
        const Key& again = ring.add(KeyPurpose::Archive, KeyOrigin::Imported, secret(3), {});
        QCOMPARE(again.origin, KeyOrigin::Passphrase);
        QCOMPARE(ring.keys().size(), std::size_t{6});
        QCOMPARE(ring.active(KeyPurpose::Archive)->id, keyIdOf(KeyPurpose::Archive, secret(3)));
        QCOMPARE(std::ranges::count_if(ring.keys(), [](const Key& key) { return key.active; }), 2);
    }
    void mergeTakesWhatIsMissingAsFormerKeys()
    {
        KeyRing ring;
        ring.add(KeyPurpose::Archive, KeyOrigin::Default, secret(9), {});
        ring.merge(fullRing());
        QCOMPARE(ring.keys().size(), std::size_t{7});
        QCOMPARE(ring.active(KeyPurpose::Archive)->id, keyIdOf(KeyPurpose::Archive, secret(9)));
        // There was no integrity key here, so the one that comes is used.
        QCOMPARE(ring.active(KeyPurpose::Integrity)->id, keyIdOf(KeyPurpose::Integrity, secret(2)));
        const std::size_t before = ring.keys().size();
        ring.merge(fullRing());
        QCOMPARE(ring.keys().size(), before);
    }
    void mergeIntoNothingIsACopy()
    {
        KeyRing ring;
        ring.merge(fullRing());
        QVERIFY(same(ring, fullRing()));
    }

    void binaryFormComesBack()
    {
        const auto back = KeyRing::parse(fullRing().serialize());
        QVERIFY(back);
        QVERIFY(same(*back, fullRing()));
        const auto empty = KeyRing::parse(KeyRing().serialize());
        QVERIFY(empty && empty->keys().empty());
    }
    void everyCutOfTheBinaryFormIsFound()
    {
        const Bytes bytes = fullRing().serialize();
        for (std::size_t length = 0; length < bytes.size(); ++length)
            QVERIFY(!KeyRing::parse(ByteView(bytes).first(length)));
        Bytes longer = bytes;
        longer.push_back(std::byte{0});
        QVERIFY(!KeyRing::parse(longer));
    }
    void flippedSecretsAndIdsAreFound()
    {
        Bytes bytes = fullRing().serialize();
        for (std::size_t key = 0; key < 6; ++key) {
            for (std::size_t i = 11; i < 59; ++i) { // id and secret of one key
                std::byte& octet = bytes[10 + key * 59 + i];
                octet ^= std::byte{0x10};
                QVERIFY(!KeyRing::parse(bytes));
                octet ^= std::byte{0x10};
            }
        }
        QVERIFY(KeyRing::parse(bytes));
    }
    void aClockFarOffStillMakesAReadableRing()
    {
        for (const std::int64_t us : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::max()}) {
            KeyRing ring;
            ring.add(KeyPurpose::Archive, KeyOrigin::Default, secret(1), UtcTime(microseconds(us)));
            QVERIFY(KeyRing::parse(ring.serialize()));
            QVERIFY(KeyRing::parseExport(ring.exportText()));
        }
    }
    void twoActiveKeysOrOneTwiceAreRefused()
    {
        Bytes bytes = fullRing().serialize();
        bytes[10 + 2] = std::byte{1}; // the first archive key too
        QCOMPARE(KeyRing::parse(bytes).error().code, make_error_code(BaseErrc::Malformed));
        bytes = fullRing().serialize();
        std::copy_n(bytes.begin() + 10, 59, bytes.begin() + 10 + 2 * 59);
        QCOMPARE(KeyRing::parse(bytes).error().code, make_error_code(BaseErrc::Malformed));
    }
    void aNewerRingIsNamed()
    {
        Bytes bytes = fullRing().serialize();
        bytes[6] = std::byte{'2'};
        QCOMPARE(KeyRing::parse(bytes).error().code, make_error_code(CryptoErrc::NewerVersion));
    }

    void exportIsOneLineAKey()
    {
        KeyRing ring;
        ring.add(KeyPurpose::Archive, KeyOrigin::KeyFile, secret(1), StandingClock().utcNow());
        QCOMPARE(ring.exportText(), "archive " + toHex(keyIdOf(KeyPurpose::Archive, secret(1))) +
                                        " active keyfile 2025-11-24T16:00:00.123456Z " +
                                        toHex(secret(1).bytes()) + "\n");
    }
    void exportComesBack()
    {
        const auto back = KeyRing::parseExport(fullRing().exportText());
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QVERIFY(same(*back, fullRing()));
        // As it looks after a mail program and an editor.
        std::string text = "# keys of the north ward\r\n\r\n" + fullRing().exportText();
        text.pop_back();
        const auto edited = KeyRing::parseExport(text);
        QVERIFY(edited && same(*edited, fullRing()));
    }
    void badExportsNameTheLineAndNoSecret_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("purpose unknown") << QStringLiteral("integrity ") << QStringLiteral("integrate ");
        QTest::newRow("state unknown") << QStringLiteral("active") << QStringLiteral("activ");
        QTest::newRow("origin unknown") << QStringLiteral("default") << QStringLiteral("birth");
        QTest::newRow("month 13") << QStringLiteral("2025-11") << QStringLiteral("2025-13");
        QTest::newRow("a year that the binary form lacks")
            << QStringLiteral("2025-11") << QStringLiteral("0985-11");
        QTest::newRow("hour 24") << QStringLiteral("T16:") << QStringLiteral("T24:");
        QTest::newRow("no zone") << QStringLiteral("456Z ") << QStringLiteral("4567 ");
        QTest::newRow("a word more") << QStringLiteral("456Z ") << QStringLiteral("456Z x ");
        QTest::newRow("a digit of the secret missing") << QStringLiteral("0202\n") << QStringLiteral("020\n");
        QTest::newRow("a digit of the secret changed")
            << QStringLiteral("0202\n") << QStringLiteral("0203\n");
        QTest::newRow("a letter that is no digit") << QStringLiteral("0202\n") << QStringLiteral("02x2\n");
    }
    void badExportsNameTheLineAndNoSecret()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        KeyRing ring;
        ring.add(KeyPurpose::Integrity, KeyOrigin::Default, secret(2), StandingClock().utcNow());
        auto text = QString::fromStdString("\n" + ring.exportText());
        QVERIFY(text.contains(from));
        text.replace(from, to);
        const auto back = KeyRing::parseExport(text.toStdString());
        QVERIFY(!back);
        QCOMPARE(back.error().code, make_error_code(BaseErrc::Malformed));
        QVERIFY2(back.error().context.find("line 2") != std::string::npos, back.error().context.c_str());
        QVERIFY(back.error().context.find("020202") == std::string::npos);
    }

    void passphraseAndArchiveMakeTheKey()
    {
        const auto one = keyFromPassphrase("correct horse", "archive-1");
        const auto again = keyFromPassphrase("correct horse", "archive-1");
        const auto elsewhere = keyFromPassphrase("correct horse", "archive-2");
        QVERIFY(one && again && elsewhere);
        QVERIFY(std::ranges::equal(one->bytes(), again->bytes()));
        QVERIFY(!std::ranges::equal(one->bytes(), elsewhere->bytes()));
        QCOMPARE(keyFromPassphrase("", "archive-1").error().code, make_error_code(BaseErrc::Malformed));
    }
    void keyFileMakesTheKey()
    {
        Bytes hashed(bytesOf("switchroom key file").begin(), bytesOf("switchroom key file").end());
        const Bytes file = test::pattern(16);
        hashed.insert(hashed.end(), file.begin(), file.end());
        const auto key = keyFromFileBytes(file);
        QVERIFY(key);
        QVERIFY(std::ranges::equal(key->bytes(), sha256(hashed)));
        QVERIFY(!keyFromFileBytes(test::pattern(15)));
    }
    void aSecretIsWipedWhenItDies()
    {
        alignas(Secret) std::array<std::byte, sizeof(Secret)> place{};
        auto* held = new (place.data()) Secret(secret(0x77));
        QCOMPARE(place[5], std::byte{0x77});
        held->~Secret();
        QCOMPARE(place, (std::array<std::byte, sizeof(Secret)>{}));
    }
};

QTEST_GUILESS_MAIN(TestKeyRing)
#include "tst_key_ring.moc"
