// SPDX-License-Identifier: GPL-3.0-or-later
// Calls come, change and go on the control thread while two relay threads carry their sound, a spool drains
// the tap and a window asks for their state.
#include "core/relay/relay.h"
#include "core/relay/tap_ring.h"
#include "core/relay/udp_socket.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using sr::relay::Side;
using sr::relay::UdpSocket;

constexpr std::size_t kCalls = 8;
constexpr int kRounds = 100;
constexpr std::uint64_t kRecords = 200000;

sr::IpAddress loopback()
{
    return sr::IpAddress::v4(0x7f000001);
}

/// The ring alone: every record that was taken comes out whole and in order.
bool ringHolds()
{
    sr::relay::TapRing ring(1 << 14);
    std::atomic<bool> over{false};
    std::uint64_t put = 0;
    std::jthread producer([&] {
        std::array<std::byte, 300> datagram{};
        for (std::uint64_t i = 0; i < kRecords; ++i) {
            datagram.fill(static_cast<std::byte>(i));
            const auto size = static_cast<std::size_t>(i % datagram.size());
            while (!ring.put({.tag = i, .time = 0, .from = 0}, sr::ByteView(datagram).first(size)))
                std::this_thread::yield();
            ++put;
        }
        over = true;
    });
    std::uint64_t expected = 0;
    bool good = true;
    const auto look = [&](const sr::relay::TapRing::Label& label, sr::ByteView datagram) {
        good = good && label.tag == expected && datagram.size() == expected % 300 &&
               (datagram.empty() || datagram.back() == static_cast<std::byte>(expected));
        ++expected;
    };
    while (!over)
        ring.drain(look);
    ring.drain(look);
    producer.join();
    return good && expected == put;
}

struct Shared {
    std::array<std::atomic<std::uint16_t>, 2 * kCalls> ports{}; // ours, that devices send to
    std::atomic<bool> over{false};
};

void talk(Shared& shared)
{
    auto mine = UdpSocket::bind({loopback(), 0});
    std::array<std::byte, 172> packet{};
    packet[0] = std::byte{0x80};
    for (std::uint32_t i = 0; !shared.over; ++i) {
        sr::storeBe(packet.data() + 4, i);
        packet[0] =
            std::byte{static_cast<unsigned char>(i % 16 == 7 ? 22 : 0x80)}; // a bad handshake at times
        const std::uint16_t port = shared.ports[i % shared.ports.size()];
        if (port != 0)
            (void)mine->send(packet, sr::relay::SocketAddress::of({loopback(), port}));
    }
}

/// The caller's sound is looked for, so that it never waits for keys or checks.
sr::relay::Peer peerAt(Side side, std::uint16_t port, int round)
{
    sr::relay::Peer peer;
    peer.rtp = {loopback(), port};
    if (round % 3 == 0)
        peer.expects = {"AES_CM_128_HMAC_SHA1_80", std::string(30, 'k'), {}};
    if (side == Side::Callee && round % 3 == 1)
        peer.dtls = {round % 2 == 0 ? sr::relay::DtlsRole::Client : sr::relay::DtlsRole::Server,
                     {{"sha-256", sr::Bytes(32)}}};
    if (side == Side::Callee && round % 5 == 4)
        peer.ice = {"frag", "0123456789012345678901"};
    return peer;
}

[[noreturn]] void giveUp(const char* what)
{
    std::fprintf(stderr, "%s\n", what);
    std::_Exit(1); // threads are still at work
}

/// Calls that change until a window has seen the sound of one, and then end. Returns the packets of callers.
std::uint64_t runCalls(sr::relay::Relay& relay, Shared& shared, std::uint16_t sink, int round)
{
    const std::optional<std::uint64_t> tag(static_cast<std::uint64_t>(round));
    std::vector<std::unique_ptr<sr::relay::Bridge>> bridges;
    for (std::size_t call = 0; call < kCalls; ++call) {
        auto bridge = relay.open(loopback(), loopback());
        if (!bridge)
            giveUp("no bridge");
        (*bridge)->setTap(tag);
        for (const Side side : {Side::Caller, Side::Callee}) {
            if (!(*bridge)->setPeer(side, peerAt(side, sink, round)))
                giveUp("a peer was refused");
            shared.ports[2 * call + static_cast<std::size_t>(side)] = (*bridge)->local(side).port;
        }
        bridges.push_back(std::move(*bridge));
    }
    std::atomic<bool> seen{false};
    std::jthread window([&] {
        while (!seen)
            for (const auto& bridge : bridges)
                if (bridge->state(Side::Caller).source.port != 0)
                    seen = true;
    });
    for (int change = 0; !seen; ++change)
        for (const auto& bridge : bridges) {
            const auto port = static_cast<std::uint16_t>(sink + change % 2);
            if (!bridge->setPeer(Side::Callee, peerAt(Side::Callee, port, change)))
                giveUp("a change was refused");
            bridge->setTap(change % 2 == 0 ? std::nullopt : tag);
        }
    window.join();
    std::uint64_t packets = 0;
    for (const auto& bridge : bridges)
        packets += bridge->state(Side::Caller).packets;
    return packets;
}

} // namespace

int main()
{
    if (!ringHolds())
        giveUp("the ring lost or changed a record");
    sr::relay::RelayOptions options;
    options.threads = 2;
    options.tapBytes = 1; // the least, so that it runs full
    auto relay = sr::relay::Relay::start(options);
    auto sink = UdpSocket::bind({loopback(), 0}); // nobody reads it
    if (!relay || !sink)
        giveUp("no sockets");
    Shared shared;
    std::uint64_t tapped = 0;
    std::uint64_t packets = 0;
    {
        std::jthread talker([&] { talk(shared); });
        std::jthread spool([&] {
            while (!shared.over)
                tapped += (*relay)->drainTap([](const sr::relay::TapPacket& packet) {
                    if (packet.datagram.size() != 172 || packet.tag >= kRounds)
                        giveUp("a copy is not what was sent");
                });
        });
        for (int round = 0; round < kRounds; ++round) {
            packets += runCalls(**relay, shared, sink->local().port, round);
            (*relay)->onSecond();
        }
        shared.over = true;
    }
    relay->reset();
    if (packets == 0 || tapped == 0)
        giveUp("nothing went through");
    return 0;
}
