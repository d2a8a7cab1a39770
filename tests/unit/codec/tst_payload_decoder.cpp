// SPDX-License-Identifier: GPL-3.0-or-later
// Every telephone codec: a tone that a foreign encoder made comes back with its frequency, level and length.
#include "core/codec/g711.h"
#include "core/codec/payload_decoder.h"
#include "tests/unit/codec/av_encoder.h"
#include "tests/unit/codec/tone.h"

#include <QTest>

#include <random>

extern "C" { // the header forgets it
#include <bcg729/encoder.h>
}

using namespace sr;
using codec::CodecErrc;
using codec::PayloadDecoder;
using Samples = std::vector<std::int16_t>;

namespace {

std::unique_ptr<PayloadDecoder> opened(const char* encoding, std::uint32_t clock = 8000,
                                       std::uint8_t channels = 1, const char* fmtp = "")
{
    auto decoder = PayloadDecoder::open({encoding, clock, channels, fmtp});
    return decoder ? std::move(decoder).value() : nullptr;
}

/// G.729 frames of 10 octets by bcg729; with `vad` silence becomes descriptors of 2 octets and gaps.
std::vector<Bytes> g729(const Samples& samples, bool vad = false)
{
    std::vector<Bytes> out;
    bcg729EncoderChannelContextStruct* encoder = initBcg729EncoderChannel(vad ? 1 : 0);
    for (std::size_t at = 0; at + 80 <= samples.size(); at += 80) {
        Samples frame(samples.begin() + static_cast<std::ptrdiff_t>(at),
                      samples.begin() + static_cast<std::ptrdiff_t>(at + 80));
        std::uint8_t bits[10]{};
        std::uint8_t length = 0;
        bcg729Encoder(encoder, frame.data(), bits, &length);
        const auto bytes = std::as_bytes(std::span(bits, length));
        out.emplace_back(bytes.begin(), bytes.end());
    }
    closeBcg729EncoderChannel(encoder);
    return out;
}

Bytes joined(const std::vector<Bytes>& parts, std::size_t from, std::size_t count)
{
    Bytes all;
    for (std::size_t i = from; i < from + count; ++i)
        all.insert(all.end(), parts[i].begin(), parts[i].end());
    return all;
}

/// All payloads decoded; durationOf() must have told the length of each.
Samples decodeAll(PayloadDecoder& decoder, const std::vector<Bytes>& payloads)
{
    Samples out;
    for (const Bytes& payload : payloads) {
        const std::size_t before = out.size();
        const auto expected = decoder.durationOf(payload);
        const auto status = decoder.decode(payload, out);
        if (!status)
            qWarning("%s", status.error().text().c_str());
        if (!status || out.size() - before != expected)
            return {};
    }
    return out;
}

} // namespace

