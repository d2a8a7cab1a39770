// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed fields: open where they belong, nowhere else, and not after any change.
#include "core/crypto/sealed_field.h"
#include "tests/unit/crypto/samples.h"

#include <QTest>

using namespace sr;
using namespace sr::crypto;
using sr::test::secretOf;

class TestSealedField : public QObject {
    Q_OBJECT
    static FieldSeal sealOf(unsigned char key, std::string_view purpose = "test")
    {
        return FieldSeal::create(secretOf(key), purpose).value();
    }

private slots:
    void comesBack_data()
    {
        QTest::addColumn<QByteArray>("clear");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("one octet") << QByteArray("x");
        QTest::newRow("two hashes") << QByteArray(48, '\x7f');
    }
    void comesBack()
    {
        QFETCH(QByteArray, clear);
        const FieldSeal seal = sealOf(1);
        const auto sealed = seal.seal(bytesOf(clear.toStdString()), "Zoë");
        QVERIFY(sealed);
        QCOMPARE(static_cast<qsizetype>(sealed->size()), clear.size() + 29); // as the README says
        QVERIFY(clear.size() < 2 || textOf(*sealed).find(clear.toStdString()) == std::string_view::npos);
        const auto opened = sealOf(1).open(*sealed, "Zoë");
        QVERIFY(opened);
        QCOMPARE(std::string(textOf(*opened)), clear.toStdString());
        QVERIFY(seal.seal(bytesOf(clear.toStdString()), "Zoë").value() != *sealed); // a nonce of its own
    }
    void opensNowhereElse()
    {
        const auto sealed = sealOf(1).seal(bytesOf("secret"), "anna");
        QVERIFY(sealed);
        for (const auto& opened : {sealOf(1).open(*sealed, "otto"), sealOf(1).open(*sealed, ""),
                                   sealOf(2).open(*sealed, "anna"), sealOf(1, "other").open(*sealed, "anna")})
            QVERIFY(!opened && opened.error().code == CryptoErrc::Altered);
    }
    void anyChangeIsFound()
    {
        const FieldSeal seal = sealOf(1);
        const auto sealed = seal.seal(bytesOf("secret"), "anna");
        QVERIFY(sealed);
        for (std::size_t bit = 0; bit < sealed->size() * 8; ++bit) {
            Bytes changed = *sealed;
            changed[bit / 8] ^= std::byte{1} << (bit % 8);
            QVERIFY(!seal.open(changed, "anna"));
        }
        for (std::size_t length = 0; length < sealed->size(); ++length)
            QVERIFY(!seal.open(ByteView(*sealed).first(length), "anna"));
    }
    void newerVersionIsSaid()
    {
        Bytes sealed = sealOf(1).seal(bytesOf("secret"), "anna").value();
        sealed[0] = std::byte{2};
        const auto opened = sealOf(1).open(sealed, "anna");
        QVERIFY(!opened && opened.error().code == CryptoErrc::NewerVersion);
    }
};

QTEST_GUILESS_MAIN(TestSealedField)
#include "tst_sealed_field.moc"
