// SPDX-License-Identifier: GPL-3.0-or-later
// Volumes, mutes, meters, seeking and the end of a recording, without a device.
#include "player/engine/meter.h"
#include "player/engine/mixer.h"
#include "player/engine/peaks.h"
#include "player/engine/playback.h"
#include "player/engine/resampler.h"

#include <QtTest>

#include <cmath>
#include <numbers>

using namespace sr;
using namespace sr::player;
using archive::ChannelLayout;

namespace {

/// A reader over samples: frame n of channel c holds `base[c]` plus n in its low bits, to tell positions
/// apart.
class Counting final : public codec::AudioReader {
public:
    Counting(std::uint64_t frames, std::uint8_t channels)
        : m_frames(frames)
        , m_channels(channels)
    {}
    std::uint32_t sampleRate() const override { return 8000; }
    std::uint8_t channels() const override { return m_channels; }
    std::uint64_t frames() const override { return m_frames + promisedMore; }
    Status seek(std::uint64_t frame) override
    {
        if (failSeek)
            return fail(BaseErrc::Io, "seek");
        m_at = frame;
        return {};
    }
    Result<std::size_t> read(std::span<std::int16_t> out) override
    {
        if (m_at >= failAt)
            return fail(BaseErrc::Truncated, "read");
        std::size_t frame = 0;
        const std::size_t atMost =
            std::min<std::size_t>(out.size() / m_channels, 100); // short reads are allowed
        for (; frame < atMost && m_at < m_frames; ++frame, ++m_at) {
            for (std::size_t c = 0; c < m_channels; ++c)
                out[frame * m_channels + c] =
                    static_cast<std::int16_t>((c == 0 ? 1000 : -2000) + static_cast<int>(m_at % 500));
        }
        return frame;
    }
    bool failSeek = false;
    std::uint64_t failAt = ~std::uint64_t{0};
    std::uint64_t promisedMore = 0;

private:
    std::uint64_t m_frames;
    std::uint8_t m_channels;
    std::uint64_t m_at = 0;
};

std::vector<std::int16_t> mixed(const std::vector<std::int16_t>& in, unsigned channels, ChannelLayout layout,
                                const MixSettings& settings, BlockPeaks* peaks = nullptr)
{
    std::vector<std::int16_t> out(in.size() / channels * 2);
    Mixer mixer;
    const BlockPeaks got = mixer.mix(in, channels, layout, settings, out);
    if (peaks)
        *peaks = got;
    return out;
}

} // namespace

class TestMixing final : public QObject {
    Q_OBJECT

private slots:
    void fullVolumeChangesNoSample()
    {
        const std::vector<std::int16_t> in{1, -2, 32767, -32768, 300, 0};
        QCOMPARE(mixed(in, 2, ChannelLayout::Stereo, {}), in);
    }

    void volumesActPerPartyAndOverall()
    {
        MixSettings settings;
        settings.volume = {50, 100};
        settings.overall = 50;
        const auto out = mixed({16000, 16000}, 2, ChannelLayout::Stereo, settings);
        QCOMPARE(out[0], std::int16_t{1000}); // a quarter of a quarter
        QCOMPARE(out[1], std::int16_t{4000});
    }

    void mutesSilenceOnePartyOrAll()
    {
        MixSettings settings;
        settings.muted = {true, false};
        BlockPeaks peaks;
        const auto out = mixed({16000, -8192}, 2, ChannelLayout::Stereo, settings, &peaks);
        QCOMPARE(out, (std::vector<std::int16_t>{0, -8192}));
        QCOMPARE(peaks.party[0], 0.0F);
        QCOMPARE(peaks.party[1], 0.25F);
        settings.overallMuted = true;
        QCOMPARE(mixed({16000, -8192}, 2, ChannelLayout::Stereo, settings),
                 (std::vector<std::int16_t>{0, 0}));
    }

    void oneChannelSoundsOnBothSides_data()
    {
        QTest::addColumn<int>("layout");
        QTest::addColumn<int>("left");
        QTest::addColumn<int>("right");
        QTest::newRow("only the internal party follows its own volume")
            << int(ChannelLayout::InternalOnly) << 2000 << 2000;
        QTest::newRow("only the external party follows its own volume")
            << int(ChannelLayout::ExternalOnly) << 8000 << 8000;
        QTest::newRow("a mono mix has a side for each volume") << int(ChannelLayout::Mono) << 2000 << 8000;
    }
    void oneChannelSoundsOnBothSides()
    {
        QFETCH(int, layout);
        QFETCH(int, left);
        QFETCH(int, right);
        MixSettings settings;
        settings.volume = {50, 100};
        const auto out = mixed({8000}, 1, static_cast<ChannelLayout>(layout), settings);
        QCOMPARE(int(out[0]), left);
        QCOMPARE(int(out[1]), right);
    }

