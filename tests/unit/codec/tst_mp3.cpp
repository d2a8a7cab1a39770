// SPDX-License-Identifier: GPL-3.0-or-later
// MP3 encoder: length, level, place and size as ffmpeg finds them, with and without the Info frame.
#include "core/codec/mp3_encoder.h"
#include "core/codec/mp3_index.h"
#include "core/codec/payload_decoder.h"
#include "tests/unit/codec/run_program.h"
#include "tests/unit/codec/tone.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace sr;
using codec::Mp3Encoder;
using codec::Mp3Options;
using Samples = std::vector<std::int16_t>;

namespace {

/// Left a tone, right another, from `quiet` on; before it silence.
Samples twoTones(std::uint32_t rate, std::size_t frames, std::size_t quiet, std::uint8_t channels)
{
    const Samples left = test::tone(500, rate, frames);
    const Samples right = test::tone(1100, rate, frames, 4000);
    Samples out;
    for (std::size_t i = 0; i < frames; ++i) {
        out.push_back(i < quiet ? std::int16_t{0} : left[i]);
        if (channels == 2)
            out.push_back(i < quiet ? std::int16_t{0} : right[i]);
    }
    return out;
}

Bytes encode(const Samples& samples, Mp3Options options, std::size_t blockFrames = 1000)
{
    MemorySink sink;
    auto encoder = Mp3Encoder::open(sink, options);
    if (!encoder)
        return {};
    std::span<const std::int16_t> rest(samples);
    while (!rest.empty()) {
        const std::size_t block = std::min(rest.size(), blockFrames * options.channels);
        if (!(*encoder)->write(rest.first(block)))
            return {};
        rest = rest.subspan(block);
    }
    if (!(*encoder)->finish())
        return {};
    return sink.take();
}

Samples decodedByFfmpeg(const Bytes& mp3)
{
    const QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("a.mp3"));
    if (!test::writeBytes(path, mp3))
        return {};
    const QByteArray raw = test::runProgram(
        QStringLiteral("ffmpeg"), {QStringLiteral("-loglevel"), QStringLiteral("error"), QStringLiteral("-i"),
                                   path, QStringLiteral("-f"), QStringLiteral("s16le"), QStringLiteral("-")});
    return test::samplesOf(test::viewOf(raw));
}

Samples channelOf(const Samples& all, std::size_t channel, std::size_t channels)
{
    Samples out;
    for (std::size_t i = channel; i < all.size(); i += channels)
        out.push_back(all[i]);
    return out;
}

} // namespace

class Mp3Test : public QObject {
    Q_OBJECT

    static void shapes()
    {
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("bitrate");
        QTest::newRow("stereo at 8 kHz, 32 kbit/s") << 8000 << 2 << 0;
        QTest::newRow("mono at 8 kHz, 16 kbit/s") << 8000 << 1 << 0;
        QTest::newRow("stereo at 16 kHz, 32 kbit/s") << 16000 << 2 << 0;
        QTest::newRow("mono at 16 kHz, 16 kbit/s") << 16000 << 1 << 0;
        QTest::newRow("stereo at 16 kHz, 48 kbit/s") << 16000 << 2 << 48;
        QTest::newRow("stereo at 16 kHz, 128 kbit/s") << 16000 << 2 << 128;
    }

private slots:
    void ffmpegHearsTheSameSound_data() { shapes(); }
    void ffmpegHearsTheSameSound()
    {
        QFETCH(int, rate);
        QFETCH(int, channels);
        QFETCH(int, bitrate);
        const auto hertz = static_cast<std::uint32_t>(rate);
        const std::size_t frames = hertz * 4 + 77;
        const std::size_t quiet = hertz;
        const Mp3Options options{hertz, static_cast<std::uint8_t>(channels), bitrate, 5, frames};
        const Samples sent = twoTones(hertz, frames, quiet, options.channels);
        const Bytes mp3 = encode(sent, options);
        QVERIFY(!mp3.empty());
        const Samples got = decodedByFfmpeg(mp3);
        QCOMPARE(got.size(), sent.size()); // to the sample, by the Info frame
        for (std::size_t c = 0; c < options.channels; ++c) {
            const Samples one = channelOf(got, c, options.channels);
            const double wanted = (c == 0 ? 8000 : 4000) / std::numbers::sqrt2;
            const auto middle = std::span(one).subspan(hertz * 2, hertz);
            QVERIFY(std::abs(test::decibel(test::level(middle), wanted)) < 0.5);
            QVERIFY(test::levelAt(middle, c == 0 ? 500 : 1100, hertz) > 0.97 * test::level(middle));
            // Where the tone begins: within 10 ms, though the encoder delays by 69 ms at 8 kHz.
            const auto loud =
                std::ranges::find_if(one, [&](std::int16_t s) { return std::abs(s) > wanted / 2; });
            const auto begins = std::distance(one.begin(), loud);
            QVERIFY2(std::abs(begins - static_cast<std::ptrdiff_t>(quiet)) < rate / 100,
                     qPrintable(QString::number(begins)));
        }
    }

