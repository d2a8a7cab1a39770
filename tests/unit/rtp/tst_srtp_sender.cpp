// SPDX-License-Identifier: GPL-3.0-or-later
// SRTP and SRTCP out: against a sender of our own that is written from the RFCs, and back through the
// receiver.
#include "core/rtp/packet.h"
#include "core/rtp/srtp_sender.h"
#include "tests/unit/rtp/srtp_sender.h"

#include <QTest>

using namespace sr;
using rtp::SrtpErrc;
using rtp::SrtpReceiver;
using rtp::SrtpSender;

namespace {

constexpr std::uint32_t kSsrc = 0xdecafbad;

std::string keyOf(std::size_t octets)
{
    std::string key(octets, 'k');
    for (std::size_t i = 0; i < octets; ++i)
        key[i] = static_cast<char>(key[i] + static_cast<char>(i * 7));
    return key;
}

Bytes speech(std::uint16_t sequence)
{
    Bytes payload(160);
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<std::byte>(i * 3 + sequence);
    return payload;
}

Bytes clearPacket(std::uint16_t sequence, std::uint32_t ssrc = kSsrc)
{
    Bytes packet(12);
    packet[0] = std::byte{0x80};
    packet[1] = std::byte{0x08};
    storeBe(packet.data() + 2, sequence);
    storeBe(packet.data() + 4, std::uint32_t{sequence} * 160U);
    storeBe(packet.data() + 8, ssrc);
    const Bytes payload = speech(sequence);
    packet.insert(packet.end(), payload.begin(), payload.end());
    return packet;
}

/// An empty receiver report and a goodbye (RFC 3550 §6.4.2, §6.6).
Bytes clearReport(std::uint32_t ssrc = kSsrc)
{
    Bytes report(16);
    report[0] = std::byte{0x80};
    report[1] = std::byte{201};
    report[3] = std::byte{1};
    storeBe(report.data() + 4, ssrc);
    report[8] = std::byte{0x81};
    report[9] = std::byte{203};
    report[11] = std::byte{1};
    storeBe(report.data() + 12, ssrc);
    return report;
}

/// SRTCP by RFC 3711 §3.4 and §4.1.1 with AES in counter mode and a tag of ten octets.
Bytes sealedReport(const std::string& keySalt, std::size_t keyBytes, const Bytes& report, std::uint32_t index)
{
    const ByteView key = bytesOf(keySalt).first(keyBytes);
    const ByteView salt = bytesOf(keySalt).subspan(keyBytes);
    const Bytes sessionSalt = test::deriveKey(key, salt, 5, 14);
    std::array<std::byte, 16> iv{};
    std::copy(sessionSalt.begin(), sessionSalt.end(), iv.begin());
    std::array<std::byte, 16> place{};
    std::copy_n(report.begin() + 4, 4, place.begin() + 4);
    storeBe(place.data() + 10, index);
    for (std::size_t i = 0; i < iv.size(); ++i)
        iv[i] ^= place[i];
    Bytes out(report.begin(), report.begin() + 8);
    const Bytes cipher =
        test::aesCounter(test::deriveKey(key, salt, 3, keyBytes), iv, ByteView(report).subspan(8));
    out.insert(out.end(), cipher.begin(), cipher.end());
    out.resize(out.size() + 4);
    storeBe(out.data() + out.size() - 4, index | 0x80000000U);
    const Bytes auth = test::deriveKey(key, salt, 4, 20);
    std::array<std::byte, 20> mac{};
    HMAC(EVP_sha1(), auth.data(), static_cast<int>(auth.size()),
         reinterpret_cast<const unsigned char*>(out.data()), out.size(),
         reinterpret_cast<unsigned char*>(mac.data()), nullptr);
    out.insert(out.end(), mac.begin(), mac.begin() + 10);
    return out;
}

struct Pair {
    std::unique_ptr<SrtpSender> sender;
    std::unique_ptr<SrtpReceiver> receiver;

    explicit Pair(const rtp::SrtpKey& key)
    {
        if (auto opened = SrtpSender::open(key))
            sender = std::move(*opened);
        if (auto opened = SrtpReceiver::open(key, SrtpReceiver::Joins::FromTheStart))
            receiver = std::move(*opened);
    }
    explicit operator bool() const { return sender && receiver; }
};

rtp::SrtpKey usualKey()
{
    return {"AES_CM_128_HMAC_SHA1_80", keyOf(30)};
}

Bytes copyOf(ByteView view)
{
    return {view.begin(), view.end()};
}

} // namespace

class SrtpSenderTest : public QObject {
    Q_OBJECT

