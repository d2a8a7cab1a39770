// SPDX-License-Identifier: GPL-3.0-or-later
// Sounds from raw payload, from containers and from tones, and what is refused.
#include "core/codec/g711.h"
#include "core/codec/payload_encoder.h"
#include "core/codec/wav.h"
#include "core/media/sound.h"
#include "core/media/twofold_rate.h"
#include "tests/unit/codec/tone.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::media;

namespace {

Bytes wavOf(const std::vector<std::int16_t>& interleaved, std::uint32_t rate, std::uint8_t channels)
{
    Bytes file = codec::wavHeader({codec::SampleCoding::Pcm16, rate, channels}, interleaved.size() / channels)
                     .valueOr({});
    for (const std::int16_t sample : interleaved) {
        file.push_back(static_cast<std::byte>(sample & 0xff));
        file.push_back(static_cast<std::byte>((sample >> 8) & 0xff));
    }
    return file;
}

} // namespace

class TestSound : public QObject {
    Q_OBJECT

private slots:
    void rawG711KeepsItsPayload();
    void rawG722IsWideband();
    void rawG729KeepsWholeFrames();
    void wavIsMixedAndBroughtToARate();
    void refuses_data();
    void refuses();
    void missingFile();
    void tonesHaveTheirRhythm();
    void tonesHaveTheirLevel();
    void rateIsDoubledAndHalved();
};

void TestSound::rawG711KeepsItsPayload()
{
    QTemporaryDir dir;
    const Path file = pathOf(dir.path().toStdString()) / "greeting.G711A";
    Bytes octets;
    for (int i = 0; i < 1000; ++i)
        octets.push_back(static_cast<std::byte>(i));
    QVERIFY(writeFileAtomic(file, octets));
    const auto sound = Sound::load(file);
    QVERIFY(sound);
    QCOMPARE((*sound)->rate(), kNarrowband);
    QCOMPARE((*sound)->length().count(), 125);
    QVERIFY((*sound)->kept() == Sound::Kept::ALaw);
    QVERIFY(std::ranges::equal((*sound)->payload(), octets));
    QCOMPARE((*sound)->samples()[7], codec::decodeG711(codec::Law::A, octets[7]));
}

void TestSound::rawG722IsWideband()
{
    auto encoder = codec::PayloadEncoder::open({"G722", 8000, 1, {}});
    const auto tone = test::tone(440, 16000, 16000);
    Bytes file;
    Bytes payload;
    for (std::size_t at = 0; at < tone.size(); at += 320) {
        QVERIFY((*encoder)->encode(std::span(tone).subspan(at, 320), payload));
        file.insert(file.end(), payload.begin(), payload.end());
    }
    const auto sound = Sound::read(file, "a.g722");
    QVERIFY(sound);
    QCOMPARE((*sound)->rate(), kWideband);
    QCOMPARE((*sound)->samples().size(), tone.size());
    const auto middle = (*sound)->samples().subspan(4000, 8000);
    QVERIFY(std::abs(test::decibel(test::levelAt(middle, 440, 16000), test::level(tone))) < 0.5);
}

void TestSound::rawG729KeepsWholeFrames()
{
    const auto sound = Sound::read(Bytes(1004), "a.g729"); // zeros are a frame like any other
    QVERIFY(sound);
    QVERIFY((*sound)->kept() == Sound::Kept::G729);
    QCOMPARE((*sound)->payload().size(), std::size_t{1000});
    QCOMPARE((*sound)->length().count(), 1000);
}

void TestSound::wavIsMixedAndBroughtToARate()
{
    const auto tone = test::tone(440, 48000, 48000);
    std::vector<std::int16_t> stereo;
    for (const std::int16_t sample : tone) {
        stereo.push_back(sample);
        stereo.push_back(sample);
    }
    const auto sound = Sound::read(wavOf(stereo, 48000, 2), "hello.wav");
    QVERIFY(sound);
    QCOMPARE((*sound)->rate(), kWideband);
    QCOMPARE((*sound)->samples().size(), std::size_t{16000});
    const auto middle = (*sound)->samples().subspan(4000, 8000);
    QVERIFY(std::abs(test::decibel(test::levelAt(middle, 440, 16000), test::level(tone))) < 0.2);
}

