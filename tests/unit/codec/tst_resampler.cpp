// SPDX-License-Identifier: GPL-3.0-or-later
// Resampler and Decimator: exact length, same frequency and level, and no shift in time.
#include "core/codec/decimator.h"
#include "core/codec/payload_decoder.h"
#include "core/codec/resampler.h"
#include "tests/unit/codec/tone.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace sr;
using codec::Resampler;
using Samples = std::vector<std::int16_t>;

namespace {

/// Through the resampler in blocks of random size.
Samples resampled(const Samples& in, std::uint32_t inRate, std::uint32_t outRate, std::uint8_t channels)
{
    auto resampler = Resampler::open(inRate, outRate, channels);
    Samples out;
    if (!resampler)
        return out;
    std::mt19937 random(3);
    std::span<const std::int16_t> rest(in);
    while (!rest.empty()) {
        const std::size_t block = std::min<std::size_t>(rest.size(), (1 + random() % 700) * channels);
        if (!(*resampler)->process(rest.first(block), out))
            return {};
        rest = rest.subspan(block);
    }
    if (!(*resampler)->finish(out))
        return {};
    return out;
}

} // namespace

class ResamplerTest : public QObject {
    Q_OBJECT

private slots:
    void keepsLengthFrequencyAndPlace_data()
    {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::newRow("8 to 16 kHz") << 8000 << 16000;
        QTest::newRow("16 to 8 kHz") << 16000 << 8000;
        QTest::newRow("48 to 16 kHz") << 48000 << 16000;
        QTest::newRow("44.1 to 8 kHz") << 44100 << 8000;
        QTest::newRow("8 to 44.1 kHz") << 8000 << 44100;
        QTest::newRow("8 to 48 kHz, for a sound card") << 8000 << 48000;
    }
    void keepsLengthFrequencyAndPlace()
    {
        QFETCH(int, from);
        QFETCH(int, to);
        const auto inRate = static_cast<std::uint32_t>(from);
        const auto outRate = static_cast<std::uint32_t>(to);
        const std::size_t frames = inRate * 2 + 13;
        const Samples out = resampled(test::tone(1000, inRate, frames), inRate, outRate, 1);
        QCOMPARE(out.size(), (frames * outRate + inRate - 1) / inRate);
        const Samples ideal = test::tone(1000, outRate, out.size());
        // The same tone at the same place: what differs is below 46 dB, a shift of one sample at 8 kHz is
        // not.
        Samples difference(outRate);
        for (std::size_t i = 0; i < difference.size(); ++i)
            difference[i] = static_cast<std::int16_t>(out[i + outRate / 2] - ideal[i + outRate / 2]);
        QVERIFY2(test::level(difference) < 0.005 * 8000,
                 qPrintable(QString::number(test::level(difference))));
    }

    void lengthIsExactForAnyInput()
    {
        for (const std::size_t frames : {1UL, 2UL, 5UL, 31UL, 160UL, 161UL, 999UL, 8000UL, 12345UL})
            for (const auto& [in, out] :
                 {std::pair{8000U, 16000U}, {16000U, 8000U}, {44100U, 16000U}, {48000U, 8000U}})
                QCOMPARE(resampled(Samples(frames * 2, 100), in, out, 2).size(),
                         (frames * out + in - 1) / in * 2);
        QVERIFY(resampled({}, 8000, 16000, 2).empty());
    }

    void channelsStayApart()
    {
        const Samples left = test::tone(440, 8000, 16000);
        Samples stereo;
        for (const std::int16_t s : left) {
            stereo.push_back(s);
            stereo.push_back(0);
        }
        const Samples out = resampled(stereo, 8000, 16000, 2);
        for (std::size_t i = 1; i < out.size(); i += 2)
            QCOMPARE(int(out[i]), 0);
    }

    void refusesNonsense()
    {
        QVERIFY(!Resampler::open(0, 8000, 1));
        QVERIFY(!Resampler::open(8000, 0, 1));
        QVERIFY(!Resampler::open(8000, 500000, 1));
        QVERIFY(!Resampler::open(8000, 16000, 0));
        const auto many = Resampler::open(8000, 16000, 9);
        QVERIFY(!many && many.error().code == codec::CodecErrc::Unsupported);
    }

    void decimatorGivesWhatThePacketSounds()
    {
        for (const std::uint32_t rate : {16000U, 32000U, 44100U, 48000U}) {
            codec::Decimator decimator(rate, 16000);
            const Samples in = test::tone(1000, rate, rate * 2);
            Samples out;
            std::uint64_t taken = 0;
            std::mt19937 random(rate);
            while (taken < in.size()) {
                const auto block = std::min<std::uint64_t>(in.size() - taken, random() % 2000);
                decimator.process(std::span(in).subspan(taken, block), out);
                taken += block;
                QCOMPARE(out.size(), taken * 16000 / rate);
            }
            const auto middle = std::span(out).subspan(8000, 16000);
            QVERIFY(std::abs(test::decibel(test::levelAt(middle, 1000, 16000), 8000 / std::numbers::sqrt2)) <
                    0.05);
            QVERIFY(test::levelAt(middle, 1000, 16000) > 0.999 * test::level(middle));
        }
    }
};

QTEST_GUILESS_MAIN(ResamplerTest)
#include "tst_resampler.moc"
