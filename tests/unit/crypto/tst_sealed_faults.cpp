// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed files that were changed, cut, swapped, sealed by others, or met a full disk.
#include "core/crypto/sealed_layout.h"
#include "tests/unit/crypto/samples.h"

#include <QTest>

using namespace sr;
using namespace sr::crypto;
using sr::test::FailSink;
using sr::test::FailSource;
using sr::test::pattern;
using sr::test::ringOf;
using sr::test::secretOf;

namespace {

constexpr std::string_view kUid = "0123456789abcdef0123456789abcdef";

/// Opens and reads everything.
Result<Bytes> readBack(ByteView sealed, const KeyRing& ring)
{
    auto source = UnsealingSource::open(std::make_unique<MemorySource>(sealed), ring);
    if (!source)
        return source.error();
    return readAll(**source, 1 << 24);
}

bool isOneOf(const std::error_code& code, std::initializer_list<CryptoErrc> allowed)
{
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](CryptoErrc errc) { return code == make_error_code(errc); });
}

} // namespace

class TestSealedFaults : public QObject {
    Q_OBJECT
    const KeyRing m_ring = ringOf(secretOf(static_cast<unsigned char>(1)));
    const Key& key() const { return *m_ring.active(KeyPurpose::Archive); }
    Bytes sealed(std::size_t clearBytes) const
    {
        return seal(pattern(clearBytes), key(), ContentType::Audio, kUid).valueOr({});
    }

private slots:
    void everyFlippedByteIsFound_data()
    {
        QTest::addColumn<std::size_t>("size");
        QTest::newRow("an empty file") << std::size_t{0};
        QTest::newRow("a small file") << std::size_t{700};
    }
    void everyFlippedByteIsFound()
    {
        QFETCH(std::size_t, size);
        Bytes bytes = sealed(size);
        QVERIFY(readBack(bytes, m_ring));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            for (const unsigned bits : {0x01U, 0x80U, 0xffU}) {
                bytes[i] ^= static_cast<std::byte>(bits);
                const auto back = readBack(bytes, m_ring);
                QVERIFY2(!back, qPrintable(QStringLiteral("offset %1").arg(i)));
                const bool named = isOneOf(back.error().code, {CryptoErrc::NotSealed, CryptoErrc::UnknownKey,
                                                               CryptoErrc::WrongKey, CryptoErrc::Altered,
                                                               CryptoErrc::NewerVersion});
                QVERIFY2(named, back.error().text().c_str());
                bytes[i] ^= static_cast<std::byte>(bits);
            }
        }
        QVERIFY(readBack(bytes, m_ring));
    }
    void aFlippedByteInAnySegmentIsFound()
    {
        Bytes bytes = sealed(4 * kSegmentBytes);
        for (std::size_t i = kFixedPreambleBytes; i < bytes.size(); i += 4099) {
            bytes[i] ^= std::byte{4};
            QVERIFY(!readBack(bytes, m_ring));
            bytes[i] ^= std::byte{4};
        }
    }

    void everyCutIsFound_data() { everyFlippedByteIsFound_data(); }
    void everyCutIsFound()
    {
        QFETCH(std::size_t, size);
        const Bytes bytes = sealed(size);
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            const auto back = readBack(ByteView(bytes).first(length), m_ring);
            QVERIFY2(!back, qPrintable(QStringLiteral("length %1").arg(length)));
            QVERIFY(isOneOf(back.error().code, {CryptoErrc::NotSealed, CryptoErrc::Altered}));
        }
    }
    void aCutAtASegmentBorderIsFoundAndSaysSo()
    {
        const Bytes bytes = sealed(5 * kSegmentBytes);
        const std::size_t preamble = kFixedPreambleBytes + kUid.size();
        for (std::size_t segments = 1; segments <= 5; ++segments) {
            const auto back = readBack(ByteView(bytes).first(preamble + segments * kSegmentBytes), m_ring);
            QVERIFY(!back);
            QCOMPARE(back.error().code, make_error_code(CryptoErrc::Altered));
            QVERIFY2(back.error().context.find("cut behind it") != std::string::npos,
                     back.error().context.c_str());
        }
    }
    void cutsAroundASegmentBorderAreFound()
    {
        const Bytes bytes = sealed(2 * kSegmentBytes);
        const std::size_t border = kFixedPreambleBytes + kUid.size() + kSegmentBytes;
        for (std::size_t length = border - 40; length <= border + 40; ++length)
            QVERIFY(!readBack(ByteView(bytes).first(length), m_ring));
    }
    void appendedBytesAreFound()
    {
        for (const std::size_t more : {1, 16, 17, 70'000}) {
            Bytes bytes = sealed(kClearInFirst);
            const Bytes tail = pattern(more, 3);
            bytes.insert(bytes.end(), tail.begin(), tail.end());
            const auto back = readBack(bytes, m_ring);
            QVERIFY(!back);
            QCOMPARE(back.error().code, make_error_code(CryptoErrc::Altered));
        }
    }

    void swappedSegmentsAreFound()
    {
        Bytes bytes = sealed(5 * kSegmentBytes);
        const auto at = [&](std::size_t segment) {
            return bytes.begin() +
                   static_cast<std::ptrdiff_t>(kFixedPreambleBytes + kUid.size() + segment * kSegmentBytes);
        };
        std::swap_ranges(at(1), at(2), at(2));
        const auto back = readBack(bytes, m_ring);
        QVERIFY(!back);
        QCOMPARE(back.error().code, make_error_code(CryptoErrc::Altered));
        QVERIFY(back.error().context.starts_with("segment 1 at offset "));
    }
    void aSegmentOfAnotherFileIsFound()
    {
        Bytes one = sealed(3 * kSegmentBytes);
        const Bytes two = sealed(3 * kSegmentBytes);
        const auto from = static_cast<std::ptrdiff_t>(kFixedPreambleBytes + kUid.size() + kSegmentBytes);
        std::copy_n(two.begin() + from, kSegmentBytes, one.begin() + from);
        QVERIFY(!readBack(one, m_ring));
    }
    void aReadElsewhereStillWorksAndTheBadPlaceStaysBad()
    {
        Bytes bytes = sealed(4 * kSegmentBytes);
        bytes[kFixedPreambleBytes + kUid.size() + kSegmentBytes + 9] ^= std::byte{1}; // in segment 1
        auto source = UnsealingSource::open(std::make_unique<MemorySource>(bytes), m_ring);
        QVERIFY(source);
        Bytes out(100, std::byte{0x55});
        for (int round = 0; round < 2; ++round) {
            QVERIFY((*source)->readAt(2 * kSegmentBytes, out));
            out.assign(100, std::byte{0x55});
            const auto bad = (*source)->readAt(kClearInFirst - 50, out); // half from the good segment 0
            QVERIFY(!bad);
            QCOMPARE(out, Bytes(100)); // nothing that might be taken for sound
        }
    }

    void keyThatIsNotInTheRing()
    {
        const auto back = readBack(sealed(10), ringOf(secretOf(static_cast<unsigned char>(2))));
        QVERIFY(!back);
        QCOMPARE(back.error().code, make_error_code(CryptoErrc::UnknownKey));
        QVERIFY(back.error().text().find(toHex(key().id)) != std::string::npos);
    }
    void rightIdButWrongSecretIsWrongKeyAndNeverNoise()
    {
        // A ring cannot hold such a key, so the file claims the id of another key of the ring.
        KeyRing ring = m_ring;
        const KeyId other =
            ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(9)), {})
                .id;
        for (const std::size_t size : {0, 1, 700, 200'000}) {
            Bytes bytes = sealed(size);
            std::copy(other.begin(), other.end(), bytes.begin() + kKeyIdAt);
            const auto back = readBack(bytes, ring);
            QVERIFY(!back);
            QCOMPARE(back.error().code, make_error_code(CryptoErrc::WrongKey));
        }
    }
    void anIntegrityKeyOpensNothing()
    {
        KeyRing ring = m_ring;
        const KeyId other =
            ring.add(KeyPurpose::Integrity, KeyOrigin::Default, secretOf(static_cast<unsigned char>(9)), {})
                .id;
        Bytes bytes = sealed(10);
        std::copy(other.begin(), other.end(), bytes.begin() + kKeyIdAt);
        const auto back = readBack(bytes, ring);
        QVERIFY(!back);
        QCOMPARE(back.error().code, make_error_code(CryptoErrc::UnknownKey));
    }
    void contentTypeAndUidMustFit()
    {
        const auto one = seal(pattern(5), key(), ContentType::Note, "a");
        QVERIFY(unseal(*one, m_ring, ContentType::Note, "a"));
        for (const auto& wrong : {unseal(*one, m_ring, ContentType::Sidecar, "a"),
                                  unseal(*one, m_ring, ContentType::Note, "b")}) {
            QVERIFY(!wrong);
            QCOMPARE(wrong.error().code, make_error_code(CryptoErrc::Altered));
        }
    }
    void aNewerFormatIsNamed()
    {
        Bytes bytes = sealed(10);
        bytes[6] = std::byte{'2'};
        const auto back = readBack(bytes, m_ring);
        QVERIFY(!back);
        QCOMPARE(back.error().code, make_error_code(CryptoErrc::NewerVersion));
    }

    void aFullDiskSurfacesAtEveryOctet_data()
    {
        QTest::addColumn<std::size_t>("size");
        QTest::addColumn<std::size_t>("step");
        QTest::newRow("a small file, every octet") << std::size_t{300} << std::size_t{1};
        QTest::newRow("many segments, every 4999th octet") << std::size_t{700'000} << std::size_t{4999};
    }
    void aFullDiskSurfacesAtEveryOctet()
    {
        QFETCH(std::size_t, size);
        QFETCH(std::size_t, step);
        const Bytes clear = pattern(size);
        const std::uint64_t whole = sealedSize(size, kUid.size());
        for (std::uint64_t good = 0; good < whole; good += step) {
            FailSink disk(good);
            auto sink = SealingSink::create(disk, key(), ContentType::Audio, kUid);
            QVERIFY(sink);
            Status done;
            for (std::size_t at = 0; done && at < size; at += 10'000)
                done = (*sink)->write(ByteView(clear).subspan(at, std::min<std::size_t>(10'000, size - at)));
            if (done)
                done = (*sink)->finish();
            QVERIFY2(!done, qPrintable(QStringLiteral("disk of %1 octets").arg(good)));
            QCOMPARE(done.error().code, make_error_code(BaseErrc::DiskFull));
            // Once broken it stays broken, and nothing more goes out.
            const int writes = disk.writes;
            QVERIFY(!(*sink)->write(ByteView(clear).first(1)));
            QVERIFY(!(*sink)->finish());
            QCOMPARE(disk.writes, writes);
        }
        FailSink disk(whole);
        auto sink = SealingSink::create(disk, key(), ContentType::Audio, kUid);
        QVERIFY((*sink)->write(clear) && (*sink)->finish() && !disk.failed);
    }
    void aBrokenDeviceSurfacesWhenReading()
    {
        const Bytes bytes = sealed(300'000);
        for (std::size_t bad = 0; bad < bytes.size(); bad += 3001) {
            auto source = UnsealingSource::open(std::make_unique<FailSource>(bytes, bad), m_ring);
            const auto back = source ? readAll(**source, 1 << 20) : Result<Bytes>(source.error());
            QVERIFY(!back);
            QCOMPARE(back.error().code, make_error_code(BaseErrc::Io));
        }
    }
};

QTEST_GUILESS_MAIN(TestSealedFaults)
#include "tst_sealed_faults.moc"
