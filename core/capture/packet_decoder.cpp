// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a frame through the layers.
#include "core/capture/packet_decoder.h"

#include "core/capture/ip_header.h"
#include "core/capture/link_layer.h"

#include <algorithm>
#include <utility>

namespace sr::capture {

/// Where the next datagram goes; handOver() follows.
inline Datagram& PacketDecoder::nextGathered()
{
    if (m_gatheredCount == m_gathered.size())
        flush();
    return m_gathered[m_gatheredCount];
}

inline void PacketDecoder::handOver()
{
    ++m_datagrams;
    ++m_gatheredCount;
    if (!m_gathering)
        flush();
}

void PacketDecoder::take(const CapturedPacket& packet)
{
    ++m_frames;
    if (takePlain(packet))
        return;
    if (packet.bytes.size() < packet.originalLength)
        ++m_cut;
    if (takeIp(packet.time, ipPacketOf(packet.linkType, packet.bytes), 0))
        return;
    ++m_dropped;
    if (!isKnownLink(packet.linkType))
        noteForeign(packet);
}

/// The short way of nearly every frame of a call: Ethernet without tags, IPv4 without options or fragments, a
/// whole UDP datagram. False, and nothing done: it takes the way through the layers.
bool PacketDecoder::takePlain(const CapturedPacket& packet)
{
    constexpr std::size_t kIp = 14;
    constexpr std::size_t kUdp = kIp + 20;
    constexpr std::size_t kPayload = kUdp + 8;
    const std::byte* const p = packet.bytes.data();
    if (packet.linkType != static_cast<std::uint16_t>(LinkType::Ethernet) || packet.bytes.size() <= kPayload)
        return false;
    const std::size_t end = kIp + loadBe<std::uint16_t>(p + kIp + 2);
    const bool plain = loadBe<std::uint16_t>(p + 12) == 0x0800 && p[kIp] == std::byte{0x45} &&
                       (loadBe<std::uint16_t>(p + kIp + 6) & 0x3fff) == 0 && p[kIp + 9] == std::byte{17} &&
                       end > kPayload && end == kUdp + loadBe<std::uint16_t>(p + kUdp + 4) &&
                       end <= packet.bytes.size() && packet.bytes.size() >= packet.originalLength;
    if (!plain)
        return false;
    Datagram& datagram = nextGathered();
    datagram.time = packet.time;
    datagram.from = {mappedAddress(p + kIp + 12), loadBe<std::uint16_t>(p + kUdp)};
    datagram.to = {mappedAddress(p + kIp + 16), loadBe<std::uint16_t>(p + kUdp + 2)};
    datagram.payload = packet.bytes.subspan(kPayload, end - kPayload);
    datagram.cut = false;
    handOver();
    return true;
}

void PacketDecoder::noteForeign(const CapturedPacket& packet)
{
    constexpr std::size_t kMost = 64; // chosen: interfaces of different kinds in one file; more is hostile
    const auto known = std::find_if(m_foreign.begin(), m_foreign.end(),
                                    [&](const ForeignLink& one) { return one.type == packet.linkType; });
    if (known != m_foreign.end())
        ++known->packets;
    else if (m_foreign.size() < kMost)
        m_foreign.push_back({packet.linkType, packet.offset, 1});
}

void PacketDecoder::takeAll(std::span<const CapturedPacket> packets)
{
    m_gathering = true;
    for (const CapturedPacket& packet : packets)
        take(packet);
    flush();
    m_gathering = false;
}

void PacketDecoder::flush()
{
    if (m_gatheredCount > 0)
        m_sink->takeAll(std::span(m_gathered).first(m_gatheredCount));
    m_gatheredCount = 0;
}

bool PacketDecoder::takeIp(UtcTime time, ByteView bytes, int depth)
{
    IpPacket packet;
    if (depth > kMaxDepth || !parseIp(bytes, packet))
        return false;
    if (!packet.isFragment)
        return takePayload(time, packet, depth);
    auto whole = m_fragments.add(time, packet);
    if (!whole)
        return true; // on its way
    packet.payload = whole->payload;
    packet.protocol = whole->protocol;
    packet.isFragment = false;
    const bool gathering = std::exchange(m_gathering, false); // its payload lives only here
    flush();
    const bool taken = takePayload(time, packet, depth);
    m_gathering = gathering;
    return taken;
}

bool PacketDecoder::takePayload(UtcTime time, const IpPacket& packet, int depth)
{
    switch (static_cast<IpProtocol>(packet.protocol)) {
    case IpProtocol::Udp:
        return takeUdp(time, packet);
    case IpProtocol::Tcp:
        return takeTcp(time, packet);
    case IpProtocol::Ipv4:
    case IpProtocol::Ipv6:
        return takeIp(time, packet.payload, depth + 1);
    case IpProtocol::Gre:
        return takeGre(time, packet.payload, depth + 1);
    }
    return false;
}

/// RFC 768. A cut datagram is handed on as far as it goes: its signalling or the start of its sound still
/// tell.
bool PacketDecoder::takeUdp(UtcTime time, const IpPacket& packet)
{
    constexpr std::size_t kHeader = 8;
    const ByteView bytes = packet.payload;
    if (bytes.size() <= kHeader)
        return false;
    std::size_t length = loadBe<std::uint16_t>(bytes.data() + 4);
    if (length == 0) // jumbogram (RFC 2675 §4) or offload
        length = bytes.size();
    if (length <= kHeader)
        return false;
    Datagram& datagram = nextGathered();
    datagram.time = time;
    datagram.from = {packet.from, loadBe<std::uint16_t>(bytes.data())};
    datagram.to = {packet.to, loadBe<std::uint16_t>(bytes.data() + 2)};
    datagram.payload = bytes.subspan(kHeader, std::min(length, bytes.size()) - kHeader);
    datagram.cut = length > bytes.size();
    handOver();
    return true;
}

/// RFC 9293 §3.1.
bool PacketDecoder::takeTcp(UtcTime time, const IpPacket& packet)
{
    flush(); // its messages go to the sink directly
    const ByteView bytes = packet.payload;
    if (bytes.size() < 20)
        return false;
    const std::size_t header = (std::to_integer<std::size_t>(bytes[12]) >> 4) * 4;
    if (header < 20 || header > bytes.size())
        return false;
    TcpSegment segment;
    segment.time = time;
    segment.from = {packet.from, loadBe<std::uint16_t>(bytes.data())};
    segment.to = {packet.to, loadBe<std::uint16_t>(bytes.data() + 2)};
    segment.sequence = loadBe<std::uint32_t>(bytes.data() + 4);
    segment.syn = (bytes[13] & std::byte{0x02}) != std::byte{0};
    segment.payload = bytes.subspan(header);
    return m_tcp.take(segment);
}

/// RFC 2784 and RFC 2890, and ERSPAN, by which switches mirror ports over IP.
bool PacketDecoder::takeGre(UtcTime time, ByteView payload, int depth)
{
    if (payload.size() < 4)
        return false;
    const auto flags = loadBe<std::uint16_t>(payload.data());
    auto type = loadBe<std::uint16_t>(payload.data() + 2);
    if ((flags & 0x4007) != 0) // source routing, or version 1 (PPTP)
        return false;
    const bool sequence = (flags & 0x1000) != 0;
    std::size_t skip =
        4 + ((flags & 0x8000) != 0 ? 4U : 0U) + ((flags & 0x2000) != 0 ? 4U : 0U) + (sequence ? 4U : 0U);
    constexpr std::uint16_t kEthernet = 0x6558;
    if (type == 0x88be) { // ERSPAN I has no header of its own, II eight octets
        skip += sequence ? 8 : 0;
        type = kEthernet;
    } else if (type == 0x22eb) { // ERSPAN III: twelve, and eight more if the last bit is set
        if (payload.size() < skip + 12)
            return false;
        skip += 12U + ((payload[skip + 11] & std::byte{1}) != std::byte{0} ? 8U : 0U);
        type = kEthernet;
    }
    if (payload.size() <= skip)
        return false;
    return takeIp(time, ipPacketOfEtherType(type, payload.subspan(skip)), depth);
}

} // namespace sr::capture
