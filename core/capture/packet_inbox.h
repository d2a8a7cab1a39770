// SPDX-License-Identifier: GPL-3.0-or-later
// Where the threads that read interfaces leave their packets for the thread that tracks calls.
#pragma once

#include "core/base/clock.h"
#include "core/capture/packet_batch.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace sr::capture {

/// Any thread. Bounded: what finds no room is lost and counted by who brought it.
class PacketInbox {
public:
    explicit PacketInbox(std::uint64_t mostBytes)
        : m_mostBytes(mostBytes)
    {}
    /// False: no room.
    bool put(std::size_t source, PacketBatch&& batch)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_bytes + batch.bytes() > m_mostBytes)
                return false;
            m_bytes += batch.bytes();
            m_batches.emplace_back(source, std::move(batch));
        }
        m_came.notify_one();
        return true;
    }
    /// All that came; waits for something at most so long, and not at all after wake().
    std::vector<std::pair<std::size_t, PacketBatch>> takeAll(milliseconds patience)
    {
        std::unique_lock lock(m_mutex);
        m_came.wait_for(lock, patience, [this] { return m_awake || !m_batches.empty(); });
        m_bytes = 0;
        return std::exchange(m_batches, {});
    }
    void wake()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_awake = true;
        }
        m_came.notify_one();
    }

private:
    const std::uint64_t m_mostBytes;
    std::mutex m_mutex;
    std::condition_variable m_came;
    std::uint64_t m_bytes = 0;
    std::vector<std::pair<std::size_t, PacketBatch>> m_batches;
    bool m_awake = false;
};

} // namespace sr::capture
