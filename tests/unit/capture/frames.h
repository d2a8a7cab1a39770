// SPDX-License-Identifier: GPL-3.0-or-later
// Frames and capture files put together octet by octet, and a sink that keeps what comes out of the layers.
#pragma once

#include "core/capture/packet_decoder.h"

#include <random>
#include <string>
#include <vector>

namespace sr::test {

inline Bytes operator+(Bytes a, const Bytes& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}
inline Bytes raw(std::string_view text)
{
    const ByteView view = bytesOf(text);
    return {view.begin(), view.end()};
}
inline Bytes hex(std::string_view text)
{
    std::string packed;
    for (const char c : text) {
        if (c != ' ')
            packed += c;
    }
    return fromHex(packed).value();
}
template <typename T>
Bytes be(T value)
{
    Bytes out(sizeof(T));
    storeBe<T>(out.data(), value);
    return out;
}
template <typename T>
Bytes in(bool big, T value)
{
    Bytes out(sizeof(T));
    if (big)
        storeBe<T>(out.data(), value);
    else
        storeLe<T>(out.data(), value);
    return out;
}
inline Bytes u8(unsigned value)
{
    return {static_cast<std::byte>(value)};
}

inline Endpoint at(const char* address, unsigned port)
{
    return {IpAddress::parse(address).value(), static_cast<std::uint16_t>(port)};
}

inline Bytes addressBytes(const IpAddress& address)
{
    const auto* from = reinterpret_cast<const std::byte*>(address.octets.data());
    return address.isV4() ? Bytes(from + 12, from + 16) : Bytes(from, from + 16);
}

/// IPv4 or IPv6 by the addresses' family.
inline Bytes ipPacket(const IpAddress& from, const IpAddress& to, unsigned protocol, const Bytes& payload)
{
    if (from.isV4())
        return hex("4500") + be(static_cast<std::uint16_t>(20 + payload.size())) + hex("1234 0000 40") +
               u8(protocol) + hex("0000") + addressBytes(from) + addressBytes(to) + payload;
    return hex("60000000") + be(static_cast<std::uint16_t>(payload.size())) + u8(protocol) + hex("40") +
           addressBytes(from) + addressBytes(to) + payload;
}
inline Bytes udp(const Endpoint& from, const Endpoint& to, const Bytes& payload)
{
    return be(from.port) + be(to.port) + be(static_cast<std::uint16_t>(8 + payload.size())) + hex("0000") +
           payload;
}
inline Bytes udpPacket(const Endpoint& from, const Endpoint& to, const Bytes& payload)
{
    return ipPacket(from.address, to.address, 17, udp(from, to, payload));
}
inline Bytes tcpPacket(const Endpoint& from, const Endpoint& to, std::uint32_t sequence, unsigned flags,
                       const Bytes& payload)
{
    return ipPacket(from.address, to.address, 6,
                    be(from.port) + be(to.port) + be(sequence) + hex("00000000 50") + u8(flags) +
                        hex("ffff 0000 0000") + payload);
}
inline Bytes ethernet(unsigned type, const Bytes& payload)
{
    return hex("020000000002 020000000001") + be(static_cast<std::uint16_t>(type)) + payload;
}

/// One fragment of an IP payload; offsets in octets.
inline Bytes fragment(const IpAddress& from, const IpAddress& to, unsigned protocol, std::uint32_t id,
                      std::size_t offset, bool more, const Bytes& part)
{
    if (from.isV4()) {
        const auto field =
            static_cast<std::uint16_t>((more ? 0x2000U : 0U) | static_cast<unsigned>(offset / 8));
        return hex("4500") + be(static_cast<std::uint16_t>(20 + part.size())) +
               be(static_cast<std::uint16_t>(id)) + be(field) + hex("40") + u8(protocol) + hex("0000") +
               addressBytes(from) + addressBytes(to) + part;
    }
    return ipPacket(from, to, 44,
                    u8(protocol) + hex("00") +
                        be(static_cast<std::uint16_t>(static_cast<unsigned>(offset) | (more ? 1U : 0U))) +
                        be(id) + part);
}

/// Classic pcap with any magic number and byte order.
class PcapBytes {
public:
    explicit PcapBytes(bool big = false, std::uint32_t magic = 0xa1b2c3d4, std::uint32_t linkType = 1,
                       unsigned minor = 4)
        : m_big(big)
    {
        bytes = in(big, magic) + in<std::uint16_t>(big, 2) + in(big, static_cast<std::uint16_t>(minor)) +
                Bytes(8) + in<std::uint32_t>(big, 96) + in(big, linkType);
    }
    void add(std::uint32_t second, std::uint32_t fraction, const Bytes& frame, std::uint32_t original = 0,
             const Bytes& extra = {})
    {
        starts.push_back(bytes.size());
        bytes = std::move(bytes) + in(m_big, second) + in(m_big, fraction) +
                in(m_big, static_cast<std::uint32_t>(frame.size())) +
                in(m_big, original != 0 ? original : static_cast<std::uint32_t>(frame.size())) + extra +
                frame;
    }
    Bytes bytes;
    std::vector<std::size_t> starts; ///< of the records

private:
    bool m_big;
};

/// Keeps copies of what the layers hand over.
class Collected final : public capture::DatagramSink {
public:
    struct Item {
        UtcTime time{};
        Endpoint from;
        Endpoint to;
        std::string payload;
        bool stream = false;
        bool operator==(const Item&) const = default;
    };
    void take(const capture::Datagram& datagram) override
    {
        items.push_back({datagram.time, datagram.from, datagram.to, std::string(textOf(datagram.payload)),
                         datagram.stream});
    }
    std::vector<Item> items;
};

inline capture::CapturedPacket captured(const Bytes& frame, unsigned linkType = 1,
                                        UtcTime time = UtcTime(seconds(1000)))
{
    capture::CapturedPacket packet;
    packet.time = time;
    packet.bytes = frame;
    packet.originalLength = static_cast<std::uint32_t>(frame.size());
    packet.linkType = static_cast<std::uint16_t>(linkType);
    return packet;
}

inline Bytes randomBytes(std::mt19937& random, std::size_t count)
{
    Bytes out(count);
    for (std::byte& byte : out)
        byte = static_cast<std::byte>(random() & 0xff);
    return out;
}

} // namespace sr::test
