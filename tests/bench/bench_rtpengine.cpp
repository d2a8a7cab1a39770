// SPDX-License-Identifier: GPL-3.0-or-later
// What a relayed and recorded stream costs beside Debian's rtpengine in user space that writes pcap files:
// the same G.711 calls through one after the other, on the same machine.
//   bench_rtpengine [CALLS 500] [SECONDS 10] [ROUNDS 3]
#include "tests/support/load_phones.h"
#include "tests/support/process_facts.h"
#include "tests/support/sipp_calls.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QUdpSocket>

#include <algorithm>
#include <cstdio>

namespace {

using namespace sr;
using namespace sr::test;
using LoadCalls = std::vector<std::unique_ptr<LoadCall>>;

constexpr int kSettleMs = 3000; ///< until every stream has been found

/// CPU that a packet took [us], of `pid` while `calls` talk; empty: packets were lost. Threads of rtpengine
/// may overtake each other; ours may not.
std::optional<double> costOf(const char* who, qint64 pid, const LoadCalls& calls, unsigned seconds,
                             bool mayOvertake)
{
    const auto received = [&] {
        std::uint64_t sum = 0;
        for (const auto& call : calls)
            sum += call->caller.received + call->callee.received;
        return sum;
    };
    LoadTalk talk;
    talk.start(calls);
    QTest::qWait(kSettleMs);
    const double cpu = cpuSeconds(pid);
    const std::uint64_t before = received();
    QTest::qWait(static_cast<int>(seconds) * 1000);
    const double took = cpuSeconds(pid) - cpu;
    const std::uint64_t packets = received() - before;
    talk.stop();
    std::uint64_t wrong = 0, late = 0;
    for (const auto& call : calls)
        for (const LoadCall::End* end : {&call->caller, &call->callee}) {
            wrong += end->missing + end->strange;
            late += end->late;
        }
    if (wrong + late > 0)
        std::printf("%s: %llu of %llu packets missing or strange, %llu late\n", who,
                    static_cast<unsigned long long>(wrong), static_cast<unsigned long long>(packets),
                    static_cast<unsigned long long>(late));
    if (wrong > 0 || packets == 0 || (late > 0 && !mayOvertake))
        return {};
    return took * 1e6 / static_cast<double>(packets);
}

/// rtpengine, asked over its ng protocol (bencoded dictionaries in datagrams).
class RtpEngine {
public:
    RtpEngine()
    {
        (void)m_socket.bind(QHostAddress::LocalHost);
        QUdpSocket free; // its number is the next one's
        (void)free.bind(QHostAddress::LocalHost);
        m_port = free.localPort();
        free.close();
        m_process.setStandardErrorFile(m_dir.filePath(QStringLiteral("log")));
        m_process.start(
            QStringLiteral("rtpengine"),
            {QStringLiteral("--foreground"), QStringLiteral("--table=-1"),
             QStringLiteral("--interface=127.0.0.1"), QStringLiteral("--listen-ng=127.0.0.1:%1").arg(m_port),
             QStringLiteral("--recording-dir=") + m_dir.path(), QStringLiteral("--recording-method=pcap"),
             QStringLiteral("--log-level=3"), QStringLiteral("--log-stderr")});
    }
    ~RtpEngine()
    {
        m_process.kill();
        (void)m_process.waitForFinished();
    }
    bool isReady()
    {
        for (int i = 0; i < 20; ++i)
            if (ask("7:command4:ping").contains("pong"))
                return true;
        return false;
    }
    qint64 pid() const { return m_process.processId(); }
    qint64 recordedOctets() const
    {
        qint64 sum = 0;
        for (const QFileInfo& file : QDir(m_dir.filePath(QStringLiteral("pcaps"))).entryInfoList(QDir::Files))
            sum += file.size();
        return sum;
    }
    bool begin(LoadCall& call, unsigned number)
    {
        const QByteArray id = "call" + QByteArray::number(number);
        const QByteArray common =
            text("call-id") + text(id) + text("from-tag") + text("a") + text("record call") + text("yes");
        const QByteArray offered = ask(text("command") + text("offer") + common + text("sdp") +
                                       text(LoadPhones::sdpOf(call.caller)));
        LoadPhones::learnTarget(call.callee, offered);
        const QByteArray answered = ask(text("command") + text("answer") + common + text("to-tag") +
                                        text("b") + text("sdp") + text(LoadPhones::sdpOf(call.callee)));
        LoadPhones::learnTarget(call.caller, answered);
        return call.caller.target && call.callee.target;
    }

private:
    static QByteArray text(const QByteArray& value) { return QByteArray::number(value.size()) + ':' + value; }
    QByteArray ask(const QByteArray& pairs)
    {
        const QByteArray cookie = QByteArray::number(++m_asked) + ' ';
        m_socket.writeDatagram(cookie + 'd' + pairs + 'e', QHostAddress::LocalHost, m_port);
        QByteArray answer;
        (void)pumpUntil(
            [&] {
                while (m_socket.hasPendingDatagrams() && !answer.startsWith(cookie)) {
                    answer.resize(m_socket.pendingDatagramSize());
                    m_socket.readDatagram(answer.data(), answer.size());
                }
                return answer.startsWith(cookie);
            },
            std::chrono::milliseconds(500));
        return answer;
    }

