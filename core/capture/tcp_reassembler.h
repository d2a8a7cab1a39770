// SPDX-License-Identifier: GPL-3.0-or-later
// Follows each direction of TCP connections that carry SIP and gives up all others after their first octets.
#pragma once

#include "core/capture/packet_flow.h"
#include "core/capture/sip_framer.h"

#include <list>
#include <map>
#include <memory>
#include <unordered_map>

namespace sr::capture {

struct TcpSegment {
    UtcTime time{};
    Endpoint from;
    Endpoint to;
    std::uint32_t sequence = 0; ///< of the first payload octet, or of the SYN
    bool syn = false;
    ByteView payload;
};

/// Whole SIP messages go to the sink as Datagram with `stream` set and the time of their last segment. Of
/// octets sent twice the first ones count. One thread; time is capture time.
class TcpReassembler {
public:
    static constexpr std::size_t kMaxFlows = 65536;            ///< directions, given up or not
    static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024; ///< held for all flows [octets]
    static constexpr std::size_t kMaxAhead = 256 * 1024;       ///< of one flow behind a gap [octets]
    static constexpr std::size_t kMaxAheadSegments = 256;
    static constexpr auto kMaxWait = std::chrono::seconds(2); ///< for missing octets while others come

    explicit TcpReassembler(DatagramSink& sink)
        : m_sink(&sink)
    {}
    /// False: of no interest (no SIP in it as far as known).
    bool take(const TcpSegment& segment);
    /// The capture is over: gaps stay, what lies behind them comes out.
    void finish();
    std::size_t flows() const { return m_flows.size(); }
    std::size_t bytesHeld() const { return m_bytes; } ///< [octets]

private:
    struct Key {
        Endpoint from;
        Endpoint to;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept
        {
            return hashOf(key.from) * 31 + hashOf(key.to);
        }
    };
    /// What only followed flows have.
    struct Follow {
        SipFramer framer;
        std::map<std::uint64_t, Bytes> ahead; ///< by position, behind a gap
        std::size_t aheadBytes = 0;
        UtcTime gapSince{};
        std::size_t counted = 0; ///< share in m_bytes
    };
    struct Flow {
        Key key;
        std::uint64_t next = 0;         ///< position awaited; its low 32 bits are the sequence number
        std::uint32_t first = 0;        ///< sequence number of the first octet
        bool fromStart = false;         ///< SYN seen: the first octets decide
        bool torn = false;              ///< octets were missing since
        std::unique_ptr<Follow> follow; ///< null: given up
    };
    using Flows = std::list<Flow>; ///< least recently used first; flows given up keep their place

    bool accept(Flow& flow, const TcpSegment& segment, std::uint32_t sequence);
    void deliver(Flow& flow, UtcTime time, ByteView bytes);
    void drain(Flow& flow, UtcTime time);
    void skipGap(Flow& flow, UtcTime time);
    void storeAhead(Flow& flow, UtcTime time, std::uint64_t at, ByteView bytes);
    void restart(Flow& flow, std::uint32_t sequence, bool fromStart);
    void judge(Flow& flow);
    void recount(Flow& flow);
    void evictOldest();
    void skipOldGaps(UtcTime now);

    DatagramSink* m_sink;
    Flows m_flows;
    std::unordered_map<Key, Flows::iterator, KeyHash> m_index;
    std::size_t m_bytes = 0;
    std::size_t m_gaps = 0; ///< flows that wait for missing octets
    UtcTime m_lastSweep{};
};

} // namespace sr::capture
