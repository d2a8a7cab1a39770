// SPDX-License-Identifier: GPL-3.0-or-later
// openAudio: seeking to frame N and decoding up to frame N give the same samples, in every container; damaged
// and hostile files end in words.
#include "core/codec/audio_file.h"
#include "core/codec/g711.h"
#include "core/codec/mp3_encoder.h"
#include "core/codec/mp3_index.h"
#include "core/codec/wav.h"
#include "tests/unit/codec/run_program.h"
#include "tests/unit/codec/tone.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>

using namespace sr;
using codec::AudioReader;
using codec::openAudio;
using Samples = std::vector<std::int16_t>;

namespace {

/// Source that owns its octets.
class OwnedSource final : public ByteSource {
public:
    explicit OwnedSource(Bytes bytes)
        : m_bytes(std::move(bytes))
        , m_memory(m_bytes)
    {}
    std::uint64_t size() const override { return m_bytes.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        return m_memory.readAt(offset, out);
    }

private:
    Bytes m_bytes;
    MemorySource m_memory;
};

std::unique_ptr<AudioReader> opened(const Bytes& file)
{
    auto reader = openAudio(std::make_unique<OwnedSource>(file));
    if (!reader) {
        qWarning("%s", reader.error().text().c_str());
        return nullptr;
    }
    return std::move(reader).value();
}

/// Up to `frames` frames from where the reader stands, in blocks of odd sizes.
Samples readFrames(AudioReader& reader, std::uint64_t frames)
{
    Samples out;
    Samples block(777 * reader.channels());
    while (frames > 0) {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(frames, 777));
        const auto got = reader.read(std::span(block).first(want * reader.channels()));
        if (!got || *got == 0)
            break;
        out.insert(out.end(), block.begin(),
                   block.begin() + static_cast<std::ptrdiff_t>(*got * reader.channels()));
        frames -= *got;
    }
    return out;
}

/// Something that never repeats: a sweep with noise, stereo.
Samples sweep(std::uint32_t rate, std::size_t frames, std::uint8_t channels)
{
    std::mt19937 random(11);
    Samples out;
    double phase = 0;
    for (std::size_t i = 0; i < frames; ++i) {
        phase += 2 * std::numbers::pi *
                 (200.0 + 2500.0 * static_cast<double>(i) / static_cast<double>(frames)) / rate;
        for (int c = 0; c < channels; ++c)
            out.push_back(static_cast<std::int16_t>(7000 * std::sin(phase * (1 + c)) +
                                                    static_cast<int>(random() % 800) - 400.0));
    }
    return out;
}

Bytes wavOf(codec::SampleCoding coding, std::uint32_t rate, std::uint8_t channels, std::size_t frames)
{
    const codec::AudioFormat format{coding, rate, channels};
    Bytes file = *codec::wavHeader(format, frames);
    const Samples samples = sweep(rate, frames, channels);
    if (coding == codec::SampleCoding::Pcm16) {
        const auto bytes = std::as_bytes(std::span(samples));
        file.insert(file.end(), bytes.begin(), bytes.end());
    } else {
        Bytes coded(samples.size());
        codec::encodeG711(coding == codec::SampleCoding::ALaw ? codec::Law::A : codec::Law::U, samples,
                          coded);
        file.insert(file.end(), coded.begin(), coded.end());
    }
    file.resize(file.size() + codec::wavPadding(format, frames));
    return file;
}

Bytes mp3Of(const codec::Mp3Options& options, std::size_t frames)
{
    MemorySink sink;
    auto encoder = codec::Mp3Encoder::open(sink, options);
    if (!encoder || !(*encoder)->write(sweep(options.sampleRate, frames, options.channels)) ||
        !(*encoder)->finish())
        return {};
    return sink.take();
}

/// The sweep made into any container by ffmpeg.
Bytes ffmpegOf(const QStringList& coding, const QString& name, std::uint32_t rate, std::size_t frames)
{
    const QTemporaryDir dir;
    const QString in = dir.filePath(QStringLiteral("in.wav"));
    const QString out = dir.filePath(name);
    test::writeBytes(in, wavOf(codec::SampleCoding::Pcm16, rate, 2, frames));
    const QStringList arguments =
        QStringList{QStringLiteral("-loglevel"), QStringLiteral("error"), QStringLiteral("-i"), in} + coding +
        QStringList{out};
    return test::runProgram(QStringLiteral("ffmpeg"), arguments).isNull() ? Bytes() : test::readBytes(out);
}

