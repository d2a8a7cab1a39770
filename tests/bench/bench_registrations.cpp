// SPDX-License-Identifier: GPL-3.0-or-later
// CPU time of switchroomd for telephones that register again and again, beside a program that grants every
// REGISTER by the same SIP stack (bare_b2bua). switchroomd checks credentials with each.
//   bench_registrations [PER_SECOND 170] [SECONDS 10] [ROUNDS 3]
#include "core/base/bytes.h"
#include "tests/support/process_facts.h"
#include "tests/support/sipp_calls.h"

#include <QCoreApplication>
#include <QTest>

#include <algorithm>
#include <cstdio>

namespace {

using namespace sr;
using namespace sr::test;

constexpr unsigned kUsers = 40;

struct Load {
    unsigned perSecond = 170; // 10,000 telephones, once a minute each
    unsigned seconds = 10;
    unsigned count() const { return perSecond * seconds; }
};

QByteArray registerOf(unsigned number, quint16 port, const std::string& challenge)
{
    DigestClient client{"anna" + std::to_string(number % kUsers), "first", number + 2};
    const QByteArray name = QByteArray::fromStdString(client.user);
    const QByteArray count = QByteArray::number(number + 1000);
    return "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + QByteArray::number(port) +
           ";branch=z9hG4bK-again" + count + "\r\nMax-Forwards: 70\r\nTo: <sip:" + name +
           "@127.0.0.1>\r\nFrom: <sip:" + name + "@127.0.0.1>;tag=1\r\nCall-ID: again-" + name +
           "\r\nCSeq: " + count + " REGISTER\r\nContact: <sip:" + name +
           "@127.0.0.1:" + QByteArray::number(port) + ">\r\nExpires: 3600\r\nAuthorization: " +
           QByteArray::fromStdString(client.answer(challenge, "REGISTER", "sip:127.0.0.1")) +
           "\r\nContent-Length: 0\r\n\r\n";
}

struct Measured {
    unsigned granted = 0;
    double cpu = 0; ///< [s]
};

/// Evenly over the time, without waiting for answers.
Measured measure(qint64 pid, quint16 server, const std::string& challenge, const Load& load)
{
    QUdpSocket socket;
    socket.bind(QHostAddress::LocalHost);
    Measured measured;
    const auto readAll = [&] {
        while (socket.hasPendingDatagrams()) {
            QByteArray answer(socket.pendingDatagramSize(), Qt::Uninitialized);
            socket.readDatagram(answer.data(), answer.size());
            measured.granted += answer.startsWith("SIP/2.0 200") ? 1 : 0;
        }
    };
    const double cpu = cpuSeconds(pid);
    const auto begin = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < load.count(); ++i) {
        std::this_thread::sleep_until(begin + std::chrono::microseconds(1'000'000ULL * i / load.perSecond));
        socket.writeDatagram(registerOf(i, socket.localPort(), challenge), QHostAddress::LocalHost, server);
        readAll();
    }
    (void)QTest::qWaitFor([&] { return readAll(), measured.granted >= load.count(); }, 2000);
    measured.cpu = cpuSeconds(pid) - cpu;
    return measured;
}

Measured measureBare(const Load& load)
{
    const quint16 port = sr::test::freePort();
    QProcess bare;
    bare.start(QStringLiteral(SR_BINARY_DIR "/tests/bench/bare_b2bua"),
               {QString::number(port), QStringLiteral("9")});
    if (!bare.waitForReadyRead(10'000))
        return {};
    const Measured measured =
        measure(bare.processId(), port, "realm=\"switchroom\", nonce=\"" + std::string(64, 'a') + "\"", load);
    bare.kill();
    bare.waitForFinished(10'000);
    return measured;
}

Measured measureExchange(const Load& load)
{
    const CtlFixture fixture;
    LoadUsers users(fixture, kUsers, false);
    ExchangeProcess exchange(fixture);
    if (!users.registerAt(exchange, sr::test::freePort()))
        return {};
    return measure(exchange.pid(), exchange.port4, users.freshChallenge(), load);
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const auto argument = [&](int at, unsigned otherwise) {
        return argc > at ? static_cast<unsigned>(std::max(1, std::atoi(argv[at]))) : otherwise;
    };
    const Load load{argument(1, 170), argument(2, 10)};
    std::vector<double> ratios;
    bool all = true;
    for (unsigned round = argument(3, 3); round > 0; --round) {
        const Measured bare = measureBare(load);
        const Measured ours = measureExchange(load);
        all = all && bare.granted == load.count() && ours.granted == load.count();
        ratios.push_back(ours.cpu / bare.cpu);
        std::printf("bare Sofia %.0f us of CPU a REGISTER (%u of %u granted), switchroomd %.0f us (%u "
                    "granted): %.2f\n",
                    bare.cpu * 1e6 / load.count(), bare.granted, load.count(), ours.cpu * 1e6 / load.count(),
                    ours.granted, ratios.back());
    }
    std::ranges::sort(ratios);
    std::printf("switchroomd takes %.2f of the CPU time\n", ratios[ratios.size() / 2]);
    return all ? 0 : 1;
}
