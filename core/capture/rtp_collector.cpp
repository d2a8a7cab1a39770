// SPDX-License-Identifier: GPL-3.0-or-later
// One hash look-up and one append a packet; everything rarer is out of the way.
#include "core/capture/rtp_collector.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sr::capture {
namespace {

constexpr std::size_t kPrefetched = 32; // as many as PacketDecoder hands over at once
constexpr std::uint16_t kMaxStep = 100; // MAX_MISORDER of RFC 3550 A.1, both ways

/// Of two sequence numbers, whichever came first.
std::uint16_t distance(std::uint16_t a, std::uint16_t b) noexcept
{
    return std::min(static_cast<std::uint16_t>(a - b), static_cast<std::uint16_t>(b - a));
}

} // namespace

RtpCollector::RtpCollector(Spool& spool, std::uint32_t maxStreams, Awaited awaited)
    : m_spool(&spool)
    , m_maxStreams(maxStreams)
    , m_awaited(std::move(awaited))
    , m_slots(1024)
{}

std::uint64_t RtpCollector::tagOf(const StreamKey& key) noexcept
{
    std::uint64_t h =
        (key.from.address.half(8) ^ (std::uint64_t{key.from.port} << 16)) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 32;
    h = (h ^ key.to.address.half(8) ^ key.to.port) * 0xff51afd7ed558ccdULL;
    h ^= h >> 32;
    h = (h ^ key.from.address.half(0) ^ std::rotl(key.to.address.half(0), 17) ^ key.ssrc) *
        0xc4ceb9fe1a85ec53ULL;
    return (h ^ (h >> 29)) | 1U; // 0 means free
}

std::uint64_t RtpCollector::tagOf(const Datagram& datagram) noexcept
{
    return tagOf(StreamKey{datagram.from, datagram.to, rtpHead(datagram.payload).ssrc});
}

void RtpCollector::prefetch(std::span<const std::uint64_t> tags) const noexcept
{
    constexpr std::size_t kFew = 64; // [streams] chosen: all that they need stays in the cache anyway
    if (m_used <= kFew)
        return;
    const std::size_t mask = m_slots.size() - 1;
    std::array<const CollectedStream*, kPrefetched> streams{};
    tags = tags.first(std::min(tags.size(), kPrefetched));
    for (const std::uint64_t tag : tags)
        __builtin_prefetch(&m_slots[(tag >> 1) & mask]);
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const Slot& slot = m_slots[(tags[i] >> 1) & mask];
        if (tags[i] == 0 || slot.tag != tags[i])
            continue; // new, or not at its first place
        streams[i] = slot.stream;
        __builtin_prefetch(slot.stream, 1);
        __builtin_prefetch(&slot.stream->last, 1);
    }
    for (const CollectedStream* const stream : streams) {
        if (stream != nullptr && stream->spool != nullptr)
            __builtin_prefetch(stream->spool.get(), 1);
    }
    for (const CollectedStream* const stream : streams) {
        if (stream != nullptr && stream->spool != nullptr)
            stream->spool->prefetch();
    }
}

std::size_t RtpCollector::find(std::uint64_t tag, const StreamKey& key) const noexcept
{
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t at = (tag >> 1) & mask;; at = (at + 1) & mask) {
        const Slot& slot = m_slots[at];
        if (slot.tag == 0 || (slot.tag == tag && slot.stream->key == key))
            return at;
    }
}

void RtpCollector::insert(std::uint64_t tag, CollectedStream& stream)
{
    if (++m_used * 2 > m_slots.size())
        grow();
    m_slots[find(tag, stream.key)] = {tag, &stream};
}

void RtpCollector::grow()
{
    std::vector<Slot> old(m_slots.size() * 2);
    old.swap(m_slots);
    for (const Slot& slot : old) {
        if (slot.tag != 0)
            m_slots[find(slot.tag, slot.stream->key)] = slot;
    }
}

/// Linear probing without tombstones: what stands behind moves up if its own place lies before the hole.
void RtpCollector::erase(const CollectedStream& stream)
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t hole = find(tagOf(stream.key), stream.key);
    if (m_slots[hole].stream != &stream)
        return;
    --m_used;
    for (std::size_t at = (hole + 1) & mask; m_slots[at].tag != 0; at = (at + 1) & mask) {
        const std::size_t home = (m_slots[at].tag >> 1) & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            m_slots[hole] = m_slots[at];
            hole = at;
        }
    }
    m_slots[hole] = {};
}

bool RtpCollector::take(const Datagram& datagram, std::uint64_t tag)
{
    const RtpHead head = rtpHead(datagram.payload);
    const StreamKey key{datagram.from, datagram.to, head.ssrc};
    CollectedStream* stream = m_slots[find(tag, key)].stream;
    if (stream == nullptr)
        return takeUnknown(datagram, tag, key, head);
    if (stream->spool == nullptr && stream->open)
        return takeCandidate(*stream, datagram, head);
    const auto gap =
        datagram.time - stream->last; // less than 0 if another capture begins before this one ended
    if ((gap > kGap || gap < -kGap) && (!stream->open || !(m_awaited(key.from) || m_awaited(key.to)))) {
        close(*stream);
        return takeUnknown(datagram, tag, key, head);
    }
    if (!stream->open) { // after the end of its call: nobody wants it, unless another call awaits it
        if (m_awaited(key.from) || m_awaited(key.to)) {
            erase(*stream);
            return takeUnknown(datagram, tag, key, head);
        }
        stream->last = std::max(stream->last, datagram.time);
        ++m_late;
        return true;
    }
    if (datagram.cut && head.sequence != stream->lastSequence) // a mirror port's double is no second loss
        ++stream->cut;
    append(*stream, datagram.time, datagram.payload, head);
    return true;
}

