// SPDX-License-Identifier: GPL-3.0-or-later
// G.711 on every code and every sample: against ITU-T G.191 worked bit by bit, against ffmpeg and against
// sox.
#include "core/codec/g711.h"
#include "tests/unit/codec/run_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>

using namespace sr;
using codec::Law;
using test::runProgram;

namespace {

std::vector<std::int16_t> everySample()
{
    std::vector<std::int16_t> out(65536);
    for (int i = 0; i < 65536; ++i)
        out[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(i - 32768);
    return out;
}

/// ITU-T G.191 alaw_compress: shift until five bits are left.
int ituA(int sample)
{
    int magnitude = sample < 0 ? (~sample) >> 4 : sample >> 4;
    if (magnitude > 15) {
        int exponent = 1;
        for (; magnitude > 31; ++exponent)
            magnitude >>= 1;
        magnitude = magnitude - 16 + (exponent << 4);
    }
    return (sample >= 0 ? magnitude | 0x80 : magnitude) ^ 0x55;
}

/// ITU-T G.191 ulaw_compress: count the bits above the lowest six.
int ituU(int sample)
{
    const int magnitude = std::min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
    int segment = 1;
    for (int rest = magnitude >> 6; rest != 0; rest >>= 1)
        ++segment;
    const int code = ((8 - segment) << 4) | (15 - ((magnitude >> segment) & 15));
    return sample >= 0 ? code | 0x80 : code;
}

/// Place of a code between the lowest sample and the highest: -128 to 127.
int rankOf(std::byte code, bool alaw)
{
    const int bits = std::to_integer<int>(code) ^ (alaw ? 0x55 : 0x7f);
    const int magnitude = bits & 0x7f;
    return (bits & 0x80) != 0 ? magnitude : -1 - magnitude;
}

} // namespace

class G711Test : public QObject {
    Q_OBJECT

private slots:
    void encodesEverySampleAsItu()
    {
        const auto samples = everySample();
        Bytes a(samples.size());
        Bytes u(samples.size());
        codec::encodeG711(Law::A, samples, a);
        codec::encodeG711(Law::U, samples, u);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            QCOMPARE(std::to_integer<int>(a[i]), ituA(samples[i]));
            QCOMPARE(std::to_integer<int>(u[i]), ituU(samples[i]));
            QCOMPARE(a[i], codec::encodeG711(Law::A, samples[i]));
            QCOMPARE(u[i], codec::encodeG711(Law::U, samples[i]));
        }
    }

