// SPDX-License-Identifier: GPL-3.0-or-later
// Calls per second of CPU time, and memory of a call that is over, of switchroomd beside the least
// back-to-back user agent of the same SIP stack (bare_b2bua), and of Kamailio, which only passes the messages
// on and remembers transactions: INVITE to BYE, by SIPp. switchroomd asks for credentials, reserves ports,
// writes call data records; recorded calls are also archived. Server on the first core, SIPp on the second.
//   bench_calls [PER_SECOND 500] [SECONDS 8] [ROUNDS 7] [WHO bare,kamailio,plain,recorded]
#include "core/base/bytes.h"
#include "tests/support/process_facts.h"
#include "tests/support/sipp_calls.h"

#include <QCoreApplication>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace {

using namespace sr;
using namespace sr::test;

constexpr unsigned kUsers = 40; // each may make 50 calls a second

struct Load {
    unsigned perSecond = 500;
    unsigned seconds = 8;
    unsigned calls() const { return perSecond * seconds; }
};

struct Measured {
    unsigned good = 0;
    unsigned failed = 0;
    double perCpuSecond = 0;
    double kbOfCall = 0; ///< while they all linger
};

Measured measure(
    SippCalls& sipp, qint64 pid, quint16 port, const QByteArray& rows, const Load& load,
    const std::function<void()>& settle = [] {})
{
    pinTo(pid, 0);
    pinTo(sipp.answeringPid(), 1);
    sipp.setRows(rows);
    const double cpu = cpuSeconds(pid);
    const qint64 memory = memoryKb(pid);
    sipp.startCalling(port, "200", load.calls(), load.perSecond);
    pinTo(sipp.callingPid(), 1);
    const SippOutcome outcome = sipp.waitForEnd(static_cast<int>(load.seconds) * 4000 + 30'000);
    if (outcome.failed > 0)
        std::printf("%s\n", outcome.why.constData());
    const qint64 memoryAfter = memoryKb(pid);
    QTest::qWait(300); // records are written every 50 ms
    settle();
    const double used = cpuSeconds(pid) - cpu;
    return {outcome.successful, outcome.failed, outcome.successful / used,
            static_cast<double>(memoryAfter - memory) / std::max(1U, outcome.successful)};
}

/// As long as what the exchange gets.
QByteArray unaskedRows(const Load& load)
{
    DigestClient client{"anna0", "first"};
    QByteArray rows;
    for (unsigned i = 0; i < load.calls(); ++i)
        rows += "anna" + QByteArray::number(i % kUsers) + ";Authorization: " +
                QByteArray::fromStdString(
                    client.answer("realm=\"switchroom\", nonce=\"" + std::string(64, 'a') + "\"", "INVITE",
                                  "sip:200@127.0.0.1")) +
                "\n";
    return rows;
}

Measured measureBare(const Load& load)
{
    const CtlFixture folder;
    SippCalls sipp(folder.root());
    const quint16 device = sr::test::freePort();
    const quint16 port = sr::test::freePort();
    QProcess bare;
    bare.start(QStringLiteral(SR_BINARY_DIR "/tests/bench/bare_b2bua"),
               {QString::number(port), QString::number(device)});
    const bool answers = sipp.answerAt(device);
    if (!answers || !(bare.bytesAvailable() > 0 || bare.waitForReadyRead(10'000)))
        return {};
    const Measured measured = measure(sipp, bare.processId(), port, unaskedRows(load), load);
    bare.kill();
    bare.waitForFinished(10'000);
    return measured;
}

constexpr const char* kProxyConfig = R"(#!KAMAILIO
debug=0
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:%1
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
request_route {
    if (!has_totag()) record_route();
    $du = "sip:127.0.0.1:%2";
    t_relay();
}
)";

/// Its receiving process does all the work; its timers are left out.
Measured measureKamailio(const Load& load)
{
    const CtlFixture folder;
    SippCalls sipp(folder.root());
    const quint16 device = sr::test::freePort();
    const quint16 port = sr::test::freePort();
    QFile config(folder.root() + QStringLiteral("/kamailio.cfg"));
    if (!config.open(QIODevice::WriteOnly))
        return {};
    config.write(QString::fromUtf8(kProxyConfig).arg(port).arg(device).toUtf8());
    config.close();
    QProcess kamailio;
    kamailio.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    kamailio.start(QStringLiteral("kamailio"),
                   {QStringLiteral("-DD"), QStringLiteral("-E"), QStringLiteral("-f"), config.fileName(),
                    QStringLiteral("-Y"), folder.root(), QStringLiteral("-P"),
                    folder.root() + QStringLiteral("/pid"), QStringLiteral("-m"), QStringLiteral("512")});
    if (!sipp.answerAt(device) || !kamailio.waitForStarted())
        return {};
    qint64 receiver = 0;
    (void)QTest::qWaitFor([&] { return (receiver = firstChild(kamailio.processId())) != 0; }, 10'000);
    QTest::qWait(1000); // it says nothing when it listens
    const Measured measured = measure(sipp, receiver, port, unaskedRows(load), load);
    kamailio.terminate();
    kamailio.waitForFinished(10'000);
    return measured;
}

unsigned archived(const CtlFixture& fixture)
{
    return static_cast<unsigned>(fixture.run({QStringLiteral("status"), QStringLiteral("--json")})
                                     .json()[QLatin1String("filesRecorded")]
                                     .toInt());
}

Measured measureExchange(const Load& load, bool recorded)
{
    const CtlFixture fixture;
    LoadUsers users(fixture, kUsers, recorded);
    ExchangeProcess exchange(fixture);
    SippCalls sipp(fixture.root());
    const quint16 device = sr::test::freePort();
    if (!users.registerAt(exchange, device) || !sipp.answerAt(device))
        return {};
    return measure(sipp, exchange.pid(), exchange.port4, users.rows(load.calls()), load, [&] {
        if (recorded)
            (void)QTest::qWaitFor([&] { return archived(fixture) >= load.calls(); }, 60'000);
    });
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

/// Round by round; none without the other one's.
std::vector<double> ratios(const std::vector<double>& ours, const std::vector<double>& bare)
{
    std::vector<double> out;
    for (std::size_t i = 0; i < std::min(ours.size(), bare.size()); ++i)
        out.push_back(ours[i] / bare[i]);
    return out;
}

struct Rounds {
    const char* name;
    std::vector<double> calls{};
    std::vector<double> memory{};
    unsigned good = 0;
    unsigned failed = 0;

    void add(const Measured& one)
    {
        calls.push_back(one.perCpuSecond);
        memory.push_back(one.kbOfCall);
        good += one.good;
        failed += one.failed;
    }
    /// The machine is not equally fast all the time, so each round is compared with its own.
    void print(const Rounds& bare) const
    {
        std::printf("%-24s %8.0f calls/CPU s  %4.0f %% of bare   %6.1f kB a call, %.2f of bare   %u good, %u "
                    "failed\n",
                    name, median(calls), 100 * median(ratios(calls, bare.calls)), median(memory),
                    median(ratios(memory, bare.memory)), good, failed);
    }
};

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const auto argument = [&](int at, unsigned otherwise) {
        return argc > at ? static_cast<unsigned>(std::atoi(argv[at])) : otherwise;
    };
    const Load load{argument(1, 500), argument(2, 8)};
    const QList<QByteArray> who = QByteArray(argc > 4 ? argv[4] : "bare,kamailio,plain,recorded").split(',');
    const auto takesPart = [&](const char* name) { return who.contains(name); };
    Rounds bare{"bare Sofia"};
    Rounds proxy{"Kamailio"};
    Rounds plain{"switchroomd"};
    Rounds recorded{"switchroomd, recording"};
    for (unsigned round = argument(3, 7); round > 0; --round) {
        if (takesPart("bare"))
            bare.add(measureBare(load));
        if (takesPart("kamailio"))
            proxy.add(measureKamailio(load));
        if (takesPart("plain"))
            plain.add(measureExchange(load, false));
        if (takesPart("recorded"))
            recorded.add(measureExchange(load, true));
    }
    for (const Rounds* one : {&bare, &proxy, &plain, &recorded})
        if (!one->calls.empty())
            one->print(bare);
    return plain.failed + recorded.failed == 0 ? 0 : 1;
}
