// SPDX-License-Identifier: GPL-3.0-or-later
// Whole imports of calls where other recorders drift, clip or lose audio (anchors.md, section A), from SIP
// text to the samples of the WAV, and of hold, music, change of source and of codec.
#include "tests/support/measure.h"
#include "tests/unit/recorder/imported_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::test;
using archive::InsertionMark;
using archive::Recording;
using capture::test::sdp;

namespace {

QByteArray flowOf(const Recording& recording)
{
    QByteArray flow;
    for (const archive::FlowStep& step : recording.flow)
        flow += QByteArray::fromStdString(step.kind) + ' ';
    return flow;
}

/// Frames inserted for a party under one name.
std::uint64_t inserted(const Recording& recording, const std::string& party, const std::string& kind)
{
    std::uint64_t frames = 0;
    for (const InsertionMark& one : recording.insertions) {
        if (one.party == party && one.kind == kind)
            frames += one.frames;
    }
    return frames;
}

double root(const std::vector<std::int16_t>& samples)
{
    double sum = 0;
    for (const double s : samples)
        sum += s * s;
    return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(samples.size(), 1)));
}

} // namespace

class ImportCallsTest : public QObject {
    Q_OBJECT

private slots:
    void whereOtherRecordersFail_data()
    {
        QTest::addColumn<int>("callerType");
        QTest::addColumn<int>("calleeType");
        QTest::addColumn<int>("calleePtime");
        QTest::addColumn<double>("ppm");
        QTest::addColumn<bool>("doubled");
        QTest::addColumn<int>("loseEvery");
        QTest::newRow("nothing special") << 8 << 8 << 20 << 0.0 << false << 0;
        QTest::newRow("A-law on one leg, G.722 on the other") << 8 << 9 << 20 << 0.0 << false << 0;
        QTest::newRow("G.722 on both legs") << 9 << 9 << 20 << 0.0 << false << 0;
        QTest::newRow("mu-law and A-law") << 0 << 8 << 20 << 0.0 << false << 0;
        QTest::newRow("packets of 20 and 40 ms") << 8 << 8 << 40 << 0.0 << false << 0;
        QTest::newRow("packets of 20 and 10 ms") << 8 << 8 << 10 << 0.0 << false << 0;
        QTest::newRow("a mirror port doubles every packet") << 8 << 8 << 20 << 0.0 << true << 0;
        QTest::newRow("a mirror port loses every ninth packet") << 8 << 8 << 20 << 0.0 << false << 9;
        QTest::newRow("it loses and doubles, G.722 to mu-law") << 9 << 0 << 20 << 0.0 << true << 9;
        QTest::newRow("clocks that differ by 400 ppm") << 8 << 8 << 20 << 200.0 << false << 0;
    }
    void whereOtherRecordersFail()
    {
        QFETCH(int, callerType);
        QFETCH(int, calleeType);
        QFETCH(int, calleePtime);
        QFETCH(double, ppm);
        QFETCH(bool, doubled);
        QFETCH(int, loseEvery);
        const int last = ppm > 0 ? 181 : 31; // [s] 400 ppm of 3 minutes are 72 ms
        VoiceRun near = caller(1, last, static_cast<std::uint8_t>(callerType));
        VoiceRun far = callee(1, last, static_cast<std::uint8_t>(calleeType));
        far.ptimeMs = static_cast<unsigned>(calleePtime);
        near.ppm = ppm;
        far.ppm = -ppm;
        near.loseEvery = static_cast<unsigned>(loseEvery);
        Scene scene;
        scene.call(last).voice(near).voice(far);
        if (doubled)
            scene.doubled();
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const archive::RecordingRow& row = report.recordings[0];
        const Recording recording = archive.recording(row);
        std::uint32_t rate = 0;
        const auto sound = archive.sound(row, &rate);
        const bool wide = callerType == 9 || calleeType == 9;
        QCOMPARE(rate, wide ? 16000U : 8000U);
        QCOMPARE(recording.coding, std::string(wide                                 ? "pcm16"
                                               : callerType == 8 || calleeType == 8 ? "pcma"
                                                                                    : "pcmu"));
        QVERIFY2(std::abs(static_cast<double>(row.durationMs) - (last - 1) * 1000) <= 100,
                 qPrintable(QString::number(row.durationMs)));
        std::vector<int> heard;
        for (const int s : secondsFrom(1, last - 1)) {
            if (loseEvery == 0 || (s - 1) * 50 % loseEvery != loseEvery - 1)
                heard.push_back(s);
        }
        if (ppm > 0) { // the time line follows the faster party: they must be in step with each other
            const auto left = burstsIn(sound, 0);
            const auto right = burstsIn(sound, 1);
            QCOMPARE(left.size(), heard.size());
            QCOMPARE(right.size(), heard.size());
            for (std::size_t i = 0; i < left.size(); ++i)
                QVERIFY2(std::abs(left[i] - right[i]) <= 160,
                         qPrintable(QString::number(left[i] - right[i])));
        } else {
            NO_WRONG_BURSTS(sound, 0, rate, heard);
            NO_WRONG_BURSTS(sound, 1, rate, secondsFrom(1, last - 1), calleePtime > 20 ? 25 : 20);
        }
        checkLevels(sound);
        QCOMPARE(recording.lostPackets[0], static_cast<std::uint64_t>(loseEvery == 0 ? 0 : 1500 / loseEvery));
        QCOMPARE(recording.duplicatePackets[0] > 0, doubled);
        QCOMPARE(inserted(recording, "internal", "loss") > 0, loseEvery > 0);
    }

