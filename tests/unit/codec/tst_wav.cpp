// SPDX-License-Identifier: GPL-3.0-or-later
// WAV headers: what ffprobe and sox make of them, what we read back, and what hostile files get.
#include "core/codec/payload_decoder.h"
#include "core/codec/wav.h"
#include "tests/unit/codec/run_program.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using codec::AudioFormat;
using codec::SampleCoding;

namespace {

Bytes wavFile(const AudioFormat& format, std::uint64_t frames)
{
    Bytes file = *codec::wavHeader(format, frames);
    for (std::uint64_t i = 0; i < frames * format.frameBytes(); ++i)
        file.push_back(static_cast<std::byte>(i * 31));
    file.resize(file.size() + codec::wavPadding(format, frames));
    return file;
}

/// RIFF of the chunks given in hex.
QByteArray riff(const QByteArray& chunks)
{
    QByteArray size(4, '\0');
    storeLe(reinterpret_cast<std::byte*>(size.data()), static_cast<std::uint32_t>(chunks.size() + 4));
    return "RIFF" + size + "WAVE" + chunks;
}
QByteArray chunk(const char* id, const QByteArray& body, int claimed = -1)
{
    QByteArray size(4, '\0');
    storeLe(reinterpret_cast<std::byte*>(size.data()),
            static_cast<std::uint32_t>(claimed < 0 ? body.size() : claimed));
    return QByteArray(id) + size + body + QByteArray(body.size() % 2, '\0');
}
const char* const kALawStereo = "0600"
                                "0200"
                                "401f0000"
                                "803e0000"
                                "0200"
                                "0800";

} // namespace

class WavTest : public QObject {
    Q_OBJECT

    static void formats()
    {
        QTest::addColumn<int>("coding");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("frames");
        QTest::addColumn<QString>("name");
        const auto row = [](const char* text, SampleCoding coding, int channels, int rate, int frames,
                            const char* name) {
            QTest::newRow(text) << int(coding) << channels << rate << frames << QString::fromLatin1(name);
        };
        row("A-law stereo", SampleCoding::ALaw, 2, 8000, 4000, "pcm_alaw");
        row("mu-law stereo", SampleCoding::ULaw, 2, 8000, 4000, "pcm_mulaw");
        row("mu-law mono of odd length", SampleCoding::ULaw, 1, 8000, 4001, "pcm_mulaw");
        row("PCM stereo at 16 kHz", SampleCoding::Pcm16, 2, 16000, 4000, "pcm_s16le");
        row("PCM mono", SampleCoding::Pcm16, 1, 8000, 777, "pcm_s16le");
        row("no sound at all", SampleCoding::ALaw, 2, 8000, 0, "pcm_alaw");
    }

private slots:
    void readsBackWhatItWrote_data() { formats(); }
    void readsBackWhatItWrote()
    {
        QFETCH(int, coding);
        QFETCH(int, channels);
        QFETCH(int, rate);
        QFETCH(int, frames);
        const AudioFormat format{static_cast<SampleCoding>(coding), static_cast<std::uint32_t>(rate),
                                 static_cast<std::uint8_t>(channels)};
        const Bytes file = wavFile(format, static_cast<std::uint64_t>(frames));
        QCOMPARE(file.size() % 2, std::size_t(0));
        QCOMPARE(std::size_t(loadLe<std::uint32_t>(file.data() + 4)), file.size() - 8);
        MemorySource source(file);
        const auto info = codec::parseWav(source);
        QVERIFY(bool(info));
        QVERIFY(info->format == format);
        QCOMPARE(info->frames, static_cast<std::uint64_t>(frames));
        QCOMPARE(info->dataOffset, std::uint64_t(format.coding == SampleCoding::Pcm16 ? 44 : 58));
    }

    void foreignProgramsAgree_data() { formats(); }
    void foreignProgramsAgree()
    {
        QFETCH(int, coding);
        QFETCH(int, channels);
        QFETCH(int, rate);
        QFETCH(int, frames);
        QFETCH(QString, name);
        const AudioFormat format{static_cast<SampleCoding>(coding), static_cast<std::uint32_t>(rate),
                                 static_cast<std::uint8_t>(channels)};
        const QTemporaryDir dir;
        const QString path = dir.filePath(QStringLiteral("a.wav"));
        QVERIFY(test::writeBytes(path, wavFile(format, static_cast<std::uint64_t>(frames))));

        const QByteArray probed = test::runProgram(
            QStringLiteral("ffprobe"), {QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-of"),
                                        QStringLiteral("json"), QStringLiteral("-show_streams"), path});
        const QJsonObject stream = QJsonDocument::fromJson(probed)[u"streams"][0].toObject();
        QCOMPARE(stream[u"codec_name"].toString(), name);
        QCOMPARE(stream[u"channels"].toInt(), channels);
        QCOMPARE(stream[u"sample_rate"].toString(), QString::number(rate));
        if (frames > 0) // ffprobe gives an empty file no duration
            QCOMPARE(stream[u"duration_ts"].toInt(), frames);

        const auto sox = [&](const char* option) {
            return test::runProgram(QStringLiteral("sox"),
                                    {QStringLiteral("--info"), QString::fromLatin1(option), path})
                .trimmed();
        };
        QCOMPARE(sox("-s").toInt(), frames);
        QCOMPARE(sox("-c").toInt(), channels);
        QCOMPARE(sox("-r").toInt(), rate);
    }