    void movingASliderGlidesWithoutAStep()
    {
        Mixer mixer;
        std::vector<std::int16_t> in(400, 10000);
        std::vector<std::int16_t> out(400);
        mixer.mix(in, 2, ChannelLayout::Stereo, {}, out);
        MixSettings off;
        off.overallMuted = true;
        mixer.mix(in, 2, ChannelLayout::Stereo, off, out);
        for (std::size_t i = 2; i < out.size(); i += 2)
            QVERIFY(std::abs(out[i] - out[i - 2]) <= 51);
        QCOMPARE(out[398], std::int16_t{0});
    }

    void metersRiseAtOnceFallEvenlyAndHoldThePeak()
    {
        Meter meter;
        meter.feed({{0.5F, 0.0F}, 1.0F});
        Levels now = meter.advance(milliseconds(30));
        QVERIFY(std::fabs(now.db[0] + 6.02F) < 0.01F);
        QCOMPARE(now.db[1], kMeterFloorDb);
        QCOMPARE(now.db[2], 0.0F);
        now = meter.advance(milliseconds(500)); // 24 dB a second
        QVERIFY(std::fabs(now.db[2] + 12.0F) < 0.01F);
        QCOMPARE(now.peakDb[2], 0.0F);
        now = meter.advance(milliseconds(1100)); // longer than the hold
        QVERIFY(now.peakDb[2] < 0.0F);
        meter.feed({{2.0F, 0.0F}, 1.0F});
        QVERIFY(meter.advance(milliseconds(30)).db[0] > 0.0F); // over full scale is told, not hidden
    }

    void everyFrameIsPulledOnceAndThenSilence()
    {
        const MixControls controls;
        Playback playback(controls);
        playback.load(std::make_unique<Counting>(1234, std::uint8_t{2}), ChannelLayout::Stereo);
        std::vector<std::int16_t> all;
        std::vector<std::int16_t> block(512);
        while (!playback.atEnd()) {
            playback.pull(block);
            all.insert(all.end(), block.begin(), block.end());
        }
        QCOMPARE(playback.frame(), std::uint64_t{1234});
        for (int i = 0; i < 1234; ++i) {
            QCOMPARE(int(all[std::size_t(i) * 2]), 1000 + i % 500);
            QCOMPARE(int(all[std::size_t(i) * 2 + 1]), -2000 + i % 500);
        }
        for (std::size_t i = 1234 * 2; i < all.size(); ++i)
            QCOMPARE(int(all[i]), 0);
        QCOMPARE(playback.framesAfterEnd(), std::uint64_t{all.size() / 2 - 1234});
    }

