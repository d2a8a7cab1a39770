// SPDX-License-Identifier: GPL-3.0-or-later
// Merging by looking at the first packet of each queue.
#include "core/capture/packet_merger.h"

#include <array>

namespace sr::capture {

void PacketMerger::add(std::size_t source, PacketBatch&& batch)
{
    if (!batch.empty())
        m_queues[source].batches.push_back(std::move(batch));
}

PacketMerger::Queue* PacketMerger::earliest(UtcTime until)
{
    Queue* best = nullptr;
    UtcTime bestTime = until;
    for (Queue& queue : m_queues) {
        if (queue.batches.empty())
            continue;
        const UtcTime time = queue.batches.front().timeOf(queue.next);
        if (time < bestTime || (best == nullptr && time == bestTime)) {
            best = &queue;
            bestTime = time;
        }
    }
    return best;
}

void PacketMerger::handOut(UtcTime until, const Sink& sink)
{
    std::array<CapturedPacket, 32> group;
    std::size_t count = 0;
    std::vector<PacketBatch> done; // views of the group point into these
    const auto flush = [&] {
        if (count > 0)
            sink(std::span(group).first(count));
        count = 0;
        done.clear();
    };
    while (Queue* queue = earliest(until)) {
        group[count++] = queue->batches.front().packet(queue->next);
        if (++queue->next == queue->batches.front().size()) {
            done.push_back(std::move(queue->batches.front()));
            queue->batches.pop_front();
            queue->next = 0;
        }
        if (count == group.size())
            flush();
    }
    flush();
}

} // namespace sr::capture