    void silenceThatNobodySentIsWritten_data()
    {
        QTest::addColumn<bool>("advances");
        QTest::newRow("RTP time goes on") << true;
        QTest::newRow("RTP time stands still") << false;
    }
    void silenceThatNobodySentIsWritten()
    {
        QFETCH(bool, advances);
        VoiceRun again = caller(14, 31);
        again.sequence = static_cast<std::uint16_t>(100 + 9 * 50);
        again.timestamp = 1000U + (advances ? 13U : 9U) * 8000U;
        Scene scene;
        scene.call(31).voice(caller(1, 10)).voice(again).voice(callee(1, 31));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        std::vector<int> spoken = secondsFrom(1, 9);
        for (const int s : secondsFrom(14, 30))
            spoken.push_back(s);
        NO_WRONG_BURSTS(sound, 0, 8000, spoken);
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 30));
        const Recording recording = archive.recording(report.recordings[0]);
        const auto silence = inserted(recording, "internal", "silence");
        QVERIFY2(silence >= 31500 && silence <= 32500, qPrintable(QString::number(silence)));
    }

    void holdLongerThan15SecondsKeepsWhatFollows_data() { silenceThatNobodySentIsWritten_data(); }
    void holdLongerThan15SecondsKeepsWhatFollows()
    {
        QFETCH(bool, advances);
        Scene scene;
        scene.call(40).voice(caller(1, 5)).voice(callee(1, 5));
        scene.reinvite(5, 2, sdp("10.0.0.1", 4000, "a=sendonly\r\n"),
                       sdp("10.0.0.2", 5000, "a=recvonly\r\n"));
        scene.reinvite(22, 3, sdp("10.0.0.1", 4000));
        VoiceRun near = caller(22.2, 40);
        VoiceRun far = callee(22.2, 40);
        near.sequence = far.sequence = 300;
        near.timestamp = far.timestamp = 1000U + (advances ? 21U * 8000U + 1600U : 4U * 8000U);
        scene.voice(near).voice(far);
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const Recording recording = archive.recording(report.recordings[0]);
        QVERIFY2(flowOf(recording).contains("hold ") && flowOf(recording).contains("retrieve "),
                 flowOf(recording).constData());
        const auto sound = archive.sound(report.recordings[0]);
        std::vector<int> spoken = secondsFrom(1, 4);
        for (const int s : secondsFrom(23, 39))
            spoken.push_back(s);
        NO_WRONG_BURSTS(sound, 0, 8000, spoken);
        NO_WRONG_BURSTS(sound, 1, 8000, spoken);
        QVERIFY(root(stretchOf(sound, 0, 8000, 5.1, 22)) <= 8);
        for (const char* party : {"internal", "external"}) {
            const auto silence = inserted(recording, party, "silence");
            QVERIFY2(silence >= 137000 && silence <= 139000, qPrintable(QString::number(silence)));
        }
    }

    void musicOnHoldFromAThirdAddressIsHeard()
    {
        Scene scene;
        scene.call(40).voice(caller(1, 5)).voice(callee(1, 40));
        scene.reinvite(5, 2, sdp("10.0.0.9", 6000, "a=sendonly\r\n"),
                       sdp("10.0.0.2", 5000, "a=recvonly\r\n"));
        scene.reinvite(25, 3, sdp("10.0.0.1", 4000));
        scene.voice({.from = "10.0.0.9:6000",
                     .to = kCalleeMedia,
                     .begin = 5.2,
                     .end = 25,
                     .ssrc = 99,
                     .sound = steadyTone(440)});
        VoiceRun back = caller(25.2, 40);
        back.sequence = 300;
        back.timestamp = 1000U + 24U * 8000U + 1600U;
        scene.voice(back);
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const Recording recording = archive.recording(report.recordings[0]);
        QVERIFY2(flowOf(recording).contains("hold ") && flowOf(recording).contains("retrieve "),
                 flowOf(recording).constData());
        const auto sound = archive.sound(report.recordings[0]);
        const auto music = stretchOf(sound, 0, 8000, 6, 24.5);
        const double level = toneLevel(music, 440, 8000) * 32768;
        QVERIFY2(std::abs(level - 8000) < 400, qPrintable(QString::number(level)));
        QVERIFY(toneLevel(stretchOf(sound, 1, 8000, 6, 24.5), 440, 8000) * 32768 < 100);
        std::vector<int> spoken = secondsFrom(26, 39);
        std::vector<std::int16_t> after = sound;
        std::fill(after.begin(), after.begin() + 2 * 8000 * 24 + 2 * 2000, std::int16_t{0}); // to 25.25 s
        NO_WRONG_BURSTS(after, 0, 8000, spoken);
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 39));
    }

    void aSourceThatChangesWithOverlapStaysInPlace()
    {
        VoiceRun second = caller(9.94, 31);
        second.ssrc = 77;
        second.sequence = 60000;
        second.timestamp = 0xffffff00U;
        Scene scene;
        scene.call(31).voice(caller(1, 10.1)).voice(second).voice(callee(1, 31));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 30));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 30));
        QCOMPARE(archive.recording(report.recordings[0]).lostPackets[0], std::uint64_t{0});
    }

    void aCodecThatChangesByReinviteStaysInPlace()
    {
        Scene scene;
        scene.call(31).voice(caller(1, 11)).voice(callee(1, 11));
        scene.reinvite(10.9, 2, sdp("10.0.0.1", 4000, "", "9 101"), sdp("10.0.0.2", 5000, "", "9 101"));
        for (VoiceRun run : {caller(11, 31, 9), callee(11, 31, 9)}) {
            run.sequence = 600;
            run.timestamp = 1000 + 10 * 8000;
            scene.voice(run);
        }
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const archive::RecordingRow& row = report.recordings[0];
        QCOMPARE(row.codecs[0], std::string("PCMA+G722"));
        QCOMPARE(row.codecs[1], std::string("PCMA+G722"));
        std::uint32_t rate = 0;
        const auto sound = archive.sound(row, &rate);
        QCOMPARE(rate, 16000U);
        NO_WRONG_BURSTS(sound, 0, 16000, secondsFrom(1, 30));
        NO_WRONG_BURSTS(sound, 1, 16000, secondsFrom(1, 30));
        checkLevels(sound);
        QVERIFY(flowOf(archive.recording(row)).contains("reinvite "));
    }

    void aPartyThatOnlyReceivesHasASilentChannel()
    {
        Scene scene;
        scene.call(21, sdp("10.0.0.1", 4000, "a=recvonly\r\n"), sdp("10.0.0.2", 5000, "a=sendonly\r\n"));
        scene.voice(callee(1, 21));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, {});
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
        QVERIFY(root(stretchOf(sound, 0, 8000, 1, 20.9)) <= 8);
    }

    void digitsStandInTheSidecarWhereTheyWerePressed()
    {
        Scene scene;
        scene.call(21).voice(callee(1, 21)).voice(caller(1, 21));
        const auto press = [&](double t, unsigned symbol, std::uint16_t number) {
            for (unsigned i = 1; i <= 8; ++i) {
                const unsigned duration = std::min(i, 6U) * 160;
                const Bytes event{
                    static_cast<std::byte>(symbol), static_cast<std::byte>(i >= 6 ? 0x8a : 0x0a),
                    static_cast<std::byte>(duration >> 8), static_cast<std::byte>(duration & 255)};
                scene.packet(t + 0.02 * std::min(i, 6U) + 0.0005 * i, kCallerMedia, kCalleeMedia,
                             rtpDatagram(101, static_cast<std::uint16_t>(number + i),
                                         static_cast<std::uint32_t>((t - 1) * 8000 + 1000), 555, event));
            }
        };
        press(4, 1, 10);
        press(9, 11, 20);
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        QCOMPARE(report.recordings[0].dtmf, std::string("1#"));
        const Recording recording = archive.recording(report.recordings[0]);
        QCOMPARE(recording.digits.size(), std::size_t{2});
        for (std::size_t i = 0; i < 2; ++i) {
            const auto at = static_cast<double>(recording.digits[i].frame) / 8000;
            QVERIFY2(std::abs(at - (i == 0 ? 3.0 : 8.0)) < 0.05, qPrintable(QString::number(at)));
            QCOMPARE(recording.digits[i].durationMs, 120U);
            QCOMPARE(recording.digits[i].party, std::string("internal"));
        }
    }

