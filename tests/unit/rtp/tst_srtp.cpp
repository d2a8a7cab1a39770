// SPDX-License-Identifier: GPL-3.0-or-later
// SRTP against a sender of our own: every suite, wrong keys, copies, lateness, roll-over and mid-call starts.
#include "core/rtp/packet.h"
#include "core/rtp/srtp.h"
#include "tests/unit/rtp/srtp_sender.h"

#include <QTest>

using namespace sr;
using rtp::SrtpErrc;
using rtp::SrtpReceiver;
using test::SrtpSender;

namespace {

constexpr std::uint32_t kSsrc = 0xdecafbad;

std::string raw(const char* hex)
{
    const auto bytes = fromHex(hex);
    return std::string(textOf(*bytes));
}

/// Test key of RFC 3711 §B.3.
std::string rfcKey()
{
    return raw("e1f97a0d3e018be0d64fa32c06de4139"
               "0ec675ad498afeebb6960b3aabe6");
}

std::string keyOf(std::size_t octets, char seed)
{
    std::string key(octets, seed);
    for (std::size_t i = 0; i < octets; ++i)
        key[i] = static_cast<char>(key[i] + static_cast<char>(i * 7));
    return key;
}

std::unique_ptr<SrtpReceiver> opened(const std::string& suite, const std::string& key)
{
    auto receiver = SrtpReceiver::open({suite, key});
    return receiver ? std::move(receiver).value() : nullptr;
}

Bytes speech(std::uint16_t sequence)
{
    Bytes payload(160);
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<std::byte>(i * 3 + sequence);
    return payload;
}

/// Payload comes back as it was sent, header with it.
bool returns(SrtpReceiver& receiver, const SrtpSender& sender, std::uint16_t sequence, std::uint32_t rollover,
             std::uint32_t ssrc = kSsrc)
{
    const auto clear = receiver.unprotect(sender.protect(sequence, rollover, ssrc, speech(sequence)));
    if (!clear)
        return false;
    const auto packet = rtp::parsePacket(*clear);
    const Bytes expected = speech(sequence);
    return packet && packet->ssrc == ssrc && packet->sequenceNumber == sequence &&
           std::ranges::equal(packet->payload, expected);
}

} // namespace

