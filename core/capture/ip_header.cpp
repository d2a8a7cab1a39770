// SPDX-License-Identifier: GPL-3.0-or-later
// IPv4 (RFC 791 §3.1) and IPv6 (RFC 8200 §3, §4).
#include "core/capture/ip_header.h"

namespace sr::capture {
namespace {

constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;

bool parseIpv4(ByteView bytes, IpPacket& packet) noexcept
{
    if (bytes.size() < kIpv4Bytes)
        return false;
    const std::size_t headerBytes = (std::to_integer<std::size_t>(bytes[0]) & 0xf) * 4;
    std::size_t totalBytes = loadBe<std::uint16_t>(bytes.data() + 2);
    if (totalBytes == 0) // left to the network card by segmentation offload
        totalBytes = bytes.size();
    if (headerBytes < kIpv4Bytes || totalBytes < headerBytes || bytes.size() < headerBytes)
        return false;
    packet.cut = bytes.size() < totalBytes;
    packet.payload = bytes.subspan(headerBytes, std::min(totalBytes, bytes.size()) - headerBytes);
    packet.protocol = std::to_integer<std::uint8_t>(bytes[9]);
    const auto flags = loadBe<std::uint16_t>(bytes.data() + 6);
    packet.isFragment = (flags & 0x3fff) != 0;
    if (packet.isFragment)
        packet.fragment = {loadBe<std::uint16_t>(bytes.data() + 4), (flags & 0x1fffU) * 8,
                           (flags & 0x2000) != 0};
    packet.from = mappedAddress(bytes.data() + 12);
    packet.to = mappedAddress(bytes.data() + 16);
    return true;
}

bool isExtension(std::uint8_t next) noexcept
{
    switch (next) {
    case 0:   // hop-by-hop options
    case 43:  // routing
    case 44:  // fragment
    case 51:  // authentication (RFC 4302)
    case 60:  // destination options
    case 135: // mobility
    case 139: // host identity
    case 140: // shim6
        return true;
    default:
        return false;
    }
}

bool parseIpv6(ByteView bytes, IpPacket& packet) noexcept
{
    if (bytes.size() < kIpv6Bytes)
        return false;
    std::size_t payloadBytes = loadBe<std::uint16_t>(bytes.data() + 4);
    ByteView rest = bytes.subspan(kIpv6Bytes);
    if (payloadBytes == 0) // jumbogram or offload
        payloadBytes = rest.size();
    packet.cut = rest.size() < payloadBytes;
    rest = rest.first(std::min(payloadBytes, rest.size()));
    std::memcpy(packet.from.octets.data(), bytes.data() + 8, 16);
    std::memcpy(packet.to.octets.data(), bytes.data() + 24, 16);
    auto next = std::to_integer<std::uint8_t>(bytes[6]);
    packet.isFragment = false;
    while (isExtension(next)) { // ends: each takes eight octets at least
        if (rest.size() < 8)
            return false;
        const auto following = std::to_integer<std::uint8_t>(rest[0]);
        if (next == 44) { // §4.5; what follows belongs to the whole payload
            const auto field = loadBe<std::uint16_t>(rest.data() + 2);
            packet.fragment = {loadBe<std::uint32_t>(rest.data() + 4), field & 0xfff8U, (field & 1) != 0};
            packet.isFragment =
                packet.fragment.offset != 0 || packet.fragment.more; // else "atomic", RFC 6946
            rest = rest.subspan(8);
            next = following;
            if (packet.isFragment)
                break;
            continue;
        }
        const auto length = std::to_integer<std::size_t>(rest[1]);
        const std::size_t bytesOfHeader = next == 51 ? (length + 2) * 4 : (length + 1) * 8;
        if (bytesOfHeader < 8 || bytesOfHeader > rest.size())
            return false;
        rest = rest.subspan(bytesOfHeader);
        next = following;
    }
    packet.protocol = next;
    packet.payload = rest;
    return true;
}

} // namespace

bool parseIp(ByteView bytes, IpPacket& packet) noexcept
{
    if (bytes.empty())
        return false;
    switch (std::to_integer<unsigned>(bytes[0]) >> 4) {
    case 4:
        return parseIpv4(bytes, packet);
    case 6:
        return parseIpv6(bytes, packet);
    default:
        return false;
    }
}

} // namespace sr::capture