private:
    /// No clipping or garbling: bursts keep their height (the middle one of all, because G.722 itself now and
    /// then overshoots where a burst begins), the rest is quiet.
    static void checkLevels(const std::vector<std::int16_t>& sound)
    {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            std::vector<int> peaks;
            for (const std::int64_t begin : burstsIn(sound, channel)) {
                int peak = 0;
                for (std::size_t i = 0; i < 160; ++i) {
                    const std::size_t at = 2 * (static_cast<std::size_t>(begin) + i) + channel;
                    peak = std::max(peak, at < sound.size() ? std::abs(int{sound[at]}) : 0);
                }
                peaks.push_back(peak);
            }
            QVERIFY(!peaks.empty());
            std::ranges::sort(peaks);
            const int peak = peaks[peaks.size() / 2];
            QVERIFY2(peak > 10500 && peak < 13500, qPrintable(QString::number(peak)));
            double quiet = 0;
            std::size_t count = 1;
            for (std::size_t i = channel; i < sound.size(); i += 2) {
                const int s = std::abs(int{sound[i]});
                if (s < 1000) {
                    quiet += static_cast<double>(s) * s;
                    ++count;
                }
            }
            QVERIFY(std::sqrt(quiet / static_cast<double>(count)) < 120);
        }
    }
};

QTEST_GUILESS_MAIN(ImportCallsTest)
#include "tst_import_calls.moc"
