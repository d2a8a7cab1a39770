// SPDX-License-Identifier: GPL-3.0-or-later
// Encrypted calls through a whole import: right keys sound, changed keys go on sounding, wrong or missing
// keys are never noise and lose nothing.
#include "recorder/pipeline/convert_job.h"
#include "tests/unit/recorder/imported_scene.h"

#include <QTest>

#include <algorithm>

using namespace sr;
using namespace sr::test;
using capture::test::sdp;

namespace {

/// A suite with a key, as both the SDP and the sender want it.
struct Key {
    std::string suite;
    std::string octets;
    SrtpSender sender;
};

Key makeKey(bool gcm, char first)
{
    std::string octets;
    for (int i = 0; i < (gcm ? 28 : 30); ++i)
        octets += static_cast<char>(first + 7 * i);
    return {gcm ? "AEAD_AES_128_GCM" : "AES_CM_128_HMAC_SHA1_80", octets,
            SrtpSender(octets, 16, gcm ? 16 : 10, gcm)};
}

std::string inlineOf(const Key& key)
{
    return QByteArray::fromStdString(key.octets).toBase64().toStdString();
}

std::string cryptoLine(const Key& key)
{
    return "a=crypto:1 " + key.suite + " inline:" + inlineOf(key) + "\r\n";
}

std::string secure(std::string text)
{
    text.replace(text.find("RTP/AVP"), 7, "RTP/SAVP");
    return text;
}

std::string secureSdp(const char* address, int port, const Key* key)
{
    return secure(sdp(address, port, key != nullptr ? cryptoLine(*key) : std::string()));
}

/// Sent under this key; sequence and time stamp go on from one run to the next.
VoiceRun keyed(VoiceRun run, const Key* key)
{
    run.sequence = static_cast<std::uint16_t>(run.begin * 50);
    run.timestamp = static_cast<std::uint32_t>(run.begin * 8000);
    run.srtp = key != nullptr ? &key->sender : nullptr;
    return run;
}
VoiceRun caller(double begin, double end, const Key* key)
{
    return keyed(test::caller(begin, end), key);
}
VoiceRun callee(double begin, double end, const Key* key)
{
    return keyed(test::callee(begin, end), key);
}

bool contains(const Bytes& file, const std::string& text)
{
    return textOf(file).find(text) != std::string_view::npos;
}

/// Payload of 20 ms of the burst, clear, as it must stand in an opened pcap.
std::string burstPayload()
{
    std::string octets;
    for (int i = 0; i < 160; ++i)
        octets += static_cast<char>(codec::encodeG711(codec::Law::A, burstAt(i * 125)));
    return octets;
}

int loudest(const std::vector<std::int16_t>& stereo, std::size_t channel)
{
    int peak = 0;
    for (std::size_t i = channel; i < stereo.size(); i += 2)
        peak = std::max(peak, std::abs(int{stereo[i]}));
    return peak;
}

} // namespace

class ImportSrtpTest : public QObject {
    Q_OBJECT

private slots:
    void keysOfTheSdpOpenTheCall_data()
    {
        QTest::addColumn<bool>("gcm");
        QTest::newRow("AES_CM_128_HMAC_SHA1_80") << false;
        QTest::newRow("AEAD_AES_128_GCM") << true;
    }
    void keysOfTheSdpOpenTheCall()
    {
        QFETCH(bool, gcm);
        const Key near = makeKey(gcm, 1);
        const Key far = makeKey(gcm, 99);
        Scene scene;
        scene.call(21, secureSdp("10.0.0.1", 4000, &near), secureSdp("10.0.0.2", 5000, &far));
        scene.voice(caller(1, 21, &near)).voice(callee(1, 21, &far));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        QCOMPARE(archive.recording(report.recordings[0]).coding, std::string("pcma"));
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
        QVERIFY(loudest(sound, 0) < 12500);
    }