class SrtpTest : public QObject {
    Q_OBJECT

private slots:
    void keyDerivationOfTheTestSenderIsRfc3711B3()
    {
        const std::string keySalt = rfcKey();
        const ByteView all = bytesOf(keySalt);
        QCOMPARE(toHex(test::deriveKey(all.first(16), all.subspan(16), 0, 16)),
                 std::string("c61e7a93744f39ee10734afe3ff7a087"));
        QCOMPARE(toHex(test::deriveKey(all.first(16), all.subspan(16), 2, 14)),
                 std::string("30cbbc08863d8c85d49db34a9ae1"));
        QCOMPARE(toHex(test::deriveKey(all.first(16), all.subspan(16), 1, 20)),
                 std::string("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
    }

    /// Packet that the validation of libsrtp has carried since 2001, with the key of RFC 3711 §B.3.
    void knownPacket()
    {
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        QVERIFY(receiver != nullptr);
        const auto sealed =
            fromHex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
        const auto clear = receiver->unprotect(*sealed);
        QVERIFY(bool(clear));
        QCOMPARE(toHex(*clear), std::string("800f1234decafbadcafebabeabababababababababababababababab"));
    }

    void everySuite_data()
    {
        QTest::addColumn<QByteArray>("suite");
        QTest::addColumn<int>("keyBytes");
        QTest::addColumn<int>("saltBytes");
        QTest::addColumn<int>("tagBytes");
        const auto row = [](const char* suite, int key, int salt, int tag) {
            QTest::newRow(suite) << QByteArray(suite) << key << salt << tag;
        };
        row("AES_CM_128_HMAC_SHA1_80", 16, 14, 10);
        row("AES_CM_128_HMAC_SHA1_32", 16, 14, 4);
        row("AES_192_CM_HMAC_SHA1_80", 24, 14, 10);
        row("AES_192_CM_HMAC_SHA1_32", 24, 14, 4);
        row("AES_256_CM_HMAC_SHA1_80", 32, 14, 10);
        row("AES_256_CM_HMAC_SHA1_32", 32, 14, 4);
        row("AES_CM_256_HMAC_SHA1_80", 32, 14, 10);
        row("aes_cm_128_hmac_sha1_80", 16, 14, 10);
        row("AEAD_AES_128_GCM", 16, 12, 16);
        row("AEAD_AES_256_GCM", 32, 12, 16);
    }
    void everySuite()
    {
        QFETCH(QByteArray, suite);
        QFETCH(int, keyBytes);
        QFETCH(int, saltBytes);
        QFETCH(int, tagBytes);
        const std::string key = keyOf(static_cast<std::size_t>(keyBytes + saltBytes), 'k');
        const auto attempt = SrtpReceiver::open({suite.toStdString(), key});
        if (!attempt && attempt.error().code == SrtpErrc::UnknownSuite && suite.contains("192"))
            QSKIP("libsrtp2 over NSS has no AES-192 of RFC 6188");
        QVERIFY2(bool(attempt), attempt ? "" : attempt.error().text().c_str());
        const auto receiver = opened(suite.toStdString(), key);
        const SrtpSender sender(key, static_cast<std::size_t>(keyBytes), static_cast<std::size_t>(tagBytes),
                                suite.contains("GCM"));
        for (std::uint16_t sequence = 100; sequence < 200; ++sequence)
            QVERIFY(returns(*receiver, sender, sequence, 0));

        // Another key of the same suite opens nothing, ever.
        const auto stranger = opened(suite.toStdString(), keyOf(key.size(), 'x'));
        for (std::uint16_t sequence = 100; sequence < 200; ++sequence) {
            const auto clear = stranger->unprotect(sender.protect(sequence, 0, kSsrc, speech(sequence)));
            QVERIFY(!clear);
            QCOMPARE(clear.error(), SrtpErrc::Authentication);
        }
        // One changed bit anywhere is refused, and the untouched packet still passes.
        const Bytes good = sender.protect(300, 0, kSsrc, speech(300));
        for (std::size_t bit = 0; bit < good.size() * 8; bit += 37) {
            Bytes bad = good;
            bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
            QVERIFY(!receiver->unprotect(bad));
        }
        QVERIFY(returns(*receiver, sender, 300, 0));
    }

    void packetsCarryAnMki_data() { everySuite_data(); }
    void packetsCarryAnMki()
    {
        QFETCH(QByteArray, suite);
        QFETCH(int, keyBytes);
        QFETCH(int, saltBytes);
        QFETCH(int, tagBytes);
        const auto keyOctets = static_cast<std::size_t>(keyBytes);
        const auto tagOctets = static_cast<std::size_t>(tagBytes);
        const std::string first = keyOf(static_cast<std::size_t>(keyBytes + saltBytes), 'k');
        const std::string second = keyOf(first.size(), 'm');
        for (const std::string& mki : {raw("01"), raw("00000001"), std::string(128, 'M')}) {
            const auto mine = SrtpReceiver::open({suite.toStdString(), first, mki});
            if (!mine && suite.contains("192"))
                QSKIP("libsrtp2 over NSS has no AES-192 of RFC 6188");
            std::string otherMki = mki;
            otherMki.back() = 'x';
            const auto other = SrtpReceiver::open({suite.toStdString(), second, otherMki});
            const bool gcm = suite.contains("GCM");
            const SrtpSender sender(first, keyOctets, tagOctets, gcm, mki);
            const SrtpSender otherSender(second, keyOctets, tagOctets, gcm, otherMki);
            const SrtpSender silent(first, keyOctets, tagOctets, gcm);
            QVERIFY(returns(**mine, silent, 99, 0)); // announced and left out
            for (std::uint16_t sequence = 100; sequence < 200; ++sequence) {
                QVERIFY(returns(**mine, sender, sequence, 0));
                QVERIFY(returns(**other, otherSender, sequence, 0));
                QVERIFY(!returns(**other, sender, sequence, 0));
                QVERIFY(!returns(**mine, otherSender, sequence, 0));
            }
        }
    }
    /// The packet of knownPacket() with the MKI 00000001 before its tag (RFC 3711 §3.1, figure 1).
    void knownPacketWithMki()
    {
        const auto receiver = SrtpReceiver::open({"AES_CM_128_HMAC_SHA1_80", rfcKey(), raw("00000001")});
        const auto sealed = fromHex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402"
                                    "00000001b78d6acc99ea179b8dbb");
        const auto clear = (*receiver)->unprotect(*sealed);
        QVERIFY(bool(clear));
        QCOMPARE(toHex(*clear), std::string("800f1234decafbadcafebabeabababababababababababababababab"));
        QVERIFY(!(*receiver)->unprotect(fromHex("800f1234decafbad00000001b78d6acc99ea179b8dbb").value()));
    }

    void refusesKeys_data()
    {
        QTest::addColumn<QByteArray>("suite");
        QTest::addColumn<int>("octets");
        QTest::addColumn<int>("expected");
        const auto row = [](const char* name, const char* suite, int octets, SrtpErrc expected) {
            QTest::newRow(name) << QByteArray(suite) << octets << int(expected);
        };
        row("unknown suite", "ROT13", 30, SrtpErrc::UnknownSuite);
        row("F8, which the library lacks", "F8_128_HMAC_SHA1_80", 30, SrtpErrc::UnknownSuite);
        row("empty suite", "", 30, SrtpErrc::UnknownSuite);
        row("no key", "AES_CM_128_HMAC_SHA1_80", 0, SrtpErrc::BadKeyLength);
        row("one octet short", "AES_CM_128_HMAC_SHA1_80", 29, SrtpErrc::BadKeyLength);
        row("key of another suite", "AEAD_AES_256_GCM", 30, SrtpErrc::BadKeyLength);
    }
    void refusesKeys()
    {
        QFETCH(QByteArray, suite);
        QFETCH(int, octets);
        QFETCH(int, expected);
        const std::string key(static_cast<std::size_t>(octets), 'S');
        const auto receiver = SrtpReceiver::open({suite.toStdString(), key});
        QVERIFY(!receiver);
        QVERIFY(receiver.error().code == static_cast<SrtpErrc>(expected));
        QVERIFY2(receiver.error().text().find("SSSS") == std::string::npos, "the key must not be shown");
    }

    void refusesDatagrams_data()
    {
        QTest::addColumn<QByteArray>("datagram");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("header without room for the tag") << QByteArray::fromHex("800800010000000000000001");
        QTest::newRow("version 0") << QByteArray(100, '\0');
        QTest::newRow("CSRC list longer than the packet")
            << QByteArray::fromHex("8f0800010000000000000001") + QByteArray(20, 'x');
        QTest::newRow("extension longer than the packet")
            << QByteArray::fromHex("900800010000000000000001beefffff") + QByteArray(20, 'x');
    }
    void refusesDatagrams()
    {
        QFETCH(QByteArray, datagram);
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const auto clear = receiver->unprotect(
            std::as_bytes(std::span(datagram.constData(), static_cast<std::size_t>(datagram.size()))));
        QVERIFY(!clear);
        QCOMPARE(clear.error(), SrtpErrc::NotSrtp);
    }

    void copiesAndLatePackets()
    {
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const SrtpSender sender(rfcKey(), 16, 10, false);
        QVERIFY(returns(*receiver, sender, 1000, 0));
        QVERIFY(returns(*receiver, sender, 20000, 0));
        QVERIFY(returns(*receiver, sender, 1001, 0)); // 19 thousand packets late
        for (const std::uint16_t again : std::initializer_list<std::uint16_t>{1000, 20000, 1001}) {
            const auto clear = receiver->unprotect(sender.protect(again, 0, kSsrc, speech(again)));
            QVERIFY(!clear);
            QCOMPARE(clear.error(), SrtpErrc::Duplicate);
        }
        QVERIFY(returns(*receiver, sender, 20001, 0));
    }

    void rollsOverAt65535()
    {
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const SrtpSender sender(rfcKey(), 16, 10, false);
        for (std::uint32_t index = 65000; index < 3 * 65536 + 100; index += 7)
            QVERIFY(returns(*receiver, sender, static_cast<std::uint16_t>(index), index >> 16));
    }

    void reorderAroundTheRollover()
    {
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const SrtpSender sender(rfcKey(), 16, 10, false);
        QVERIFY(returns(*receiver, sender, 65533, 0));
        QVERIFY(returns(*receiver, sender, 1, 1));
        QVERIFY(returns(*receiver, sender, 65534, 0));
        QVERIFY(returns(*receiver, sender, 0, 1));
        QVERIFY(returns(*receiver, sender, 65535, 0));
        QVERIFY(returns(*receiver, sender, 2, 1));
    }

    void captureStartsInMidCall_data()
    {
        QTest::addColumn<int>("rollover");
        QTest::addColumn<bool>("found");
        QTest::newRow("before the first roll-over") << 0 << true;
        QTest::newRow("after 25 minutes") << 1 << true;
        QTest::newRow("after 11 hours") << 31 << true;
        QTest::newRow("out of reach") << 32 << false;
    }
    void captureStartsInMidCall()
    {
        QFETCH(int, rollover);
        QFETCH(bool, found);
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const SrtpSender sender(rfcKey(), 16, 10, false);
        const auto roc = static_cast<std::uint32_t>(rollover);
        for (std::uint32_t index = 65500; index < 65600; ++index)
            QCOMPARE(returns(*receiver, sender, static_cast<std::uint16_t>(index), roc + (index >> 16)),
                     found);
    }

    void senderStartsAnewUnderTheSameKey()
    {
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const SrtpSender sender(rfcKey(), 16, 10, false);
        for (std::uint32_t index = 60000; index < 66000; index += 100)
            QVERIFY(returns(*receiver, sender, static_cast<std::uint16_t>(index), index >> 16));
        for (std::uint16_t sequence = 50000; sequence < 50100; ++sequence)
            QVERIFY(returns(*receiver, sender, sequence, 0));
    }

    void everySsrcUnderOneKey()
    {
        const auto receiver = opened("AES_CM_128_HMAC_SHA1_80", rfcKey());
        const SrtpSender sender(rfcKey(), 16, 10, false);
        for (std::uint32_t ssrc = 1; ssrc <= SrtpReceiver::kMaxStreams; ++ssrc)
            QVERIFY(returns(*receiver, sender, 500, 0, ssrc));
        const auto over = receiver->unprotect(sender.protect(500, 0, 999, speech(500)));
        QVERIFY(!over);
        QCOMPARE(over.error(), SrtpErrc::TooManyStreams);
        QVERIFY(returns(*receiver, sender, 501, 0, 1));
    }
};

QTEST_GUILESS_MAIN(SrtpTest)
#include "tst_srtp.moc"
