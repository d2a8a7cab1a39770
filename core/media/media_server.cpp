// SPDX-License-Identifier: GPL-3.0-or-later
// Absolute times: a late beat is followed by the next one as if it had been on time, so that no packet is
// lost in the long run.
#include "core/media/media_server.h"

#include "core/media/server_core.h"

#include <algorithm>

namespace sr::media {

ServerCore::ServerCore(const MediaOptions& options)
    : m_options(options)
    , m_pool(options.firstPort, options.lastPort)
    , m_writer(std::make_unique<RecordingWriter>(options.running))
{
    if (options.running == RecordingWriter::Running::OwnThread)
        m_thread = std::thread([this] { run(); });
}

ServerCore::~ServerCore()
{
    stop();
    freeDone();
    for (Order* order = m_orders.takeAll(); order != nullptr;) {
        const std::unique_ptr<Order> owned(order);
        order = order->next;
    }
}

void ServerCore::stop()
{
    if (m_stops.exchange(true))
        return;
    wake();
    if (m_thread.joinable())
        m_thread.join();
    runOrders(); // as the beat thread: it is no more
    for (const auto& port : m_ports)
        port->stopRecording();
    m_writer.reset();
    m_ports.clear();
}

void ServerCore::wake()
{
    m_wakes.fetch_add(1, std::memory_order_release);
    m_wakes.notify_one();
}

void ServerCore::freeDone()
{
    for (Order* order = m_done.takeAll(); order != nullptr;) {
        const std::unique_ptr<Order> owned(order);
        order = order->next;
    }
}

Result<relay::PortPair> ServerCore::takePorts(const IpAddress& address)
{
    if (m_stops)
        return fail(MediaErrc::Gone, "port");
    if (ports() >= m_options.mostPorts)
        return fail(MediaErrc::TooMany, std::to_string(m_options.mostPorts) + " ports");
    freeDone(); // sockets of ports that are gone
    return m_pool.take(address);
}

void ServerCore::add(std::shared_ptr<PortCore> port)
{
    m_count.fetch_add(1, std::memory_order_relaxed);
    order([this, port = std::move(port)] { m_ports.push_back(port); });
    wake();
}

void ServerCore::remove(std::shared_ptr<PortCore> port, const Endpoint& local)
{
    m_count.fetch_sub(1, std::memory_order_relaxed);
    m_pool.giveBack(local);
    order([this, port = std::move(port)] {
        port->stopRecording();
        std::erase(m_ports, port);
    });
    wake();
}

void ServerCore::runOrders()
{
    for (Order* order = m_orders.takeAll(); order != nullptr;) {
        Order* const next = order->next;
        order->run();
        m_done.put(order);
        order = next;
    }
}

ServerCore::TimePoint ServerCore::beat(TimePoint now)
{
    runOrders();
    if (!m_next)
        m_next = now;
    if (const auto late = (now - *m_next) / kBeat; late > kMostLate) {
        m_beat += static_cast<std::uint64_t>(late); // the time of the streams goes on
        *m_next += late * kBeat;
    }
    while (*m_next <= now) {
        for (const auto& port : m_ports)
            port->hear(m_beat);
        for (const auto& port : m_ports)
            port->speak(m_beat);
        ++m_beat;
        *m_next += kBeat;
    }
    if (m_options.running == RecordingWriter::Running::Stepped && m_writer)
        m_writer->step();
    return *m_next;
}

void ServerCore::run()
{
    while (!m_stops) {
        const unsigned seen = m_wakes.load(std::memory_order_acquire);
        if (ports() == 0 && !m_orders.hasAny()) {
            m_wakes.wait(seen);
            continue;
        }
        std::this_thread::sleep_until(beat(std::chrono::steady_clock::now()));
    }
}

MediaServer::MediaServer(const MediaOptions& options)
    : m_core(std::make_shared<ServerCore>(options))
{}

MediaServer::~MediaServer()
{
    m_core->stop();
}

Result<std::unique_ptr<Port>> MediaServer::open(const IpAddress& address, Executor executor,
                                                PortEvents events)
{
    auto ports = m_core->takePorts(address);
    if (!ports)
        return ports.error();
    auto listener = std::make_shared<PortListener>(PortListener{std::move(events)});
    auto core = std::make_shared<PortCore>(std::move(ports->rtp), m_core->writer(), executor, listener);
    m_core->add(core);
    return std::unique_ptr<Port>(
        new Port(m_core, std::move(core), std::move(listener), std::move(executor), ports->local));
}

std::size_t MediaServer::openPorts() const
{
    return m_core->ports();
}

MediaServer::TimePoint MediaServer::beat(TimePoint now)
{
    return m_core->beat(now);
}

} // namespace sr::media
