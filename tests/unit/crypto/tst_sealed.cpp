// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed files: what goes in comes out, at any size, in any portions, at any offset.
#include "core/crypto/digest.h"
#include "core/crypto/sealed_layout.h"
#include "tests/unit/crypto/samples.h"

#include <QTest>

#include <random>

using namespace sr;
using namespace sr::crypto;
using sr::test::pattern;
using sr::test::ringOf;
using sr::test::secretOf;

namespace {

constexpr std::string_view kUid = "0123456789abcdef0123456789abcdef-2";

std::unique_ptr<UnsealingSource> openOrDie(ByteView sealed, const KeyRing& ring)
{
    auto source = UnsealingSource::open(std::make_unique<MemorySource>(sealed), ring);
    if (!source)
        qFatal("%s", source.error().text().c_str());
    return std::move(source).value();
}

/// Seals in portions of the given sizes, repeated.
Bytes sealInPortions(ByteView clear, const Key& key, std::vector<std::size_t> portions)
{
    MemorySink out;
    auto sink = SealingSink::create(out, key, ContentType::Audio, kUid);
    for (std::size_t i = 0; !clear.empty(); ++i) {
        const std::size_t count = std::min(portions[i % portions.size()], clear.size());
        if (!(*sink)->write(clear.first(count)))
            return {};
        clear = clear.subspan(count);
    }
    if (!(*sink)->finish())
        return {};
    return out.take();
}

} // namespace

class TestSealed : public QObject {
    Q_OBJECT
    const KeyRing m_ring = ringOf(secretOf(static_cast<unsigned char>(1)));
    const Key& key() const { return *m_ring.active(KeyPurpose::Archive); }

    static void addSizes()
    {
        QTest::addColumn<std::size_t>("size");
        QTest::newRow("nothing") << std::size_t{0};
        QTest::newRow("one octet") << std::size_t{1};
        QTest::newRow("first segment less one") << kClearInFirst - 1;
        QTest::newRow("first segment exactly") << kClearInFirst;
        QTest::newRow("first segment and one") << kClearInFirst + 1;
        QTest::newRow("two segments less one") << kClearInFirst + kClearPerSegment - 1;
        QTest::newRow("two segments exactly") << kClearInFirst + kClearPerSegment;
        QTest::newRow("two segments and one") << kClearInFirst + kClearPerSegment + 1;
        QTest::newRow("four segments exactly") << kClearInFirst + 3 * kClearPerSegment;
        QTest::newRow("a megabyte and a bit") << std::size_t{1'100'003};
    }

private slots:
    void roundTrip_data() { addSizes(); }
    void roundTrip()
    {
        QFETCH(std::size_t, size);
        const Bytes clear = pattern(size);
        const std::vector<std::vector<std::size_t>> ways = {
            {1 << 20}, {4096}, {kClearInFirst}, {kClearPerSegment}, {70'000, 1, 65'519, 65'520, 65'521, 300}};
        for (const auto& portions : ways) {
            const Bytes sealed = sealInPortions(clear, key(), portions);
            QCOMPARE(sealed.size(), sealedSize(size, kUid.size()));
            QVERIFY(isSealed(sealed));
            const auto source = openOrDie(sealed, m_ring);
            QCOMPARE(source->size(), size);
            const auto back = readAll(*source, size);
            QVERIFY(back);
            QVERIFY(*back == clear);
        }
    }