class PayloadDecoderTest : public QObject {
    Q_OBJECT

private slots:
    void toneSurvives_data()
    {
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<QString>("encoder");
        QTest::addColumn<int>("encoderRate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("bitrate");
        QTest::addColumn<int>("decodedRate");
        QTest::addColumn<double>("hertz");
        const auto row = [](const char* name, const char* encoding, const char* encoder, int rate,
                            int channels, int bitrate, int decoded, double hertz) {
            QTest::newRow(name) << QString::fromLatin1(encoding) << QString::fromLatin1(encoder) << rate
                                << channels << bitrate << decoded << hertz;
        };
        row("G.722 at 1 kHz", "G722", "g722", 16000, 1, 0, 16000, 1000);
        row("G.722 at 5 kHz, above telephone band", "G722", "g722", 16000, 1, 0, 16000, 5000);
        row("GSM full rate", "GSM", "libgsm", 8000, 1, 0, 8000, 500);
        row("G.726 at 32 kbit/s", "G726-32", "g726le", 8000, 1, 32000, 8000, 1000);
        row("G.726 at 24 kbit/s", "G726-24", "g726le", 8000, 1, 24000, 8000, 1000);
        row("G.726 at 40 kbit/s", "G726-40", "g726le", 8000, 1, 40000, 8000, 1000);
        row("G.726 in AAL2 order", "AAL2-G726-32", "g726", 8000, 1, 32000, 8000, 1000);
        row("G.723.1", "G723", "g723_1", 8000, 1, 6300, 8000, 700);
        row("Opus speech mono", "OPUS", "libopus", 48000, 1, 24000, 16000, 1000);
        row("Opus speech wideband tone", "OPUS", "libopus", 48000, 1, 32000, 16000, 5000);
        row("Opus coded in stereo", "OPUS", "libopus", 48000, 2, 64000, 16000, 1000);
        row("Opus from a 16 kHz encoder", "OPUS", "libopus", 16000, 1, 24000, 16000, 1000);
    }
    void toneSurvives()
    {
        QFETCH(QString, encoding);
        QFETCH(QString, encoder);
        QFETCH(int, encoderRate);
        QFETCH(int, channels);
        QFETCH(int, bitrate);
        QFETCH(int, decodedRate);
        QFETCH(double, hertz);
        const auto rate = static_cast<std::uint32_t>(decodedRate);
        const Samples sent = test::tone(hertz, static_cast<std::uint32_t>(encoderRate),
                                        static_cast<std::size_t>(encoderRate) * 2);
        const auto payloads = test::encodeWithAv(
            {encoder.toStdString(), encoderRate, channels, bitrate, encoderRate / 50}, sent);
        QVERIFY2(!payloads.empty(), "FFmpeg of the test machine must have this encoder");
        const auto decoder =
            opened(encoding.toLatin1().constData(), encoding == QStringLiteral("OPUS") ? 48000 : 8000,
                   encoding == QStringLiteral("OPUS") ? 2 : 1);
        QVERIFY(decoder != nullptr);
        QCOMPARE(decoder->sampleRate(), rate);
        const Samples got = decodeAll(*decoder, payloads);
        // FFmpeg's G.726 makes packets of a quarter second and drops the last.
        QVERIFY(got.size() >= rate * 17 / 10 && got.size() <= rate * 2);
        const auto middle = std::span(got).subspan(rate / 2, rate);
        const double at = test::levelAt(middle, hertz, rate);
        const double expected = 8000 / std::numbers::sqrt2;
        QVERIFY2(std::abs(test::decibel(at, expected)) < 2.0,
                 qPrintable(QString::number(test::decibel(at, expected))));
        QVERIFY2(at > 0.9 * test::level(middle), "most of the energy must be the tone");
    }

    void g729ToneSurvives_data()
    {
        QTest::addColumn<int>("framesPerPacket");
        QTest::newRow("one frame in a packet") << 1;
        QTest::newRow("two frames in a packet") << 2;
        QTest::newRow("six frames in a packet") << 6;
    }
    void g729ToneSurvives()
    {
        QFETCH(int, framesPerPacket);
        const auto frames = g729(test::tone(700, 8000, 16000));
        QCOMPARE(frames.size(), std::size_t(200));
        std::vector<Bytes> payloads;
        const auto step = static_cast<std::size_t>(framesPerPacket);
        for (std::size_t i = 0; i + step <= frames.size(); i += step)
            payloads.push_back(joined(frames, i, step));
        const auto decoder = opened("G729");
        QVERIFY(decoder != nullptr);
        QCOMPARE(decoder->sampleRate(), 8000U);
        const Samples got = decodeAll(*decoder, payloads);
        QCOMPARE(got.size(), payloads.size() * step * 80);
        const auto middle = std::span(got).subspan(4000, 8000);
        const double at = test::levelAt(middle, 700, 8000);
        QVERIFY(std::abs(test::decibel(at, 8000 / std::numbers::sqrt2)) < 2.0);
        QVERIFY(at > 0.9 * test::level(middle));
    }

    void g729SilenceDescriptorBecomesNoise()
    {
        // Half a second of tone, then faint noise: Annex B sends descriptors.
        Samples sound = test::tone(700, 8000, 4000);
        std::mt19937 random(1);
        for (int i = 0; i < 8000; ++i)
            sound.push_back(static_cast<std::int16_t>(static_cast<int>(random() % 65) - 32));
        const auto frames = g729(sound, true);
        std::size_t descriptors = 0;
        const auto decoder = opened("G729");
        for (const Bytes& frame : frames) {
            Samples out;
            if (frame.size() == 2) {
                ++descriptors;
                QCOMPARE(decoder->durationOf(frame), 80U);
                QVERIFY(bool(decoder->decode(frame, out)));
                QCOMPARE(out.size(), std::size_t(80));
                QVERIFY2(test::level(out) < 300, "comfort noise must be faint");
                QVERIFY2(test::level(out) > 0, "comfort noise must not be digital silence");
            } else {
                QVERIFY(bool(decoder->decode(frame, out)));
            }
        }
        QVERIFY(descriptors > 0);

        // Speech and its descriptor in one packet.
        const Bytes both = joined({frames[0], Bytes{std::byte{0x12}, std::byte{0x34}}}, 0, 2);
        QCOMPARE(decoder->durationOf(both), 160U);
        Samples out;
        QVERIFY(bool(decoder->decode(both, out)));
        QCOMPARE(out.size(), std::size_t(160));
    }

    void badPayloadsChangeNothing_data()
    {
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<int>("octets");
        QTest::newRow("G.729 of nine octets") << QStringLiteral("G729") << 9;
        QTest::newRow("G.729 with three octets at the end") << QStringLiteral("G729") << 13;
        QTest::newRow("G.729 of one octet") << QStringLiteral("G729") << 1;
        QTest::newRow("GSM cut") << QStringLiteral("GSM") << 32;
        QTest::newRow("iLBC cut") << QStringLiteral("ILBC") << 49;
        QTest::newRow("G.723.1 cut") << QStringLiteral("G723") << 5;
        QTest::newRow("L16 of odd length") << QStringLiteral("L16") << 3;
        QTest::newRow("Opus code 3 without its count") << QStringLiteral("OPUS") << 1;
        QTest::newRow("G.722 longer than any packet") << QStringLiteral("G722") << 9000;
    }
    void badPayloadsChangeNothing()
    {
        QFETCH(QString, encoding);
        QFETCH(int, octets);
        const auto decoder =
            opened(encoding.toLatin1().constData(), encoding == QStringLiteral("OPUS") ? 48000 : 8000);
        QVERIFY(decoder != nullptr);
        Samples out{1, 2, 3};
        // 0xff: Opus code 3; G.723.1 kind 3 is refused as well.
        const auto status = decoder->decode(Bytes(static_cast<std::size_t>(octets), std::byte{0xff}), out);
        QVERIFY(!status);
        QVERIFY(status.error().code == CodecErrc::BadPayload);
        QCOMPARE(out, (Samples{1, 2, 3}));
    }

    void emptyPayloadSoundsNothing_data()
    {
        QTest::addColumn<QString>("encoding");
        for (const char* encoding :
             {"PCMA", "PCMU", "G722", "G729", "G723", "GSM", "ILBC", "OPUS", "L16", "G726-32"})
            QTest::newRow(encoding) << QString::fromLatin1(encoding);
    }
    void emptyPayloadSoundsNothing()
    {
        QFETCH(QString, encoding);
        const auto decoder =
            opened(encoding.toLatin1().constData(), encoding == QStringLiteral("OPUS") ? 48000 : 8000);
        QVERIFY(decoder != nullptr);
        Samples out;
        QVERIFY(bool(decoder->decode({}, out)));
        QVERIFY(out.empty());
        QCOMPARE(decoder->durationOf({}), 0U);
    }

    void iLbcLengthFollowsItsMode()
    {
        const auto decoder20 = opened("ILBC", 8000, 1, "mode=20");
        const auto decoder30 = opened("ILBC");
        QCOMPARE(decoder20->durationOf(Bytes(38)), 160U);
        QCOMPARE(decoder20->durationOf(Bytes(76)), 320U);
        QCOMPARE(decoder30->durationOf(Bytes(50)), 240U);
        Samples out;
        QVERIFY(bool(decoder20->decode(Bytes(76, std::byte{0x55}), out)));
        QCOMPARE(out.size(), std::size_t(320));
    }

    void opusDurations_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<int>("milliseconds");
        QTest::newRow("SILK 10 ms") << QByteArray::fromHex("0001") << 10;
        QTest::newRow("SILK 60 ms") << QByteArray::fromHex("1801") << 60;
        QTest::newRow("hybrid 20 ms") << QByteArray::fromHex("6801") << 20;
        QTest::newRow("CELT 20 ms, two frames") << QByteArray::fromHex("f901") << 40;
        QTest::newRow("SILK 20 ms, six frames") << QByteArray::fromHex("0b0600") << 120;
        QTest::newRow("SILK 60 ms, three frames break the limit") << QByteArray::fromHex("1b0300") << 0;
    }
    void opusDurations()
    {
        QFETCH(QByteArray, payload);
        QFETCH(int, milliseconds);
        const auto decoder = opened("OPUS", 48000, 2);
        const ByteView view =
            std::as_bytes(std::span(payload.constData(), static_cast<std::size_t>(payload.size())));
        QCOMPARE(decoder->durationOf(view), static_cast<std::uint32_t>(milliseconds * 16));
    }

