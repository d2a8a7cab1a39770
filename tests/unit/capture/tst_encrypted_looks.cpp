// SPDX-License-Identifier: GPL-3.0-or-later
// Ciphertext that nothing calls encrypted is told from sound by its length and spread, and sound never taken
// for it.
#include "core/capture/encrypted_looks.h"

#include <QTest>

#include <random>

using namespace sr;
using namespace sr::capture;

namespace {

constexpr std::size_t kPackets = 50;

/// One stream of 20 ms packets: `fill(packet, octet)` is what stands there.
template <typename Fill>
std::vector<Bytes> packetsOf(std::uint8_t type, std::uint32_t ticks, std::size_t payloadBytes, Fill fill)
{
    std::vector<Bytes> packets;
    for (std::size_t n = 0; n < kPackets; ++n) {
        Bytes one(12 + payloadBytes);
        one[0] = std::byte{0x80};
        one[1] = std::byte{type};
        storeBe(one.data() + 2, static_cast<std::uint16_t>(65'520 + n)); // over the wrap
        storeBe(one.data() + 4, static_cast<std::uint32_t>(n * ticks));
        storeBe(one.data() + 8, std::uint32_t{7});
        for (std::size_t i = 0; i < payloadBytes; ++i)
            one[12 + i] = static_cast<std::byte>(fill(n, i));
        packets.push_back(std::move(one));
    }
    return packets;
}

} // namespace

class EncryptedLooksTest : public QObject {
    Q_OBJECT
private slots:
    void looks_data()
    {
        QTest::addColumn<std::string>("encoding");
        QTest::addColumn<unsigned>("ticks");
        QTest::addColumn<unsigned>("octets");
        QTest::addColumn<bool>("random"); // evenly spread, the first octet too
        QTest::addColumn<bool>("encrypted");
        const auto row = [](const char* name, const char* encoding, unsigned ticks, unsigned octets,
                            bool random, bool encrypted) {
            QTest::newRow(name) << std::string(encoding) << ticks << octets << random << encrypted;
        };
        row("G.711 as long as its time", "PCMA", 160, 160, false, false);
        row("noise as long as its time", "PCMU", 160, 160, true, false);
        row("G.711 with a tag of ten octets", "PCMA", 160, 170, true, true);
        row("G.711 with a tag of four octets", "PCMU", 160, 164, true, true);
        row("longer, but spread as sound is", "PCMA", 160, 170, false, false);
        row("G.722 with a tag", "G722", 160, 170, true, true);
        row("G.729", "G729", 160, 20, true, false);
        row("G.729 with a tag", "G729", 160, 30, true, true);
        row("Opus of one kind of frame", "OPUS", 960, 80, false, false);
        row("Opus whose every packet begins otherwise", "OPUS", 960, 80, true, true);
    }
    void looks()
    {
        QFETCH(std::string, encoding);
        QFETCH(unsigned, ticks);
        QFETCH(unsigned, octets);
        QFETCH(bool, random);
        QFETCH(bool, encrypted);
        std::mt19937 numbers(4711);
        const auto packets = packetsOf(96, ticks, octets, [&](std::size_t, std::size_t i) {
            return random ? numbers() & 0xffU : static_cast<unsigned>(0x50 + i % 7);
        });
        rtp::PayloadMap formats;
        formats[96].encoding = encoding;
        formats[96].clockRate = encoding == "OPUS" ? 48000 : 8000;
        QCOMPARE(looksEncrypted(packets, formats), encrypted);
        QVERIFY(!looksEncrypted(packets, {})); // of what nobody knows nothing is said
    }
};

QTEST_GUILESS_MAIN(EncryptedLooksTest)
#include "tst_encrypted_looks.moc"
