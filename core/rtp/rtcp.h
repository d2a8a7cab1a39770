// SPDX-License-Identifier: GPL-3.0-or-later
// RTCP as phones send it (RFC 3550 §6): sender and receiver reports, source descriptions, goodbyes; lengths
// are checked to the octet.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sr::rtp {

/// True if a datagram on an RTP port is RTCP (RFC 5761 §4): packet type 192 to 223, which are RTP types 64 to
/// 95 with the marker set and forbidden there. Wait-free, for the relay.
inline bool isRtcp(ByteView datagram) noexcept
{
    return datagram.size() >= 4 && (std::to_integer<unsigned>(datagram[0]) >> 6) == 2 &&
           std::to_integer<unsigned>(datagram[1]) >= 192 && std::to_integer<unsigned>(datagram[1]) <= 223;
}

enum class RtcpError : std::uint8_t {
    Truncated,  ///< a packet is longer than what is left of the datagram
    BadVersion, ///< V != 2
    BadPadding, ///< P set in a packet that is not the last, or a pad count that does not fit
    BadLength,  ///< contents and length field of a packet contradict each other
};

/// What one receiver says of one source (RFC 3550 §6.4.1).
struct ReportBlock {
    std::uint32_t ssrc = 0;
    std::uint8_t fractionLost = 0;            ///< of 256 since the last report
    std::int32_t cumulativeLost = 0;          ///< packets, negative after duplicates
    std::uint32_t highestSequence = 0;        ///< extended
    std::uint32_t jitter = 0;                 ///< [time stamp ticks]
    std::uint32_t lastSenderReport = 0;       ///< middle of its NTP time
    std::uint32_t delaySinceSenderReport = 0; ///< [1/65536 s]
};

struct SenderInfo {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;          ///< [2^-32 s] since 1900
    std::uint32_t rtpTimestamp = 0; ///< of the same moment
    std::uint32_t packets = 0;
    std::uint32_t octets = 0; ///< of payload
};

struct SourceDescription {
    std::uint32_t ssrc = 0;
    std::string cname; ///< other items are passed over
};

struct Goodbye {
    std::vector<std::uint32_t> sources;
    std::string reason;
};

/// Everything in one datagram, in order.
struct RtcpCompound {
    std::vector<SenderInfo> senders;
    std::vector<ReportBlock> reports; ///< of SR and RR alike
    std::vector<SourceDescription> descriptions;
    std::vector<Goodbye> goodbyes;
    std::size_t packets = 0; ///< all, those of types not read here too
};

/// Any thread. Packets of unknown types are counted and passed over; a reduced-size packet (RFC 5506) and
/// several compounds in one datagram are accepted.
Result<RtcpCompound, RtcpError> parseRtcp(ByteView datagram);

} // namespace sr::rtp
