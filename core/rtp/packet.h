// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of RTP packets (RFC 3550 §5.1), inline because every packet passes here. No allocation, no logging.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sr::rtp {

inline constexpr std::size_t kFixedHeaderBytes = 12; ///< RFC 3550 §5.1, without CSRC list

/// Why a datagram is not RTP we accept. Counted per stream, never logged per packet.
enum class ParseError : std::uint8_t {
    Truncated,  ///< shorter than fixed header + CSRC list + extension
    BadVersion, ///< V != 2
    BadPadding, ///< P set and pad count is 0 or exceeds the payload
};

/// Fixed header fields plus a window onto the payload of a datagram owned by the caller.
struct PacketView {
    ByteView payload;                 ///< CSRC, extension and padding removed
    std::uint32_t timestamp = 0;      ///< [codec clock ticks], wraps at 2^32
    std::uint32_t ssrc = 0;           ///< synchronisation source
    std::uint16_t sequenceNumber = 0; ///< wraps at 2^16
    std::uint8_t payloadType = 0;     ///< 0..127, RFC 3551 §6
    bool marker = false;              ///< first packet of a talk spurt or of an event
};

/// Checks and splits one datagram. A header extension (X bit, §5.3.1) is skipped, not interpreted.
///
/// Thread: any, wait-free; made for the relay thread.
/// Lifetime: `datagram` must outlive the returned view.
inline Result<PacketView, ParseError> parsePacket(ByteView datagram) noexcept
{
    const std::byte* const p = datagram.data();
    const std::size_t size = datagram.size();
    if (size < kFixedHeaderBytes)
        return ParseError::Truncated;
    const auto flags = std::to_integer<std::uint8_t>(p[0]); // V:2 P:1 X:1 CC:4
    if ((flags >> 6) != 2)
        return ParseError::BadVersion;

    std::size_t headerBytes = kFixedHeaderBytes + 4 * std::size_t{flags & 0x0fU};
    if ((flags & 0x10) != 0) {
        if (size < headerBytes + 4)
            return ParseError::Truncated;
        headerBytes += 4 + 4 * std::size_t{loadBe<std::uint16_t>(p + headerBytes + 2)}; // 32-bit words
    }
    if (size < headerBytes)
        return ParseError::Truncated;

    std::size_t payloadBytes = size - headerBytes;
    if ((flags & 0x20) != 0) {
        const auto pad = std::to_integer<std::size_t>(p[size - 1]);
        if (pad == 0 || pad > payloadBytes)
            return ParseError::BadPadding;
        payloadBytes -= pad;
    }

    const auto typeOctet = std::to_integer<std::uint8_t>(p[1]);
    return PacketView{.payload = datagram.subspan(headerBytes, payloadBytes),
                      .timestamp = loadBe<std::uint32_t>(p + 4),
                      .ssrc = loadBe<std::uint32_t>(p + 8),
                      .sequenceNumber = loadBe<std::uint16_t>(p + 2),
                      .payloadType = static_cast<std::uint8_t>(typeOctet & 0x7f),
                      .marker = (typeOctet & 0x80) != 0};
}

/// `a` comes after `b` on the 32-bit circle of time stamps (RFC 1982 order).
constexpr bool timestampAfter(std::uint32_t a, std::uint32_t b) noexcept
{
    return a != b && a - b < 0x80000000U;
}

/// Plain words for an error, for summaries.
const char* text(ParseError error) noexcept;

} // namespace sr::rtp
