// SPDX-License-Identifier: GPL-3.0-or-later
// Round the range from where the last call got its ports.
#include "core/relay/port_pool.h"

#include <algorithm>
#include <array>

namespace sr::relay {
namespace {

/// Of a socket. More than the system keeps for it by default, so that what is left then comes from a flood.
constexpr int kMostWaiting = 1024;

constexpr std::size_t kMostResting = 2048; ///< pairs; chosen: a second of 1,000 calls

/// Nothing waits there.
bool isSilent(UdpSocket& socket)
{
    std::array<std::byte, 1> ignored{};
    SocketAddress from;
    return socket.receive(ignored, from) < 0;
}

/// False: somebody sends there faster than we read.
bool isEmptied(UdpSocket& socket)
{
    for (int i = 0; i < kMostWaiting; ++i)
        if (isSilent(socket))
            return true;
    return false;
}

} // namespace

/// A quarter of the sockets and files that this program may have open; the rest is for calls.
std::size_t PortPool::usualResting()
{
    return std::min(kMostResting, UdpSocket::mostOpen() / 8);
}

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

Result<PortPair> PortPool::bindNext(Range& range, const IpAddress& address) const
{
    range.taken.resize(m_pairs);
    for (std::size_t tried = 0; tried < m_pairs; ++tried) {
        const std::size_t pair = range.next;
        range.next = (range.next + 1) % m_pairs;
        if (range.taken[pair])
            continue;
        auto bound = bindAt(address, pair);
        if (!bound && bound.error().code == RelayErrc::PortTaken)
            continue;
        if (bound)
            range.taken[pair] = true;
        return bound;
    }
    return fail(RelayErrc::NoPorts, "media ports of " + address.toString());
}

/// The one that rests longest, where nobody sends any more.
std::optional<PortPair> PortPool::takeRested(Range& range, TimePoint now) const
{
    const auto mayServe = [&](const Resting& one) {
        return now - one.since >= kRest && one.emptied && now - *one.emptied >= kLate;
    };
    while (range.resting.size() > m_resting.fewest && mayServe(range.resting.front())) {
        PortPair pair = std::move(range.resting.front().pair);
        range.resting.pop_front();
        if (isSilent(pair.rtp) && isSilent(pair.rtcp))
            return pair;
        free(range, pair.local);
    }
    return std::nullopt;
}

/// Who finds no other pair, or no further socket in this system, cuts a rest short.
Result<PortPair> PortPool::takeFrom(Range& range, const IpAddress& address, TimePoint now) const
{
    if (auto rested = takeRested(range, now))
        return std::move(*rested);
    auto fresh = bindNext(range, address);
    if (fresh || range.resting.empty())
        return fresh;
    while (!range.resting.empty()) {
        PortPair pair = std::move(range.resting.front().pair);
        range.resting.pop_front();
        if (isEmptied(pair.rtp) && isEmptied(pair.rtcp))
            return pair;
        free(range, pair.local);
    }
    return bindNext(range, address);
}

Result<PortPair> PortPool::take(const IpAddress& address, TimePoint now)
{
    Range& range = m_ranges[address];
    auto pair = takeFrom(range, address, now);
    if (pair)
        ++range.ofCalls;
    return pair;
}

bool PortPool::isAmple() const
{
    return std::ranges::all_of(m_ranges,
                               [&](const auto& entry) { return 2 * entry.second.ofCalls < m_pairs; });
}

void PortPool::free(Range& range, const Endpoint& local) const
{
    range.taken[(local.port - m_first) / 2] = false;
}

void PortPool::giveBack(const Endpoint& local)
{
    Range& range = m_ranges[local.address];
    --range.ofCalls;
    free(range, local);
}

void PortPool::rest(PortPair pair, TimePoint now)
{
    Range& range = m_ranges[pair.local.address];
    --range.ofCalls;
    range.resting.push_back({std::move(pair), now});
    if (range.resting.size() > m_resting.most)
        closeOldest(range);
}

void PortPool::closeRested(TimePoint now)
{
    for (auto& [address, range] : m_ranges) {
        while (!range.resting.empty() && now - range.resting.front().since >= kMostRest)
            closeOldest(range);
        for (Resting& one : range.resting)
            if (!one.emptied && now - one.since >= kLate && isEmptied(one.pair.rtp) &&
                isEmptied(one.pair.rtcp))
                one.emptied = now;
    }
}

void PortPool::closeOldest(Range& range) const
{
    free(range, range.resting.front().pair.local);
    range.resting.pop_front();
}

} // namespace sr::relay
