// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the fragments of IPv4 and IPv6 packets together, in any order, doubled or not, within bounds of memory
// and age.
#pragma once

#include "core/base/clock.h"
#include "core/capture/ip_header.h"

#include <list>
#include <optional>
#include <unordered_map>

namespace sr::capture {

/// The whole payload of a packet whose fragments have all come.
struct WholePacket {
    Bytes payload;
    std::uint8_t protocol = 0;
};

/// One thread. Ages are in capture time, so that a file gives the same packets however fast it is read.
/// Overlap: exact repetitions are ignored (mirror ports double packets); otherwise IPv4 keeps the octets that
/// came first and IPv6 gives the packet up (RFC 8200 §4.5).
class IpReassembler {
public:
    static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024; ///< of all unfinished packets [octets]
    static constexpr std::size_t kMaxPackets = 8192;
    static constexpr std::size_t kMaxParts = 1024; ///< separate pieces of one packet
    static constexpr auto kMaxAge = std::chrono::seconds(30);

    /// Takes one fragment; the whole if it was the last missing one. `packet.isFragment` is set.
    std::optional<WholePacket> add(UtcTime time, const IpPacket& packet);
    std::size_t pending() const { return m_entries.size(); }
    std::size_t bytesHeld() const { return m_bytes; }   ///< [octets]
    std::uint64_t givenUp() const { return m_givenUp; } ///< packets never completed, dropped so far

private:
    struct Key {
        IpAddress from;
        IpAddress to;
        std::uint32_t id = 0;
        std::uint8_t protocol = 0; ///< IPv4 only: IPv6 tells fragments apart without it
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept
        {
            return hashOf(Endpoint{key.from, 0}) * 31 + hashOf(Endpoint{key.to, key.protocol}) +
                   key.id * 0x9e3779b9U;
        }
    };
    struct Range {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };
    struct Entry {
        Key key;
        UtcTime first{};
        Bytes bytes;
        std::vector<Range> ranges; ///< of `bytes` that have come: sorted, apart from each other
        std::optional<std::uint32_t> total;
        std::uint8_t protocol = 0;
        bool closed = false; ///< complete or given up; swallows what still comes of it
    };
    using Entries = std::list<Entry>; ///< oldest first

    Entry& entryOf(UtcTime time, const Key& key);
    bool place(Entry& entry, std::uint32_t begin, ByteView part, bool isV6);
    void drop(Entries::iterator entry);
    void close(Entry& entry);
    void expire(UtcTime now);

    Entries m_entries;
    std::unordered_map<Key, Entries::iterator, KeyHash> m_index;
    std::size_t m_bytes = 0;
    std::uint64_t m_givenUp = 0;
};

} // namespace sr::capture
