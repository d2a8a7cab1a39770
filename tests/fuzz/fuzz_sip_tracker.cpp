// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a run of datagrams between four endpoints: every call that comes out keeps its limits.
// links: sr::core_capture
#include "core/capture/call_tracker.h"

#include <cstdlib>

// One record: flags (low bits: from, to; 0x10 from TCP; 0x20 time leaps; 0x40 a file begins), milliseconds,
// length as two octets big endian, then the datagram.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace sr;
    using namespace sr::capture;
    ReadOptions options;
    options.maxCalls = 16;
    options.maxStreams = 32;
    auto spool = Spool::create({}, 16 * 1024 * 1024);
    if (!spool)
        return 0;
    std::vector<CapturedCall> calls;
    CallTracker tracker(**spool, options, [&](CapturedCall&& call) { calls.push_back(std::move(call)); });
    UtcTime now{std::chrono::seconds(1'700'000'000)};
    ByteReader reader(std::as_bytes(std::span(data, size)));
    const auto endpoint = [](unsigned n) {
        return Endpoint{IpAddress::v4(0x0a000001U + (n & 3U)),
                        static_cast<std::uint16_t>(4000 + 1000 * (n & 3U))};
    };
    for (int n = 0; n < 2000 && reader.remaining() >= 4; ++n) {
        const auto flags = std::to_integer<unsigned>(reader.take(1)[0]);
        now += milliseconds(std::to_integer<int>(reader.take(1)[0]));
        if ((flags & 0x20U) != 0)
            now += seconds(70);
        const ByteView payload =
            reader.take(std::min<std::size_t>(reader.be<std::uint16_t>(), reader.remaining()));
        if ((flags & 0x40U) != 0)
            tracker.beginFile(
                std::string(textOf(payload.subspan(0, std::min<std::size_t>(payload.size(), 80)))));
        tracker.take({now, endpoint(flags), endpoint(flags >> 2), payload, (flags & 0x10U) != 0});
    }
    const auto finished = tracker.finish();
    for (const CapturedCall& call : calls) {
        if (!finished || call.signalling.size() > 512 || call.caller.number.empty() ||
            call.ended < call.firstPacket)
            std::abort();
        for (const CallStream& one : call.streams) {
            std::uint64_t packets = 0;
            const auto visited = one.rtp.source->visit([&](UtcTime, ByteView) { ++packets; });
            if (!visited || packets != one.rtp.packets)
                std::abort();
        }
    }
    return 0;
}
