// SPDX-License-Identifier: GPL-3.0-or-later
// Captured frames in, datagrams and stream messages out: link layer, IP with fragments and tunnels, UDP, TCP.
#pragma once

#include "core/capture/ip_reassembler.h"
#include "core/capture/packet_flow.h"
#include "core/capture/packet_reader.h"
#include "core/capture/tcp_reassembler.h"

#include <array>
#include <utility>
#include <vector>

namespace sr::capture {

/// Frames of a link type that link_layer.h does not know.
struct ForeignLink {
    std::uint16_t type = 0;   ///< LINKTYPE_ value
    std::uint64_t offset = 0; ///< of the first one in its file [octets]
    std::uint64_t packets = 0;
};

/// One capture thread; the sink is called on it.
class PacketDecoder {
public:
    static constexpr int kMaxDepth = 8; ///< IP in IP in ...; deeper is hostile

    /// `sink` outlives the decoder.
    explicit PacketDecoder(DatagramSink& sink)
        : m_sink(&sink)
        , m_tcp(sink)
    {}
    void take(const CapturedPacket& packet);
    /// The same for several at once: plain datagrams among them reach the sink together, in order.
    void takeAll(std::span<const CapturedPacket> packets);
    /// No more packets: hands out what TCP still holds.
    void finish() { m_tcp.finish(); }

    std::uint64_t frames() const { return m_frames; }
    std::uint64_t datagrams() const { return m_datagrams; } ///< UDP, handed over
    std::uint64_t dropped() const { return m_dropped; }     ///< frames of nothing we follow, or damaged
    /// Those since the last call of it, by first appearance.
    std::vector<ForeignLink> takeForeign() { return std::exchange(m_foreign, {}); }
    std::uint64_t cut() const { return m_cut; } ///< frames of which the capture kept the beginning only

private:
    bool takePlain(const CapturedPacket& packet);
    Datagram& nextGathered();
    void handOver();
    void noteForeign(const CapturedPacket& packet);
    bool takeIp(UtcTime time, ByteView bytes, int depth);
    bool takePayload(UtcTime time, const IpPacket& packet, int depth);
    bool takeUdp(UtcTime time, const IpPacket& packet);
    void flush();
    bool takeTcp(UtcTime time, const IpPacket& packet);
    bool takeGre(UtcTime time, ByteView payload, int depth);

    DatagramSink* m_sink;
    std::array<Datagram, 32> m_gathered; ///< chosen: enough to hide the way to main memory, few for the cache
    std::size_t m_gatheredCount = 0;
    bool m_gathering = false; ///< what the sink is shown lives until the end of takeAll()
    TcpReassembler m_tcp;
    IpReassembler m_fragments;
    std::vector<ForeignLink> m_foreign;
    std::uint64_t m_frames = 0;
    std::uint64_t m_datagrams = 0;
    std::uint64_t m_dropped = 0;
    std::uint64_t m_cut = 0;
};

} // namespace sr::capture
