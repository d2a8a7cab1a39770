// SPDX-License-Identifier: GPL-3.0-or-later
// Many recorded G.711 calls at once through switchroomd, spoken by a generator on the same machine: packets
// that do not arrive, cores and memory it takes, what it writes, and how soon the first sound follows an
// answer.
//   bench_concurrent [CALLS 1000] [SECONDS 20]
#include "core/base/bytes.h"
#include "tests/support/load_phones.h"
#include "tests/support/process_facts.h"
#include "tests/support/sipp_calls.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTest>
#include <QTimer>

#include <algorithm>
#include <cstdio>

namespace {

using namespace sr;
using namespace sr::test;

constexpr unsigned kFirstCalls = 40; ///< before the others, to see when they are heard first

unsigned archived(const CtlFixture& fixture)
{
    return static_cast<unsigned>(fixture.run({QStringLiteral("status"), QStringLiteral("--json")})
                                     .json()[QLatin1String("filesRecorded")]
                                     .toInt());
}

/// From the moment the called phone answers and speaks until the caller hears it [us]; one call after the
/// other. Empty: a call failed.
std::vector<double> firstSounds(LoadPhones& phones, const std::string& user)
{
    std::vector<double> out;
    QElapsedTimer since;
    const std::array<std::byte, 172> packet{std::byte{0x80}, std::byte{8}};
    QTimer often;
    often.setTimerType(Qt::PreciseTimer);
    QObject::connect(&often, &QTimer::timeout, [&] {
        if (phones.calls().size() <= out.size())
            return;
        LoadCall& call = *phones.calls().back();
        if (!call.callee.target)
            return;
        if (!since.isValid())
            since.start();
        (void)call.callee.socket.send(packet, call.callee.target);
        std::array<std::byte, 512> heard{};
        relay::SocketAddress from;
        if (call.caller.socket.receive(heard, from) >= 0)
            out.push_back(static_cast<double>(since.nsecsElapsed()) / 1e3);
    });
    often.start(1);
    for (unsigned i = 0; i < kFirstCalls; ++i) {
        since.invalidate();
        if (!phones.call({user, "first", 2 + i}, "200", 1) ||
            !pumpUntil([&] { return out.size() > i; }, std::chrono::seconds(5)))
            return {};
    }
    std::ranges::sort(out);
    return out;
}

struct Sums {
    std::uint64_t sent = 0, received = 0, missing = 0, strange = 0, late = 0;
    std::int64_t pauseMs = 0;
};

Sums sumsOf(const LoadPhones& phones)
{
    Sums out;
    for (std::size_t i = kFirstCalls; i < phones.calls().size(); ++i)
        for (const LoadCall::End* end : {&phones.calls()[i]->caller, &phones.calls()[i]->callee}) {
            out.sent += end->sent;
            out.received += end->received;
            out.missing += end->missing;
            out.strange += end->strange;
            out.late += end->late;
            out.pauseMs = std::max<std::int64_t>(out.pauseMs, end->pause / 1000);
        }
    return out;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const auto argument = [&](int at, unsigned otherwise) {
        return argc > at ? static_cast<unsigned>(std::max(1, std::atoi(argv[at]))) : otherwise;
    };
    const unsigned calls = argument(1, 1000);
    const unsigned seconds = argument(2, 20);
    const CtlFixture fixture;
    const unsigned users = (calls + kFirstCalls) / LoadPhones::kCallsOfUser + 2;
    const LoadUsers made(fixture, users, true);
    ExchangeProcess exchange(fixture);
    LoadPhones phones(exchange.port4);
    bool good = phones.registers("otto", "second") && phones.registers("anna0", "first");
    const auto first = good ? firstSounds(phones, "anna0") : std::vector<double>();
    if (first.empty()) {
        std::puts("No call comes about.");
        return 1;
    }
    std::printf("first sound behind the answer: median %.1f ms, worst %.1f ms of %zu\n",
                first[first.size() / 2] / 1e3, first.back() / 1e3, first.size());
    LoadTalk talk;
    talk.start(phones.calls());
    QTest::qWait(12'000); // the rings, which are there once and not for each call, are full
    talk.stop();
    good = phones.hangUpAll();
    for (const auto& call : phones.calls()) // nobody speaks in them any more
        call->caller.target = call->callee.target = {};
    const qint64 memory = memoryKb(exchange.pid());
    for (unsigned i = 0; good && i < calls; i += LoadPhones::kCallsOfUser) {
        const std::string user = "anna" + std::to_string(1 + i / LoadPhones::kCallsOfUser);
        good = phones.registers(user, "first") &&
               phones.call({user, "first", 2}, "200", std::min(LoadPhones::kCallsOfUser, calls - i));
    }
    std::printf("%zu calls of %u\n", phones.calls().size() - kFirstCalls, calls);
    talk.start(phones.calls());
    QTest::qWait(3000); // every stream has been found
    const double cpu = cpuSeconds(exchange.pid());
    const qint64 writes = writeCalls(exchange.pid());
    QElapsedTimer time;
    time.start();
    QTest::qWait(static_cast<int>(seconds) * 1000);
    const double took = static_cast<double>(time.nsecsElapsed()) / 1e9;
    std::printf("%.2f cores, %.0f writes a second, %.1f kB of memory a call beside %.1f MB\n",
                (cpuSeconds(exchange.pid()) - cpu) / took,
                static_cast<double>(writeCalls(exchange.pid()) - writes) / took,
                static_cast<double>(memoryKb(exchange.pid()) - memory) / calls,
                static_cast<double>(memory) / 1e3);
    talk.stop();
    const Sums sums = sumsOf(phones);
    std::printf("%llu packets, %llu arrived, %llu missing, %llu strange, %llu late, longest pause %lld ms\n",
                static_cast<unsigned long long>(sums.sent), static_cast<unsigned long long>(sums.received),
                static_cast<unsigned long long>(sums.missing), static_cast<unsigned long long>(sums.strange),
                static_cast<unsigned long long>(sums.late), static_cast<long long>(sums.pauseMs));
    good = phones.hangUpAll() && good;
    time.restart();
    const bool all = QTest::qWaitFor([&] { return archived(fixture) >= calls + kFirstCalls; }, 120'000);
    std::printf("%u of %u recordings %.1f s behind the end\n", archived(fixture), calls + kFirstCalls,
                static_cast<double>(time.elapsed()) / 1e3);
    return good && all && sums.missing + sums.strange + sums.late == 0 && exchange.stop() ? 0 : 1;
}
