// SPDX-License-Identifier: GPL-3.0-or-later
// Packets of several interfaces in the order of their times.
#pragma once

#include "core/capture/packet_batch.h"

#include <deque>
#include <functional>
#include <span>

namespace sr::capture {

/// The tracking thread's.
class PacketMerger {
public:
    using Sink = std::function<void(std::span<const CapturedPacket>)>;

    explicit PacketMerger(std::size_t sources)
        : m_queues(sources)
    {}
    /// Batches of one source come in the order of their times.
    void add(std::size_t source, PacketBatch&& batch);
    /// Hands out what is not later than `until`, some packets at a time; their views live during the call.
    void handOut(UtcTime until, const Sink& sink);

private:
    struct Queue {
        std::deque<PacketBatch> batches;
        std::size_t next = 0; ///< packet of the first batch
    };
    /// Of the earliest packet; null if there is none until then.
    Queue* earliest(UtcTime until);

    std::vector<Queue> m_queues;
};

} // namespace sr::capture