    void readsForeignFiles_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<int>("frames");
        const QByteArray fmt = QByteArray::fromHex(kALawStereo);
        const QByteArray sound(10, 'x');
        QTest::newRow("extension of zero octets")
            << riff(chunk("fmt ", fmt + QByteArray(2, '\0')) + chunk("data", sound)) << 5;
        QTest::newRow("list chunk of odd length in between")
            << riff(chunk("fmt ", fmt) + chunk("LIST", "abc") + chunk("data", sound)) << 5;
        QTest::newRow("format after the data") << riff(chunk("data", sound) + chunk("fmt ", fmt)) << 5;
        QTest::newRow("length never filled in")
            << riff(chunk("fmt ", fmt) + chunk("data", sound, 0x7fffffff)) << 5;
        QTest::newRow("half a frame at the end")
            << riff(chunk("fmt ", fmt) + chunk("data", QByteArray(11, 'x'))) << 5;
        QTest::newRow("WAVE_FORMAT_EXTENSIBLE")
            << riff(chunk("fmt ", QByteArray::fromHex("feff"
                                                      "0200"
                                                      "401f0000"
                                                      "803e0000"
                                                      "0200"
                                                      "0800"
                                                      "1600"
                                                      "0800"
                                                      "03000000"
                                                      "0600000000001000800000aa00389b71")) +
                    chunk("data", sound))
            << 5;
    }
    void readsForeignFiles()
    {
        QFETCH(QByteArray, file);
        QFETCH(int, frames);
        MemorySource source(test::viewOf(file));
        const auto info = codec::parseWav(source);
        QVERIFY2(bool(info), info ? "" : info.error().text().c_str());
        QCOMPARE(info->frames, static_cast<std::uint64_t>(frames));
        QVERIFY(info->format.coding == SampleCoding::ALaw);
        std::array<std::byte, 1> first{};
        QVERIFY(bool(source.readAt(info->dataOffset, first)));
        QCOMPARE(std::to_integer<char>(first[0]), 'x');
    }

    void rejectsMalformed_data()
    {
        QTest::addColumn<QByteArray>("file");
        const QByteArray fmt = QByteArray::fromHex(kALawStereo);
        const auto format = [&](const char* hex) {
            return riff(chunk("fmt ", QByteArray::fromHex(hex)) + chunk("data", "xxxx"));
        };
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("header cut") << QByteArray("RIFF\0\0\0\0WAV", 11);
        QTest::newRow("other container") << QByteArray("RIFF\x10\0\0\0AVI 0123", 16);
        QTest::newRow("no chunks") << riff({});
        QTest::newRow("no format") << riff(chunk("data", "xxxx"));
        QTest::newRow("no data") << riff(chunk("fmt ", fmt));
        QTest::newRow("format chunk too short") << riff(chunk("fmt ", fmt.left(12)) + chunk("data", "xxxx"));
        QTest::newRow("extensible cut") << format("feff"
                                                  "0200"
                                                  "401f0000"
                                                  "803e0000"
                                                  "0200"
                                                  "0800");
        QTest::newRow("24-bit PCM") << format("0100"
                                              "0200"
                                              "401f0000"
                                              "80bb0000"
                                              "0600"
                                              "1800");
        QTest::newRow("MP3 in WAV") << format("5500"
                                              "0200"
                                              "401f0000"
                                              "803e0000"
                                              "0100"
                                              "0000");
        QTest::newRow("no channels") << format("0600"
                                               "0000"
                                               "401f0000"
                                               "00000000"
                                               "0000"
                                               "0800");
        QTest::newRow("65535 channels") << format("0600"
                                                  "ffff"
                                                  "401f0000"
                                                  "00000000"
                                                  "ffff"
                                                  "0800");
        QTest::newRow("rate zero") << format("0600"
                                             "0200"
                                             "00000000"
                                             "00000000"
                                             "0200"
                                             "0800");
        QTest::newRow("frame size does not fit") << format("0600"
                                                           "0200"
                                                           "401f0000"
                                                           "803e0000"
                                                           "0400"
                                                           "0800");
        QTest::newRow("two thousand empty chunks") << riff(QByteArray("junk\0\0\0\0", 8).repeated(2000) +
                                                           chunk("fmt ", fmt) + chunk("data", "xxxx"));
        QTest::newRow("chunk that claims to pass the end")
            << riff(chunk("junk", "abcd", 0x7ffffff0) + chunk("fmt ", fmt));
    }
    void rejectsMalformed()
    {
        QFETCH(QByteArray, file);
        MemorySource source(test::viewOf(file));
        const auto info = codec::parseWav(source);
        QVERIFY(!info);
        QVERIFY(info.error().code == codec::CodecErrc::BadFile);
        QVERIFY(info.error().context.find("octet") != std::string::npos);
    }

    void refusesMoreThanRiffCanSay()
    {
        const AudioFormat format{SampleCoding::Pcm16, 16000, 2};
        QVERIFY(bool(codec::wavHeader(format, (0xffffffffULL - 44) / 4)));
        const auto header = codec::wavHeader(format, 0x40000000ULL);
        QVERIFY(!header);
        QVERIFY(header.error().code == BaseErrc::TooLarge);
        QVERIFY(!codec::wavHeader(format, 1ULL << 62));
    }
};

QTEST_GUILESS_MAIN(WavTest)
#include "tst_wav.moc"