    void opusSilencePacketsKeepTime()
    {
        // A header octet alone: transmission paused (RFC 6716 §3.1), the decoder fills in.
        const auto payloads =
            test::encodeWithAv({"libopus", 48000, 1, 24000, 960, nullptr}, test::tone(500, 48000, 48000));
        const auto decoder = opened("OPUS", 48000, 2);
        Samples out = decodeAll(*decoder, payloads);
        const std::size_t before = out.size();
        const Bytes pause{payloads.back()[0] & std::byte{0xfc}};
        QVERIFY(bool(decoder->decode(pause, out)));
        QCOMPARE(out.size() - before, std::size_t(decoder->durationOf(pause)));
        QCOMPARE(decoder->durationOf(pause), 320U);
    }

    void linear16_data()
    {
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("decoded");
        QTest::newRow("8 kHz mono as it is") << 8000 << 1 << 8000;
        QTest::newRow("16 kHz stereo mixed") << 16000 << 2 << 16000;
        QTest::newRow("32 kHz comes down") << 32000 << 1 << 16000;
        QTest::newRow("44.1 kHz comes down") << 44100 << 1 << 16000;
        QTest::newRow("44.1 kHz stereo, static type 10") << 44100 << 2 << 16000;
        QTest::newRow("48 kHz comes down") << 48000 << 1 << 16000;
    }
    void linear16()
    {
        QFETCH(int, rate);
        QFETCH(int, channels);
        QFETCH(int, decoded);
        const Samples sent =
            test::tone(1000, static_cast<std::uint32_t>(rate), static_cast<std::size_t>(rate));
        std::vector<Bytes> payloads;
        const auto perPacket = static_cast<std::size_t>(rate / 50);
        for (std::size_t at = 0; at + perPacket <= sent.size(); at += perPacket) {
            Bytes payload;
            for (std::size_t i = at; i < at + perPacket; ++i)
                for (int c = 0; c < channels; ++c) {
                    payload.resize(payload.size() + 2);
                    storeBe(payload.data() + payload.size() - 2, static_cast<std::uint16_t>(sent[i]));
                }
            payloads.push_back(payload);
        }
        const auto decoder =
            opened("L16", static_cast<std::uint32_t>(rate), static_cast<std::uint8_t>(channels));
        QVERIFY(decoder != nullptr);
        QCOMPARE(decoder->sampleRate(), static_cast<std::uint32_t>(decoded));
        const Samples got = decodeAll(*decoder, payloads);
        QCOMPARE(got.size(), static_cast<std::size_t>(decoded));
        if (rate == decoded)
            QCOMPARE(got, sent);
        const auto middle = std::span(got).subspan(static_cast<std::size_t>(decoded) / 4,
                                                   static_cast<std::size_t>(decoded) / 2);
        const double at = test::levelAt(middle, 1000, decoder->sampleRate());
        QVERIFY(std::abs(test::decibel(at, 8000 / std::numbers::sqrt2)) < 0.1);
        QVERIFY(at > 0.999 * test::level(middle));
    }

