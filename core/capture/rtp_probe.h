// SPDX-License-Identifier: GPL-3.0-or-later
// Is this datagram RTP, RTCP or something else? Decided on a few octets, for every packet of a capture.
#pragma once

#include "core/base/bytes.h"

namespace sr::capture {

enum class Looks : std::uint8_t { Rtp, Rtcp, Other };

/// What tells packets of one RTP stream apart (RFC 3550 §5.1).
struct RtpHead {
    std::uint32_t ssrc = 0;
    std::uint32_t timestamp = 0; ///< [clock ticks]
    std::uint16_t sequence = 0;
    std::uint8_t payloadType = 0;
};

/// RFC 7983 §7 tells RTP from STUN, ZRTP, DTLS and TURN channels by the first octet; RFC 5761 §4 tells RTCP.
inline Looks looksOf(ByteView datagram) noexcept
{
    if (datagram.size() < 8 || (std::to_integer<unsigned>(datagram[0]) >> 6) != 2)
        return Looks::Other;
    const auto second = std::to_integer<unsigned>(datagram[1]);
    if ((second & 0x7fU) >= 64 && (second & 0x7fU) <= 95) {
        const std::size_t octets = (std::size_t{loadBe<std::uint16_t>(datagram.data() + 2)} + 1) * 4;
        return second >= 192 && octets >= 8 && octets <= datagram.size() ? Looks::Rtcp : Looks::Other;
    }
    const auto first = std::to_integer<unsigned>(datagram[0]);
    std::size_t header = 12 + std::size_t{first & 0x0fU} * 4;
    if ((first & 0x10U) != 0) { // extension (RFC 3550 §5.3.1)
        if (datagram.size() < header + 4)
            return Looks::Other;
        header += 4 + std::size_t{loadBe<std::uint16_t>(datagram.data() + header + 2)} * 4;
    }
    return datagram.size() >= header ? Looks::Rtp : Looks::Other;
}

/// Of a datagram that looks like RTP.
inline RtpHead rtpHead(ByteView datagram) noexcept
{
    const std::byte* p = datagram.data();
    return {loadBe<std::uint32_t>(p + 8), loadBe<std::uint32_t>(p + 4), loadBe<std::uint16_t>(p + 2),
            static_cast<std::uint8_t>(std::to_integer<unsigned>(p[1]) & 0x7fU)};
}

} // namespace sr::capture