    void staysBelowTheSizesPromised_data()
    {
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("limit");
        QTest::newRow("stereo at 8 kHz") << 8000 << 2 << 250000;
        QTest::newRow("stereo at 16 kHz") << 16000 << 2 << 250000;
        QTest::newRow("mono at 8 kHz") << 8000 << 1 << 130000;
        QTest::newRow("mono at 16 kHz") << 16000 << 1 << 130000;
    }
    void staysBelowTheSizesPromised()
    {
        QFETCH(int, rate);
        QFETCH(int, channels);
        QFETCH(int, limit);
        const auto frames = static_cast<std::size_t>(rate) * 60;
        const Mp3Options options{static_cast<std::uint32_t>(rate), static_cast<std::uint8_t>(channels), 0, 7,
                                 frames};
        const Bytes mp3 = encode(twoTones(options.sampleRate, frames, 0, options.channels), options);
        QVERIFY2(mp3.size() <= static_cast<std::size_t>(limit), qPrintable(QString::number(mp3.size())));
        QVERIFY(mp3.size() > static_cast<std::size_t>(limit) * 9 / 10);
    }

    void infoFrameTellsTheTruth_data()
    {
        QTest::addColumn<int>("frames");
        for (const int frames : {1, 575, 576, 577, 1151, 1152, 1153, 8000, 57600})
            QTest::newRow(qPrintable(QStringLiteral("%1 frames of sound").arg(frames))) << frames;
    }
    void infoFrameTellsTheTruth()
    {
        QFETCH(int, frames);
        const auto count = static_cast<std::size_t>(frames);
        const Samples sent = test::tone(500, 8000, count);
        const Bytes with = encode(sent, {8000, 1, 0, 5, count});
        const Bytes without = encode(sent, {8000, 1, 0, 5, 0});
        // The Info frame is one frame in front, the rest is the same stream.
        QCOMPARE(with.size(), without.size() + 144);
        QVERIFY(std::equal(without.begin(), without.end(), with.begin() + 144));
        QCOMPARE(textOf(ByteView(with).subspan(13, 4)), std::string_view("Info"));
        QCOMPARE(std::size_t(loadBe<std::uint32_t>(with.data() + 21)), without.size() / 144);
        QCOMPARE(std::size_t(loadBe<std::uint32_t>(with.data() + 25)), with.size());

        MemorySource source(with);
        const auto index = codec::Mp3Index::build(source);
        QVERIFY(bool(index) && index->has_value());
        QCOMPARE((*index)->samples(), static_cast<std::uint64_t>(frames));
        QCOMPARE((*index)->count(), static_cast<std::uint64_t>(without.size() / 144));
    }

    void blockSizeDoesNotMatter()
    {
        const Samples sent = twoTones(8000, 20000, 100, 2);
        const Bytes whole = encode(sent, {8000, 2, 0, 5, 20000}, 20000);
        QVERIFY(whole == encode(sent, {8000, 2, 0, 5, 20000}, 1));
        QVERIFY(whole == encode(sent, {8000, 2, 0, 5, 20000}, 160));
    }

    void aLieAboutTheLengthIsAnError()
    {
        MemorySink sink;
        const auto encoder = Mp3Encoder::open(sink, {8000, 1, 0, 5, 1000});
        QVERIFY(bool(encoder));
        QVERIFY(bool((*encoder)->write(Samples(999))));
        const Status status = (*encoder)->finish();
        QVERIFY(!status);
        QVERIFY(status.error().code == codec::CodecErrc::BadPayload);
    }

    void aFullDiskIsAnError()
    {
        struct FullSink final : ByteSink {
            Status write(ByteView) override { return fail(BaseErrc::DiskFull, "test"); }
        } sink;
        QVERIFY(!Mp3Encoder::open(sink, {8000, 1, 0, 5, 1000}));
        const auto encoder = Mp3Encoder::open(sink, {8000, 1, 0, 5, 0});
        QVERIFY(bool(encoder));
        const Status status = (*encoder)->write(Samples(8000));
        QVERIFY(!status);
        QVERIFY(status.error().code == BaseErrc::DiskFull);
    }

    void refusesWhatMp3CannotDo_data()
    {
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("bitrate");
        QTest::addColumn<int>("quality");
        QTest::newRow("44.1 kHz") << 44100 << 2 << 0 << 5;
        QTest::newRow("three channels") << 8000 << 3 << 0 << 5;
        QTest::newRow("no channel") << 8000 << 0 << 0 << 5;
        QTest::newRow("bit rate between the steps") << 8000 << 2 << 33 << 5;
        QTest::newRow("8 kbit/s, too small for the Info frame") << 16000 << 1 << 8 << 5;
        QTest::newRow("above MPEG-2.5") << 8000 << 2 << 80 << 5;
        QTest::newRow("above MPEG-2") << 16000 << 2 << 192 << 5;
        QTest::newRow("72 is no step") << 16000 << 2 << 72 << 5;
        QTest::newRow("quality 10") << 8000 << 2 << 0 << 10;
    }
    void refusesWhatMp3CannotDo()
    {
        QFETCH(int, rate);
        QFETCH(int, channels);
        QFETCH(int, bitrate);
        QFETCH(int, quality);
        MemorySink sink;
        const auto encoder =
            Mp3Encoder::open(sink, {static_cast<std::uint32_t>(rate), static_cast<std::uint8_t>(channels),
                                    bitrate, quality, 0});
        QVERIFY(!encoder);
        QVERIFY(encoder.error().code == codec::CodecErrc::Unsupported);
    }
};

QTEST_GUILESS_MAIN(Mp3Test)
#include "tst_mp3.moc"
