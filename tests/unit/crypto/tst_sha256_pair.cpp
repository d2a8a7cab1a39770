// SPDX-License-Identifier: GPL-3.0-or-later
// Two digests at once are the digests of each: the library is the judge, lengths around the block the cases.
#include "core/crypto/sha256_pair.h"

#include <QTest>

#include <random>

using namespace sr;
using namespace sr::crypto;

namespace {

Bytes noise(std::mt19937& random, std::size_t length)
{
    Bytes bytes(length);
    for (std::byte& b : bytes)
        b = static_cast<std::byte>(random());
    return bytes;
}

void compare(const Bytes& a, const Bytes& b)
{
    const auto pair = sha256Pair({ByteView(a), ByteView(b)});
    const QString lengths = QStringLiteral("%1 and %2 octets").arg(a.size()).arg(b.size());
    QVERIFY2(pair[0] == sha256(a), qPrintable(lengths));
    QVERIFY2(pair[1] == sha256(b), qPrintable(lengths));
}

} // namespace

class TestSha256Pair : public QObject {
    Q_OBJECT

private slots:
    void theStandardsExamples()
    {
        // NIST, "SHA-256 examples": one block and two blocks.
        const std::string_view one = "abc";
        const std::string_view two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        const auto pair = sha256Pair({bytesOf(one), bytesOf(two)});
        QCOMPARE(toHex(pair[0]),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(toHex(pair[1]),
                 std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    }
    void everyLengthUpToThreeBlocks()
    {
        std::mt19937 random(20261126);
        for (std::size_t length = 0; length <= 192; ++length)
            compare(noise(random, length), noise(random, 192 - length));
    }
    void lengthsOfAnyKind()
    {
        std::mt19937 random(4711);
        for (int round = 0; round < 100; ++round)
            compare(noise(random, random() % 5000), noise(random, random() % 5000));
        compare(noise(random, 1'000'003), noise(random, 64));
        compare(Bytes{}, noise(random, 999'999));
    }
};

QTEST_GUILESS_MAIN(TestSha256Pair)
#include "tst_sha256_pair.moc"