    QTemporaryDir m_dir;
    QUdpSocket m_socket;
    QProcess m_process;
    quint16 m_port = 0;
    unsigned m_asked = 0;
};

std::optional<double> costOfRtpEngine(unsigned calls, unsigned seconds)
{
    RtpEngine engine;
    LoadCalls made;
    bool good = engine.isReady();
    for (unsigned i = 0; good && i < calls; ++i) {
        made.push_back(std::make_unique<LoadCall>(static_cast<std::byte>(i % 0x50)));
        good = engine.begin(*made.back(), i);
    }
    if (!good) {
        std::puts("rtpengine relays nothing; it is in a package of that name.");
        return {};
    }
    const auto cost = costOf("rtpengine", engine.pid(), made, seconds, true);
    if (engine.recordedOctets() == 0) {
        std::puts("rtpengine has recorded nothing.");
        return {};
    }
    return cost;
}

std::optional<double> costOfOurs(unsigned calls, unsigned seconds)
{
    const CtlFixture fixture;
    const unsigned users = calls / LoadPhones::kCallsOfUser + 1;
    const LoadUsers made(fixture, users, true);
    ExchangeProcess exchange(fixture);
    LoadPhones phones(exchange.port4);
    bool good = phones.registers("otto", "second");
    for (unsigned i = 0; good && i < calls; i += LoadPhones::kCallsOfUser) {
        const std::string user = "anna" + std::to_string(i / LoadPhones::kCallsOfUser);
        good = phones.registers(user, "first") &&
               phones.call({user, "first", 2}, "200", std::min(LoadPhones::kCallsOfUser, calls - i));
    }
    if (!good) {
        std::puts("No call comes about.");
        return {};
    }
    const auto cost = costOf("ours", exchange.pid(), phones.calls(), seconds, false);
    return phones.hangUpAll() && exchange.stop() ? cost : std::nullopt;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const auto argument = [&](int at, unsigned otherwise) {
        return argc > at ? static_cast<unsigned>(std::max(1, std::atoi(argv[at]))) : otherwise;
    };
    const unsigned calls = argument(1, 500);
    const unsigned seconds = argument(2, 10);
    std::vector<double> theirs, ours;
    for (unsigned round = argument(3, 3); round > 0; --round) {
        const auto engine = costOfRtpEngine(calls, seconds);
        const auto own = costOfOurs(calls, seconds);
        if (!engine || !own)
            return 1;
        theirs.push_back(*engine);
        ours.push_back(*own);
        std::printf("rtpengine %.2f, ours %.2f us of CPU a packet\n", *engine, *own);
    }
    std::printf("%u calls, relayed and recorded: rtpengine %.2f, ours %.2f us of CPU a packet (%.0f %%)\n",
                calls, median(theirs), median(ours), 100 * median(ours) / median(theirs));
    return 0;
}