QStringList words(const char* text)
{
    return QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

} // namespace

class AudioFileTest : public QObject {
    Q_OBJECT

    struct Made {
        const char* name;
        Bytes (*make)();
        bool exactLength; // frames() is what read() gives
    };
    static const std::vector<Made>& files()
    {
        using codec::SampleCoding;
        static const std::vector<Made> made{
            {"A-law WAV", [] { return wavOf(SampleCoding::ALaw, 8000, 2, 40000); }, true},
            {"mu-law WAV mono", [] { return wavOf(SampleCoding::ULaw, 8000, 1, 40001); }, true},
            {"PCM WAV", [] { return wavOf(SampleCoding::Pcm16, 16000, 2, 40000); }, true},
            {"own MP3 stereo",
             [] {
                 return mp3Of({8000, 2, 0, 5, 100000}, 100000);
             },
             true},
            {"own MP3 mono without Info frame",
             [] {
                 return mp3Of({16000, 1, 0, 5, 0}, 100000);
             },
             true},
            {"MP3 at 44.1 kHz, constant bit rate with padding",
             [] { return ffmpegOf(words("-ar 44100 -b:a 64k"), QStringLiteral("a.mp3"), 44100, 200000); },
             true},
            {"MP3 at 44.1 kHz, variable bit rate, with ID3 tags",
             [] {
                 return ffmpegOf(words("-q:a 5 -write_id3v1 1 -metadata title=x"), QStringLiteral("a.mp3"),
                                 44100, 200000);
             },
             true},
            {"MP3 at the lowest bit rate",
             [] {
                 return ffmpegOf(words("-ar 22050 -ac 1 -b:a 8k"), QStringLiteral("a.mp3"), 22050, 100000);
             },
             true},
            {"FLAC", [] { return ffmpegOf(words("-c:a flac"), QStringLiteral("a.flac"), 44100, 2000000); },
             true},
            {"24-bit WAV",
             [] { return ffmpegOf(words("-c:a pcm_s24le"), QStringLiteral("a.wav"), 16000, 40000); }, true},
            {"Ogg Vorbis",
             [] { return ffmpegOf(words("-c:a libvorbis"), QStringLiteral("a.ogg"), 44100, 200000); }, false},
            {"AAC in MP4", [] { return ffmpegOf(words("-c:a aac"), QStringLiteral("a.m4a"), 44100, 200000); },
             false},
            {"AVI with PCM",
             [] { return ffmpegOf(words("-c:a pcm_s16le"), QStringLiteral("a.avi"), 16000, 100000); }, false},
            {"Windows Media",
             [] { return ffmpegOf(words("-c:a wmav2"), QStringLiteral("a.wma"), 44100, 200000); }, false},
        };
        return made;
    }

private slots:
    void seekEqualsLinearDecoding_data()
    {
        QTest::addColumn<int>("file");
        for (int i = 0; i < static_cast<int>(files().size()); ++i)
            QTest::newRow(files()[static_cast<std::size_t>(i)].name) << i;
    }
    void seekEqualsLinearDecoding()
    {
        QFETCH(int, file);
        const Made& made = files()[static_cast<std::size_t>(file)];
        const Bytes bytes = made.make();
        QVERIFY2(!bytes.empty(), "ffmpeg of the test machine must make this file");
        const auto linear = opened(bytes);
        QVERIFY(linear != nullptr);
        const Samples all = readFrames(*linear, UINT64_MAX);
        const std::uint64_t frames = all.size() / linear->channels();
        QVERIFY(frames > 30000);
        if (made.exactLength)
            QCOMPARE(linear->frames(), frames);
        else
            QVERIFY(linear->frames() > frames * 95 / 100 && linear->frames() < frames * 105 / 100);

        const auto reader = opened(bytes);
        std::mt19937 random(4);
        std::vector<std::uint64_t> targets{0, 1, 575, 576, 577, 1105, frames - 1, frames / 2, 3, frames};
        for (int i = 0; i < 40; ++i)
            targets.push_back(random() % frames);
        for (const std::uint64_t target : targets) {
            QVERIFY(bool(reader->seek(target)));
            const Samples part = readFrames(*reader, 1500);
            const std::size_t expected =
                static_cast<std::size_t>(std::min<std::uint64_t>(1500, frames - target));
            QCOMPARE(part.size(), expected * reader->channels());
            const bool same =
                std::equal(part.begin(), part.end(),
                           all.begin() + static_cast<std::ptrdiff_t>(target * reader->channels()));
            QVERIFY2(same, qPrintable(QStringLiteral("seek to %1").arg(target)));
        }
        QVERIFY(bool(reader->seek(UINT64_MAX)));
        Samples none(10);
        const auto end = reader->read(none);
        QVERIFY(bool(end) && *end == 0);
    }

