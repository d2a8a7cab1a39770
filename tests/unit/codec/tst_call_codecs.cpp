// SPDX-License-Identifier: GPL-3.0-or-later
// Calls in codecs that must be decoded: each tone on its own channel with its level, comfort noise where a
// party was silent; and golden files of the mixes that others garble.
#include "core/codec/wav.h"
#include "tests/unit/codec/encoded_legs.h"
#include "tests/unit/codec/tone.h"

#include <QFile>
#include <QTest>

using namespace sr;
using namespace sr::codec;
using namespace sr::test;

namespace {

constexpr double kLevel = 8000 / std::numbers::sqrt2;

std::unique_ptr<CallAudio> callOf(rtp::RtpStream internal, rtp::RtpStream external)
{
    CallAudioInput input;
    input.party[kInternal].push_back(std::move(internal));
    input.party[kExternal].push_back(std::move(external));
    auto audio = CallAudio::open(std::move(input));
    return audio ? std::move(*audio) : nullptr;
}

/// One channel from `from` to `until` [s].
Samples stretch(const Samples& stereo, std::size_t channel, std::uint32_t rate, double from, double until)
{
    Samples out;
    for (auto i = static_cast<std::size_t>(from * rate); i < static_cast<std::size_t>(until * rate); ++i)
        out.push_back(2 * i + channel < stereo.size() ? stereo[2 * i + channel] : std::int16_t{0});
    return out;
}

rtp::RtpStream legNamed(const QByteArray& codec, double hertz, double seconds, std::uint32_t ssrc)
{
    const auto sound = [&](std::uint32_t rate) {
        return tone(hertz, rate, static_cast<std::size_t>(seconds * rate));
    };
    std::size_t ignored = 0;
    if (codec == "OPUS")
        return opusLeg(sound(48000), ssrc);
    if (codec == "G722")
        return g722Leg(sound(16000), ssrc);
    if (codec == "G729")
        return g729Leg(sound(8000), ssrc, &ignored);
    return g711Leg(sound(8000), codec == "PCMU" ? Law::U : Law::A, ssrc);
}

/// A WAV of the whole call.
QByteArray wavOf(CallAudio& audio)
{
    const auto header = wavHeader(audio.info().format, audio.info().frames);
    if (!header)
        return {};
    Bytes file = *header;
    const Bytes sound = readAllCoded(audio);
    file.insert(file.end(), sound.begin(), sound.end());
    return {reinterpret_cast<const char*>(file.data()), static_cast<qsizetype>(file.size())};
}

Samples samplesOf(const QByteArray& wav)
{
    const ByteView view = std::as_bytes(std::span(wav.constData(), static_cast<std::size_t>(wav.size())));
    auto reader = openAudio(std::make_unique<MemorySource>(view));
    if (!reader)
        return {};
    Samples all(static_cast<std::size_t>((*reader)->frames()) * (*reader)->channels());
    const auto got = (*reader)->read(all);
    return got && *got * (*reader)->channels() == all.size() ? all : Samples{};
}

} // namespace