    void anyRange_data() { addSizes(); }
    void anyRange()
    {
        QFETCH(std::size_t, size);
        const Bytes clear = pattern(size, 5);
        const Bytes sealed = sealInPortions(clear, key(), {1 << 20});
        const auto source = openOrDie(sealed, m_ring);
        std::mt19937 random(20);
        for (int i = 0; i < 200; ++i) {
            const std::size_t offset = random() % (size + 10);
            Bytes out(random() % (i % 4 == 0 ? 400'000 : 3'000));
            const auto got = source->readAt(offset, out);
            QVERIFY(got);
            const std::size_t expected = offset < size ? std::min(out.size(), size - offset) : 0;
            QCOMPARE(*got, expected);
            QVERIFY(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(expected),
                               clear.begin() + static_cast<std::ptrdiff_t>(std::min(offset, size))));
        }
    }

    void overheadIsSmall()
    {
        // numbers.md: at most 0.1 % and 256 octets more. An hour and ten of stereo G.711, and a tiny file.
        for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1000}, std::uint64_t{67'200'000}})
            QVERIFY(sealedSize(size, 36) <= size + size / 1000 + 256);
    }

    void headerIsReadable()
    {
        const auto sealed = seal(pattern(10), key(), ContentType::Note, "a uid");
        QVERIFY(sealed);
        MemorySource memory(*sealed);
        const auto header = readSealedHeader(memory);
        QVERIFY(header);
        QCOMPARE(header->keyId, key().id);
        QCOMPARE(header->content, ContentType::Note);
        QCOMPARE(header->uid, std::string("a uid"));
        QVERIFY(openOrDie(*sealed, m_ring)->header().uid == "a uid");
    }

    void sameContentNeverLooksTheSame()
    {
        const Bytes clear(100);
        const auto one = seal(clear, key(), ContentType::Note, "u");
        const auto two = seal(clear, key(), ContentType::Note, "u");
        QVERIFY(one && two);
        QVERIFY(!std::equal(one->end() - 100, one->end(), two->end() - 100));
    }

    void uidOfEveryLength()
    {
        for (std::size_t length = 0; length <= kMaxUidBytes; ++length) {
            const std::string uid(length, 'u');
            const auto sealed = seal(pattern(3), key(), ContentType::Audio, uid);
            QVERIFY(sealed);
            const auto clear = unseal(*sealed, m_ring, ContentType::Audio, uid);
            QVERIFY(clear && *clear == pattern(3));
        }
        const auto tooLong = seal({}, key(), ContentType::Audio, std::string(kMaxUidBytes + 1, 'u'));
        QVERIFY(!tooLong);
        QCOMPARE(tooLong.error().code, make_error_code(BaseErrc::TooLarge));
    }

    void streamFollowsTinksLayout()
    {
        // Tink wire format, "AES-GCM-HKDF streaming": header length 40, salt 32, nonce prefix 7; nonce =
        // prefix, segment number big-endian, last flag; HKDF info is the associated data. Computed here by
        // hand.
        const Bytes clear = pattern(kClearInFirst + 5);
        const Bytes sealed = sealInPortions(clear, key(), {1 << 20});
        const std::size_t at = kFixedPreambleBytes + kUid.size();
        QCOMPARE(std::to_integer<int>(sealed[at]), 40);
        WrappedKey wrapped{};
        std::copy_n(sealed.begin() + 24, 40, wrapped.begin());
        const auto dataKey = unwrapKey(secretOf(static_cast<unsigned char>(1)), wrapped);
        QVERIFY(dataKey);
        Bytes associated;
        for (const std::string_view part : {std::string_view("SRSEAL1\n\x01"), kUid})
            associated.insert(associated.end(), bytesOf(part).begin(), bytesOf(part).end());
        Bytes derived(32);
        QVERIFY(hkdfSha256Of(dataKey->bytes(), ByteView(sealed).subspan(at + 1, 32), associated, derived));
        auto opener =
            GcmCipher::create(GcmCipher::Direction::Open, Secret(ByteView(derived).first<Secret::kBytes>()));
        QVERIFY(opener);
        Nonce nonce{};
        std::copy_n(sealed.begin() + static_cast<std::ptrdiff_t>(at) + 33, 7, nonce.begin());
        nonce[10] = std::byte{1}; // segment 1
        nonce[11] = std::byte{1}; // the last
        Bytes out(5);
        QVERIFY(opener->open(nonce, {}, ByteView(sealed).last(21), out.data()));
        QVERIFY(std::equal(out.begin(), out.end(), clear.end() - 5));
    }

    void withoutFinishNothingOpens()
    {
        MemorySink out;
        auto sink = SealingSink::create(out, key(), ContentType::Audio, kUid);
        QVERIFY((*sink)->write(pattern(3 * kSegmentBytes * 4)));
        auto source = UnsealingSource::open(std::make_unique<MemorySource>(out.bytes()), m_ring);
        const auto read = source ? readAll(**source, 1 << 24) : Result<Bytes>(source.error());
        QVERIFY(!read);
        QCOMPARE(read.error().code, make_error_code(CryptoErrc::Altered));
    }
    void finishTwiceIsOnce()
    {
        MemorySink out;
        auto sink = SealingSink::create(out, key(), ContentType::Audio, kUid);
        QVERIFY((*sink)->finish());
        const std::size_t size = out.bytes().size();
        QVERIFY((*sink)->finish());
        QCOMPARE(out.bytes().size(), size);
        QVERIFY(!(*sink)->write(pattern(1)));
    }

    void integrityKeySealsNothing()
    {
        const Key integrity =
            makeKey(KeyPurpose::Integrity, KeyOrigin::Default, secretOf(static_cast<unsigned char>(2)), {});
        const auto sealed = seal(pattern(3), integrity, ContentType::Audio, "u");
        QVERIFY(!sealed);
        QCOMPARE(sealed.error().code, make_error_code(CryptoErrc::WrongKey));
    }

private:
    static bool hkdfSha256Of(ByteView key, ByteView salt, ByteView info, std::span<std::byte> out)
    {
        // RFC 5869 section 2.2 and 2.3 from HMAC alone; one block suffices for 32 octets.
        const Secret extract = Secret(salt.first<Secret::kBytes>());
        const Sha256 prk = hmacSha256(extract, key);
        Bytes block(info.begin(), info.end());
        block.push_back(std::byte{1});
        const Sha256 okm = hmacSha256(Secret(prk), block);
        std::copy(okm.begin(), okm.end(), out.begin());
        return true;
    }
};

QTEST_GUILESS_MAIN(TestSealed)
#include "tst_sealed.moc"
