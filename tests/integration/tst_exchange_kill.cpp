// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomd is killed while many calls run: what it had relayed of them is in the archive after the next
// start, and their call data records are closed. SR_CALLS sets how many run (20).
#include "core/base/bytes.h"
#include "core/cdr/call_data_record.h"
#include "core/cdr/frames.h"
#include "core/cdr/record_line.h"
#include "core/codec/g711.h"
#include "tests/support/exchange_process.h"
#include "tests/support/load_phones.h"
#include "tests/support/whole_sound.h"

#include <QJsonArray>
#include <QTest>

#include <cstdlib>
#include <set>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::DigestClient;
using sr::test::ExchangeProcess;
using sr::test::LoadCall;
using sr::test::LoadPhones;
using sr::test::LoadTalk;

namespace {

constexpr unsigned kSamplesOfPacket = 160;
constexpr unsigned kMayBeLost = 5; // packets: 100 ms

unsigned callsToMake()
{
    bool given = false;
    const int count = qEnvironmentVariableIntValue("SR_CALLS", &given);
    return given && count > 0 ? static_cast<unsigned>(count) : 20;
}

/// Where there was no packet is the octet of silence, which is not zero.
bool isVoice(std::int16_t sample)
{
    return std::abs(sample) > codec::decodeG711(codec::Law::A, codec::kALawSilence);
}

/// What is heard of one end in a recording.
struct Heard {
    unsigned samples = 0; ///< that are not silent
    unsigned strange = 0; ///< of them, not what this end said
};

Heard heard(const test::WholeSound& sound, std::size_t channel, std::int16_t level)
{
    Heard out;
    for (std::size_t i = channel; i < sound.samples.size(); i += sound.channels)
        if (isVoice(sound.samples[i])) {
            ++out.samples;
            out.strange += sound.samples[i] != level ? 1 : 0;
        }
    return out;
}

QJsonArray recordings(const CtlFixture& fixture)
{
    return fixture
        .run({QStringLiteral("list"), QStringLiteral("--json"), QStringLiteral("--limit"),
              QStringLiteral("10000")})
        .json()[QLatin1String("recordings")]
        .toArray();
}

/// All that waits for a receiver of records.
std::vector<cdr::CallDataRecord> records(const CtlFixture& fixture)
{
    std::vector<cdr::CallDataRecord> out;
    const QDir dir(fixture.config() + QStringLiteral("/cdr"));
    const QStringList names = dir.entryList({QStringLiteral("out-*.cdr")}, QDir::Files, QDir::Name);
    for (const QString& name : names) {
        const auto bytes = readFile(pathOf(dir.filePath(name).toStdString()), 1U << 30U);
        if (!bytes)
            continue;
        const cdr::FrameScan scan = cdr::scanFrames(*bytes);
        for (const cdr::Frame& frame : scan.frames)
            if (auto record = cdr::parse(cdr::readLine(textOf(frame.payload)).xml))
                out.push_back(std::move(*record));
    }
    return out;
}

/// Conferences that the records tell of: one for each call.
std::set<std::string> conferencesOf(const std::vector<cdr::CallDataRecord>& records, const char* direction)
{
    std::set<std::string> out;
    for (const cdr::CallDataRecord& record : records)
        if (record.dir == direction && !record.events.empty())
            out.insert(record.events.front().conf);
    return out;
}

bool isCut(const cdr::CallDataRecord& record)
{
    return !record.events.empty() && record.events.back().msg == cdr::msg::kRelTo &&
           record.events.back().cause == 41 &&
           std::ranges::count(record.other, std::pair<std::string, std::string>("cut", "true")) == 1;
}

} // namespace

class ExchangeKillTest : public QObject {
    Q_OBJECT