bool RtpCollector::takeUnknown(const Datagram& datagram, std::uint64_t tag, const StreamKey& key,
                               const RtpHead& head)
{
    if (m_candidates.size() >= kCandidates) {
        erase(m_candidates.front());
        m_candidates.pop_front();
    }
    CollectedStream& stream = m_candidates.emplace_back();
    stream.self = std::prev(m_candidates.end());
    stream.key = key;
    stream.first = stream.last = datagram.time;
    stream.lastSequence = head.sequence;
    insert(tag, stream);
    stream.held.push_back(
        {datagram.time, Bytes(datagram.payload.begin(), datagram.payload.end()), datagram.cut});
    return m_awaited(key.from) || m_awaited(key.to) ? promote(stream) : true;
}

bool RtpCollector::takeCandidate(CollectedStream& stream, const Datagram& datagram, const RtpHead& head)
{
    if (distance(stream.lastSequence, head.sequence) > kMaxStep || datagram.time - stream.last > kGap) {
        stream.held.clear(); // chance, or another stream of that name
        stream.first = datagram.time;
    } else if (stream.held.size() >= 2 * kProbation) {
        stream.held.pop_back(); // the same packets for ever are no stream
    }
    stream.last = std::max(stream.last, datagram.time);
    stream.lastSequence = head.sequence;
    stream.held.push_back(
        {datagram.time, Bytes(datagram.payload.begin(), datagram.payload.end()), datagram.cut});
    const bool advances = std::any_of(stream.held.begin(), stream.held.end(), [&](const auto& one) {
        return distance(rtpHead(one.datagram).sequence, head.sequence) >= kProbation - 1;
    });
    const bool believed = advances && stream.held.size() >= kProbation;
    return believed || m_awaited(stream.key.from) || m_awaited(stream.key.to) ? promote(stream) : true;
}

bool RtpCollector::promote(CollectedStream& stream)
{
    if (m_streams.size() >= m_maxStreams) {
        erase(stream);
        m_candidates.erase(stream.self);
        return false;
    }
    m_streams.splice(m_streams.end(), m_candidates, stream.self);
    stream.spool = m_spool->newStream();
    stream.serial = ++m_serial;
    stream.firstFile = m_file;
    m_byEndpoint[stream.key.from].emplace(stream.serial, &stream);
    m_byEndpoint[stream.key.to].emplace(stream.serial, &stream);
    for (std::size_t i = 0; i < stream.held.size(); ++i) {
        const CollectedStream::Held& one = stream.held[i];
        const RtpHead head = rtpHead(one.datagram);
        stream.cut += one.cut && (i == 0 || head.sequence != stream.lastSequence) ? 1 : 0;
        append(stream, one.time, one.datagram, head);
    }
    stream.held = {};
    return true;
}

void RtpCollector::append(CollectedStream& stream, UtcTime time, ByteView datagram, const RtpHead& head)
{
    if (stream.sampling || head.payloadType != stream.lastPayloadType)
        sample(stream, time, datagram.size(), head);
    ++stream.packets;
    stream.lastFile = m_file;
    stream.last = std::max(stream.last, time);
    stream.lastSequence = head.sequence;
    if (stream.spool->tryAppend(time, datagram))
        return;
    if (Status status = stream.spool->append(time, datagram); !status && m_status)
        m_status = std::move(status);
}

void RtpCollector::sample(CollectedStream& stream, UtcTime time, std::size_t octets, const RtpHead& head)
{
    constexpr std::size_t kTypes = 16; // chosen: more than any call uses
    stream.lastPayloadType = head.payloadType;
    auto at = std::find_if(stream.samples.begin(), stream.samples.end(),
                           [&](const PayloadSample& one) { return one.payloadType == head.payloadType; });
    if (at == stream.samples.end()) {
        stream.sampling = stream.samples.size() < kTypes;
        if (!stream.sampling)
            return;
        PayloadSample fresh;
        fresh.payloadType = head.payloadType;
        fresh.first = time;
        fresh.firstTimestamp = head.timestamp;
        at = stream.samples.insert(at, fresh);
    }
    stream.sampling = at->packets < PayloadSample::kSampled;
    if (!stream.sampling)
        return;
    ++at->packets;
    at->last = time;
    at->lastTimestamp = head.timestamp;
    const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(octets, 0xffff));
    at->minOctets = std::min(at->minOctets, size);
    at->maxOctets = std::max(at->maxOctets, size);
}

const RtpCollector::Found& RtpCollector::at(const Endpoint& endpoint) const
{
    static const Found none;
    const auto found = m_byEndpoint.find(endpoint);
    return found == m_byEndpoint.end() ? none : found->second;
}

void RtpCollector::close(CollectedStream& stream)
{
    stream.open = false;
    erase(stream);
}

void RtpCollector::unindex(const Endpoint& endpoint, const CollectedStream& stream)
{
    const auto found = m_byEndpoint.find(endpoint);
    if (found == m_byEndpoint.end())
        return;
    found->second.erase(stream.serial);
    if (found->second.empty())
        m_byEndpoint.erase(found);
}

void RtpCollector::remove(CollectedStream& stream)
{
    erase(stream);
    unindex(stream.key.from, stream);
    unindex(stream.key.to, stream);
    m_streams.erase(stream.self);
}

} // namespace sr::capture