    static void suites()
    {
        QTest::addColumn<QByteArray>("suite");
        QTest::addColumn<int>("keyBytes");
        QTest::addColumn<int>("saltBytes");
        QTest::addColumn<int>("tagBytes");
        QTest::addColumn<int>("rtcpTagBytes");
        const auto row = [](const char* suite, int key, int salt, int tag, int rtcpTag) {
            QTest::newRow(suite) << QByteArray(suite) << key << salt << tag << rtcpTag;
        };
        row("AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10);
        row("AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10);
        row("AES_192_CM_HMAC_SHA1_80", 24, 14, 10, 10);
        row("AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10);
        row("AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 10);
        row("AEAD_AES_128_GCM", 16, 12, 16, 16);
        row("AEAD_AES_256_GCM", 32, 12, 16, 16);
    }

private slots:
    void soundIsThatOfTheRfc_data() { suites(); }
    void soundIsThatOfTheRfc()
    {
        QFETCH(QByteArray, suite);
        QFETCH(int, keyBytes);
        QFETCH(int, saltBytes);
        QFETCH(int, tagBytes);
        const std::string key = keyOf(static_cast<std::size_t>(keyBytes + saltBytes));
        const Pair pair({suite.toStdString(), key});
        if (keyBytes == 24 && !pair)
            QSKIP("this libsrtp2 does AES-192 wrong");
        QVERIFY(bool(pair));
        for (const std::string& mki : {std::string(), std::string("\x01\x02\x03\x04", 4)}) {
            const Pair marked({suite.toStdString(), key, mki});
            const test::SrtpSender second(key, static_cast<std::size_t>(keyBytes),
                                          static_cast<std::size_t>(tagBytes), saltBytes == 12, mki);
            for (const unsigned number : {1U, 2U, 4U, 3U}) {
                const auto sequence = static_cast<std::uint16_t>(number);
                const auto sealed = marked.sender->protect(clearPacket(sequence));
                QVERIFY(bool(sealed));
                QVERIFY(copyOf(*sealed) == second.protect(sequence, 0, kSsrc, speech(sequence)));
            }
        }
    }

    void reportsAreThoseOfTheRfc_data() { suites(); }
    void reportsAreThoseOfTheRfc()
    {
        QFETCH(QByteArray, suite);
        QFETCH(int, keyBytes);
        QFETCH(int, saltBytes);
        QFETCH(int, rtcpTagBytes);
        const std::string key = keyOf(static_cast<std::size_t>(keyBytes + saltBytes));
        const Pair pair({suite.toStdString(), key});
        if (keyBytes == 24 && !pair)
            QSKIP("this libsrtp2 does AES-192 wrong");
        QVERIFY(bool(pair));
        const std::size_t longer = static_cast<std::size_t>(rtcpTagBytes) + 4;
        for (std::uint32_t index = 1; index <= 3; ++index) { // the library counts from one
            const auto sealed = pair.sender->protectRtcp(clearReport());
            QVERIFY(bool(sealed));
            QCOMPARE(sealed->size(), clearReport().size() + longer);
            if (saltBytes == 14)
                QVERIFY(copyOf(*sealed) ==
                        sealedReport(key, static_cast<std::size_t>(keyBytes), clearReport(), index));
            const auto clear = pair.receiver->unprotectRtcp(*sealed);
            QVERIFY(bool(clear));
            QVERIFY(copyOf(*clear) == clearReport());
        }
    }

    void anMkiGoesIntoReportsAndOutAgain_data() { suites(); }
    void anMkiGoesIntoReportsAndOutAgain()
    {
        QFETCH(QByteArray, suite);
        QFETCH(int, keyBytes);
        QFETCH(int, saltBytes);
        QFETCH(int, rtcpTagBytes);
        const Pair pair({suite.toStdString(), keyOf(static_cast<std::size_t>(keyBytes + saltBytes)), "mk"});
        if (keyBytes == 24 && !pair)
            QSKIP("this libsrtp2 does AES-192 wrong");
        const auto sealed = pair.sender->protectRtcp(clearReport());
        QVERIFY(bool(sealed));
        const std::size_t behind = saltBytes == 12 ? 0 : static_cast<std::size_t>(rtcpTagBytes);
        QCOMPARE(textOf(sealed->subspan(sealed->size() - behind - 2, 2)), std::string_view("mk"));
        const auto clear = pair.receiver->unprotectRtcp(*sealed);
        QVERIFY(bool(clear));
        QVERIFY(copyOf(*clear) == clearReport());
    }

    void countsRollOvers()
    {
        const Pair pair(usualKey());
        const test::SrtpSender second(keyOf(30), 16, 10, false);
        for (std::uint32_t i = 65530; i < 65536 + 10; ++i) {
            const auto sequence = static_cast<std::uint16_t>(i);
            const auto sealed = pair.sender->protect(clearPacket(sequence));
            QVERIFY(bool(sealed));
            QVERIFY(copyOf(*sealed) == second.protect(sequence, i >> 16, kSsrc, speech(sequence)));
            QVERIFY(bool(pair.receiver->unprotect(*sealed)));
        }
    }

    void encryptsNoNumberTwice()
    {
        const Pair pair(usualKey());
        QVERIFY(bool(pair.sender->protect(clearPacket(7))));
        QVERIFY(pair.sender->protect(clearPacket(7)).error() == SrtpErrc::Duplicate);
        QVERIFY(bool(pair.sender->protect(clearPacket(6)))); // late, and new
        QVERIFY(bool(pair.sender->protect(clearPacket(7, kSsrc + 1))));
    }

    void refusesWhatIsNoRtp()
    {
        const Pair pair(usualKey());
        QVERIFY(pair.sender->protect(Bytes(11)).error() == SrtpErrc::NotSrtp);
        QVERIFY(pair.sender->protect(Bytes(200)).error() == SrtpErrc::NotSrtp);
        QVERIFY(pair.sender->protectRtcp(clearPacket(1)).error() == SrtpErrc::NotSrtp);
        QVERIFY(pair.sender->protectRtcp(ByteView(clearReport()).first(4)).error() == SrtpErrc::NotSrtp);
        QVERIFY(pair.receiver->unprotectRtcp(clearReport()).error() == SrtpErrc::NotSrtp);
    }

    void theTableOfStreamsIsBounded()
    {
        const Pair pair(usualKey());
        for (std::uint32_t i = 0; i < SrtpSender::kMaxStreams; ++i)
            QVERIFY(bool(pair.sender->protect(clearPacket(1, i))));
        QVERIFY(pair.sender->protect(clearPacket(1, 1000)).error() == SrtpErrc::TooManyStreams);
        QVERIFY(bool(pair.sender->protect(clearPacket(2, 0))));
    }

    void longDatagramsHaveRoom()
    {
        const Pair pair({"AES_CM_128_HMAC_SHA1_80", keyOf(30), std::string(100, 'm')});
        Bytes packet = clearPacket(1);
        packet.resize(30000);
        const auto sealed = pair.sender->protect(packet);
        QVERIFY(bool(sealed));
        const auto clear = pair.receiver->unprotect(*sealed);
        QVERIFY(bool(clear));
        QVERIFY(copyOf(*clear) == packet);
    }

    void keysAreChecked()
    {
        QVERIFY(SrtpSender::open({"F8_128_HMAC_SHA1_80", keyOf(30)}).error().code == SrtpErrc::UnknownSuite);
        QVERIFY(SrtpSender::open({"AES_CM_128_HMAC_SHA1_80", keyOf(29)}).error().code ==
                SrtpErrc::BadKeyLength);
    }

    void changedAndRepeatedReportsAreRefused()
    {
        const Pair pair(usualKey());
        Bytes sealed = copyOf(*pair.sender->protectRtcp(clearReport()));
        Bytes changed = sealed;
        changed[10] ^= std::byte{1};
        QVERIFY(pair.receiver->unprotectRtcp(changed).error() == SrtpErrc::Authentication);
        QVERIFY(bool(pair.receiver->unprotectRtcp(sealed)));
        QVERIFY(pair.receiver->unprotectRtcp(sealed).error() == SrtpErrc::Duplicate);
    }

    /// What a recorder may take for a restart is an old packet sent again to who was there all the time.
    void aReceiverThatWasThereFromTheStartFollowsNoRestart()
    {
        const auto recorder = std::move(*SrtpReceiver::open(usualKey()));
        const Pair pair(usualKey());
        const test::SrtpSender second(keyOf(30), 16, 10, false);
        const Bytes first = second.protect(10, 0, kSsrc, speech(10));
        const Bytes jump = second.protect(32770, 0, kSsrc, speech(32770));
        const Bytes late = second.protect(50000, 0, kSsrc, speech(50000));
        for (const Bytes& packet : {first, jump, late}) {
            QVERIFY(bool(recorder->unprotect(packet)));
            QVERIFY(bool(pair.receiver->unprotect(packet)));
        }
        QVERIFY(bool(recorder->unprotect(first)));
        QVERIFY(!pair.receiver->unprotect(first));
        QVERIFY(bool(pair.receiver->unprotect(second.protect(50001, 0, kSsrc, speech(50001)))));
        // Nor does it look for a count of roll-overs that it cannot have missed.
        QVERIFY(!pair.receiver->unprotect(second.protect(1, 1, kSsrc + 1, speech(1))));
        QVERIFY(bool(recorder->unprotect(second.protect(1, 1, kSsrc + 1, speech(1)))));
    }
    /// Behind a transfer: the count of the first packet is looked for, and from then on it only grows.
    void whoJoinsLaterLooksForTheCountOnce()
    {
        const auto receiver = std::move(*SrtpReceiver::open(usualKey(), SrtpReceiver::Joins::Later));
        const test::SrtpSender sender(keyOf(30), 16, 10, false);
        const Bytes old = sender.protect(10, 0, kSsrc, speech(10));
        QVERIFY(bool(receiver->unprotect(sender.protect(40000, 2, kSsrc, speech(40000)))));
        QVERIFY(bool(receiver->unprotect(sender.protect(5, 3, kSsrc, speech(5)))));
        QVERIFY(!receiver->unprotect(old));
        QVERIFY(bool(receiver->unprotect(sender.protect(6, 3, kSsrc, speech(6)))));
    }
};

QTEST_GUILESS_MAIN(SrtpSenderTest)
#include "tst_srtp_sender.moc"