class CallCodecsTest : public QObject {
    Q_OBJECT

private slots:
    void eachToneIsOnItsChannel_data()
    {
        QTest::addColumn<QByteArray>("internal");
        QTest::addColumn<QByteArray>("external");
        QTest::addColumn<int>("rate");
        const auto row = [](const char* a, const char* b, int rate) {
            QTest::addRow("%s and %s", a, b) << QByteArray(a) << QByteArray(b) << rate;
        };
        row("OPUS", "OPUS", 16000);
        row("PCMA", "OPUS", 16000);
        row("OPUS", "G722", 16000);
        row("G722", "G722", 16000);
        row("G722", "PCMU", 16000);
        row("G729", "G729", 8000);
        row("PCMU", "G729", 8000);
        row("G729", "OPUS", 16000);
    }
    void eachToneIsOnItsChannel()
    {
        QFETCH(QByteArray, internal);
        QFETCH(QByteArray, external);
        QFETCH(int, rate);
        const auto audio = callOf(legNamed(internal, 500, 3, 1), legNamed(external, 700, 3, 2));
        QVERIFY(audio != nullptr);
        const CallAudioInfo& info = audio->info();
        QCOMPARE(info.format.sampleRate, static_cast<std::uint32_t>(rate));
        QCOMPARE(info.codecs[0], internal.toStdString());
        QCOMPARE(info.codecs[1], external.toStdString());
        QCOMPARE(info.undecodable[0] + info.undecodable[1], std::uint64_t{0});
        QVERIFY(std::abs(static_cast<double>(info.frames) / rate - 3) < 0.05);
        const Samples pcm = readAllPcm(*audio);
        QCOMPARE(pcm.size(), static_cast<std::size_t>(2 * info.frames));
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const Samples middle = stretch(pcm, channel, info.format.sampleRate, 1, 2.5);
            const double own = levelAt(middle, channel == 0 ? 500 : 700, info.format.sampleRate);
            const double other = levelAt(middle, channel == 0 ? 700 : 500, info.format.sampleRate);
            QVERIFY2(std::abs(decibel(own, kLevel)) < 2, qPrintable(QString::number(own)));
            QVERIFY2(other < 0.03 * own, qPrintable(QString::number(other)));
            QVERIFY(own > 0.9 * level(middle));
        }
    }

    void g729PausesAreComfortNoise()
    {
        Samples sound = tone(700, 8000, 16000);
        std::mt19937 random(1);
        for (int i = 0; i < 32000; ++i)
            sound.push_back(static_cast<std::int16_t>(static_cast<int>(random() % 65) - 32));
        const Samples again = tone(700, 8000, 16000);
        sound.insert(sound.end(), again.begin(), again.end());
        std::size_t descriptors = 0;
        const auto audio =
            callOf(g729Leg(sound, 1, &descriptors), g711Leg(tone(500, 8000, 64000), Law::A, 2));
        QVERIFY(descriptors > 0);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().lost[0], std::uint64_t{0});
        const Samples pcm = readAllPcm(*audio);
        // Every tenth of a second of the pause is faint, but never digital silence.
        for (double t = 2.6; t < 5.8; t += 0.1) {
            const double loud = level(stretch(pcm, 0, 8000, t, t + 0.1));
            QVERIFY2(loud > 8.5 && loud < 300,
                     qPrintable(QString::number(t) + QStringLiteral(" s: ") + QString::number(loud)));
        }
        const Samples after = stretch(pcm, 0, 8000, 6.3, 7.8);
        QVERIFY(std::abs(decibel(levelAt(after, 700, 8000), kLevel)) < 2);
        QVERIFY(std::ranges::any_of(audio->info().insertions, [](const Insertion& one) {
            return one.party == kInternal && one.kind == InsertionKind::ComfortNoise && one.frames > 16000;
        }));
    }

    void goldenAudio_data()
    {
        QTest::addColumn<QByteArray>("internal");
        QTest::addColumn<QByteArray>("external");
        QTest::addColumn<double>("tolerance"); // share of the level
        QTest::newRow("mixed-laws") << QByteArray("PCMA") << QByteArray("PCMU") << 0.0;
        QTest::newRow("alaw-g722") << QByteArray("PCMA") << QByteArray("G722") << 0.01;
        QTest::newRow("opus-leg") << QByteArray("PCMA") << QByteArray("OPUS") << 0.05;
    }
    void goldenAudio()
    {
        QFETCH(QByteArray, internal);
        QFETCH(QByteArray, external);
        QFETCH(double, tolerance);
        const auto audio = callOf(legNamed(internal, 500, 0.5, 1), legNamed(external, 700, 0.5, 2));
        QVERIFY(audio != nullptr);
        const QByteArray got = wavOf(*audio);
        const QString name = QStringLiteral(SR_GOLDEN "/") + QString::fromLatin1(QTest::currentDataTag()) +
                             QStringLiteral(".wav");
        QFile file(name);
        const QByteArray golden = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        const Samples expected = samplesOf(golden);
        const Samples samples = samplesOf(got);
        QVERIFY(!samples.empty());
        double difference = 0;
        for (std::size_t i = 0; i < samples.size() && i < expected.size(); ++i)
            difference += std::pow(int{samples[i]} - int{expected[i]}, 2);
        difference = std::sqrt(difference / static_cast<double>(samples.size())) / level(samples);
        const bool same =
            golden.left(44) == got.left(44) && expected.size() == samples.size() && difference <= tolerance;
        if (same)
            return;
        const QString actual = name + QStringLiteral(".actual");
        QFile out(actual);
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(got) == got.size());
        out.close();
        QFAIL(qPrintable(QStringLiteral("differs by %1 of the level; listen, and to accept it: mv %2 %3")
                             .arg(difference)
                             .arg(actual, name)));
    }
};

QTEST_GUILESS_MAIN(CallCodecsTest)
#include "tst_call_codecs.moc"
