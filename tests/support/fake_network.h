// SPDX-License-Identifier: GPL-3.0-or-later
// Interfaces that tests hold in their hands: packets, losses, and cables that are pulled.
#pragma once

#include "core/capture/packet_device.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

namespace sr::test {

/// Any thread. Outlives the devices.
class FakeNetwork {
public:
    explicit FakeNetwork(std::vector<std::string> interfaces)
    {
        for (const std::string& name : interfaces)
            m_cards[name].up = true;
    }

    capture::DeviceOpener opener()
    {
        return [this](const capture::DeviceOptions& options) { return open(options.interface); };
    }
    void give(const std::string& name, capture::PacketBatch&& batch)
    {
        const std::scoped_lock lock(m_mutex);
        m_cards[name].batches.push_back(std::move(batch));
        m_changed.notify_all();
    }
    void drop(const std::string& name, std::uint64_t packets)
    {
        const std::scoped_lock lock(m_mutex);
        m_cards[name].dropped += packets;
    }
    void setUp(const std::string& name, bool up)
    {
        const std::scoped_lock lock(m_mutex);
        m_cards[name].up = up;
        m_changed.notify_all();
    }
    int opened(const std::string& name) const
    {
        const std::scoped_lock lock(m_mutex);
        return m_cards.at(name).opened;
    }

private:
    struct Card {
        bool up = false;
        int opened = 0;
        bool awake = false; ///< somebody called wake()
        std::uint64_t dropped = 0;
        std::vector<capture::PacketBatch> batches;
    };

    class Device final : public capture::PacketDevice {
    public:
        Device(FakeNetwork& network, Card& card)
            : m_network(network)
            , m_card(card)
            , m_droppedBefore(card.dropped)
        {}
        Status read(capture::PacketBatch& batch) override
        {
            std::unique_lock lock(m_network.m_mutex);
            m_network.m_changed.wait(
                lock, [this] { return m_card.awake || !m_card.up || !m_card.batches.empty(); });
            m_card.awake = false;
            return takeFirst(batch);
        }
        Status drain(capture::PacketBatch& batch) override
        {
            const std::scoped_lock lock(m_network.m_mutex);
            for (const capture::PacketBatch& one : std::exchange(m_card.batches, {}))
                for (std::size_t i = 0; i < one.size(); ++i)
                    addCopy(batch, one, i);
            return {};
        }
        Result<capture::DeviceStats> stats() override
        {
            const std::scoped_lock lock(m_network.m_mutex);
            return capture::DeviceStats{m_card.dropped - m_droppedBefore, 0};
        }
        void wake() override
        {
            const std::scoped_lock lock(m_network.m_mutex);
            m_card.awake = true;
            m_network.m_changed.notify_all();
        }

    private:
        static void addCopy(capture::PacketBatch& batch, const capture::PacketBatch& from, std::size_t index)
        {
            const capture::CapturedPacket packet = from.packet(index);
            batch.add(packet.time, packet.bytes, packet.originalLength, packet.linkType);
        }
        Status takeFirst(capture::PacketBatch& batch)
        {
            if (!m_card.batches.empty()) {
                batch = std::move(m_card.batches.front());
                m_card.batches.erase(m_card.batches.begin());
                return {};
            }
            return m_card.up ? Status{} : Status{fail(capture::CaptureErrc::Gone, "the cable was pulled")};
        }
        FakeNetwork& m_network;
        Card& m_card;
        std::uint64_t m_droppedBefore;
    };

    Result<std::unique_ptr<capture::PacketDevice>> open(const std::string& name)
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_cards.find(name);
        if (found == m_cards.end() || !found->second.up)
            return fail(capture::CaptureErrc::NoInterface, name);
        ++found->second.opened;
        return std::unique_ptr<capture::PacketDevice>(std::make_unique<Device>(*this, found->second));
    }

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_changed;
    std::map<std::string, Card> m_cards;
};

/// The packets of a capture file in memory.
inline capture::PacketBatch batchOf(ByteView pcap)
{
    MemorySource source(pcap);
    capture::PacketBatch batch;
    auto reader = capture::PacketReader::open(source, "batch");
    for (capture::CapturedPacket packet; reader && (*reader)->next(packet);)
        batch.add(packet.time, packet.bytes, packet.originalLength, packet.linkType);
    return batch;
}

} // namespace sr::test
