// SPDX-License-Identifier: GPL-3.0-or-later
// Round the range from where the last call got its ports.
#include "core/relay/port_pool.h"

#include <algorithm>

namespace sr::relay {

Result<PortPair> PortPool::bindAt(const IpAddress& address, std::size_t pair) const
{
    PortPair out;
    out.local = {address, static_cast<std::uint16_t>(m_first + 2 * pair)};
    auto rtp = UdpSocket::bind(out.local);
    if (!rtp)
        return rtp.error();
    auto rtcp = UdpSocket::bind({address, static_cast<std::uint16_t>(out.local.port + 1)});
    if (!rtcp)
        return rtcp.error();
    out.rtp = std::move(*rtp);
    out.rtcp = std::move(*rtcp);
    return out;
}

Result<PortPair> PortPool::take(const IpAddress& address)
{
    Range& range = m_ranges[address];
    range.taken.resize(m_pairs);
    for (std::size_t tried = 0; tried < m_pairs; ++tried) {
        const std::size_t pair = range.next;
        range.next = (range.next + 1) % m_pairs;
        if (range.taken[pair])
            continue;
        auto bound = bindAt(address, pair);
        if (!bound && bound.error().code == RelayErrc::PortTaken)
            continue;
        if (bound) {
            range.taken[pair] = true;
            ++range.count;
        }
        return bound;
    }
    return fail(RelayErrc::NoPorts, "media ports of " + address.toString());
}

void PortPool::giveBack(const Endpoint& local)
{
    Range& range = m_ranges[local.address];
    range.taken[(local.port - m_first) / 2] = false;
    --range.count;
}

bool PortPool::isAmple() const
{
    return std::ranges::all_of(m_ranges,
                               [&](const auto& entry) { return 4 * entry.second.count <= 3 * m_pairs; });
}

} // namespace sr::relay
