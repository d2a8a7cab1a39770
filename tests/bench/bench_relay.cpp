// SPDX-License-Identifier: GPL-3.0-or-later
// The relay beside a bare loop of recvfrom() and sendto() that knows its peers: many calls of 50 packets a
// second both ways from a generator on this machine. Relay on the first core, generator on the second.
//   bench_relay [CALLS 200] [SECONDS 10] [ROUNDS 5]
#include "core/base/bytes.h"
#include "core/relay/relay.h"
#include "core/relay/udp_socket.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace sr;
using relay::Side;
using relay::SocketAddress;
using relay::UdpSocket;

constexpr std::size_t kDatagram = 172; // 20 ms of G.711
constexpr std::int64_t kNanos = 1'000'000'000;
constexpr std::size_t kPorts = 16; // devices of one side share sockets, or reading them would be the bench

std::int64_t nowOn(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return time.tv_sec * kNanos + time.tv_nsec;
}

void pinTo(std::size_t core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core % std::max(1U, std::thread::hardware_concurrency()), &set);
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

UdpSocket newSocket()
{
    auto bound = UdpSocket::bind({IpAddress::v4(0x7f000001), 0});
    if (!bound) {
        std::fprintf(stderr, "%s\n", bound.error().text().c_str());
        std::exit(1);
    }
    return std::move(*bound);
}

/// The telephones: where they stand, and where the relay has its ports for each call.
struct Telephones {
    std::array<std::vector<UdpSocket>, 2> sockets; // by side
    std::array<std::vector<SocketAddress>, 2> targets;

    Telephones()
    {
        const int on = 1;
        const int bytes = 1 << 22;
        for (auto& side : sockets)
            for (std::size_t i = 0; i < kPorts; ++i) {
                side.push_back(newSocket());
                const int file = static_cast<int>(side.back().handle());
                (void)setsockopt(file, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
                (void)setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes); // root's
            }
    }
    Endpoint of(Side side, std::size_t call) const
    {
        return sockets[static_cast<std::size_t>(side)][call % kPorts].local();
    }
};

template <typename T>
double percentile(std::vector<T> values, double part)
{
    if (values.empty())
        return 0;
    const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(at)]);
}

struct Measured {
    std::uint64_t sent = 0;
    std::uint64_t arrived = 0;
    double cpu = 0;                   // [s] of the relaying thread
    std::vector<std::int64_t> delays; // [ns]
    std::vector<double> medians;      // of each round [us]
    std::vector<double> tails;        // 99.9th percentiles of each round [us]

    void add(const Measured& other)
    {
        sent += other.sent;
        arrived += other.arrived;
        cpu += other.cpu;
        medians.push_back(percentile(other.delays, 0.5) / 1000);
        tails.push_back(percentile(other.delays, 0.999) / 1000);
    }
    /// A stall of the machine spoils one round, not all of them.
    double median() const { return percentile(medians, 0.5); }
    double tail() const { return percentile(tails, 0.5); }
};

/// Reads what has come; the kernel's time of arrival minus the time in the packet is the delay.
void readAll(Telephones& phones, Measured& result)
{
    constexpr std::size_t kBatch = 32;
    static std::array<std::array<std::byte, 256>, kBatch> buffers;
    static std::array<std::array<char, 64>, kBatch> controls;
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> vectors{};
    for (const auto& side : phones.sockets)
        for (const UdpSocket& socket : side)
            for (int count = kBatch; count == kBatch;) {
                for (std::size_t i = 0; i < kBatch; ++i) {
                    vectors[i] = {buffers[i].data(), buffers[i].size()};
                    messages[i].msg_hdr = {};
                    messages[i].msg_hdr.msg_iov = &vectors[i];
                    messages[i].msg_hdr.msg_iovlen = 1;
                    messages[i].msg_hdr.msg_control = controls[i].data();
                    messages[i].msg_hdr.msg_controllen = controls[i].size();
                }
                count = recvmmsg(static_cast<int>(socket.handle()), messages.data(), kBatch, MSG_DONTWAIT,
                                 nullptr);
                for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
                    timespec time{};
                    std::memcpy(&time, CMSG_DATA(CMSG_FIRSTHDR(&messages[i].msg_hdr)), sizeof time);
                    const auto sent = static_cast<std::int64_t>(loadBe<std::uint64_t>(&buffers[i][12]));
                    result.delays.push_back(time.tv_sec * kNanos + time.tv_nsec - sent);
                    ++result.arrived;
                }
            }
}