void TestSound::refuses_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("octets");
    QTest::addColumn<QString>("words");
    QTest::newRow("raw Opus has no lengths") << "a.opus-nb" << 1000 << "not a sound file";
    QTest::newRow("noise with the name of a WAV") << "a.wav" << 1000 << "not a sound file";
    QTest::newRow("no name") << "" << 10 << "not a sound file";
    QTest::newRow("over the limit of time") << "a.g711a" << 16001 << "too long";
    QTest::newRow("over the limit of octets") << "a.g711a" << 100001 << "larger";
}

void TestSound::refuses()
{
    QFETCH(QString, name);
    QFETCH(int, octets);
    QFETCH(QString, words);
    const SoundLimits limits{100000, std::chrono::seconds(1)};
    const auto sound = Sound::read(Bytes(static_cast<std::size_t>(octets)), name.toStdString(), limits);
    QVERIFY(!sound);
    const QString text = QString::fromStdString(sound.error().text());
    QVERIFY2(text.contains(words), qPrintable(text));
}

void TestSound::missingFile()
{
    const auto sound = Sound::load("/nowhere/a.g711a");
    QVERIFY(!sound);
    QCOMPARE(sound.error().code, make_error_code(BaseErrc::NotFound));
}

void TestSound::tonesHaveTheirRhythm()
{
    const SoundPtr busy = Sound::tone(Tone::busy());
    QCOMPARE(busy->length().count(), 960);
    QVERIFY(test::level(busy->samples().first(480 * 8)) > 1000);
    QCOMPARE(test::level(busy->samples().subspan(480 * 8)), 0.0);
    QCOMPARE(Sound::tone(Tone::congestion())->length().count(), 480);
    QCOMPARE(Sound::tone(Tone::ringBack())->length().count(), 5000);
    QCOMPARE(Sound::tone(Tone::dial())->length().count(), 1000);
    QCOMPARE(Sound::tone(Tone::information())->length().count(), 1990);
    QCOMPARE(Sound::silence(std::chrono::milliseconds(250))->samples().size(), std::size_t{2000});
    Tone endless;
    endless.steps.push_back({{425}, std::chrono::hours(1000)});
    QCOMPARE(Sound::tone(endless)->length(), std::chrono::minutes(10));
}

void TestSound::tonesHaveTheirLevel()
{
    const SoundPtr dial = Sound::tone(Tone::dial());
    const double full = 32767 / std::numbers::sqrt2; // +3.14 dBm0
    QVERIFY(std::abs(test::decibel(test::levelAt(dial->samples(), 425, 8000), full) + 13.14) < 0.05);
    Tone two = Tone::dial();
    two.steps.front().frequencies = {350, 440};
    const SoundPtr both = Sound::tone(two);
    QVERIFY(std::abs(test::decibel(test::levelAt(both->samples(), 350, 8000), full) + 13.14) < 0.1);
    QVERIFY(std::abs(test::decibel(test::levelAt(both->samples(), 440, 8000), full) + 13.14) < 0.1);
}

void TestSound::rateIsDoubledAndHalved()
{
    for (const double hertz : {300.0, 1000.0, 3000.0}) {
        const auto tone = test::tone(hertz, 8000, 8000);
        std::vector<std::int16_t> wide(16000);
        std::vector<std::int16_t> back(8000);
        RateDoubler doubler;
        RateHalver halver;
        for (std::size_t at = 0; at < tone.size(); at += 160) {
            const auto part = std::span(wide).subspan(2 * at, 320);
            doubler.process(std::span(tone).subspan(at, 160), part);
            halver.process(part, std::span(back).subspan(at, 160));
        }
        const auto middle = std::span(wide).subspan(4000, 8000);
        QVERIFY(std::abs(test::decibel(test::levelAt(middle, hertz, 16000), test::level(tone))) < 0.2);
        QVERIFY(test::decibel(test::levelAt(middle, 8000 - hertz, 16000), test::level(tone)) < -40);
        const auto again = std::span(back).subspan(2000, 4000);
        QVERIFY(std::abs(test::decibel(test::levelAt(again, hertz, 8000), test::level(tone))) < 0.3);
    }
    const auto high = test::tone(6000, 16000, 16000);
    std::vector<std::int16_t> narrow(8000);
    RateHalver().process(high, narrow);
    QVERIFY(test::decibel(test::level(std::span(narrow).subspan(100)), test::level(high)) < -45);
}

QTEST_GUILESS_MAIN(TestSound)
#include "tst_sound.moc"
