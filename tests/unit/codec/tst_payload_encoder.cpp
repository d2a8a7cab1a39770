// SPDX-License-Identifier: GPL-3.0-or-later
// What the exchange says in each codec, decoded again: the tone is there, at its level.
#include "core/codec/payload_encoder.h"
#include "tests/unit/codec/tone.h"

#include <QTest>

using namespace sr;
using namespace sr::codec;

class TestPayloadEncoder : public QObject {
    Q_OBJECT

private slots:
    void keepsTheLevel_data();
    void keepsTheLevel();
    void refusesWhatItCannot();
};

void TestPayloadEncoder::keepsTheLevel_data()
{
    QTest::addColumn<QString>("encoding");
    QTest::addColumn<int>("octets"); // of each packet; 0: they vary
    QTest::newRow("A-law") << "PCMA" << 160;
    QTest::newRow("mu-law") << "PCMU" << 160;
    QTest::newRow("G.722") << "G722" << 160;
    QTest::newRow("Opus") << "OPUS" << 0;
}

void TestPayloadEncoder::keepsTheLevel()
{
    QFETCH(QString, encoding);
    QFETCH(int, octets);
    const rtp::PayloadFormat format{encoding.toStdString(), encoding == u"OPUS" ? 48000U : 8000U, 1, {}};
    auto encoder = PayloadEncoder::open(format);
    auto decoder = PayloadDecoder::open(format);
    QVERIFY(encoder && decoder);
    const std::uint32_t rate = (*encoder)->sampleRate();
    QCOMPARE(rate, (*decoder)->sampleRate());

    const auto sound = test::tone(440, rate, 2 * rate);
    const std::size_t frame = rate / PayloadEncoder::kFramesPerSecond;
    std::vector<std::int16_t> heard;
    Bytes payload;
    for (std::size_t at = 0; at + frame <= sound.size(); at += frame) {
        QVERIFY((*encoder)->encode(std::span(sound).subspan(at, frame), payload));
        if (octets != 0)
            QCOMPARE(payload.size(), static_cast<std::size_t>(octets));
        QVERIFY((*decoder)->decode(payload, heard));
    }
    QCOMPARE(heard.size(), sound.size());
    const auto middle = std::span(heard).subspan(rate / 2, rate);
    QVERIFY(std::abs(test::decibel(test::levelAt(middle, 440, rate), test::level(sound))) < 0.5);
    QVERIFY(std::abs(test::decibel(test::level(middle), test::level(sound))) < 0.5);
}

void TestPayloadEncoder::refusesWhatItCannot()
{
    const auto g729 = PayloadEncoder::open({"G729", 8000, 1, {}});
    QVERIFY(!g729);
    QCOMPARE(g729.error().code, make_error_code(CodecErrc::Unsupported));

    auto encoder = PayloadEncoder::open({"PCMA", 8000, 1, {}});
    Bytes payload;
    QCOMPARE((*encoder)->encode(test::tone(440, 8000, 161), payload).error().code,
             make_error_code(CodecErrc::BadPayload));
}

QTEST_GUILESS_MAIN(TestPayloadEncoder)
#include "tst_payload_encoder.moc"