/// Sends on time and evenly spread, as telephones that know nothing of each other do.
void talk(Telephones& phones, double seconds, Measured& result)
{
    const std::size_t calls = phones.targets[0].size();
    const std::size_t streams = 2 * calls;
    const auto total = static_cast<std::uint64_t>(seconds * 50) * streams;
    result.delays.reserve(total);
    std::vector<std::array<std::byte, kDatagram>> packets(streams);
    for (std::size_t i = 0; i < streams; ++i) {
        packets[i][0] = std::byte{0x80};
        storeBe(packets[i].data() + 8, static_cast<std::uint32_t>(i));
    }
    const std::int64_t start = nowOn(CLOCK_MONOTONIC);
    while (result.sent < total) {
        const std::int64_t elapsed = nowOn(CLOCK_MONOTONIC) - start;
        const auto due = static_cast<std::uint64_t>(elapsed) * streams / 20'000'000;
        for (; result.sent < std::min(due, total); ++result.sent) {
            const std::size_t stream = result.sent % streams;
            auto& packet = packets[stream];
            storeBe(packet.data() + 2, static_cast<std::uint16_t>(result.sent / streams));
            storeBe(packet.data() + 12, static_cast<std::uint64_t>(nowOn(CLOCK_REALTIME)));
            const std::size_t call = stream / 2;
            (void)phones.sockets[stream % 2][call % kPorts].send(packet, phones.targets[stream % 2][call]);
        }
        readAll(phones, result);
        const timespec pause{0, 20'000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    }
    for (int i = 0; i < 100 && result.arrived < result.sent; ++i) {
        const timespec pause{0, 2'000'000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
        readAll(phones, result);
    }
}

/// More than can be relayed, so that the relaying thread never sleeps.
void flood(Telephones& phones, double seconds, Measured& result)
{
    constexpr std::size_t kBatch = 64;
    std::array<std::byte, kDatagram> packet{};
    packet[0] = std::byte{0x80};
    std::array<mmsghdr, kBatch> messages{};
    iovec vector{packet.data(), packet.size()};
    const std::size_t calls = phones.targets[0].size();
    const std::int64_t end = nowOn(CLOCK_MONOTONIC) + static_cast<std::int64_t>(seconds * kNanos);
    for (std::size_t turn = 0; nowOn(CLOCK_MONOTONIC) < end; ++turn) {
        const std::size_t side = turn % 2;
        const std::size_t port = turn / 2 % kPorts;
        std::size_t count = 0;
        for (std::size_t call = port; call < calls && count < kBatch; call += kPorts, ++count) {
            SocketAddress& target = phones.targets[side][call];
            messages[count].msg_hdr = {};
            messages[count].msg_hdr.msg_name = target.octets.data();
            messages[count].msg_hdr.msg_namelen = target.size;
            messages[count].msg_hdr.msg_iov = &vector;
            messages[count].msg_hdr.msg_iovlen = 1;
        }
        const int sent = sendmmsg(static_cast<int>(phones.sockets[side][port].handle()), messages.data(),
                                  static_cast<unsigned>(count), 0);
        result.sent += sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
        if (turn % 64 == 0)
            readAll(phones, result);
    }
    result.delays.clear(); // such packets carry no time
}

using Generator = void (*)(Telephones&, double, Measured&);

/// Runs the generator on the second core and returns its CPU time. [ns]
std::int64_t generate(Generator generator, Telephones& phones, double seconds, Measured& result)
{
    std::int64_t cpu = 0;
    std::thread([&] {
        pinTo(1);
        generator(phones, seconds, result);
        cpu = nowOn(CLOCK_THREAD_CPUTIME_ID);
    }).join();
    return cpu;
}

/// The least that a relay can do: two sockets for each call, each knows the other and where to send.
Measured bareRun(Generator generator, std::size_t calls, double seconds)
{
    struct Half {
        UdpSocket socket;
        Half* other = nullptr;
        SocketAddress target;
    };
    Telephones phones;
    std::vector<Half> halves(2 * calls);
    const int epoll = epoll_create1(0);
    for (std::size_t i = 0; i < halves.size(); ++i) {
        halves[i].socket = newSocket();
        halves[i].other = &halves[i ^ 1];
        halves[i].target = SocketAddress::of(phones.of(static_cast<Side>(i % 2), i / 2));
        phones.targets[i % 2].push_back(SocketAddress::of(halves[i].socket.local()));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &halves[i];
        epoll_ctl(epoll, EPOLL_CTL_ADD, static_cast<int>(halves[i].socket.handle()), &event);
    }
    Measured result;
    std::atomic<bool> over{false};
    std::uint64_t relayed = 0;
    std::thread loop([&] {
        std::array<epoll_event, 256> events{};
        std::array<std::byte, 2048> buffer{};
        SocketAddress from;
        while (!over.load(std::memory_order_relaxed)) {
            const int count = epoll_wait(epoll, events.data(), 256, 10);
            for (int i = 0; i < count; ++i) {
                auto* const half = static_cast<Half*>(events[static_cast<std::size_t>(i)].data.ptr);
                for (;;) {
                    const auto size = half->socket.receive(buffer, from);
                    if (size < 0)
                        break;
                    (void)half->other->socket.send(ByteView(buffer).first(static_cast<std::size_t>(size)),
                                                   half->other->target);
                    ++relayed;
                }
            }
        }
        result.cpu = static_cast<double>(nowOn(CLOCK_THREAD_CPUTIME_ID)) / kNanos;
    });
    (void)generate(generator, phones, seconds, result);
    over = true;
    loop.join();
    if (generator == flood)
        result.arrived = relayed;
    return result;
}

/// Reads the tap as a spool would. Returns its CPU time. [ns]
std::int64_t drainUntil(relay::Relay& relay, const std::atomic<bool>& over)
{
    std::uint64_t octets = 0;
    while (!over) {
        relay.drainTap([&](const relay::TapPacket& packet) { octets += packet.datagram.size(); });
        std::this_thread::sleep_for(milliseconds(50));
    }
    return nowOn(CLOCK_THREAD_CPUTIME_ID) + static_cast<std::int64_t>(octets & 1);
}

Measured relayRun(Generator generator, std::size_t calls, double seconds, bool tapped)
{
    Telephones phones;
    auto relay = relay::Relay::start({});
    std::vector<std::unique_ptr<relay::Bridge>> bridges;
    for (std::size_t call = 0; call < calls; ++call) {
        auto bridge = (*relay)->open(IpAddress::v4(0x7f000001), IpAddress::v4(0x7f000001));
        if (!bridge) {
            std::fprintf(stderr, "%s\n", bridge.error().text().c_str());
            std::exit(1);
        }
        for (const Side side : {Side::Caller, Side::Callee}) {
            relay::Peer peer;
            peer.rtp = phones.of(side, call);
            (void)!(*bridge)->setPeer(side, peer);
            phones.targets[static_cast<std::size_t>(side)].push_back(
                SocketAddress::of((*bridge)->local(side)));
        }
        if (tapped)
            (*bridge)->setTap(call);
        bridges.push_back(std::move(*bridge));
    }
    Measured result;
    std::atomic<bool> over{false};
    std::int64_t others = 0;
    std::thread spool([&] {
        pinTo(1);
        if (tapped)
            others = drainUntil(**relay, over);
    });
    const std::int64_t before = nowOn(CLOCK_PROCESS_CPUTIME_ID);
    const std::int64_t generated = generate(generator, phones, seconds, result);
    over = true;
    spool.join();
    const std::int64_t all = nowOn(CLOCK_PROCESS_CPUTIME_ID) - before;
    result.cpu = static_cast<double>(all - generated - others) / kNanos;
    if (generator == flood) {
        result.arrived = 0;
        for (const auto& bridge : bridges)
            result.arrived += bridge->state(Side::Caller).packets + bridge->state(Side::Callee).packets;
    }
    if (tapped && (*relay)->tapLost() > 0)
        std::printf("%llu copies lost\n", static_cast<unsigned long long>((*relay)->tapLost()));
    return result;
}

void print(const char* name, const Measured& result, const Measured& bare)
{
    std::printf("%-16s %9llu packets, %6llu lost, %8.0f packets/core-second (%.2f of bare)", name,
                static_cast<unsigned long long>(result.sent),
                static_cast<unsigned long long>(result.sent - result.arrived),
                static_cast<double>(result.arrived) / result.cpu,
                static_cast<double>(result.arrived) / result.cpu /
                    (static_cast<double>(bare.arrived) / bare.cpu));
    std::printf(", delay median %.1f us (%.2f), 99.9 %% %.0f us (%.2f)\n", result.median(),
                result.median() / bare.median(), result.tail(), result.tail() / bare.tail());
    std::printf("                 99.9 %% of each round:");
    for (const double tail : result.tails)
        std::printf(" %.0f", tail);
    std::printf(" us\n");
}

void printFlood(const char* name, const Measured& result, const Measured& bare)
{
    const double rate = static_cast<double>(result.arrived) / result.cpu;
    std::printf("%-16s %8.0f packets/core-second (%.2f of bare), %.0f calls\n", name, rate,
                rate / (static_cast<double>(bare.arrived) / bare.cpu), rate / 100);
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t calls = argc > 1 ? std::stoul(argv[1]) : 200;
    const double seconds = argc > 2 ? std::stod(argv[2]) : 10;
    const int rounds = argc > 3 ? std::stoi(argv[3]) : 5;
    const rlimit files{65536, 65536};
    (void)setrlimit(RLIMIT_NOFILE, &files);
    pinTo(0); // threads inherit it
    Measured bare;
    Measured plain;
    Measured tapped;
    Measured bareFlood;
    Measured plainFlood;
    Measured tappedFlood;
    for (int round = 0; round < rounds; ++round) { // in turn, for the machine is not the same all the time
        bare.add(bareRun(talk, calls, seconds));
        plain.add(relayRun(talk, calls, seconds, false));
        tapped.add(relayRun(talk, calls, seconds, true));
        bareFlood.add(bareRun(flood, calls, seconds / 4));
        plainFlood.add(relayRun(flood, calls, seconds / 4, false));
        tappedFlood.add(relayRun(flood, calls, seconds / 4, true));
    }
    std::printf("%zu calls, %d rounds of %.0f s\n", calls, rounds, seconds);
    print("bare loop", bare, bare);
    print("relay", plain, bare);
    print("relay and tap", tapped, bare);
    std::printf("offered more than can be relayed:\n");
    printFlood("bare loop", bareFlood, bareFlood);
    printFlood("relay", plainFlood, bareFlood);
    printFlood("relay and tap", tappedFlood, bareFlood);
    return 0;
}
