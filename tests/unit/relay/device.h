// SPDX-License-Identifier: GPL-3.0-or-later
// A telephone's media ports as the relay sees them: sends what the test says, keeps what comes.
#pragma once

#include "core/relay/relay.h"
#include "core/relay/udp_socket.h"

#include <QCoreApplication>
#include <QTest>

#include <chrono>
#include <thread>
#include <vector>

namespace sr::test {

inline IpAddress loopback()
{
    return IpAddress::v4(0x7f000001);
}

/// One RTP packet (RFC 3550 §5.1) of 20 ms G.711; the payload tells packets apart.
inline Bytes rtpPacket(std::uint16_t sequence, std::uint32_t ssrc = 0x1234, std::size_t payload = 160)
{
    Bytes packet(12 + payload);
    packet[0] = std::byte{0x80};
    storeBe<std::uint16_t>(packet.data() + 2, sequence);
    storeBe<std::uint32_t>(packet.data() + 4, sequence * 160U);
    storeBe<std::uint32_t>(packet.data() + 8, ssrc);
    for (std::size_t i = 0; i < payload; ++i)
        packet[12 + i] = static_cast<std::byte>(i * 7 + sequence);
    return packet;
}

/// An empty receiver report (RFC 3550 §6.4.2); the SSRC tells packets apart.
inline Bytes rtcpPacket(std::uint32_t ssrc)
{
    Bytes packet(8);
    packet[0] = std::byte{0x80};
    packet[1] = std::byte{201};
    packet[3] = std::byte{1};
    storeBe<std::uint32_t>(packet.data() + 4, ssrc);
    return packet;
}

struct Arrival {
    Bytes datagram;
    Endpoint from;
};

/// A socket on a port of the system's choice.
class Port {
public:
    explicit Port(const IpAddress& address = loopback())
    {
        auto bound = relay::UdpSocket::bind({address, 0});
        if (bound)
            m_socket = std::move(*bound);
    }
    Endpoint local() const { return m_socket.local(); }
    void send(ByteView datagram, const Endpoint& to)
    {
        QVERIFY(m_socket.send(datagram, relay::SocketAddress::of(to)));
    }
    /// The next datagram; waits for it up to twenty seconds, then empty.
    Arrival next()
    {
        // Not by QTest::qWaitFor(), which sleeps ten milliseconds at a time.
        Arrival out;
        const auto end = std::chrono::steady_clock::now() + seconds(20);
        while (!poll(out) && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
        return out;
    }
    bool poll(Arrival& out)
    {
        relay::SocketAddress from;
        const auto size = m_socket.receive(m_buffer, from);
        if (size < 0)
            return false;
        out = {Bytes(m_buffer.begin(), m_buffer.begin() + size), from.endpoint()};
        return true;
    }

private:
    Bytes m_buffer = Bytes(65536);
    relay::UdpSocket m_socket;
};

struct Device {
    Port rtp;
    Port rtcp;

    explicit Device(const IpAddress& address = loopback())
        : rtp(address)
        , rtcp(address)
    {}
    relay::Peer peer() const
    {
        relay::Peer peer;
        peer.rtp = rtp.local();
        peer.rtcp = rtcp.local();
        return peer;
    }
};

inline Endpoint rtcpPort(Endpoint rtp)
{
    ++rtp.port;
    return rtp;
}

/// An address of this machine for this program alone: who asks for ports by number has them to himself there,
/// whatever tests run beside.
inline IpAddress ownLoopback()
{
    const auto id = static_cast<std::uint32_t>(QCoreApplication::applicationPid());
    return IpAddress::v4(0x7f800000U | (id & 0x3fffffU));
}

/// A range of `pairs` port pairs of which nobody had any just now.
inline std::uint16_t freePorts(const IpAddress& address, unsigned pairs)
{
    for (int attempt = 0; attempt < 200; ++attempt) {
        const unsigned first = (relay::UdpSocket::bind({address, 0})->local().port + 1U) / 2 * 2;
        bool free = first + 2 * pairs < 65536;
        std::vector<relay::UdpSocket> held;
        for (unsigned i = 0; free && i < 2 * pairs; ++i) {
            auto bound = relay::UdpSocket::bind({address, static_cast<std::uint16_t>(first + i)});
            free = static_cast<bool>(bound);
            if (bound)
                held.push_back(std::move(*bound));
        }
        if (free)
            return static_cast<std::uint16_t>(first);
    }
    return 0;
}

/// A relay of its own and a bridge through it.
struct Call {
    std::unique_ptr<relay::Relay> relay;
    std::unique_ptr<relay::Bridge> bridge;
    Device caller;
    Device callee;

    explicit Call(const IpAddress& callerSide = loopback(), const IpAddress& calleeSide = loopback())
        : caller(callerSide)
        , callee(calleeSide)
    {
        if (auto started = relay::Relay::start({}))
            relay = std::move(*started);
        if (!relay)
            return;
        if (auto opened = relay->open(callerSide, calleeSide))
            bridge = std::move(*opened);
    }
    bool connected()
    {
        return bridge && bridge->setPeer(relay::Side::Caller, caller.peer()) &&
               bridge->setPeer(relay::Side::Callee, callee.peer());
    }
    Endpoint local(relay::Side side) const { return bridge->local(side); }
    relay::SideState state(relay::Side side) const { return bridge->state(side); }
};

} // namespace sr::test
