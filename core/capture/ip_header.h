// SPDX-License-Identifier: GPL-3.0-or-later
// IPv4 and IPv6 headers with IPv6 extension headers, as far as routing of their payload needs them.
#pragma once

#include "core/base/bytes.h"
#include "core/base/endpoint.h"

namespace sr::capture {

/// Protocol numbers that we follow (IANA).
enum class IpProtocol : std::uint8_t { Ipv4 = 4, Tcp = 6, Udp = 17, Ipv6 = 41, Gre = 47 };

struct IpFragment {
    std::uint32_t id = 0;
    std::uint32_t offset = 0; ///< of this part in the whole payload [octets]
    bool more = false;        ///< more parts follow
};

struct IpPacket {
    IpAddress from;
    IpAddress to;
    ByteView payload;          ///< without padding; shorter than promised if the capture cut it
    std::uint8_t protocol = 0; ///< of the payload
    bool isFragment = false;
    bool cut = false; ///< the capture holds less than the header promises
    IpFragment fragment;
};

/// The address in four octets of an IPv4 header. Written at once, as it will be read.
inline IpAddress mappedAddress(const std::byte* four) noexcept
{
    IpAddress address;
    storeBe(reinterpret_cast<std::byte*>(address.octets.data()) + 8,
            0xffff'0000'0000U | std::uint64_t{loadBe<std::uint32_t>(four)});
    return address;
}

/// False if it is not an IP packet. Checksums are not looked at: network cards fill them in after the capture
/// point. Any thread, wait-free.
bool parseIp(ByteView bytes, IpPacket& packet) noexcept;

} // namespace sr::capture
