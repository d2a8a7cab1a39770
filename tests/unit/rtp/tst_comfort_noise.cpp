// SPDX-License-Identifier: GPL-3.0-or-later
// Comfort noise: levels as RFC 3389 defines them, the same samples every time, stable with any coefficients.
#include "core/rtp/comfort_noise.h"

#include <QTest>

#include <cmath>
#include <vector>

using namespace sr;
using rtp::NoiseGenerator;
using rtp::parseComfortNoise;

namespace {

std::vector<std::int16_t> noise(ByteView payload, std::size_t count, std::uint32_t seed = 7)
{
    NoiseGenerator generator(seed);
    generator.set(*parseComfortNoise(payload));
    std::vector<std::int16_t> samples(count);
    generator.fill(samples);
    return samples;
}

double dBov(const std::vector<std::int16_t>& samples)
{
    double sum = 0;
    for (const double s : samples)
        sum += s * s;
    return 10.0 * std::log10(sum / static_cast<double>(samples.size()) / (32767.0 * 32767.0));
}

} // namespace

class ComfortNoiseTest : public QObject {
    Q_OBJECT

private slots:
    void level_data()
    {
        QTest::addColumn<int>("level");
        for (const int level : {20, 40, 50, 60, 70})
            QTest::newRow(qPrintable(QStringLiteral("minus %1 dBov").arg(level))) << level;
    }
    void level()
    {
        QFETCH(int, level);
        const Bytes payload{static_cast<std::byte>(level)};
        QVERIFY(std::abs(dBov(noise(payload, 80000)) + level) < 0.5);
    }

    void colouredNoiseKeepsTheLevel()
    {
        const Bytes payload{std::byte{40}, std::byte{40}, std::byte{180}, std::byte{120}};
        QVERIFY(std::abs(dBov(noise(payload, 80000)) + 40) < 1.0);
        QVERIFY(noise(payload, 100) != noise(ByteView(payload).first(1), 100));
    }

    void levelUsesSevenBits() { QCOMPARE(int(parseComfortNoise(Bytes{std::byte{0xc0}})->level), 0x40); }

    void emptyPayloadSaysNothing() { QVERIFY(!parseComfortNoise({}).has_value()); }

    void quietestIsSilence()
    {
        for (const std::int16_t sample : noise(Bytes{std::byte{127}}, 1000))
            QCOMPARE(int(sample), 0);
    }

    void isDeterministic()
    {
        const Bytes payload{std::byte{30}, std::byte{99}};
        QVERIFY(noise(payload, 500, 3) == noise(payload, 500, 3));
        QVERIFY(noise(payload, 500, 3) != noise(payload, 500, 4));
        QVERIFY(noise(payload, 500, 0) == noise(payload, 500, 1)); // a zero seed would stand still
        // First samples as they were made when archives began: a change would alter converted files.
        const auto first = noise(Bytes{std::byte{30}}, 4, 1);
        QCOMPARE(first, (std::vector<std::int16_t>{0, 57, -1377, 257}));
    }

    void anyCoefficientsStayStable()
    {
        for (const int value : {0, 1, 127, 254, 255}) {
            Bytes payload(60, static_cast<std::byte>(value));
            payload[0] = std::byte{30};
            QCOMPARE(parseComfortNoise(payload)->order, rtp::kMaxNoiseOrder);
            double tail = 0;
            const auto samples = noise(payload, 100000);
            for (std::size_t i = 90000; i < samples.size(); ++i)
                tail += std::abs(samples[i]);
            QVERIFY2(tail / 10000 < 10000, "noise must not run away");
        }
    }
};

QTEST_GUILESS_MAIN(ComfortNoiseTest)
#include "tst_comfort_noise.moc"
