// SPDX-License-Identifier: GPL-3.0-or-later
//   open -> read until it is gone -> wait -> open again ...
#include "core/capture/device_reader.h"

namespace sr::capture {
namespace {

constexpr seconds kCountEvery{1}; // losses are told to calls that exactly

} // namespace

DeviceReader::DeviceReader(std::size_t number, DeviceOptions options, std::unique_ptr<PacketDevice> device,
                           Environment environment)
    : m_number(number)
    , m_options(std::move(options))
    , m_environment(std::move(environment))
    , m_device(std::move(device))
{
    m_state.name = m_options.interface;
    m_state.up = m_device != nullptr;
    m_counted = m_environment.clock->utcNow();
    m_thread = std::thread([this] { run(); });
}

DeviceReader::~DeviceReader()
{
    stop();
}

void DeviceReader::stop()
{
    std::shared_ptr<PacketDevice> device;
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
        device = m_device;
    }
    m_wake.notify_all();
    if (device)
        device->wake();
    if (m_thread.joinable())
        m_thread.join();
}

InterfaceState DeviceReader::state() const
{
    const std::scoped_lock lock(m_mutex);
    return m_state;
}

std::uint64_t DeviceReader::droppedBetween(UtcTime from, UtcTime until) const
{
    const std::scoped_lock lock(m_mutex);
    return m_drops.between(from, until);
}

void DeviceReader::run()
{
    do {
        std::shared_ptr<PacketDevice> device;
        {
            const std::scoped_lock lock(m_mutex);
            device = m_device;
        }
        if (device) {
            readUntilGone(*device);
            continue;
        }
        auto opened = m_environment.open(m_options);
        if (opened)
            setDevice(std::move(*opened), std::nullopt);
        else
            setDevice(nullptr, opened.error());
    } while (waitToRetry());
}

/// After stop() once more, for what the kernel still holds.
void DeviceReader::readUntilGone(PacketDevice& device)
{
    for (bool stopping = false; !stopping;) {
        {
            const std::scoped_lock lock(m_mutex);
            stopping = m_stopping;
        }
        PacketBatch batch;
        const Status read = stopping ? device.drain(batch) : device.read(batch);
        const UtcTime now = m_environment.clock->utcNow();
        if (!batch.empty())
            deliver(std::move(batch));
        count(device, now);
        if (!read) {
            setDevice(nullptr, read.error());
            return;
        }
    }
}

void DeviceReader::deliver(PacketBatch&& batch)
{
    const std::uint64_t packets = batch.size();
    const UtcTime first = batch.timeOf(0);
    const UtcTime last = batch.timeOf(batch.size() - 1);
    const bool taken = m_environment.inbox->put(m_number, std::move(batch));
    const std::scoped_lock lock(m_mutex);
    m_state.packets += packets;
    if (taken)
        return;
    m_state.dropped += packets;
    m_drops.add(first, last, packets);
}

void DeviceReader::count(PacketDevice& device, UtcTime now)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (now - m_counted < kCountEvery && now >= m_counted && !m_stopping)
            return;
    }
    const auto stats = device.stats();
    if (!stats)
        return; // gone: read() says so
    const std::scoped_lock lock(m_mutex);
    m_drops.add(m_counted, now, stats->dropped - m_stats.dropped);
    m_state.dropped += stats->dropped - m_stats.dropped;
    m_state.droppedByInterface += stats->droppedByInterface - m_stats.droppedByInterface;
    m_stats = *stats;
    m_counted = now;
}

void DeviceReader::setDevice(std::unique_ptr<PacketDevice> device, std::optional<Error> trouble)
{
    InterfaceState state;
    bool news = false;
    {
        const std::scoped_lock lock(m_mutex);
        m_device = std::move(device);
        m_stats = {};
        news = m_state.up != (m_device != nullptr) || !m_state.trouble != !trouble;
        m_state.up = m_device != nullptr;
        m_state.trouble = std::move(trouble);
        state = m_state;
    }
    if (news && m_environment.changed)
        m_environment.changed(state);
}

/// False: stopped. Does not wait while there is a device.
bool DeviceReader::waitToRetry()
{
    std::unique_lock lock(m_mutex);
    if (m_device)
        return !m_stopping;
    return !m_wake.wait_for(lock, m_environment.retryEvery, [this] { return m_stopping; });
}

} // namespace sr::capture
