// SPDX-License-Identifier: GPL-3.0-or-later
// Fragment reassembly (RFC 791 §3.2, RFC 8200 §4.5).
#include "core/capture/ip_reassembler.h"

namespace sr::capture {
namespace {

constexpr std::uint32_t kMaxPayload = 65535;
// A finished packet's key swallows doubled fragments this long. Short, because a busy IPv4 sender comes back
// to the same 16-bit identification soon.
constexpr auto kEcho = std::chrono::milliseconds(250);

} // namespace

std::optional<WholePacket> IpReassembler::add(UtcTime time, const IpPacket& packet)
{
    const std::uint32_t begin = packet.fragment.offset;
    const auto size =
        static_cast<std::uint32_t>(std::min<std::size_t>(packet.payload.size(), kMaxPayload + 1));
    // A cut fragment can never be completed, one of odd length in the middle breaks the offsets.
    if (packet.cut || size == 0 || begin + size > kMaxPayload || (packet.fragment.more && size % 8 != 0))
        return std::nullopt;
    expire(time);
    const bool isV6 = !packet.from.isV4();
    Entry& entry =
        entryOf(time, {packet.from, packet.to, packet.fragment.id, isV6 ? std::uint8_t{0} : packet.protocol});
    if (entry.closed)
        return std::nullopt;
    if (begin == 0)
        entry.protocol = packet.protocol;
    const std::uint32_t end = begin + size;
    const bool conflict = entry.total && (packet.fragment.more ? end > *entry.total : end != *entry.total);
    const bool tooShort = !packet.fragment.more && !entry.ranges.empty() && entry.ranges.back().end > end;
    if (conflict || tooShort || !place(entry, begin, packet.payload.first(size), isV6)) {
        ++m_givenUp;
        close(entry);
        return std::nullopt;
    }
    if (!packet.fragment.more)
        entry.total = end;
    const bool whole = entry.total && entry.ranges.size() == 1 && entry.ranges[0].begin == 0 &&
                       entry.ranges[0].end == *entry.total;
    if (!whole) {
        while (m_bytes > kMaxBytes && m_entries.size() > 1)
            drop(m_entries.begin()); // may be this one: not touched below
        return std::nullopt;
    }
    m_bytes -= entry.bytes.capacity();
    WholePacket result{std::move(entry.bytes), entry.protocol};
    entry.bytes = {};
    entry.first = time;
    close(entry);
    return result;
}

IpReassembler::Entry& IpReassembler::entryOf(UtcTime time, const Key& key)
{
    if (const auto found = m_index.find(key); found != m_index.end()) {
        Entry& entry = *found->second;
        const auto age = time - entry.first;
        if (age <= (entry.closed ? microseconds(kEcho) : microseconds(kMaxAge)) &&
            age >= -microseconds(kMaxAge))
            return entry;
        drop(found->second); // the sender uses the identification again
    }
    if (m_entries.size() >= kMaxPackets)
        drop(m_entries.begin());
    m_entries.push_back({});
    Entry& entry = m_entries.back();
    entry.key = key;
    entry.first = time;
    m_index.emplace(key, std::prev(m_entries.end()));
    return entry;
}

/// Copies what is new of the part. False: the packet must be given up.
bool IpReassembler::place(Entry& entry, std::uint32_t begin, ByteView part, bool isV6)
{
    const std::uint32_t end = begin + static_cast<std::uint32_t>(part.size());
    if (entry.bytes.size() < end) {
        m_bytes -= entry.bytes.capacity();
        entry.bytes.resize(end);
        m_bytes += entry.bytes.capacity();
    }
    auto first = entry.ranges.begin();
    while (first != entry.ranges.end() && first->end < begin)
        ++first;
    auto last = first; // [first, last) touch or overlap the part
    std::uint32_t at = begin;
    Range merged{begin, end};
    bool overlaps = false;
    for (; last != entry.ranges.end() && last->begin <= end; ++last) {
        overlaps = overlaps || (last->begin < end && last->end > begin);
        if (at < last->begin)
            std::copy_n(part.begin() + (at - begin), last->begin - at, entry.bytes.begin() + at);
        at = std::max(at, std::min(last->end, end));
        merged.begin = std::min(merged.begin, last->begin);
        merged.end = std::max(merged.end, last->end);
    }
    if (overlaps && isV6) // only an exact repetition is harmless: nothing new in it, and the same octets
        return at == end && last - first == 1 && first->begin <= begin && first->end >= end &&
               std::equal(part.begin(), part.end(), entry.bytes.begin() + begin);
    if (at < end)
        std::copy_n(part.begin() + (at - begin), end - at, entry.bytes.begin() + at);
    if (first == last) {
        if (entry.ranges.size() >= kMaxParts)
            return false;
        entry.ranges.insert(first, merged);
        return true;
    }
    *first = merged;
    entry.ranges.erase(first + 1, last);
    return true;
}

void IpReassembler::close(Entry& entry)
{
    m_bytes -= entry.bytes.capacity();
    entry.bytes = {};
    entry.ranges = {};
    entry.closed = true;
}

void IpReassembler::drop(Entries::iterator entry)
{
    if (!entry->closed)
        ++m_givenUp;
    m_bytes -= entry->bytes.capacity();
    m_index.erase(entry->key);
    m_entries.erase(entry);
}

void IpReassembler::expire(UtcTime now)
{
    while (!m_entries.empty() && now - m_entries.front().first > kMaxAge)
        drop(m_entries.begin());
}

} // namespace sr::capture
