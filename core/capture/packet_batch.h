// SPDX-License-Identifier: GPL-3.0-or-later
// Packets of one interface on their way from the kernel's ring to the tracker.
#pragma once

#include "core/capture/packet_reader.h"

#include <vector>

namespace sr::capture {

/// Grows and moves; one thread at a time.
class PacketBatch {
public:
    void add(UtcTime time, ByteView bytes, std::uint32_t originalLength, std::uint16_t linkType)
    {
        m_packets.push_back(
            {time, m_bytes.size(), static_cast<std::uint32_t>(bytes.size()), originalLength, linkType});
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
    }
    std::size_t size() const { return m_packets.size(); }
    bool empty() const { return m_packets.empty(); }
    /// What it takes of memory [octets].
    std::size_t bytes() const { return m_bytes.size() + m_packets.size() * sizeof(Place); }
    UtcTime timeOf(std::size_t index) const { return m_packets[index].time; }
    /// Its view lives until the batch changes.
    CapturedPacket packet(std::size_t index) const
    {
        const Place& place = m_packets[index];
        return {place.time, ByteView(m_bytes).subspan(place.offset, place.length), 0, place.originalLength,
                place.linkType};
    }

private:
    struct Place {
        UtcTime time{};
        std::size_t offset = 0;
        std::uint32_t length = 0;
        std::uint32_t originalLength = 0;
        std::uint16_t linkType = 0;
    };
    std::vector<Place> m_packets;
    Bytes m_bytes;
};

} // namespace sr::capture
