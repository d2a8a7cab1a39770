// SPDX-License-Identifier: GPL-3.0-or-later
// A real phone puts another one on hold: who waits hears the exchange's music, the archive has what was
// heard.
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/measure.h"
#include "tests/support/sanitized.h"
#include "tests/support/whole_sound.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;
constexpr double kMusicHz = 1320;

/// A second of a tone as the exchange's own music.
void writeMusic(const QString& file, double hz)
{
    constexpr std::uint32_t kRate = 8000;
    QByteArray frames;
    for (std::uint32_t i = 0; i < kRate; ++i) { // whole periods, so it goes round without a click
        const auto sample =
            static_cast<std::int16_t>(std::lround(9000 * std::sin(2 * std::numbers::pi * hz * i / kRate)));
        frames.append(reinterpret_cast<const char*>(&sample), sizeof sample);
    }
    const auto number = [](auto value) {
        return QByteArray(reinterpret_cast<const char*>(&value), sizeof value);
    };
    QDir().mkpath(QFileInfo(file).path());
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("RIFF" + number(static_cast<std::uint32_t>(36 + frames.size())) + "WAVEfmt " +
              number(std::uint32_t{16}) + number(std::uint16_t{1}) + number(std::uint16_t{1}) +
              number(kRate) + number(2 * kRate) + number(std::uint16_t{2}) + number(std::uint16_t{16}) +
              "data" + number(static_cast<std::uint32_t>(frames.size())) + frames);
}

/// In which tenths of a second of a channel a tone is heard.
struct Heard {
    int before = 0; ///< of the music
    int music = 0;
    int after = 0;
    int both = 0; ///< music and voice at once
};

Heard heard(const test::WholeSound& sound, std::size_t channel)
{
    const auto samples = test::channelOf(sound.samples, channel, sound.channels);
    const std::size_t block = sound.rate / 10;
    Heard out;
    for (std::size_t at = 0; at + block <= samples.size(); at += block) {
        const auto part = std::span(samples).subspan(at, block);
        const bool voice = test::toneLevel(part, kAnnaHz, sound.rate) > 0.1;
        const bool music = test::toneLevel(part, kMusicHz, sound.rate) > 0.1;
        out.music += music ? 1 : 0;
        out.both += music && voice ? 1 : 0;
        if (voice)
            ++(out.music == 0 ? out.before : out.after);
    }
    return out;
}

} // namespace

class HoldTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void whoWaitsHearsMusic_data()
    {
        QTest::addColumn<QString>("module");
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<QString>("ottoProtects");
        QTest::newRow("G.711") << "g711" << 8000 << 1 << QString();
        QTest::newRow("G.722") << "g722" << 16000 << 1 << QString();
        QTest::newRow("Opus") << "opus" << 48000 << 2 << QString();
        QTest::newRow("G.711, SRTP") << "g711" << 8000 << 1 << QStringLiteral("srtp-mand");
        QTest::newRow("G.711, DTLS") << "g711" << 8000 << 1 << QStringLiteral("dtls_srtp");
    }
    void whoWaitsHearsMusic()
    {
        QFETCH(QString, module);
        QFETCH(int, rate);
        QFETCH(int, channels);
        QFETCH(QString, ottoProtects);
        CtlFixture fixture;
        writeMusic(fixture.config() + QStringLiteral("/sounds/music.wav"), kMusicHz);
        QVERIFY(test::addUser(fixture, "anna", "100", "first").exitCode == 0 &&
                test::addUser(fixture, "otto", "101", "second").exitCode == 0);
        ExchangeProcess exchange(fixture);
        const BaresipOptions ottos{QStringLiteral("otto"),
                                   QStringLiteral("second"),
                                   module,
                                   rate,
                                   channels,
                                   ottoProtects,
                                   kOttoHz,
                                   true};
        BaresipPhone otto(fixture.path(QStringLiteral("otto")), exchange.port4, ottos);
        const BaresipOptions annas{
            QStringLiteral("anna"), QStringLiteral("first"), module, rate, channels, {}, kAnnaHz, false};
        BaresipPhone anna(fixture.path(QStringLiteral("anna")), exchange.port4, annas);
        QVERIFY(otto.isReady() && anna.isReady());
        anna.dial(QStringLiteral("101"));
        QVERIFY2(anna.waitFor("Call established"), anna.said().constData());
        QVERIFY(otto.waitFor("Call established"));
        QTest::qWait(2000); // they talk
        anna.hold();
        QElapsedTimer timer;
        timer.start();
        QTest::qWait(3500); // otto waits
        const auto waited = timer.elapsed();
        anna.resume();
        QTest::qWait(test::kIsSanitized ? 8000 : 2000); // and they talk again, once that is agreed on
        anna.hangUp();
        QVERIFY2(otto.waitFor("terminated"), otto.said().constData());
        const auto recordings = [&] {
            return fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                .json()[QLatin1String("recordings")]
                .toArray();
        };
        QTRY_COMPARE_WITH_TIMEOUT(recordings().size(), 1, 20'000);
        const QJsonObject row = recordings()[0].toObject();
        QCOMPARE(row[QLatin1String("lostPackets")].toArray(), (QJsonArray{0, 0}));
        const QString archived = fixture.archive() + u'/' + row[QLatin1String("file")].toString();
        // The relay copies what it sends to otto: anna's side (external, right). His own file of what he
        // heard ends with the first re-INVITE, which is baresip's way (1.0.0).
        const test::WholeSound sound = test::wholeSound(pathOf(archived.toStdString()));
        const Heard tones = heard(sound, 1);
        const QByteArray words = QByteArray::number(tones.before) + ", music " +
                                 QByteArray::number(tones.music) + ", " + QByteArray::number(tones.after) +
                                 "; both " + QByteArray::number(tones.both) + "; " + exchange.said();
        QVERIFY2(tones.before >= 12, words.constData());
        QVERIFY2(tones.music >= 18 && tones.music <= waited / 100 + 5, words.constData());
        QVERIFY2(tones.after >= 12, words.constData());
        QVERIFY2(tones.both <= 2, words.constData()); // where one follows the other
    }
};

QTEST_GUILESS_MAIN(HoldTest)
#include "tst_hold.moc"
