// SPDX-License-Identifier: GPL-3.0-or-later
// Many short calls with sound through switchroomd, recorded: afterwards its memory is as it was, nothing is
// left open, and no call data record and no recording is missing.
//   soak_calls [CALLS 20000] [PER_SECOND 100] [HOLD_MS 200]
#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/cdr/frames.h"
#include "tests/support/process_facts.h"
#include "tests/support/sipp_calls.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <cstdio>

namespace {

using namespace sr;
using namespace sr::test;

constexpr unsigned kUsers = 20;
constexpr unsigned kWarmUp = 50;     ///< calls, by which what is opened once and kept is open
constexpr unsigned kPortions = 5;    ///< 20 % of the calls each
constexpr qint64 kLingerMs = 40'000; ///< the stack keeps a call for 32 s; before that memory grows

struct Plan {
    unsigned calls = 20'000;
    unsigned perSecond = 100;
    unsigned holdMs = 200;
};

struct Facts {
    qint64 memoryKb = 0;
    qsizetype files = 0;
    qint64 atMs = 0;
};

Facts factsOf(qint64 pid)
{
    return {memoryKb(pid), openFiles(pid), 0};
}

std::size_t recordsIn(const CtlFixture& fixture)
{
    std::size_t count = 0;
    const QDir dir(fixture.config() + QStringLiteral("/cdr"));
    const QStringList names = dir.entryList({QStringLiteral("out-*.cdr")}, QDir::Files);
    for (const QString& name : names)
        if (const auto bytes = readFile(pathOf(dir.filePath(name).toStdString()), 1U << 30U))
            count += cdr::scanFrames(*bytes).frames.size();
    return count;
}

unsigned recordingsIn(const CtlFixture& fixture)
{
    return static_cast<unsigned>(fixture
                                     .run({QStringLiteral("list"), QStringLiteral("--json"),
                                           QStringLiteral("--limit"), QStringLiteral("1")})
                                     .json()[QLatin1String("total")]
                                     .toInt());
}

unsigned g_wrong = 0;

void expect(bool good, const char* words, double is, double should)
{
    std::printf("%-34s %10.0f of %10.0f  %s\n", words, is, should, good ? "good" : "WRONG");
    g_wrong += good ? 0 : 1;
}

/// All calls of one portion; false: not all of them went well.
bool call(SippCalls& sipp, LoadUsers& users, const ExchangeProcess& exchange, const Plan& plan,
          unsigned count)
{
    bool good = true;
    // The credentials of a run must be used before their nonce gets old.
    for (unsigned most = plan.perSecond * 150, left = count; left > 0; left -= std::min(most, left)) {
        const unsigned now = std::min(most, left);
        sipp.setRows(users.rows(now));
        sipp.startCalling(exchange.port4, "200", now, plan.perSecond, plan.holdMs);
        const SippOutcome outcome = sipp.waitForEnd(static_cast<int>(now / plan.perSecond) * 4000 + 60'000);
        if (!outcome.ended || outcome.failed > 0 || outcome.successful != now)
            std::printf("%u of %u calls were good, %u failed\n%s\n", outcome.successful, now, outcome.failed,
                        outcome.why.constData());
        good = good && outcome.ended && outcome.successful == now;
    }
    return good;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const auto argument = [&](int at, unsigned otherwise) {
        return argc > at ? static_cast<unsigned>(std::max(1, std::atoi(argv[at]))) : otherwise;
    };
    const Plan plan{argument(1, 20'000), argument(2, 100), argument(3, 200)};
    const CtlFixture fixture;
    LoadUsers users(fixture, kUsers, true);
    ExchangeProcess exchange(fixture);
    SippCalls sipp(fixture.root(), true);
    const quint16 device = sr::test::freePort();
    if (!users.registerAt(exchange, device) || !sipp.answerAt(device)) {
        std::puts("The exchange or SIPp does not start.");
        return 1;
    }
    std::vector<Facts> facts;
    bool good = call(sipp, users, exchange, plan, kWarmUp);
    (void)QTest::qWaitFor([&] { return recordingsIn(fixture) >= kWarmUp; }, 60'000);
    const Facts before = factsOf(exchange.pid());
    QElapsedTimer time;
    time.start();
    unsigned made = kWarmUp;
    for (unsigned portion = 0; portion < kPortions; ++portion) {
        const unsigned count = plan.calls / kPortions;
        good = call(sipp, users, exchange, plan, count) && good;
        made += count;
        facts.push_back(factsOf(exchange.pid()));
        facts.back().atMs = time.elapsed();
        std::printf("%3u %% of the calls: %lld kB, %lld files\n", (portion + 1) * 100 / kPortions,
                    static_cast<long long>(facts.back().memoryKb),
                    static_cast<long long>(facts.back().files));
        std::fflush(stdout);
    }
    (void)QTest::qWaitFor([&] { return recordingsIn(fixture) >= made; }, 60'000);
    // Calls linger for 32 s in the stack, then nothing of them may be left but what the program keeps anyway.
    const qsizetype files = std::max(before.files, facts.front().files); // the catalog's come and go
    (void)QTest::qWaitFor([&] { return openFiles(exchange.pid()) <= files; }, 60'000);
    expect(good, "calls that went well", good ? made : 0, made);
    const qsizetype open = openFiles(exchange.pid());
    expect(open <= files, "open files afterwards", static_cast<double>(open), static_cast<double>(files));
    expect(recordsIn(fixture) == 2 * std::size_t{made}, "call data records",
           static_cast<double>(recordsIn(fixture)), 2.0 * made);
    expect(recordingsIn(fixture) == made, "recordings", recordingsIn(fixture), made);
    const auto full = std::ranges::find_if(facts, [](const Facts& one) { return one.atMs >= kLingerMs; });
    if (full == facts.end() || full + 1 == facts.end()) {
        std::puts("Too few calls to see whether memory grows.");
        return 1;
    }
    const auto first = static_cast<double>(full->memoryKb);
    const auto last = static_cast<double>(facts.back().memoryKb);
    expect(last <= 1.1 * first, "memory at the end, once full [kB]", last, first);
    expect(exchange.stop(), "end of the exchange", 1, 1);
    return g_wrong == 0 ? 0 : 1;
}
