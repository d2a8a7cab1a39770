// SPDX-License-Identifier: GPL-3.0-or-later
// Headers of Ethernet II, IPv4 (RFC 791), IPv6 (RFC 8200) and UDP (RFC 768).
#include "core/capture/udp_frame.h"

#include <cstring>

namespace sr::capture {
namespace {

constexpr std::size_t kEthernet = 14;
constexpr std::size_t kIpv4 = 20;
constexpr std::size_t kIpv6 = 40;
constexpr std::size_t kUdp = 8;

/// Internet checksum (RFC 1071) as a running sum of 16-bit words.
std::uint64_t sumOf(ByteView bytes, std::uint64_t sum = 0)
{
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2)
        sum += loadBe<std::uint16_t>(bytes.data() + i);
    if (i < bytes.size())
        sum += std::to_integer<std::uint64_t>(bytes[i]) << 8;
    return sum;
}

std::uint16_t foldOf(std::uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

void putUdp(std::byte* udp, std::uint64_t pseudoSum, const Endpoint& from, const Endpoint& to,
            ByteView payload)
{
    const auto length = static_cast<std::uint16_t>(kUdp + payload.size());
    storeBe<std::uint16_t>(udp, from.port);
    storeBe<std::uint16_t>(udp + 2, to.port);
    storeBe<std::uint16_t>(udp + 4, length);
    const std::uint64_t sum = sumOf(payload, sumOf({udp, 6}, pseudoSum + length + 17));
    const std::uint16_t check = foldOf(sum);
    storeBe<std::uint16_t>(udp + 6,
                           check == 0 ? std::uint16_t{0xffff} : check); // 0 would mean "none", RFC 768
}

} // namespace

std::size_t appendUdpFrame(Bytes& out, const Endpoint& from, const Endpoint& to, ByteView payload)
{
    const bool v4 = from.address.isV4() && to.address.isV4();
    const std::size_t ipBytes = v4 ? kIpv4 : kIpv6;
    const std::size_t frameBytes = kEthernet + ipBytes + kUdp + payload.size();
    const std::size_t at = out.size();
    out.resize(at + frameBytes);

    std::byte* ethernet = out.data() + at;
    ethernet[0] = std::byte{0x02}; // locally administered, 02::2 from 02::1
    ethernet[5] = std::byte{0x02};
    ethernet[6] = std::byte{0x02};
    ethernet[11] = std::byte{0x01};
    storeBe<std::uint16_t>(ethernet + 12, v4 ? 0x0800 : 0x86dd);

    std::byte* ip = ethernet + kEthernet;
    std::byte* udp = ip + ipBytes;
    if (v4) {
        ip[0] = std::byte{0x45};
        storeBe<std::uint16_t>(ip + 2, static_cast<std::uint16_t>(kIpv4 + kUdp + payload.size()));
        storeBe<std::uint16_t>(ip + 6,
                               0x4000); // don't fragment, so the identification may stay 0 (RFC 6864 §4.1)
        ip[8] = std::byte{64};
        ip[9] = std::byte{17};
        std::memcpy(ip + 12, from.address.octets.data() + 12, 4);
        std::memcpy(ip + 16, to.address.octets.data() + 12, 4);
        storeBe<std::uint16_t>(ip + 10, foldOf(sumOf({ip, kIpv4})));
        putUdp(udp, sumOf({ip + 12, 8}), from, to, payload);
    } else {
        ip[0] = std::byte{0x60};
        storeBe<std::uint16_t>(ip + 4, static_cast<std::uint16_t>(kUdp + payload.size()));
        ip[6] = std::byte{17};
        ip[7] = std::byte{64};
        std::memcpy(ip + 8, from.address.octets.data(), 16);
        std::memcpy(ip + 24, to.address.octets.data(), 16);
        putUdp(udp, sumOf({ip + 8, 32}), from, to, payload);
    }
    if (!payload.empty())
        std::memcpy(udp + kUdp, payload.data(), payload.size());
    return frameBytes;
}

} // namespace sr::capture
