// SPDX-License-Identifier: GPL-3.0-or-later
// A real sound server with a null sink: what the player sends is recorded from the sink's monitor and
// measured.
#include "core/codec/audio_file.h"
#include "player/engine/player.h"
#include "player/engine/qt_audio_output.h"
#include "tests/gui/fake_archive.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <numbers>

using namespace sr;
using namespace sr::player;
using namespace Qt::StringLiterals;

namespace {

constexpr int kRate = 48000;

/// A WAV in memory that owns its bytes.
class OwnedSource final : public ByteSource {
public:
    explicit OwnedSource(Bytes bytes)
        : m_bytes(std::move(bytes))
        , m_source(m_bytes)
    {}
    std::uint64_t size() const override { return m_source.size(); }
    Result<std::size_t> readAt(std::uint64_t at, std::span<std::byte> out) override
    {
        return m_source.readAt(at, out);
    }

private:
    Bytes m_bytes;
    MemorySource m_source;
};

/// Amplitude of one frequency, 0 to 1 (Goertzel).
double toneAt(const std::vector<std::int16_t>& stereo, std::size_t side, double hertz)
{
    const double turn = 2 * std::cos(2 * std::numbers::pi * hertz / kRate);
    double now = 0;
    double last = 0;
    double before = 0;
    const std::size_t frames = stereo.size() / 2;
    for (std::size_t i = 0; i < frames; ++i) {
        now = stereo[i * 2 + side] / 32768.0 + turn * last - before;
        before = last;
        last = now;
    }
    return 2 * std::sqrt(last * last + before * before - turn * last * before) / static_cast<double>(frames);
}

} // namespace

class TestPlayerSound final : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (QStandardPaths::findExecutable(u"pulseaudio"_s).isEmpty() ||
            QStandardPaths::findExecutable(u"parec"_s).isEmpty()) {
            if (qEnvironmentVariable("CI") == u"true")
                QFAIL("pulseaudio and pulseaudio-utils are not installed");
            else
                QSKIP("pulseaudio and pulseaudio-utils are not installed");
        }
        qputenv("XDG_RUNTIME_DIR", m_dir.path().toUtf8());
        qputenv("PULSE_RUNTIME_PATH", m_dir.path().toUtf8());
        qputenv("PULSE_STATE_PATH", m_dir.path().toUtf8());
        qputenv("PULSE_SERVER", "unix:" + m_dir.path().toUtf8() + "/native");
        qputenv("HOME", m_dir.path().toUtf8());
        m_server.setProcessChannelMode(QProcess::MergedChannels);
        m_server.start(
            u"pulseaudio"_s,
            {u"-n"_s, u"--daemonize=no"_s, u"--exit-idle-time=-1"_s, u"--use-pid-file=no"_s,
             u"--load=module-null-sink sink_name=ears rate=48000 format=s16le channels=2"_s,
             u"--load=module-native-protocol-unix auth-anonymous=1 socket=%1/native"_s.arg(m_dir.path())});
        QVERIFY(m_server.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(QProcess::execute(u"pactl"_s, {u"info"_s}) == 0, 10'000);
    }
    void cleanupTestCase()
    {
        m_server.terminate();
        m_server.waitForFinished(5000);
    }

    void bothPartiesReachTheirSidesWithoutGaps()
    {
        QProcess ears;
        ears.start(u"parec"_s, {u"--device=ears.monitor"_s, u"--format=s16le"_s, u"--rate=48000"_s,
                                u"--channels=2"_s, u"--latency-msec=20"_s});
        QVERIFY(ears.waitForStarted());
        QByteArray raw;
        connect(&ears, &QProcess::readyReadStandardOutput, this,
                [&] { raw += ears.readAllStandardOutput(); });
        QTRY_VERIFY(raw.size() > 40'000); // it listens

        Player player([] { return makeQtAudioOutput({}); });
        QSignalSpy finished(&player, &Player::finished);
        QSignalSpy failed(&player, &Player::failed);
        QElapsedTimer sinceCommand;
        sinceCommand.start();
        qint64 firstSound = -1;
        connect(&ears, &QProcess::readyReadStandardOutput, this, [&] {
            const auto* samples = reinterpret_cast<const std::int16_t*>(raw.constData());
            const qsizetype count = raw.size() / 2;
            for (qsizetype i = std::max<qsizetype>(0, count - 8192); firstSound < 0 && i < count; ++i) {
                if (std::abs(int{samples[i]}) > 1000)
                    firstSound = sinceCommand.elapsed();
            }
        });
        player.load(
            "tone",
            [](const std::string&) -> Result<RecordingAudio> {
                auto reader = codec::openAudio(std::make_unique<OwnedSource>(test::twoPartyWav(4, false)));
                if (!reader)
                    return reader.error();
                return RecordingAudio{std::move(reader).value(), archive::ChannelLayout::Stereo};
            },
            true);
        QTRY_VERIFY_WITH_TIMEOUT(finished.size() == 1, 15'000);
        QCOMPARE(failed.size(), 0);
        const qsizetype end = raw.size();
        QTRY_VERIFY(raw.size() > end + kRate * 4 / 2); // the rest of the monitor's buffer, and silence
        ears.terminate();
        ears.waitForFinished(3000);
        raw += ears.readAllStandardOutput();

        std::vector<std::int16_t> heard(static_cast<std::size_t>(raw.size() / 4) * 2);
        std::memcpy(heard.data(), raw.constData(), heard.size() * 2);
        std::size_t first = 0;
        while (first < heard.size() / 2 && std::abs(int{heard[first * 2]}) < 1000)
            ++first;
        std::size_t last = heard.size() / 2;
        while (last > first && std::abs(int{heard[(last - 1) * 2]}) < 1000)
            --last;
        const double seconds = double(last - first) / kRate;
        qInfo("heard %.3f s, first sound %lld ms after the command", seconds,
              static_cast<long long>(firstSound));
        QVERIFY2(std::fabs(seconds - 4.0) < 0.05, qPrintable(QString::number(seconds)));
        // Inside, no stretch of 5 ms is silent.
        int quiet = 0;
        for (std::size_t i = first; i < last; ++i) {
            quiet = std::abs(int{heard[i * 2]}) < 600 ? quiet + 1 : 0;
            QVERIFY2(quiet < kRate / 200, qPrintable(u"gap at %1 s"_s.arg(double(i - first) / kRate)));
        }
        const std::vector<std::int16_t> middle(
            heard.begin() + static_cast<std::ptrdiff_t>((first + kRate) * 2),
            heard.begin() + static_cast<std::ptrdiff_t>((first + 3 * kRate) * 2));
        const double level = 16000.0 / 32768;
        qInfo("440 Hz: left %.3f right %.4f; 880 Hz: left %.4f right %.3f", toneAt(middle, 0, 440),
              toneAt(middle, 1, 440), toneAt(middle, 0, 880), toneAt(middle, 1, 880));
        QVERIFY(std::fabs(toneAt(middle, 0, 440) - level) < 0.03);
        QVERIFY(std::fabs(toneAt(middle, 1, 880) - level) < 0.03);
        QVERIFY(toneAt(middle, 1, 440) < 0.01);
        QVERIFY(toneAt(middle, 0, 880) < 0.01);
    }

private:
    QTemporaryDir m_dir;
    QProcess m_server;
};

QTEST_GUILESS_MAIN(TestPlayerSound)
#include "tst_player_sound.moc"