    void toneAboveTheNewBandVanishes()
    {
        const Samples sent = test::tone(11000, 48000, 48000);
        Bytes payload;
        for (const std::int16_t s : sent) {
            payload.resize(payload.size() + 2);
            storeBe(payload.data() + payload.size() - 2, static_cast<std::uint16_t>(s));
        }
        const auto decoder = opened("L16", 48000);
        Samples got;
        QVERIFY(bool(decoder->decode(payload, got)));
        QVERIFY2(test::level(std::span(got).subspan(1000)) < 8, "60 dB down, or it would fold into speech");
    }

    void g711IsByTable()
    {
        const Bytes payload{std::byte{0xd5}, std::byte{0x00}, std::byte{0xff}};
        for (const auto& [name, law] : {std::pair{"PCMA", codec::Law::A}, std::pair{"PCMU", codec::Law::U}}) {
            const auto decoder = opened(name);
            Samples out;
            QVERIFY(bool(decoder->decode(payload, out)));
            QCOMPARE(out.size(), std::size_t(3));
            for (std::size_t i = 0; i < 3; ++i)
                QCOMPARE(out[i], codec::decodeG711(law, payload[i]));
            QCOMPARE(decoder->durationOf(payload), 3U);
        }
    }

    void refusesOthers_data()
    {
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<int>("clock");
        QTest::addColumn<int>("channels");
        const auto row = [](const char* name, const char* encoding, int clock, int channels) {
            QTest::newRow(name) << QString::fromLatin1(encoding) << clock << channels;
        };
        row("events are no sound", "TELEPHONE-EVENT", 8000, 1);
        row("comfort noise is no codec", "CN", 8000, 1);
        row("unknown codec", "FOO", 8000, 1);
        row("no name", "", 8000, 1);
        row("G.729 at a strange rate", "G729", 44100, 1);
        row("PCMA in stereo", "PCMA", 8000, 2);
        row("L16 with no channel", "L16", 8000, 0);
        row("L16 at 1 Hz", "L16", 1, 1);
        row("G.728, which no library here decodes", "G728", 8000, 1);
    }
    void refusesOthers()
    {
        QFETCH(QString, encoding);
        QFETCH(int, clock);
        QFETCH(int, channels);
        const auto decoder = PayloadDecoder::open({encoding.toStdString(), static_cast<std::uint32_t>(clock),
                                                   static_cast<std::uint8_t>(channels), ""});
        QVERIFY(!decoder);
        QVERIFY(decoder.error().code == CodecErrc::Unsupported);
    }

    void namesInAnyCase() { QVERIFY(opened("pcma") && opened("Opus", 48000, 2) && opened("iLBC")); }

    void randomPayloadsNeverBreakADecoder()
    {
        std::mt19937 random(5);
        for (const char* encoding :
             {"G722", "G729", "G723", "GSM", "ILBC", "OPUS", "L16", "G726-32", "PCMA"}) {
            const auto decoder = opened(encoding, encoding == std::string("OPUS") ? 48000 : 8000);
            for (int i = 0; i < 400; ++i) {
                Bytes payload(random() % 200);
                for (std::byte& b : payload)
                    b = static_cast<std::byte>(random());
                Samples out;
                const auto expected = decoder->durationOf(payload);
                if (decoder->decode(payload, out))
                    QCOMPARE(out.size(), std::size_t(expected));
                else
                    QVERIFY(out.empty());
            }
        }
    }
};

QTEST_GUILESS_MAIN(PayloadDecoderTest)
#include "tst_payload_decoder.moc"