    void mp3IsInStepWithWhatWasEncoded()
    {
        for (const std::uint8_t channels : {std::uint8_t{1}, std::uint8_t{2}}) {
            const std::size_t frames = 60000;
            const Samples sent = sweep(8000, frames, channels);
            const auto reader = opened(mp3Of({8000, channels, 64, 2, frames}, frames));
            QCOMPARE(reader->frames(), std::uint64_t(frames));
            const Samples got = readFrames(*reader, frames);
            // Correlation is best without any shift.
            const auto match = [&](std::ptrdiff_t shift) {
                double sum = 0;
                for (std::ptrdiff_t i = 4000; i < 20000; ++i)
                    sum += double(sent[static_cast<std::size_t>(i * channels)]) *
                           got[static_cast<std::size_t>((i + shift) * channels)];
                return sum;
            };
            std::ptrdiff_t best = -40;
            for (std::ptrdiff_t shift = -40; shift <= 40; ++shift)
                if (match(shift) > match(best))
                    best = shift;
            QCOMPARE(best, std::ptrdiff_t(0));
        }
    }

    void foreignLawFilesSoundRight_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("alaw");
        QTest::newRow("A-law of rtpengine") << QStringLiteral("pcma.1.8k.raw") << true;
        QTest::newRow("mu-law of rtpengine") << QStringLiteral("pcmu.1.8k.raw") << false;
    }
    void foreignLawFilesSoundRight()
    {
        QFETCH(QString, file);
        QFETCH(bool, alaw);
        const QString path = QStringLiteral(SR_FIXTURES "/rtpengine/") + file;
        if (!QFileInfo::exists(path)) {
            if (qEnvironmentVariable("CI") == QStringLiteral("true") &&
                QFileInfo::exists(QStringLiteral(SR_FIXTURES "/..")))
                QFAIL("fixture is missing");
            QSKIP("no fixture of rtpengine");
        }
        const Bytes raw = test::readBytes(path);
        QCOMPARE(raw.size(), std::size_t(960000));
        Bytes wav = *codec::wavHeader({alaw ? codec::SampleCoding::ALaw : codec::SampleCoding::ULaw, 8000, 1},
                                      raw.size());
        wav.insert(wav.end(), raw.begin(), raw.end());
        const auto reader = opened(wav);
        QVERIFY(reader != nullptr);
        QCOMPARE(reader->frames(), std::uint64_t(960000));
        const Samples ours = readFrames(*reader, UINT64_MAX);
        const QByteArray theirs = test::runProgram(
            QStringLiteral("ffmpeg"), words("-loglevel error -ar 8000 -f") +
                                          QStringList{alaw ? QStringLiteral("alaw") : QStringLiteral("mulaw"),
                                                      QStringLiteral("-i"), path} +
                                          words("-f s16le -"));
        QVERIFY(ours == test::samplesOf(test::viewOf(theirs)));

        // The music survives our MP3 as well: level within 1 dB.
        MemorySink sink;
        auto encoder = codec::Mp3Encoder::open(sink, {8000, 1, 32, 5, ours.size()});
        QVERIFY(bool(encoder) && (*encoder)->write(ours) && (*encoder)->finish());
        const auto again = opened(sink.bytes());
        const Samples decoded = readFrames(*again, UINT64_MAX);
        QCOMPARE(decoded.size(), ours.size());
        QVERIFY(std::abs(test::decibel(test::level(decoded), test::level(ours))) < 1.0);
    }

    void damagedMp3KeepsItsLength()
    {
        const Bytes whole = mp3Of({8000, 2, 0, 5, 100000}, 100000);
        std::mt19937 random(9);
        for (int round = 0; round < 30; ++round) {
            Bytes bad = whole;
            for (int i = 0; i < 20; ++i)
                bad[2000 + random() % (bad.size() - 4000)] = static_cast<std::byte>(random());
            const auto reader = opened(bad);
            QVERIFY(reader != nullptr);
            const Samples all = readFrames(*reader, UINT64_MAX);
            QCOMPARE(static_cast<std::uint64_t>(all.size()) / 2, reader->frames());
            QVERIFY(all.size() / 2 > 80000 && all.size() / 2 <= 100000);
        }
        // Cut in the middle: half of the sound is there.
        const auto half =
            opened(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2)));
        QVERIFY(half != nullptr);
        QVERIFY(half->frames() > 45000 && half->frames() < 52000);
        QCOMPARE(static_cast<std::uint64_t>(readFrames(*half, UINT64_MAX).size()) / 2, half->frames());
    }

    void refusesWhatIsNoSound_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("one octet") << QByteArray("R");
        QTest::newRow("text") << QByteArray("It was a dark and stormy night. ").repeated(500);
        QTest::newRow("zeros") << QByteArray(100000, '\0');
        QTest::newRow("ones") << QByteArray(100000, '\xff');
        QTest::newRow("play list that names a file")
            << QByteArray("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n");
        QTest::newRow("concatenation script") << QByteArray("ffconcat version 1.0\nfile /etc/passwd\n");
        QTest::newRow("WAV of a codec nobody has")
            << QByteArray::fromHex("524946462c00000057415645666d742010000000"
                                   "9999010040"
                                   "1f0000401f000001000800"
                                   "6461746104000000"
                                   "00000000");
        QTest::newRow("MP3 header alone") << QByteArray::fromHex("fff34cc4");
    }
    void refusesWhatIsNoSound()
    {
        QFETCH(QByteArray, file);
        const ByteView view = test::viewOf(file);
        const auto reader = openAudio(std::make_unique<OwnedSource>(Bytes(view.begin(), view.end())));
        QVERIFY(!reader);
        QVERIFY2(reader.error().code == codec::CodecErrc::BadFile, reader.error().text().c_str());
    }

    void deviceErrorsAreNotCalledBadFiles()
    {
        struct Broken final : ByteSource {
            std::uint64_t size() const override { return 100000; }
            Result<std::size_t> readAt(std::uint64_t, std::span<std::byte>) override
            {
                return fail(BaseErrc::Io, "test");
            }
        };
        const auto reader = openAudio(std::make_unique<Broken>());
        QVERIFY(!reader);
        QVERIFY(reader.error().code == BaseErrc::Io);
    }

    void hostileFilesAreBounded()
    {
        std::mt19937 random(21);
        const std::vector<Bytes> seeds{mp3Of({8000, 2, 0, 5, 3000}, 3000),
                                       wavOf(codec::SampleCoding::ALaw, 8000, 2, 1000),
                                       ffmpegOf(words("-c:a aac"), QStringLiteral("a.m4a"), 44100, 4000),
                                       ffmpegOf(words("-c:a flac"), QStringLiteral("a.flac"), 44100, 4000)};
        for (const Bytes& seed : seeds) {
            for (int round = 0; round < 60; ++round) {
                Bytes bad = seed;
                for (int i = 0; i < 10; ++i)
                    bad[random() % std::min<std::size_t>(bad.size(), 600)] = static_cast<std::byte>(random());
                auto reader = openAudio(std::make_unique<OwnedSource>(bad));
                if (!reader)
                    continue;
                std::size_t read = 0;
                Samples block(4096 * (*reader)->channels());
                for (int i = 0; i < 200; ++i) { // no file this small sounds longer than we look
                    const auto got = (*reader)->read(block);
                    if (!got || *got == 0)
                        break;
                    read += *got;
                }
                if ((*reader)->seek(read / 2))
                    QVERIFY((*reader)->channels() > 0 && (*reader)->sampleRate() > 0);
            }
        }
    }
};

QTEST_GUILESS_MAIN(AudioFileTest)
#include "tst_audio_file.moc"
