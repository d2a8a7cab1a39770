// SPDX-License-Identifier: GPL-3.0-or-later
// Encrypted streams through CallAudio: opened bit-exact with the right key, silent and counted with any
// other.
#include "tests/unit/codec/recorded_call.h"
#include "tests/unit/rtp/srtp_sender.h"

#include <QTest>

using namespace sr;
using namespace sr::codec;
using namespace sr::test;

namespace {

struct Suite {
    const char* name;
    std::size_t octets;
    std::size_t tag;
    bool gcm;
};
constexpr Suite kCounter{"AES_CM_128_HMAC_SHA1_80", 30, 10, false};
constexpr Suite kGcm{"AEAD_AES_128_GCM", 28, 16, true};

rtp::SrtpKey keyOf(const Suite& suite, char first)
{
    std::string octets;
    for (std::size_t i = 0; i < suite.octets; ++i)
        octets += static_cast<char>(first + 5 * static_cast<int>(i));
    return {suite.name, octets};
}

SrtpSender senderOf(const Suite& suite, const rtp::SrtpKey& key)
{
    return {key.keySalt, 16, suite.tag, suite.gcm};
}

/// Packets of 20 ms from number `first` on, A-law of random octets, appended to `source`.
void talk(StoredPackets& source, const SrtpSender& sender, unsigned first, unsigned count, Bytes& clear)
{
    for (unsigned n = first; n < first + count; ++n) {
        SentPacket sent;
        sent.sequence = static_cast<std::uint16_t>(n);
        sent.timestamp = n * 160;
        sent.samples = 160;
        const Bytes payload = randomOctets(sent);
        clear.insert(clear.end(), payload.begin(), payload.end());
        source.packets.push_back(
            {(n + 1) * 20000LL, sender.protect(static_cast<std::uint16_t>(n), 0, 1, payload)});
    }
}

std::unique_ptr<CallAudio> opened(const std::shared_ptr<StoredPackets>& source,
                                  std::vector<rtp::MediaEpoch> epochs)
{
    rtp::RtpStream stream;
    stream.ssrc = 1;
    stream.packets = source->packets.size();
    stream.epochs = std::move(epochs);
    stream.source = source;
    CallAudioInput input;
    input.party[kInternal].push_back(std::move(stream));
    auto audio = CallAudio::open(std::move(input));
    return audio ? std::move(*audio) : nullptr;
}

bool stands(const Bytes& channel, const Bytes& payload)
{
    return std::search(channel.begin(), channel.end(), payload.begin(), payload.end()) != channel.end();
}

} // namespace

class CallSrtpTest : public QObject {
    Q_OBJECT

private slots:
    void theRightKeyGivesEveryOctet_data()
    {
        QTest::addColumn<bool>("gcm");
        QTest::newRow("AES_CM_128_HMAC_SHA1_80") << false;
        QTest::newRow("AEAD_AES_128_GCM") << true;
    }
    void theRightKeyGivesEveryOctet()
    {
        QFETCH(bool, gcm);
        const Suite& suite = gcm ? kGcm : kCounter;
        const rtp::SrtpKey key = keyOf(suite, 3);
        auto source = std::make_shared<StoredPackets>();
        Bytes clear;
        talk(*source, senderOf(suite, key), 10, 200, clear);
        const auto audio = opened(source, {{{}, {}, {keyOf(suite, 99), key}, rtp::Protection::Required}});
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().undecodable[0], std::uint64_t{0});
        QVERIFY(stands(channelOf(readAllCoded(*audio), 0), clear));
    }

    void aNewKeyOfALaterOfferIsUsedFromThenOn()
    {
        const rtp::SrtpKey first = keyOf(kCounter, 3);
        const rtp::SrtpKey next = keyOf(kGcm, 7);
        auto source = std::make_shared<StoredPackets>();
        Bytes clear;
        talk(*source, senderOf(kCounter, first), 10, 100, clear);
        talk(*source, senderOf(kGcm, next), 110, 100, clear);
        const auto audio = opened(source, {{{}, {}, {first}, rtp::Protection::Required},
                                           {UtcTime(microseconds(110 * 20000)), {}, {next, first}}});
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().undecodable[0], std::uint64_t{0});
        QVERIFY(stands(channelOf(readAllCoded(*audio), 0), clear));
    }

    void withoutTheKeyThereIsSilenceNeverNoise_data()
    {
        QTest::addColumn<bool>("gcm");
        QTest::addColumn<int>("keys");
        QTest::newRow("a wrong key, counter mode") << false << 1;
        QTest::newRow("a wrong key, GCM") << true << 1;
        QTest::newRow("two wrong keys") << false << 2;
        QTest::newRow("no key, but RTP/SAVP") << false << 0;
    }
    void withoutTheKeyThereIsSilenceNeverNoise()
    {
        QFETCH(bool, gcm);
        QFETCH(int, keys);
        const Suite& suite = gcm ? kGcm : kCounter;
        auto source = std::make_shared<StoredPackets>();
        Bytes clear;
        talk(*source, senderOf(suite, keyOf(suite, 3)), 10, 200, clear);
        rtp::MediaEpoch epoch;
        epoch.protection = rtp::Protection::Required;
        for (int i = 0; i < keys; ++i)
            epoch.srtpKeys.push_back(keyOf(suite, static_cast<char>(40 + i)));
        const auto audio = opened(source, {epoch});
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().undecodable[0], std::uint64_t{200});
        QCOMPARE(audio->info().codecs[0], std::string());
        for (const std::int16_t sample : readAllPcm(*audio))
            QVERIFY(std::abs(int{sample}) <= 8);
    }

    void whatAFormerKeyDoesNotOpenIsClearAfterAClearOffer()
    {
        const rtp::SrtpKey key = keyOf(kCounter, 3);
        auto source = std::make_shared<StoredPackets>();
        Bytes all;
        talk(*source, senderOf(kCounter, key), 10, 100, all);
        for (unsigned n = 110; n < 210; ++n) {
            const Bytes payload(160, static_cast<std::byte>(n));
            all.insert(all.end(), payload.begin(), payload.end());
            source->packets.push_back(
                {(n + 1) * 20000LL, rtpDatagram(8, static_cast<std::uint16_t>(n), n * 160, 1, payload)});
        }
        const auto audio =
            opened(source, {{{}, {}, {key}, rtp::Protection::Required},
                            {UtcTime(microseconds(110 * 20000)), {}, {key}, rtp::Protection::Optional}});
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().undecodable[0], std::uint64_t{0});
        QVERIFY(stands(channelOf(readAllCoded(*audio), 0), all));
    }
};

QTEST_GUILESS_MAIN(CallSrtpTest)
#include "tst_call_srtp.moc"
