// SPDX-License-Identifier: GPL-3.0-or-later
// Walks the packets of an RTCP datagram as RFC 3550 §A.2 checks them.
#include "core/rtp/rtcp.h"

#include <optional>

namespace sr::rtp {
namespace {

constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kSourceDescription = 202;
constexpr std::uint8_t kGoodbye = 203;
constexpr std::uint8_t kCname = 1;

/// `count` blocks of 24 octets; what follows is a profile's extension and passed over.
bool readReports(ByteReader& reader, unsigned count, std::vector<ReportBlock>& out)
{
    for (unsigned i = 0; i < count; ++i) {
        ReportBlock block;
        block.ssrc = reader.be<std::uint32_t>();
        const auto lost = reader.be<std::uint32_t>();
        block.fractionLost = static_cast<std::uint8_t>(lost >> 24);
        block.cumulativeLost = static_cast<std::int32_t>(lost << 8) / 256; // 24 bits with sign
        block.highestSequence = reader.be<std::uint32_t>();
        block.jitter = reader.be<std::uint32_t>();
        block.lastSenderReport = reader.be<std::uint32_t>();
        block.delaySinceSenderReport = reader.be<std::uint32_t>();
        if (reader.failed())
            return false;
        out.push_back(block);
    }
    return true;
}

bool readSender(ByteReader& reader, unsigned count, RtcpCompound& out)
{
    SenderInfo info;
    info.ssrc = reader.be<std::uint32_t>();
    info.ntp = reader.be<std::uint64_t>();
    info.rtpTimestamp = reader.be<std::uint32_t>();
    info.packets = reader.be<std::uint32_t>();
    info.octets = reader.be<std::uint32_t>();
    if (reader.failed() || !readReports(reader, count, out.reports))
        return false;
    out.senders.push_back(info);
    return true;
}

/// Chunks end with a zero octet and fill up to 32 bits (§6.5).
bool readDescriptions(ByteReader& reader, unsigned count, RtcpCompound& out)
{
    for (unsigned i = 0; i < count; ++i) {
        SourceDescription chunk;
        chunk.ssrc = reader.be<std::uint32_t>();
        if (reader.failed())
            return false;
        while (const auto type = reader.be<std::uint8_t>()) {
            const ByteView text = reader.take(reader.be<std::uint8_t>());
            if (reader.failed())
                return false;
            if (type == kCname)
                chunk.cname = textOf(text);
        }
        if (reader.failed())
            return false;
        reader.take((4 - reader.at() % 4) % 4);
        if (reader.failed())
            return false;
        out.descriptions.push_back(std::move(chunk));
    }
    return true;
}

bool readGoodbye(ByteReader& reader, unsigned count, RtcpCompound& out)
{
    Goodbye bye;
    for (unsigned i = 0; i < count; ++i)
        bye.sources.push_back(reader.be<std::uint32_t>());
    if (!reader.failed() && reader.remaining() > 0)
        bye.reason = textOf(reader.take(reader.be<std::uint8_t>()));
    if (reader.failed())
        return false;
    out.goodbyes.push_back(std::move(bye));
    return true;
}

/// Body of one packet, after its first four octets.
bool readBody(std::uint8_t type, unsigned count, ByteView body, RtcpCompound& out)
{
    ByteReader reader(body);
    switch (type) {
    case kSenderReport:
        return readSender(reader, count, out);
    case kReceiverReport:
        reader.be<std::uint32_t>(); // who reports
        return !reader.failed() && readReports(reader, count, out.reports);
    case kSourceDescription:
        return readDescriptions(reader, count, out);
    case kGoodbye:
        return readGoodbye(reader, count, out);
    default:
        return true;
    }
}

} // namespace

Result<RtcpCompound, RtcpError> parseRtcp(ByteView datagram)
{
    RtcpCompound out;
    if (datagram.empty())
        return RtcpError::Truncated;
    while (!datagram.empty()) {
        if (datagram.size() < 4)
            return RtcpError::Truncated;
        const auto flags = std::to_integer<unsigned>(datagram[0]); // V:2 P:1 count:5
        if ((flags >> 6) != 2)
            return RtcpError::BadVersion;
        const std::size_t bytes = 4 * (std::size_t{loadBe<std::uint16_t>(datagram.data() + 2)} + 1);
        if (bytes > datagram.size())
            return RtcpError::Truncated;
        ByteView body = datagram.subspan(4, bytes - 4);
        if ((flags & 0x20U) != 0) {
            const std::size_t pad = body.empty() ? 0 : std::to_integer<std::size_t>(body.back());
            // §6.4.1: only the last packet is padded, by a multiple of four.
            if (bytes != datagram.size() || pad == 0 || pad % 4 != 0 || pad > body.size())
                return RtcpError::BadPadding;
            body = body.first(body.size() - pad);
        }
        if (!readBody(std::to_integer<std::uint8_t>(datagram[1]), flags & 0x1fU, body, out))
            return RtcpError::BadLength;
        ++out.packets;
        datagram = datagram.subspan(bytes);
    }
    return out;
}

} // namespace sr::rtp
