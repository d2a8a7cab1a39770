// SPDX-License-Identifier: GPL-3.0-or-later
// Known answers: the primitives compute what their standards print.
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/kdf.h"
#include "tests/unit/crypto/samples.h"

#include <QTest>

using namespace sr;
using namespace sr::crypto;
using sr::test::secretOf;

namespace {

std::string text(const QString& value)
{
    return value.toStdString();
}
Bytes hex(const QString& value)
{
    return fromHex(value.toStdString()).value();
}

} // namespace

class TestKnownAnswers : public QObject {
    Q_OBJECT

private slots:
    void gcm_data()
    {
        // D. McGrew, J. Viega, "The Galois/Counter Mode of Operation", as submitted to NIST for SP 800-38D,
        // appendix B, the cases with a 256-bit key and a 96-bit nonce.
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("nonce");
        QTest::addColumn<QString>("associated");
        QTest::addColumn<QString>("clear");
        QTest::addColumn<QString>("sealed");
        const auto zeroKey = QString(64, u'0');
        const auto zeroNonce = QString(24, u'0');
        const auto key = QStringLiteral("feffe9928665731c6d6a8f9467308308").repeated(2);
        const auto nonce = QStringLiteral("cafebabefacedbaddecaf888");
        const auto clear = QStringLiteral("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
        const auto sealed =
            QStringLiteral("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                           "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad");
        QTest::newRow("case 13, nothing to encrypt") << zeroKey << zeroNonce << QString() << QString()
                                                     << QStringLiteral("530f8afbc74536b9a963b4f1c4cb738b");
        QTest::newRow("case 14, one block")
            << zeroKey << zeroNonce << QString() << QString(32, u'0')
            << QStringLiteral("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
        QTest::newRow("case 15, four blocks") << key << nonce << QString() << clear
                                              << sealed + QStringLiteral("b094dac5d93471bdec1a502270e3cc6c");
        QTest::newRow("case 16, associated data and a part of a block")
            << key << nonce << QStringLiteral("feedfacedeadbeeffeedfacedeadbeefabaddad2") << clear.left(120)
            << sealed.left(120) + QStringLiteral("76fc6ece0f4e1768cddf8853bb2d551b");
    }
    void gcm()
    {
        QFETCH(QString, key);
        QFETCH(QString, nonce);
        QFETCH(QString, associated);
        QFETCH(QString, clear);
        QFETCH(QString, sealed);
        Nonce nonceBytes{};
        std::ranges::copy(hex(nonce), nonceBytes.begin());
        const Bytes clearBytes = hex(clear);
        const Bytes sealedBytes = hex(sealed);

        auto sealer = GcmCipher::create(GcmCipher::Direction::Seal, secretOf(text(key)));
        QVERIFY(sealer);
        for (int round = 0; round < 2; ++round) { // the second time shows that the context can be reused
            Bytes out(clearBytes.size() + kTagBytes);
            QVERIFY(sealer->seal(nonceBytes, hex(associated), clearBytes, out.data()));
            QCOMPARE(toHex(out), text(sealed));
        }

        auto opener = GcmCipher::create(GcmCipher::Direction::Open, secretOf(text(key)));
        QVERIFY(opener);
        Bytes back(sealedBytes.size());
        QVERIFY(opener->open(nonceBytes, hex(associated), sealedBytes, back.data()));
        back.resize(clearBytes.size());
        QCOMPARE(toHex(back), text(clear));
    }

    void failedTagLeavesZeros()
    {
        auto sealer = GcmCipher::create(GcmCipher::Direction::Seal, secretOf(static_cast<unsigned char>(7)));
        auto opener = GcmCipher::create(GcmCipher::Direction::Open, secretOf(static_cast<unsigned char>(7)));
        const Bytes clear = test::pattern(100);
        Bytes sealed(clear.size() + kTagBytes);
        QVERIFY(sealer->seal(Nonce{}, {}, clear, sealed.data()));
        sealed.back() ^= std::byte{1};
        Bytes out = test::pattern(100, 9);
        QVERIFY(!opener->open(Nonce{}, {}, sealed, out.data()));
        QCOMPARE(out, Bytes(100));
    }

    void keyWrap()
    {
        // RFC 3394 section 4.6: wrap 256 bits of key data with a 256-bit key.
        const Secret wrappingKey =
            secretOf("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        const Secret key = secretOf("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
        const auto wrapped = wrapKey(wrappingKey, key);
        QVERIFY(wrapped);
        QCOMPARE(toHex(*wrapped), std::string("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
                                              "cbc7f0e71a99f43bfb988b9b7a02dd21"));
        const auto back = unwrapKey(wrappingKey, *wrapped);
        QVERIFY(back);
        QCOMPARE(toHex(back->bytes()), toHex(key.bytes()));
    }
    void keyWrapRefusesEveryFlippedBit()
    {
        const Secret wrappingKey = secretOf(static_cast<unsigned char>(3));
        const auto wrapped = wrapKey(wrappingKey, secretOf(static_cast<unsigned char>(4)));
        QVERIFY(wrapped);
        for (std::size_t bit = 0; bit < kWrappedKeyBytes * 8; ++bit) {
            WrappedKey bad = *wrapped;
            bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
            const auto back = unwrapKey(wrappingKey, bad);
            QVERIFY(!back);
            QCOMPARE(back.error().code, make_error_code(CryptoErrc::WrongKey));
        }
    }

    void hkdf_data()
    {
        // RFC 5869 appendix A, the cases with SHA-256.
        QTest::addColumn<QString>("inputKey");
        QTest::addColumn<QString>("salt");
        QTest::addColumn<QString>("info");
        QTest::addColumn<QString>("out");
        QTest::newRow("A.1, basic") << QStringLiteral("0b").repeated(22)
                                    << QStringLiteral("000102030405060708090a0b0c")
                                    << QStringLiteral("f0f1f2f3f4f5f6f7f8f9")
                                    << QStringLiteral("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c"
                                                      "5db02d56ecc4c5bf34007208d5b887185865");
        QTest::newRow("A.3, no salt and no info")
            << QStringLiteral("0b").repeated(22) << QString() << QString()
            << QStringLiteral("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                              "9d201395faa4b61a96c8");
    }
    void hkdf()
    {
        QFETCH(QString, inputKey);
        QFETCH(QString, salt);
        QFETCH(QString, info);
        QFETCH(QString, out);
        Bytes derived(static_cast<std::size_t>(out.size() / 2));
        QVERIFY(hkdfSha256(hex(inputKey), hex(salt), hex(info), derived));
        QCOMPARE(toHex(derived), text(out));
    }

    void scryptVectors_data()
    {
        // RFC 7914 section 12.
        QTest::addColumn<QString>("password");
        QTest::addColumn<QString>("salt");
        QTest::addColumn<unsigned>("logN");
        QTest::addColumn<unsigned>("r");
        QTest::addColumn<unsigned>("p");
        QTest::addColumn<QString>("out");
        QTest::newRow("nothing in, little work")
            << QString() << QString() << 4U << 1U << 1U
            << QStringLiteral("77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                              "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
        QTest::newRow("sixteen blocks")
            << QStringLiteral("password") << QStringLiteral("NaCl") << 10U << 8U << 16U
            << QStringLiteral("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                              "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
        QTest::newRow("a login's cost")
            << QStringLiteral("pleaseletmein") << QStringLiteral("SodiumChloride") << 14U << 8U << 1U
            << QStringLiteral("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                              "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
    }
    void scryptVectors()
    {
        QFETCH(QString, password);
        QFETCH(QString, salt);
        QFETCH(unsigned, logN);
        QFETCH(unsigned, r);
        QFETCH(unsigned, p);
        QFETCH(QString, out);
        Bytes derived(64);
        QVERIFY(scrypt(text(password), bytesOf(text(salt)), {logN, r, p}, derived));
        QCOMPARE(toHex(derived), text(out));
    }
    void scryptRefusesAbsurdCost()
    {
        Bytes derived(32);
        for (const ScryptCost cost : {ScryptCost{0, 8, 1}, ScryptCost{15, 0, 1}, ScryptCost{15, 8, 0},
                                      ScryptCost{31, 8, 1}, ScryptCost{20, 8, 200}, ScryptCost{16, 1, 1},
                                      ScryptCost{255, 255, 255}, ScryptCost{30, 1024, 1024}}) {
            const auto made = scrypt("x", {}, cost, derived);
            QVERIFY(!made);
            QCOMPARE(made.error().code, make_error_code(BaseErrc::Malformed));
        }
    }

    void sha256Vectors()
    {
        // FIPS 180-4, examples published by NIST: "abc", the empty message, a million times "a".
        QCOMPARE(toHex(sha256(bytesOf("abc"))),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(toHex(sha256({})),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        Sha256Hasher hasher;
        const std::string portion(1000, 'a');
        for (int i = 0; i < 1000; ++i)
            hasher.add(bytesOf(portion));
        QCOMPARE(toHex(hasher.finish()),
                 std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    }

    void hmac()
    {
        // RFC 4231 section 4.2; HMAC pads short keys with zeros, so 20 octets are 32 of ours.
        const Secret key = secretOf("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b000000000000000000000000");
        QCOMPARE(toHex(hmacSha256(key, bytesOf("Hi There"))),
                 std::string("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
        HmacSha256 of(key);
        for (int again = 0; again < 2; ++again) {
            QCOMPARE(of.of(bytesOf("Hi There")), hmacSha256(key, bytesOf("Hi There")));
            QCOMPARE(of.of({}), hmacSha256(key, {}));
        }
    }

    void ed25519_data()
    {
        // RFC 8032 section 7.1.
        QTest::addColumn<QString>("seed");
        QTest::addColumn<QString>("open");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("signature");
        QTest::newRow("test 1, an empty message")
            << QStringLiteral("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
            << QStringLiteral("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") << QString()
            << QStringLiteral("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                              "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        QTest::newRow("test 2, one octet")
            << QStringLiteral("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
            << QStringLiteral("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
            << QStringLiteral("72")
            << QStringLiteral("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    }
    void ed25519()
    {
        QFETCH(QString, seed);
        QFETCH(QString, open);
        QFETCH(QString, message);
        QFETCH(QString, signature);
        const SigningKey signer(secretOf(text(seed)));
        const PublicKey key = signer.publicKey();
        QCOMPARE(toHex(key), text(open));
        Signature made = signer.sign(hex(message));
        QCOMPARE(toHex(made), text(signature));
        QVERIFY(verifySignature(key, hex(message), made));
        QVERIFY(!verifySignature(key, bytesOf("another"), made));
        made[10] ^= std::byte{1};
        QVERIFY(!verifySignature(key, hex(message), made));
        QVERIFY(!verifySignature(PublicKey{}, hex(message), made));
    }

    void passwordHashes()
    {
        const auto hash = hashPassword("Grüße, 7 Zwerge");
        QVERIFY(hash);
        QVERIFY(hash->starts_with("scrypt$32768$8$1$"));
        QVERIFY(checkPassword("Grüße, 7 Zwerge", *hash));
        QVERIFY(!checkPassword("Grüße, 7 zwerge", *hash));
        QVERIFY(!checkPassword("", *hash));
        const auto again = hashPassword("Grüße, 7 Zwerge");
        QVERIFY(*hash != *again); // the salt is new
    }
    void passwordHashOfTheRfc()
    {
        // RFC 7914 section 12, third vector, its first 32 octets: scrypt's output is a stream.
        QVERIFY(checkPassword("pleaseletmein",
                              "scrypt$16384$8$1$536f6469756d43686c6f72696465$"
                              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"));
    }
    void damagedHashesOpenNothing_data()
    {
        QTest::addColumn<QString>("hash");
        const QString salt = QString(32, u'0');
        const QString value = QString(64, u'0');
        QTest::newRow("nothing") << QString();
        QTest::newRow("another scheme") << QStringLiteral("plain$x");
        QTest::newRow("a field too few") << QStringLiteral("scrypt$2$8$1$") + salt;
        QTest::newRow("a field too many") << QStringLiteral("scrypt$2$8$1$%1$%2$x").arg(salt, value);
        QTest::newRow("N is no power of two") << QStringLiteral("scrypt$3$8$1$%1$%2").arg(salt, value);
        QTest::newRow("N is zero") << QStringLiteral("scrypt$0$8$1$%1$%2").arg(salt, value);
        QTest::newRow("N would fill the memory")
            << QStringLiteral("scrypt$1073741824$8$1$%1$%2").arg(salt, value);
        QTest::newRow("N is beyond 32 bits")
            << QStringLiteral("scrypt$99999999999$8$1$%1$%2").arg(salt, value);
        QTest::newRow("the salt is short") << QStringLiteral("scrypt$2$8$1$00$%1").arg(value);
        QTest::newRow("the hash is empty") << QStringLiteral("scrypt$2$8$1$%1$").arg(salt);
        QTest::newRow("the hash is no hex")
            << QStringLiteral("scrypt$2$8$1$%1$%2").arg(salt, QString(64, u'g'));
    }
    void damagedHashesOpenNothing()
    {
        QFETCH(QString, hash);
        QVERIFY(!checkPassword("", text(hash)));
        QVERIFY(!checkPassword("x", text(hash)));
    }
};

QTEST_GUILESS_MAIN(TestKnownAnswers)
#include "tst_known_answers.moc"