    void seekingIsExactAndBounded()
    {
        const MixControls controls;
        Playback playback(controls);
        playback.load(std::make_unique<Counting>(8000, std::uint8_t{2}), ChannelLayout::Stereo);
        std::vector<std::int16_t> block(20);
        QVERIFY(playback.seek(4321));
        playback.pull(block);
        QCOMPARE(int(block[0]), 1000 + 4321 % 500);
        QCOMPARE(playback.frame(), std::uint64_t{4331});
        QVERIFY(playback.seek(99'999));
        QCOMPARE(playback.frame(), std::uint64_t{8000});
        QVERIFY(playback.atEnd());
        QVERIFY(playback.seek(0));
        QVERIFY(!playback.atEnd());
        playback.pull(block);
        QCOMPARE(int(block[0]), 1000);
    }

    void aFailedSeekKeepsThePosition()
    {
        const MixControls controls;
        Playback playback(controls);
        auto reader = std::make_unique<Counting>(8000, std::uint8_t{2});
        Counting& source = *reader;
        playback.load(std::move(reader), ChannelLayout::Stereo);
        QVERIFY(playback.seek(100));
        source.failSeek = true;
        QVERIFY(!playback.seek(5000));
        QCOMPARE(playback.frame(), std::uint64_t{100});
    }

    void aReadErrorEndsTheSoundAndIsTold()
    {
        const MixControls controls;
        Playback playback(controls);
        auto reader = std::make_unique<Counting>(8000, std::uint8_t{2});
        reader->failAt = 300;
        playback.load(std::move(reader), ChannelLayout::Stereo);
        std::vector<std::int16_t> block(2000);
        QCOMPARE(playback.pull(block), std::size_t{300});
        QVERIFY(playback.fault());
        QCOMPARE(playback.fault()->code, make_error_code(BaseErrc::Truncated));
        QCOMPARE(int(block[600]), 0);
    }

    void aHeaderThatPromisesMoreThanThereIsIsCorrected()
    {
        const MixControls controls;
        Playback playback(controls);
        auto reader = std::make_unique<Counting>(500, std::uint8_t{2});
        reader->promisedMore = 500;
        playback.load(std::move(reader), ChannelLayout::Stereo);
        QCOMPARE(playback.frames(), std::uint64_t{1000});
        std::vector<std::int16_t> block(4000);
        playback.pull(block);
        QVERIFY(playback.atEnd());
        QCOMPARE(playback.frames(), std::uint64_t{500});
        QVERIFY(!playback.fault());
    }

    void peaksCoverEverySampleOfBothParties()
    {
        Counting reader(10'000, 2);
        const std::atomic<bool> cancelled{false};
        PeaksPtr last;
        int published = 0;
        QVERIFY(computePeaks(reader, ChannelLayout::Stereo, 100, cancelled, [&](PeaksPtr peaks) {
            last = std::move(peaks);
            ++published;
        }));
        QVERIFY(published >= 1);
        QVERIFY(last->complete);
        QCOMPARE(last->slices(), std::size_t{100});
        QCOMPARE(int(last->party[0][0].high), 1099); // frames 0 to 99 of 1000 + n
        QCOMPARE(int(last->party[0][4].high), 1499);
        QCOMPARE(int(last->party[1][0].low), -2000);
        QCOMPARE(int(last->party[1][99].low), -1600);
    }

    void peaksOfOneOrNoFrameDoNotDivideByZero()
    {
        const std::atomic<bool> cancelled{false};
        for (const std::uint64_t frames : {0U, 1U, 3U}) {
            Counting reader(frames, 1);
            PeaksPtr last;
            QVERIFY(computePeaks(reader, ChannelLayout::ExternalOnly, 100, cancelled,
                                 [&](PeaksPtr peaks) { last = std::move(peaks); }));
            QVERIFY(last && last->complete);
            QCOMPARE(last->slices(), std::size_t(frames));
            QVERIFY(last->party[0].empty());
        }
    }

    void anAbandonedWaveformIsNotPublished()
    {
        Counting reader(100'000, 2);
        const std::atomic<bool> cancelled{true};
        bool published = false;
        QVERIFY(
            computePeaks(reader, ChannelLayout::Stereo, 100, cancelled, [&](PeaksPtr) { published = true; }));
        QVERIFY(!published);
    }

    void resamplingKeepsLevelAndPitch_data()
    {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::newRow("8 kHz to 48 kHz") << 8000 << 48000;
        QTest::newRow("16 kHz to 48 kHz") << 16000 << 48000;
        QTest::newRow("8 kHz to 44.1 kHz") << 8000 << 44100;
    }
    void resamplingKeepsLevelAndPitch()
    {
        QFETCH(int, from);
        QFETCH(int, to);
        player::Resampler resampler(static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to));
        std::uint64_t given = 0;
        const auto source = [&](std::span<std::int16_t> out) {
            for (std::size_t i = 0; i < out.size(); i += 2, ++given) {
                const double phase = 2 * std::numbers::pi * 440.0 * static_cast<double>(given) / from;
                out[i] = static_cast<std::int16_t>(16000 * std::sin(phase));
                out[i + 1] = 5000;
            }
        };
        std::vector<std::int16_t> out;
        for (int block = 0; block < to / 300; ++block) { // a second and a bit, in uneven blocks
            std::vector<std::int16_t> part(static_cast<std::size_t>(300 + block % 7) * 2);
            resampler.pull(part, source);
            out.insert(out.end(), part.begin(), part.end());
        }
        int rising = 0;
        double square = 0;
        const std::size_t settled = 1000;
        const std::size_t count = static_cast<std::size_t>(to) - 2 * settled;
        for (std::size_t i = settled; i < settled + count; ++i) {
            rising += out[(i - 1) * 2] < 0 && out[i * 2] >= 0;
            square += double(out[i * 2]) * out[i * 2];
            QVERIFY(std::abs(out[i * 2 + 1] - 5000) <= 1);
        }
        const double seconds = double(count) / to;
        QVERIFY(std::fabs(rising / seconds - 440.0) < 2.0);
        QVERIFY(std::fabs(std::sqrt(square / double(count)) - 16000 / std::numbers::sqrt2) < 120);
    }
};

QTEST_GUILESS_MAIN(TestMixing)
#include "tst_mixing.moc"