    /// The other two round to the nearest value, ITU-T cuts at fixed thresholds: they differ by one step, on
    /// one sample in thirty at most.
    void encodesAsForeignProgramsButForThresholds_data()
    {
        QTest::addColumn<bool>("alaw");
        QTest::addColumn<bool>("sox");
        QTest::newRow("A-law by ffmpeg") << true << false;
        QTest::newRow("A-law by sox") << true << true;
        QTest::newRow("mu-law by ffmpeg") << false << false;
        QTest::newRow("mu-law by sox") << false << true;
    }
    void encodesAsForeignProgramsButForThresholds()
    {
        QFETCH(bool, alaw);
        QFETCH(bool, sox);
        const QTemporaryDir dir;
        const auto samples = everySample();
        const QString raw = dir.filePath(QStringLiteral("all.raw"));
        QVERIFY(test::writeBytes(raw, std::as_bytes(std::span(samples))));
        const QString coded = dir.filePath(QStringLiteral("coded"));
        const QString format = alaw ? QStringLiteral("al") : QStringLiteral("ul");
        const QByteArray ran =
            sox ? runProgram(QStringLiteral("sox"),
                             {QStringLiteral("-D"), QStringLiteral("-V1"), QStringLiteral("-t"),
                              QStringLiteral("s16"), QStringLiteral("-r"), QStringLiteral("8000"),
                              QStringLiteral("-c"), QStringLiteral("1"), raw, QStringLiteral("-t"), format,
                              coded})
                : runProgram(QStringLiteral("ffmpeg"),
                             {QStringLiteral("-loglevel"), QStringLiteral("error"), QStringLiteral("-f"),
                              QStringLiteral("s16le"), QStringLiteral("-ar"), QStringLiteral("8000"),
                              QStringLiteral("-i"), raw, QStringLiteral("-f"),
                              alaw ? QStringLiteral("alaw") : QStringLiteral("mulaw"), coded});
        QVERIFY2(!ran.isNull(), "ffmpeg and sox are packages of the tests");
        const Bytes theirs = test::readBytes(coded);
        QCOMPARE(theirs.size(), samples.size());
        const Law law = alaw ? Law::A : Law::U;
        int different = 0;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const std::byte ours = codec::encodeG711(law, samples[i]);
            if (ours == theirs[i])
                continue;
            ++different;
            const int step = std::abs(rankOf(ours, alaw) - rankOf(theirs[i], alaw));
            QVERIFY2(step == 1, qPrintable(QString::number(samples[i])));
        }
        QVERIFY2(different < 65536 / 32, qPrintable(QString::number(different)));
    }

    void decodesEveryCodeAsForeignPrograms_data() { encodesAsForeignProgramsButForThresholds_data(); }
    void decodesEveryCodeAsForeignPrograms()
    {
        QFETCH(bool, alaw);
        QFETCH(bool, sox);
        const QTemporaryDir dir;
        Bytes codes(256);
        for (std::size_t i = 0; i < codes.size(); ++i)
            codes[i] = static_cast<std::byte>(i);
        const QString coded = dir.filePath(QStringLiteral("codes"));
        QVERIFY(test::writeBytes(coded, codes));
        const QString raw = dir.filePath(QStringLiteral("samples"));
        const QByteArray ran =
            sox ? runProgram(QStringLiteral("sox"),
                             {QStringLiteral("-D"), QStringLiteral("-t"),
                              alaw ? QStringLiteral("al") : QStringLiteral("ul"), QStringLiteral("-r"),
                              QStringLiteral("8000"), QStringLiteral("-c"), QStringLiteral("1"), coded,
                              QStringLiteral("-t"), QStringLiteral("s16"), raw})
                : runProgram(QStringLiteral("ffmpeg"),
                             {QStringLiteral("-loglevel"), QStringLiteral("error"), QStringLiteral("-f"),
                              alaw ? QStringLiteral("alaw") : QStringLiteral("mulaw"), QStringLiteral("-ar"),
                              QStringLiteral("8000"), QStringLiteral("-i"), coded, QStringLiteral("-f"),
                              QStringLiteral("s16le"), raw});
        QVERIFY2(!ran.isNull(), "ffmpeg and sox are packages of the tests");
        const auto theirs = test::samplesOf(test::readBytes(raw));
        std::array<std::int16_t, 256> ours{};
        codec::decodeG711(alaw ? Law::A : Law::U, codes, ours);
        QCOMPARE(theirs.size(), ours.size());
        for (std::size_t i = 0; i < ours.size(); ++i)
            QCOMPARE(ours[i], theirs[i]);
    }

    void everyCodeComesBackFromItsSample()
    {
        for (int i = 0; i < 256; ++i) {
            const auto code = static_cast<std::byte>(i);
            QCOMPARE(codec::encodeG711(Law::A, codec::decodeG711(Law::A, code)), code);
            // mu-law has two zeros; the negative one becomes the positive.
            const std::byte expected = i == 0x7f ? std::byte{0xff} : code;
            QCOMPARE(codec::encodeG711(Law::U, codec::decodeG711(Law::U, code)), expected);
        }
    }

    void silenceIsTheQuietestCode()
    {
        QCOMPARE(codec::encodeG711(Law::A, std::int16_t{0}), codec::kALawSilence);
        QCOMPARE(codec::encodeG711(Law::U, std::int16_t{0}), codec::kULawSilence);
        QCOMPARE(int(codec::decodeG711(Law::U, codec::kULawSilence)), 0);
        QCOMPARE(int(codec::decodeG711(Law::A, codec::kALawSilence)), 8); // A-law has no zero
    }
};

QTEST_GUILESS_MAIN(G711Test)
#include "tst_g711.moc"
