// SPDX-License-Identifier: GPL-3.0-or-later
// Cost of one RTP packet in the call tracker, beside a bare loop that only copies the same packets to memory.
#include "core/capture/call_tracker.h"

#include <cstdio>
#include <cstring>
#include <ctime>

namespace {

constexpr std::uint32_t kStreams = 2000; // a thousand calls at once
constexpr std::uint32_t kPackets = 500;  // of 20 ms: ten seconds

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// The packet as the collector will see it: only its header changes.
void fill(sr::Bytes& packet, std::uint32_t stream, std::uint32_t sequence)
{
    sr::storeBe(packet.data() + 2, static_cast<std::uint16_t>(sequence));
    sr::storeBe(packet.data() + 4, sequence * 160U);
    sr::storeBe(packet.data() + 8, stream + 1);
}

sr::Endpoint endpoint(std::uint32_t host, std::uint32_t stream)
{
    return {sr::IpAddress::v4(host + stream / 500), static_cast<std::uint16_t>(10000 + 2 * stream)};
}

} // namespace

int main()
{
    using namespace sr;
    using namespace sr::capture;
    Bytes packet(172, std::byte{0x55});
    packet[0] = std::byte{0x80};
    packet[1] = std::byte{8};
    const double total = double{kStreams} * kPackets;

    double start = cpuSeconds();
    Bytes store(std::size_t{kStreams} * kPackets * 184);
    std::size_t at = 0;
    for (std::uint32_t n = 0; n < kPackets; ++n) {
        for (std::uint32_t s = 0; s < kStreams; ++s, at += 184) {
            fill(packet, s, n);
            std::memcpy(store.data() + at, packet.data(), packet.size());
        }
    }
    const double bare = (cpuSeconds() - start) / total;

    auto spool = Spool::create({}, 512U * 1024 * 1024);
    if (!spool)
        return 1;
    std::uint64_t kept = 0;
    CallTracker tracker(**spool, ReadOptions{}, [&](CapturedCall&& call) {
        for (const CallStream& one : call.streams)
            kept += one.rtp.packets;
    });
    start = cpuSeconds();
    for (std::uint32_t n = 0; n < kPackets; ++n) {
        const UtcTime time{std::chrono::seconds(1'700'000'000) + milliseconds(20 * n)};
        for (std::uint32_t s = 0; s < kStreams; ++s) {
            fill(packet, s, n);
            tracker.take({time, endpoint(0x0a000001, s), endpoint(0x0a000101, s), packet, false});
        }
    }
    const double tracked = (cpuSeconds() - start) / total;
    const bool ok = static_cast<bool>(tracker.finish()) && kept == std::uint64_t{kStreams} * kPackets;
    std::printf("%u streams, %.0f packets: tracker %.1f ns, bare copy %.1f ns, ratio %.2f%s\n", kStreams,
                total, tracked * 1e9, bare * 1e9, tracked / bare, ok ? "" : " (packets are missing)");
    return ok ? 0 : 1;
}