    void packetsSayWhichOfSeveralKeys()
    {
        const Key spare = makeKey(false, 50);
        Key near = makeKey(false, 1);
        near.sender = SrtpSender(near.octets, 16, 10, false, std::string("\0\2", 2));
        const Key far = makeKey(false, 99); // announces an MKI and leaves it out
        const auto line = [](const Key& key, const char* mki) { return "inline:" + inlineOf(key) + mki; };
        const std::string keys =
            "a=crypto:1 " + near.suite + " " + line(spare, "|2^20|1:2;") + line(near, "|2^20|2:2") + "\r\n";
        const std::string farKeys = "a=crypto:1 " + far.suite + " " + line(far, "|1:4") + "\r\n";
        Scene scene;
        scene.call(21, secure(sdp("10.0.0.1", 4000, keys)), secure(sdp("10.0.0.2", 5000, farKeys)));
        scene.voice(caller(1, 21, &near)).voice(callee(1, 21, &far));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
        QVERIFY(report.undecoded.empty());
    }

    void nativePcapIsClearAndConvertsLater_data() { keysOfTheSdpOpenTheCall_data(); }
    void nativePcapIsClearAndConvertsLater()
    {
        QFETCH(bool, gcm);
        const Key near = makeKey(gcm, 1);
        const Key far = makeKey(gcm, 99);
        Scene scene;
        scene.call(21, secureSdp("10.0.0.1", 4000, &near), secureSdp("10.0.0.2", 5000, &far));
        scene.voice(caller(1, 21, &near)).voice(callee(1, 21, &far));
        const Bytes capture = scene.pcap();
        QVERIFY(contains(capture, inlineOf(near)) && !contains(capture, burstPayload()));
        SceneArchive archive;
        recorder::ImportOptions options;
        options.format = recorder::OutputFormat::Pcap;
        const auto report = archive.import(capture, options);
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const Bytes kept = archive.audioBytes(report.recordings[0]);
        for (const std::string& gone :
             {inlineOf(near), inlineOf(far), std::string("crypto"), std::string("SAVP")})
            QVERIFY2(!contains(kept, gone), gone.c_str());
        QVERIFY(contains(kept, burstPayload()));
        Progress quiet;
        const auto converted =
            recorder::convertArchive(archive.archive(), recorder::OutputFormat::Wav, false, quiet);
        QVERIFY(converted);
        QCOMPARE(converted->converted, std::uint64_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
    }

    void aKeyChangedByReinviteGoesOnSounding()
    {
        const Key first = makeKey(false, 1);
        const Key next = makeKey(false, 50);
        const Key far = makeKey(false, 99);
        Scene scene;
        const std::string answer = secureSdp("10.0.0.2", 5000, &far);
        scene.call(21, secureSdp("10.0.0.1", 4000, &first), answer);
        scene.reinvite(10.5, 2, secureSdp("10.0.0.1", 4000, &next), answer);
        scene.voice(caller(1, 10.6, &first)).voice(caller(10.6, 21, &next)).voice(callee(1, 21, &far));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
        QCOMPARE(archive.recording(report.recordings[0]).lostPackets[0], std::uint64_t{0});
    }

    void aCallThatTurnsClearGoesOnSounding()
    {
        const Key near = makeKey(false, 1);
        const Key far = makeKey(false, 99);
        Scene scene;
        scene.call(21, secureSdp("10.0.0.1", 4000, &near), secureSdp("10.0.0.2", 5000, &far));
        scene.reinvite(10.5, 2, sdp("10.0.0.1", 4000), sdp("10.0.0.2", 5000));
        scene.voice(caller(1, 10.6, &near)).voice(caller(10.6, 21, nullptr));
        scene.voice(callee(1, 10.6, &far)).voice(callee(10.6, 21, nullptr));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
    }

    void anOfferOfKeysThatIsNotTakenStaysClear()
    {
        const Key near = makeKey(false, 1);
        Scene scene; // best effort: a clear profile with keys, answered without
        scene.call(21, sdp("10.0.0.1", 4000, cryptoLine(near)), sdp("10.0.0.2", 5000));
        scene.voice(caller(1, 21, nullptr)).voice(callee(1, 21, nullptr));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
    }

    void aWrongKeyOnOneLegKeepsThePackets()
    {
        const Key said = makeKey(false, 1);
        const Key used = makeKey(false, 2);
        const Key far = makeKey(false, 99);
        Scene scene;
        scene.call(21, secureSdp("10.0.0.1", 4000, &said), secureSdp("10.0.0.2", 5000, &far));
        scene.voice(caller(1, 21, &used)).voice(callee(1, 21, &far));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        QCOMPARE(report.recordings[0].codecs[0], std::string());
        QCOMPARE(report.recordings[0].format, archive::MediaFormat::Pcap);
        QCOMPARE(report.recordings[0].codecs[1], std::string("PCMA"));
        const archive::Recording recording = archive.recording(report.recordings[0]);
        QVERIFY((recording.undecodablePackets == std::array<std::uint64_t, 2>{1000, 0}));
        QVERIFY((recording.lockedPackets == std::array<std::uint64_t, 2>{1000, 0}));
        QCOMPARE(report.undecoded.size(), std::size_t{1});
        QCOMPARE(report.undecoded[0].uid, report.recordings[0].uid);
        QCOMPARE(report.undecoded[0].packets, std::uint64_t{1000});
        QCOMPARE(report.undecoded[0].locked, std::uint64_t{1000});
        QVERIFY(report.undecoded[0].keptAsPackets);
        // Silence for one of them would lose it for good.
        Progress quiet;
        const auto converted =
            recorder::convertArchive(archive.archive(), recorder::OutputFormat::Wav, false, quiet);
        QCOMPARE(converted->failed.size(), std::size_t{1});
    }

    void keysThatComeLaterCompleteTheRecording_data()
    {
        QTest::addColumn<bool>("secureProfile");
        QTest::newRow("RTP/SAVP") << true;
        QTest::newRow("RTP/AVP, so that only its looks tell") << false;
    }
    void keysThatComeLaterCompleteTheRecording()
    {
        QFETCH(bool, secureProfile);
        const Key near = makeKey(false, 1);
        const Key far = makeKey(true, 99);
        Scene scene;
        if (secureProfile)
            scene.call(21, secureSdp("10.0.0.1", 4000, nullptr), secureSdp("10.0.0.2", 5000, nullptr));
        else
            scene.call(21);
        scene.voice(caller(1, 21, &near)).voice(callee(1, 21, &far));
        const Bytes capture = scene.pcap();
        SceneArchive archive;
        recorder::ImportOptions options;
        options.srtpKeys = {{near.suite, near.octets}};
        const auto first = archive.import(capture, options);
        QCOMPARE(first.recordings.size(), std::size_t{1});
        QCOMPARE(first.recordings[0].format, archive::MediaFormat::Pcap);
        QVERIFY(
            (archive.recording(first.recordings[0]).lockedPackets == std::array<std::uint64_t, 2>{0, 1000}));
        QCOMPARE(archive.import(capture, options).duplicates.size(), std::size_t{1}); // nothing new
        options.srtpKeys.push_back({far.suite, far.octets});
        const Bytes begin(capture.begin(), capture.begin() + static_cast<std::ptrdiff_t>(capture.size() / 3));
        QCOMPARE(archive.import(begin, options).duplicates.size(), std::size_t{1}); // the rest would be lost
        const auto second = archive.import(capture, options);
        QVERIFY(second.duplicates.empty());
        QCOMPARE(second.recordings.size(), std::size_t{1});
        QCOMPARE(second.recordings[0].uid, first.recordings[0].uid);
        QCOMPARE(second.recordings[0].format, archive::MediaFormat::Wav);
        const auto whole = archive.recording(second.recordings[0]);
        QCOMPARE(whole.durationMs, whole.frames * 1000 / whole.sampleRate);
        const auto sound = archive.sound(second.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
        QVERIFY(
            (archive.recording(second.recordings[0]).lockedPackets == std::array<std::uint64_t, 2>{0, 0}));
        QCOMPARE(archive.import(capture, options).duplicates.size(), std::size_t{1});
    }

    void unsupportedSuitesAreNamed()
    {
        const Key used = makeKey(false, 2);
        const std::string line = "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + inlineOf(used) + "\r\n";
        Scene scene;
        scene.call(6, secure(sdp("10.0.0.1", 4000, line)), secure(sdp("10.0.0.2", 5000, line)));
        scene.voice(caller(1, 6, &used)).voice(callee(1, 6, &used));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.undecoded.size(), std::size_t{1});
        QCOMPARE(report.undecoded[0].suite, std::string("F8_128_HMAC_SHA1_80"));
        QVERIFY(report.undecoded[0].keptAsPackets);
    }

    void whatNoKeyOpensIsKeptAsItCame_data()
    {
        QTest::addColumn<bool>("sdpHasKeys");
        QTest::addColumn<bool>("givenKey");
        QTest::newRow("wrong keys in the SDP") << true << false;
        QTest::newRow("no keys at all") << false << false;
        QTest::newRow("a wrong key given by hand") << false << true;
    }
    void whatNoKeyOpensIsKeptAsItCame()
    {
        QFETCH(bool, sdpHasKeys);
        QFETCH(bool, givenKey);
        const Key said = makeKey(false, 1);
        const Key used = makeKey(false, 2);
        const Key* inSdp = sdpHasKeys ? &said : nullptr;
        Scene scene;
        scene.call(11, secureSdp("10.0.0.1", 4000, inSdp), secureSdp("10.0.0.2", 5000, inSdp));
        scene.voice(caller(1, 11, &used)).voice(callee(1, 11, &used));
        SceneArchive archive;
        recorder::ImportOptions options;
        if (givenKey)
            options.srtpKeys.push_back({said.suite, said.octets});
        const auto report = archive.import(scene.pcap(), options);
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const archive::RecordingRow& row = report.recordings[0];
        QCOMPARE(row.format, archive::MediaFormat::Pcap);
        QVERIFY((archive.recording(row).lockedPackets == std::array<std::uint64_t, 2>{500, 500}));
        QCOMPARE(report.undecoded.size(), std::size_t{1});
        QCOMPARE(report.undecoded[0].locked, std::uint64_t{1000});
        QVERIFY(report.undecoded[0].keptAsPackets);
        const Bytes kept = archive.audioBytes(row);
        const Bytes payload = [] {
            const std::string clear = burstPayload();
            const ByteView view = bytesOf(clear);
            return Bytes(view.begin(), view.end());
        }();
        const Bytes packet = used.sender.protect(50, 0, 11, payload); // the caller's first
        QVERIFY(contains(kept, std::string(textOf(packet))));
        QVERIFY(!contains(kept, "inline:"));
        QVERIFY(contains(kept, "RTP/SAVP"));
        // Turning it into silence would lose it for good.
        Progress quiet;
        const auto converted =
            recorder::convertArchive(archive.archive(), recorder::OutputFormat::Wav, false, quiet);
        QVERIFY(converted);
        QCOMPARE(converted->converted, std::uint64_t{0});
        QCOMPARE(converted->failed.size(), std::size_t{1});
        QVERIFY(archive.audioBytes(row) == kept);
    }

    void aKeyGivenByHandOpensTheCall_data()
    {
        QTest::addColumn<bool>("pcap");
        QTest::newRow("to WAV") << false;
        QTest::newRow("to pcap, and that to WAV") << true;
    }
    void aKeyGivenByHandOpensTheCall()
    {
        QFETCH(bool, pcap);
        const Key used = makeKey(true, 2);
        const Key other = makeKey(false, 3);
        Scene scene;
        scene.call(11, secureSdp("10.0.0.1", 4000, nullptr), secureSdp("10.0.0.2", 5000, nullptr));
        scene.voice(caller(1, 11, &used)).voice(callee(1, 11, &other));
        SceneArchive archive;
        recorder::ImportOptions options;
        options.format = pcap ? recorder::OutputFormat::Pcap : recorder::OutputFormat::Wav;
        options.srtpKeys = {{used.suite, used.octets}, {other.suite, other.octets}};
        const auto report = archive.import(scene.pcap(), options);
        QCOMPARE(report.recordings.size(), std::size_t{1});
        if (pcap) {
            QVERIFY(contains(archive.audioBytes(report.recordings[0]), burstPayload()));
            Progress quiet;
            const auto converted =
                recorder::convertArchive(archive.archive(), recorder::OutputFormat::Wav, false, quiet);
            QVERIFY(converted && converted->converted == 1);
        }
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 10));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 10));
    }
};

QTEST_GUILESS_MAIN(ImportSrtpTest)
#include "tst_import_srtp.moc"
