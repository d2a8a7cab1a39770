// SPDX-License-Identifier: GPL-3.0-or-later
// Merging signalling and media by time, a window of a few minutes at once, with SRTP opened on the way.
#include "recorder/pipeline/pcap_output.h"

#include "core/capture/pcap_writer.h"
#include "core/capture/sip_message.h"
#include "core/rtp/clear_stream.h"

#include <algorithm>
#include <array>

namespace sr::recorder {
namespace {

using capture::CapturedCall;

constexpr std::uint64_t kWindowPackets = 50'000; // about 10 MB of G.711 held at once

struct HeldPacket {
    UtcTime time;
    const Endpoint* from;
    const Endpoint* to;
    Bytes bytes;
};

microseconds windowOf(const CapturedCall& call)
{
    std::uint64_t packets = 1;
    for (const capture::CallStream& stream : call.streams)
        packets += stream.rtp.packets;
    const auto length = std::max(call.ended - call.firstPacket, microseconds(seconds(1)));
    const std::uint64_t windows = packets / kWindowPackets + 1;
    return length / static_cast<std::int64_t>(windows) + microseconds(1);
}

std::pair<UtcTime, UtcTime> spanOf(const CapturedCall& call)
{
    UtcTime first = call.firstPacket;
    UtcTime last = call.ended;
    for (const capture::CallStream& stream : call.streams) {
        first = std::min(first, stream.rtp.first);
        last = std::max(last, stream.rtp.last);
    }
    for (const capture::SignallingMessage& message : call.signalling) {
        first = std::min(first, message.time);
        last = std::max(last, message.time);
    }
    return {first, last};
}

/// Parties whose media no key opens. A wrong key opens nothing at all, so the first packets tell.
using Closed = std::array<bool, 2>; // by capture::Party

bool opensNothing(const rtp::RtpStream& stream)
{
    constexpr std::uint64_t kTried = 200;
    rtp::StreamClearer clearer(stream);
    bool opened = !clearer.encrypted();
    if (opened)
        return false;
    const auto visited = stream.source->visitRange(0, kTried, [&](UtcTime time, ByteView datagram) {
        opened = opened || clearer.clear(time, datagram);
    });
    return visited && !opened;
}

Closed closedParties(const CapturedCall& call)
{
    std::array<bool, 2> some{};
    std::array<bool, 2> closed{true, true};
    for (const capture::CallStream& stream : call.streams) {
        const auto party = static_cast<std::size_t>(stream.speaker);
        some[party] = true;
        closed[party] = closed[party] && opensNothing(stream.rtp);
    }
    return {some[0] && closed[0], some[1] && closed[1]};
}

/// Whose session description a message carries.
capture::Party authorOf(const capture::SipMessage& message, const CapturedCall& call)
{
    const std::string_view tag = message.isRequest() ? message.fromTag() : message.toTag();
    return tag == call.callerTag ? capture::Party::Caller : capture::Party::Callee;
}

std::string clearedMessage(const CapturedCall& call, const std::string& bytes, const Closed& closed)
{
    const auto message = capture::SipMessage::parse(bytes);
    const bool keep = message && closed[static_cast<std::size_t>(authorOf(*message, call))];
    return withoutSrtp(bytes, keep ? SdpProfile::AsItWas : SdpProfile::Clear);
}

Status collectWindow(const CapturedCall& call, const Closed& closed, UtcTime from, UtcTime until,
                     std::vector<HeldPacket>& held)
{
    const auto inside = [from, until](UtcTime time) { return time >= from && time < until; };
    for (const capture::SignallingMessage& message : call.signalling) {
        if (inside(message.time)) {
            const std::string clear = clearedMessage(call, message.bytes, closed);
            const ByteView bytes = bytesOf(clear);
            held.push_back({message.time, &message.from, &message.to, Bytes(bytes.begin(), bytes.end())});
        }
    }
    for (const capture::CallStream& stream : call.streams) {
        if (stream.rtp.last < from || stream.rtp.first >= until)
            continue;
        const auto keep = [&](UtcTime time, ByteView datagram) {
            if (inside(time))
                held.push_back(
                    {time, &stream.rtp.from, &stream.rtp.to, Bytes(datagram.begin(), datagram.end())});
        };
        // Opened from the start each time: the roll-over counter of SRTP needs every packet.
        const bool asItCame = closed[static_cast<std::size_t>(stream.speaker)];
        const auto visited = asItCame ? stream.rtp.source->visit(keep) : rtp::visitClear(stream.rtp, keep);
        if (!visited)
            return visited;
    }
    std::ranges::stable_sort(held, {}, &HeldPacket::time);
    return {};
}

} // namespace

Status writeCallPcap(const CapturedCall& call, ByteSink& out, const Progress& progress)
{
    auto writer = capture::PcapWriter::create(out);
    if (!writer)
        return writer.error();
    const auto [first, last] = spanOf(call);
    const microseconds window = windowOf(call);
    const Closed closed = closedParties(call);
    for (UtcTime from = first; from <= last; from += window) {
        if (progress.cancelled())
            return fail(BaseErrc::Cancelled, "writing packets");
        std::vector<HeldPacket> held;
        if (auto collected = collectWindow(call, closed, from, from + window, held); !collected)
            return collected;
        for (const HeldPacket& packet : held) {
            if (auto added = writer->add(packet.time, *packet.from, *packet.to, packet.bytes); !added)
                return added;
        }
    }
    return {};
}

std::string withoutSrtp(const std::string& message, SdpProfile profile)
{
    const std::size_t end = message.find("\r\n\r\n");
    if (end == std::string::npos || (message.find("a=crypto:", end) == std::string::npos &&
                                     message.find("RTP/SAVP", end) == std::string::npos))
        return message;
    std::string body;
    for (std::size_t at = end + 4; at < message.size();) {
        const std::size_t next = std::min(message.find('\n', at), message.size() - 1) + 1;
        std::string line = message.substr(at, next - at);
        at = next;
        if (line.starts_with("a=crypto:"))
            continue;
        if (const std::size_t secure = line.find("RTP/SAVP");
            profile == SdpProfile::Clear && line.starts_with("m=") && secure != std::string::npos)
            line.replace(secure, 8, "RTP/AVP");
        body += line;
    }
    std::string head = message.substr(0, end + 4);
    for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
        const std::size_t line = at + 2;
        const std::size_t colon = head.find(':', line);
        std::string name = colon == std::string::npos ? std::string() : head.substr(line, colon - line);
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        while (!name.empty() && name.back() == ' ')
            name.pop_back();
        if (name == "content-length" || name == "l") {
            const std::size_t stop = head.find("\r\n", colon);
            head.replace(colon + 1, stop - colon - 1, " " + std::to_string(body.size()));
            break;
        }
    }
    return head + body;
}

} // namespace sr::recorder
