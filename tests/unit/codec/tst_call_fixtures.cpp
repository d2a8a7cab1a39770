// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that others captured, from the file to the sound: lengths, losses and digits as the captures' makers
// say.
#include "core/capture/capture_reader.h"
#include "tests/unit/codec/recorded_call.h"

#include <QFileInfo>
#include <QTest>

using namespace sr;
using namespace sr::codec;

namespace {

/// Sound of the only call of a file; null if there is not just one.
std::unique_ptr<CallAudio> soundOf(const std::string& name)
{
    std::vector<capture::CapturedCall> calls;
    std::vector<capture::FileError> errors;
    Progress quiet;
    const auto read = capture::readCaptures(
        {pathOf(std::string(SR_FIXTURES "/asterisk-testsuite/") + name)}, {}, quiet,
        [&](capture::CapturedCall&& call) { calls.push_back(std::move(call)); }, errors);
    if (!read || calls.size() != 1)
        return nullptr;
    CallAudioInput input;
    for (const capture::CallStream& stream : calls[0].streams)
        input.party[static_cast<std::size_t>(stream.speaker)].push_back(stream.rtp);
    input.start = calls[0].answered.value_or(calls[0].firstPacket);
    input.end = calls[0].ended;
    auto audio = CallAudio::open(std::move(input));
    return audio ? std::move(*audio) : nullptr;
}

double rootMeanSquare(const std::vector<std::int16_t>& samples)
{
    double sum = 0;
    for (const double s : samples)
        sum += s * s;
    return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(samples.size(), 1)));
}

} // namespace

class CallFixturesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        const QString dir = QStringLiteral(SR_FIXTURES);
        if (QFileInfo::exists(dir))
            return;
        if (qEnvironmentVariable("CI") == QLatin1String("true") &&
            QFileInfo::exists(dir + QStringLiteral("/..")))
            QFAIL("fixture folder is missing");
        QSKIP("no fixtures on this machine");
    }

    void aCarriersCallHasItsLengthLossesAndDigits_data()
    {
        QTest::addColumn<std::string>("file");
        QTest::addColumn<std::string>("codec");
        QTest::addColumn<double>("seconds");
        QTest::addColumn<int>("lost");
        QTest::addColumn<std::string>("digits");
        QTest::newRow("A-law of 40 ms")
            << std::string("40msalaw.pcap") << std::string("PCMA") << 33.04 << 0 << std::string();
        QTest::newRow("mu-law with losses") << std::string("CARRIER_G711U.pcap") << std::string("PCMU")
                                            << (800 + 14) * 0.02 << 14 << std::string();
        QTest::newRow("Opus and digits") << std::string("opus-2013785496.pcap") << std::string("OPUS") << 0.0
                                         << 0 << std::string("2013785496");
        QTest::newRow("mu-law and digits") << std::string("ulaw-2013785496.pcap") << std::string("PCMU")
                                           << 0.0 << 0 << std::string("2013785496");
    }
    void aCarriersCallHasItsLengthLossesAndDigits()
    {
        QFETCH(std::string, file);
        QFETCH(std::string, codec);
        QFETCH(double, seconds);
        QFETCH(int, lost);
        QFETCH(std::string, digits);
        const auto audio = soundOf(file);
        QVERIFY(audio != nullptr);
        const CallAudioInfo& info = audio->info();
        QCOMPARE(info.codecs[0].empty() ? info.codecs[1] : info.codecs[0], codec);
        const double length = static_cast<double>(info.frames) / info.format.sampleRate;
        qInfo("%s: %.2f s, lost %llu + %llu, undecodable %llu + %llu, %zu digits", file.c_str(), length,
              static_cast<unsigned long long>(info.lost[0]), static_cast<unsigned long long>(info.lost[1]),
              static_cast<unsigned long long>(info.undecodable[0]),
              static_cast<unsigned long long>(info.undecodable[1]), info.digits.size());
        if (seconds > 0)
            QVERIFY2(std::abs(length - seconds) < 0.1, qPrintable(QString::number(length)));
        QCOMPARE(info.lost[0] + info.lost[1], static_cast<std::uint64_t>(lost));
        QCOMPARE(info.undecodable[0] + info.undecodable[1], std::uint64_t{0});
        std::array<std::string, 2> pressed;
        for (const Digit& digit : info.digits)
            pressed[digit.party] += digit.symbol;
        for (const std::string& one : pressed)
            QVERIFY2(one.empty() || one == digits, one.c_str());
        QCOMPARE(pressed[0] + pressed[1] == std::string(), digits.empty());
        const auto pcm = test::readAllPcm(*audio);
        QCOMPARE(pcm.size(), static_cast<std::size_t>(2 * info.frames));
        QVERIFY(rootMeanSquare(pcm) > 20); // it is heard
    }
};

QTEST_GUILESS_MAIN(CallFixturesTest)
#include "tst_call_fixtures.moc"
