// SPDX-License-Identifier: GPL-3.0-or-later
// Queues, since all rest equally long.
#include "core/relay/resting_ports.h"

#include <algorithm>

namespace sr::relay {
namespace {

constexpr std::size_t kMostResting = 2048; ///< chosen: two seconds of 1,000 calls
constexpr std::size_t kSockets = 4;        ///< of each

} // namespace

std::size_t RestingPorts::usualMost()
{
    return std::min(kMostResting, UdpSocket::mostIdle() / kSockets);
}

std::unique_ptr<BridgePorts> RestingPorts::takeFirst(Queue& queue)
{
    auto ports = std::move(queue.front().ports);
    queue.pop_front();
    return ports;
}

std::unique_ptr<BridgePorts> RestingPorts::take(const IpAddress& caller, const IpAddress& callee,
                                                TimePoint now)
{
    Queue& queue = m_queues[{caller, callee}];
    const auto mayServe = [&](const Resting& one) {
        return now - one.since >= kRest && one.quietSince && now - *one.quietSince >= kLate;
    };
    while (queue.size() > m_limits.fewest && mayServe(queue.front())) {
        const bool isQuiet = queue.front().ports->strays.value() == queue.front().strays;
        auto ports = takeFirst(queue);
        if (isQuiet)
            return ports;
        m_surplus.push_back(std::move(ports));
    }
    return nullptr;
}

std::unique_ptr<BridgePorts> RestingPorts::takeAnyway(const IpAddress& caller, const IpAddress& callee)
{
    Queue& queue = m_queues[{caller, callee}];
    return queue.empty() ? nullptr : takeFirst(queue);
}

void RestingPorts::rest(std::unique_ptr<BridgePorts> ports, TimePoint now)
{
    Queue& queue = m_queues[{ports->local[0].address, ports->local[1].address}];
    queue.push_back({std::move(ports), now});
    if (queue.size() > m_limits.most)
        m_surplus.push_back(takeFirst(queue));
}

void RestingPorts::look(TimePoint now)
{
    for (auto& [addresses, queue] : m_queues) {
        while (!queue.empty() && now - queue.front().since >= kMostRest)
            m_surplus.push_back(takeFirst(queue));
        for (Resting& one : queue)
            if (!one.quietSince && now - one.since >= kLate) {
                one.quietSince = now;
                one.strays = one.ports->strays.value();
            }
    }
}

void RestingPorts::dismissAll()
{
    for (auto& [addresses, queue] : m_queues)
        while (!queue.empty())
            m_surplus.push_back(takeFirst(queue));
}

} // namespace sr::relay
