// SPDX-License-Identifier: GPL-3.0-or-later
// Peels link layers. A chain of tags is bounded by the frame, since each tag takes octets.
#include "core/capture/link_layer.h"

namespace sr::capture {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;
constexpr std::uint16_t kTransparentEthernet = 0x6558;
constexpr std::size_t kEthernetBytes = 14;

unsigned versionOf(ByteView packet) noexcept
{
    return packet.empty() ? 0 : std::to_integer<unsigned>(packet[0]) >> 4;
}

ByteView rest(ByteView bytes, std::size_t count) noexcept
{
    return bytes.size() > count ? bytes.subspan(count) : ByteView{};
}

/// IP by its own version field: raw captures, loopback, what a label stack carries.
ByteView ipByVersion(ByteView packet) noexcept
{
    const unsigned version = versionOf(packet);
    return version == 4 || version == 6 ? packet : ByteView{};
}

/// PPP (RFC 1661 §2), the protocol field compressed to one octet or not.
ByteView ipOfPpp(ByteView frame) noexcept
{
    if (frame.size() >= 2 && frame[0] == std::byte{0xff} && frame[1] == std::byte{0x03})
        frame = frame.subspan(2);
    if (frame.size() < 2)
        return {};
    const bool compressed = (frame[0] & std::byte{1}) != std::byte{0};
    const unsigned protocol =
        compressed ? std::to_integer<unsigned>(frame[0]) : loadBe<std::uint16_t>(frame.data());
    if (protocol != 0x21 && protocol != 0x57)
        return {};
    return ipByVersion(rest(frame, compressed ? 1 : 2));
}

/// One EtherType step; `again` says that `payload` and `etherType` hold the next one.
ByteView step(std::uint16_t& etherType, ByteView& payload, bool& again) noexcept
{
    again = false;
    switch (etherType) {
    case kIpv4:
        return versionOf(payload) == 4 ? payload : ByteView{};
    case kIpv6:
        return versionOf(payload) == 6 ? payload : ByteView{};
    case 0x8100: // 802.1Q
    case 0x88a8: // 802.1ad
    case 0x9100: // QinQ before the standard
    case 0x9200:
        if (payload.size() < 4)
            return {};
        etherType = loadBe<std::uint16_t>(payload.data() + 2);
        payload = payload.subspan(4);
        again = true;
        return {};
    case 0x8864: // PPPoE session (RFC 2516 §4): six octets, then PPP without address and control
        return ipOfPpp(rest(payload, 6));
    case 0x8847: // MPLS (RFC 3032 §2.1): labels up to the bottom-of-stack bit
    case 0x8848:
        while (payload.size() >= 4) {
            const bool bottom = (payload[2] & std::byte{1}) != std::byte{0};
            payload = payload.subspan(4);
            if (!bottom)
                continue;
            if (versionOf(payload) != 0)
                return ipByVersion(payload);
            payload = rest(payload, 4); // control word of an Ethernet pseudowire (RFC 4448 §4.6)
            etherType = kTransparentEthernet;
            again = true;
            return {};
        }
        return {};
    case kTransparentEthernet:
        if (payload.size() < kEthernetBytes)
            return {};
        etherType = loadBe<std::uint16_t>(payload.data() + 12);
        payload = payload.subspan(kEthernetBytes);
        again = true;
        return {};
    default:
        break;
    }
    // IEEE 802.3 length instead of a type: LLC with SNAP (RFC 1042).
    if (etherType <= 1500 && payload.size() >= 8 && loadBe<std::uint32_t>(payload.data()) == 0xaaaa0300 &&
        loadBe<std::uint16_t>(payload.data() + 4) == 0) {
        etherType = loadBe<std::uint16_t>(payload.data() + 6);
        payload = payload.subspan(8);
        again = true;
    }
    return {};
}

} // namespace

ByteView ipPacketOfEtherType(std::uint16_t etherType, ByteView payload) noexcept
{
    for (bool again = true; again;) {
        const ByteView packet = step(etherType, payload, again);
        if (!again)
            return packet;
    }
    return {};
}

bool isKnownLink(std::uint16_t linkType) noexcept
{
    switch (static_cast<LinkType>(linkType)) {
    case LinkType::Null:
    case LinkType::Ethernet:
    case LinkType::Ppp:
    case LinkType::RawBsd:
    case LinkType::RawOpenBsd:
    case LinkType::PppSerial:
    case LinkType::Raw:
    case LinkType::Loop:
    case LinkType::LinuxSll:
    case LinkType::Ipv4:
    case LinkType::Ipv6:
    case LinkType::LinuxSll2:
        return true;
    }
    return false;
}

ByteView ipPacketOf(std::uint16_t linkType, ByteView frame) noexcept
{
    switch (static_cast<LinkType>(linkType)) {
    case LinkType::Ethernet:
        if (frame.size() < kEthernetBytes)
            return {};
        return ipPacketOfEtherType(loadBe<std::uint16_t>(frame.data() + 12), frame.subspan(kEthernetBytes));
    case LinkType::LinuxSll:
        if (frame.size() < 16)
            return {};
        return ipPacketOfEtherType(loadBe<std::uint16_t>(frame.data() + 14), frame.subspan(16));
    case LinkType::LinuxSll2:
        if (frame.size() < 20)
            return {};
        return ipPacketOfEtherType(loadBe<std::uint16_t>(frame.data()), frame.subspan(20));
    case LinkType::Null: // the address family has the numbers and byte order of the capturing machine
    case LinkType::Loop:
        return ipByVersion(rest(frame, 4));
    case LinkType::RawBsd:
    case LinkType::RawOpenBsd:
    case LinkType::Raw:
    case LinkType::Ipv4:
    case LinkType::Ipv6:
        return ipByVersion(frame);
    case LinkType::Ppp:
    case LinkType::PppSerial:
        return ipOfPpp(frame);
    }
    return {};
}

} // namespace sr::capture