    /// Empty, or what is missing of the call in its recording.
    static QByteArray missingOf(const LoadCall& call, const test::WholeSound& sound)
    {
        const std::int16_t level = codec::decodeG711(codec::Law::A, call.says);
        // The first channel is the called one's, which the caller's socket hears.
        for (const auto& [channel, end] : {std::pair{0U, &call.caller}, std::pair{1U, &call.callee}}) {
            const Heard said = heard(sound, channel, level);
            const unsigned relayed = end->received;
            if (said.strange > 0 || said.samples + kMayBeLost * kSamplesOfPacket < relayed * kSamplesOfPacket)
                return "channel " + QByteArray::number(channel) + ": " + QByteArray::number(said.samples) +
                       " samples (" + QByteArray::number(said.strange) + " strange) of " +
                       QByteArray::number(relayed) + " packets";
        }
        return {};
    }

private slots:
    void callsInProgressSurvive()
    {
        const unsigned count = callsToMake();
        const CtlFixture fixture;
        QVERIFY(test::addUser(fixture, "otto", "200", "second").exitCode == 0);
        std::vector<std::string> callers;
        for (unsigned made = 0; made < count; made += LoadPhones::kCallsOfUser) {
            callers.push_back("anna" + std::to_string(made));
            const std::string number = std::to_string(1000 + made);
            QVERIFY(test::addUser(fixture, callers.back().c_str(), number.c_str(), "first").exitCode == 0);
        }
        ExchangeProcess exchange(fixture);
        LoadPhones phones(exchange.port4);
        QVERIFY(phones.registers("otto", "second"));
        for (const std::string& name : callers) {
            const auto left = static_cast<unsigned>(count - phones.calls().size());
            QVERIFY(phones.registers(name, "first"));
            QVERIFY(phones.call({name, "first", 2}, "200", std::min(LoadPhones::kCallsOfUser, left)));
        }
        LoadTalk talk;
        talk.start(phones.calls());
        QTest::qWait(4000); // they talk
        exchange.kill();
        talk.stop();
        QCOMPARE(recordings(fixture).size(), 0);
        for (const auto& call : phones.calls())
            QVERIFY(call->caller.received > 150 && call->callee.received > 150); // 3 s

        exchange.start();
        QVERIFY2(exchange.port4 != 0, exchange.said().constData());
        const auto isThere = [&] { return recordings(fixture).size() >= static_cast<int>(count); };
        QTRY_VERIFY2_WITH_TIMEOUT(isThere(), exchange.said().constData(), 120'000);
        std::set<std::byte> found;
        const QJsonArray rows = recordings(fixture);
        for (const auto& row : rows) {
            const QString file = row[QLatin1String("file")].toString();
            const auto sound = test::wholeSound(pathOf((fixture.archive() + u'/' + file).toStdString()));
            QCOMPARE(int{sound.channels}, 2);
            const auto voice = std::ranges::find_if(sound.samples, isVoice);
            QVERIFY2(voice != sound.samples.end(), qPrintable(file));
            const std::byte says = codec::encodeG711(codec::Law::A, *voice);
            const auto call =
                std::ranges::find(phones.calls(), says, [](const auto& one) { return one->says; });
            QVERIFY2(call != phones.calls().end() && found.insert(says).second, qPrintable(file));
            const QByteArray missing = missingOf(**call, sound);
            QVERIFY2(missing.isEmpty(), (missing + " in " + file.toUtf8()).constData());
        }
        QCOMPARE(found.size(), std::size_t{count});

        QTRY_COMPARE(records(fixture).size(), std::size_t{2} * count); // one for each party
        const auto kept = records(fixture);
        QVERIFY(std::ranges::all_of(kept, isCut));
        QCOMPARE(conferencesOf(kept, "from").size(), std::size_t{count});
        QCOMPARE(conferencesOf(kept, "from"), conferencesOf(kept, "to"));

        QVERIFY(exchange.stop()); // and no start brings anything twice
        exchange.start();
        QVERIFY(exchange.stop());
        QCOMPARE(recordings(fixture).size(), static_cast<int>(count));
        QCOMPARE(records(fixture).size(), kept.size());
    }
};

QTEST_GUILESS_MAIN(ExchangeKillTest)
#include "tst_exchange_kill.moc"
