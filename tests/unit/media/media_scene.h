// SPDX-License-Identifier: GPL-3.0-or-later
// A media server whose beats the test makes, and far sides on loopback that hear and speak RTP.
#pragma once

#include "core/media/media_server.h"
#include "core/relay/udp_socket.h"
#include "core/rtp/packet.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace sr::test {

inline IpAddress loopback()
{
    return *IpAddress::parse("127.0.0.1");
}

/// A device: what it got, and what it sends.
class FarEnd {
public:
    struct Heard {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t ssrc = 0;
        std::uint8_t payloadType = 0;
        bool marker = false;
        Bytes payload;
    };
    FarEnd()
        : m_socket(std::move(relay::UdpSocket::bind({loopback(), 0})).value())
    {}
    Endpoint local() const { return m_socket.local(); }
    media::PortPeer peer(const std::string& encoding = "PCMA", std::uint8_t type = 8) const
    {
        media::PortPeer peer;
        peer.rtp = local();
        peer.payloadType = type;
        peer.format = {encoding, encoding == "OPUS" ? 48000U : 8000U, 1, {}};
        peer.eventType = 101;
        return peer;
    }
    void say(const media::Port& to, std::uint8_t type, ByteView payload) { say(to.local(), type, payload); }
    void say(const Endpoint& to, std::uint8_t type, ByteView payload, std::uint32_t ticks = 160)
    {
        Bytes packet(rtp::kFixedHeaderBytes + payload.size());
        packet[0] = std::byte{0x80};
        packet[1] = std::byte{type};
        storeBe<std::uint16_t>(&packet[2], m_sequence++);
        storeBe<std::uint32_t>(&packet[4], m_time);
        storeBe<std::uint32_t>(&packet[8], 0x12345678U);
        std::ranges::copy(payload, packet.begin() + rtp::kFixedHeaderBytes);
        m_time += ticks;
        m_socket.send(packet, relay::SocketAddress::of(to));
    }
    /// A packet of a key (RFC 4733 2.3).
    void key(const Endpoint& to, std::uint8_t code, std::uint16_t duration, bool end)
    {
        Bytes event(4);
        event[0] = std::byte{code};
        event[1] = std::byte{static_cast<unsigned char>(end ? 0x8a : 0x0a)};
        storeBe<std::uint16_t>(&event[2], duration);
        say(to, 101, event, 0);
    }
    void skipTime(std::uint32_t ticks) { m_time += ticks; }
    /// All that has come since.
    std::vector<Heard> take()
    {
        std::vector<Heard> all;
        std::array<std::byte, 2048> datagram{};
        relay::SocketAddress from;
        std::ptrdiff_t count = 0;
        while ((count = m_socket.receive(datagram, from)) >= 0) {
            const auto packet = rtp::parsePacket(ByteView(datagram).first(static_cast<std::size_t>(count)));
            if (packet)
                all.push_back({packet->sequenceNumber,
                               packet->timestamp,
                               packet->ssrc,
                               packet->payloadType,
                               packet->marker,
                               {packet->payload.begin(), packet->payload.end()}});
        }
        return all;
    }

private:
    relay::UdpSocket m_socket;
    std::uint16_t m_sequence = 65530; // wraps soon
    std::uint32_t m_time = 0xffffff00U;
};

struct MediaScene {
    std::unique_ptr<media::Port> open()
    {
        media::PortEvents events;
        events.played = [this](media::PlayEnd end) {
            log.push_back(end == media::PlayEnd::Done ? "played" : "not encodable");
        };
        events.digit = [this](char symbol, std::chrono::milliseconds length) {
            log.push_back(std::string(1, symbol) + ' ' + std::to_string(length.count()));
        };
        events.recorded = [this](const media::Recorded& what) {
            log.push_back("recorded " + std::to_string(what.length.count()) +
                          (what.status ? std::string() : ' ' + what.status.error().code.message()));
        };
        auto port = server.open(loopback(), executor(), std::move(events));
        return port ? std::move(*port) : nullptr;
    }
    media::Executor executor()
    {
        return [this](std::function<void()> what) { posted.push_back(std::move(what)); };
    }
    /// `count` beats in time, and what is told of them.
    void beat(int count = 1)
    {
        for (int i = 0; i < count; ++i) {
            server.beat(now);
            now += std::chrono::milliseconds(20);
            run();
        }
    }
    void run()
    {
        while (!posted.empty()) {
            const auto what = std::move(posted.front());
            posted.pop_front();
            what();
        }
    }
    std::string told() const
    {
        std::string all;
        for (const std::string& one : log)
            all += (all.empty() ? "" : ", ") + one;
        return all;
    }

    media::MediaServer server{
        media::MediaOptions{40000, 49999, 100, media::RecordingWriter::Running::Stepped}};
    media::MediaServer::TimePoint now{};
    std::deque<std::function<void()>> posted;
    std::vector<std::string> log;
};

} // namespace sr::test
