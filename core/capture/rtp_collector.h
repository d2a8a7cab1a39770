// SPDX-License-Identifier: GPL-3.0-or-later
// Every RTP stream of a capture, found by its looks and kept in the spool until a call takes it.
#pragma once

#include "core/capture/packet_flow.h"
#include "core/capture/rtp_probe.h"
#include "core/capture/spool.h"

#include <functional>
#include <list>
#include <map>
#include <unordered_map>
#include <vector>

namespace sr::capture {

struct StreamKey {
    Endpoint from;
    Endpoint to;
    std::uint32_t ssrc = 0;
    bool operator==(const StreamKey&) const = default;
};

/// First packets of one payload type, enough to guess what it is when no signalling says so.
struct PayloadSample {
    std::uint8_t payloadType = 0;
    std::uint16_t packets = 0; ///< sampled, at most kSampled
    std::uint32_t firstTimestamp = 0;
    std::uint32_t lastTimestamp = 0;
    UtcTime first{};
    UtcTime last{};
    std::uint16_t minOctets = 0xffff; ///< of datagrams [octets]
    std::uint16_t maxOctets = 0;
    static constexpr std::uint16_t kSampled = 64;
};

/// Which call has taken a stream, to tell a better claim of another one.
struct StreamOwner {
    int score = 0; ///< 0: nobody
    UtcTime since{};
    Endpoint signallingA;
    Endpoint signallingB;
};

/// One SSRC between two endpoints, or a part of it. What every packet needs stands first, in two cache lines.
struct alignas(64) CollectedStream {
    StreamKey key;
    std::shared_ptr<SpoolStream> spool; ///< null while a candidate, and when it was handed over
    UtcTime last{};
    std::uint64_t packets = 0;
    std::uint32_t lastFile = 0; ///< index of a capture
    std::uint16_t lastSequence = 0;
    std::uint8_t lastPayloadType = 0;
    bool sampling = true; ///< the current payload type's sample is not full
    bool open = true;     ///< further packets of its key come here
    UtcTime first{};
    std::uint64_t serial = 0;    ///< rises in order of discovery
    std::uint32_t firstFile = 0; ///< index of the capture it began in
    std::vector<PayloadSample> samples;
    StreamOwner owner;
    std::list<CollectedStream>::iterator self;

    std::uint64_t cut = 0; ///< packets of which the capture kept only the beginning

    struct Held {
        UtcTime time{};
        Bytes datagram;
        bool cut = false;
    };
    std::vector<Held> held; ///< of a candidate
};

/// Capture thread only. Memory: bounded by `maxStreams` and 8192 candidates of three packets.
class RtpCollector {
public:
    /// Says whether signalling awaits media at an endpoint: then the first packet counts.
    using Awaited = std::function<bool(const Endpoint&)>;

    static constexpr seconds kGap{60}; ///< chosen: silence after which unclaimed packets are another call
    static constexpr unsigned kProbation = 3; ///< consistent packets before a stream is believed
    static constexpr std::size_t kCandidates = 8192;

    RtpCollector(Spool& spool, std::uint32_t maxStreams, Awaited awaited);

    /// A datagram that looksOf() called RTP. False: refused because of maxStreams.
    bool take(const Datagram& datagram) { return take(datagram, tagOf(datagram)); }
    bool take(const Datagram& datagram, std::uint64_t tag);

    /// The short way of nearly every packet: of an open stream that is well known, as the last one was.
    /// False, and nothing done: take() is needed.
    bool takeNext(const Datagram& datagram, std::uint64_t tag) noexcept
    {
        const Slot& slot = m_slots[(tag >> 1) & (m_slots.size() - 1)];
        if (slot.tag != tag)
            return false;
        CollectedStream& stream = *slot.stream;
        const RtpHead head = rtpHead(datagram.payload);
        const auto gap = datagram.time - stream.last;
        const bool usual = stream.open && !stream.sampling && head.payloadType == stream.lastPayloadType &&
                           gap >= gap.zero() && gap <= kGap && !datagram.cut &&
                           stream.key.ssrc == head.ssrc && stream.key.from == datagram.from &&
                           stream.key.to == datagram.to;
        if (!usual || !stream.spool->tryAppend(datagram.time, datagram.payload))
            return false;
        ++stream.packets;
        stream.lastFile = m_file;
        stream.last = datagram.time;
        stream.lastSequence = head.sequence;
        return true;
    }

    /// Hash of the stream a datagram belongs to.
    static std::uint64_t tagOf(const Datagram& datagram) noexcept;
    /// Fetches into the cache what take() will need of these tags, 0 being none. With thousands of streams
    /// each packet would wait for several such fetches one after the other; so all of them overlap.
    void prefetch(std::span<const std::uint64_t> tags) const noexcept;

    /// Streams from or to this endpoint, open or not; valid until the next call of anything here.
    using Found = std::map<std::uint64_t, CollectedStream*>; ///< by serial
    const Found& at(const Endpoint& endpoint) const;
    std::list<CollectedStream>& streams() { return m_streams; }

    /// Further packets of its key make a new stream.
    void close(CollectedStream& stream);
    /// Its call has ended: what follows without a gap is dropped, unless signalling awaits it again.
    static void retire(CollectedStream& stream) { stream.open = false; }
    /// Forgets it and gives up its share of the spool.
    void remove(CollectedStream& stream);

    void setFile(std::uint32_t index) { m_file = index; }
    const Status& status() const { return m_status; }
    std::uint64_t late() const { return m_late; } ///< packets dropped behind the end of their call

private:
    struct Slot {
        std::uint64_t tag = 0; ///< 0: free
        CollectedStream* stream = nullptr;
    };
    static std::uint64_t tagOf(const StreamKey& key) noexcept;
    std::size_t find(std::uint64_t tag, const StreamKey& key) const noexcept; ///< its slot or a free one
    void insert(std::uint64_t tag, CollectedStream& stream);
    void erase(const CollectedStream& stream);
    void grow();

    bool takeUnknown(const Datagram& datagram, std::uint64_t tag, const StreamKey& key, const RtpHead& head);
    bool takeCandidate(CollectedStream& stream, const Datagram& datagram, const RtpHead& head);
    bool promote(CollectedStream& stream);
    void append(CollectedStream& stream, UtcTime time, ByteView datagram, const RtpHead& head);
    void sample(CollectedStream& stream, UtcTime time, std::size_t octets, const RtpHead& head);
    void unindex(const Endpoint& endpoint, const CollectedStream& stream);

    Spool* m_spool;
    std::uint32_t m_maxStreams;
    Awaited m_awaited;
    std::vector<Slot> m_slots; ///< open addressing, linear probing, at most half full
    std::size_t m_used = 0;
    std::list<CollectedStream> m_streams;
    std::list<CollectedStream> m_candidates; ///< oldest first
    std::unordered_map<Endpoint, Found> m_byEndpoint;
    std::uint64_t m_serial = 0;
    std::uint32_t m_file = 0;
    std::uint64_t m_late = 0;
    Status m_status;
};

} // namespace sr::capture
