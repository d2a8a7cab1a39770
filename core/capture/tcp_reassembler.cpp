// SPDX-License-Identifier: GPL-3.0-or-later
// TCP stream reassembly (RFC 9293 §3.4) as an observer does it: no acknowledgements, holes are skipped.
#include "core/capture/tcp_reassembler.h"

namespace sr::capture {
namespace {

// A step this far is not a window but another connection, or a sender that started anew.
constexpr std::int64_t kWildStep = 4 * 1024 * 1024;
// Octets without a SIP message after which a flow is given up: joined in the middle of a message it may
// take a while, after good messages it may be a body without length.
constexpr std::uint64_t kPatienceMidstream = 16 * 1024;
constexpr std::uint64_t kPatienceAfterSip = 2 * SipFramer::kMaxBodyBytes;
constexpr std::uint64_t kPositionBase = std::uint64_t{1} << 40; // positions never step below zero

} // namespace

bool TcpReassembler::take(const TcpSegment& segment)
{
    const Key key{segment.from, segment.to};
    auto found = m_index.find(key);
    if (found == m_index.end()) {
        if (segment.payload.empty() && !segment.syn)
            return true; // a bare acknowledgement says nothing of the stream
        if (m_flows.size() >= kMaxFlows)
            evictOldest();
        m_flows.push_back({});
        Flow& flow = m_flows.back();
        flow.key = key;
        found = m_index.emplace(key, std::prev(m_flows.end())).first;
        restart(flow, segment.sequence + (segment.syn ? 1 : 0), segment.syn);
    }
    Flow& flow = *found->second;
    std::uint32_t sequence = segment.sequence;
    if (segment.syn) {
        ++sequence; // the SYN takes a number
        const bool repeated = flow.fromStart && flow.first == sequence;
        if (!repeated)
            restart(flow, sequence, true);
    }
    if (!flow.follow)
        return false;
    if (segment.payload.empty())
        return true;
    m_flows.splice(m_flows.end(), m_flows, found->second);
    const bool interesting = accept(flow, segment, sequence);
    while (m_bytes > kMaxBytes && m_flows.size() > 1)
        evictOldest(); // the flow in hand is the youngest
    if (m_gaps > 0)
        skipOldGaps(segment.time);
    return interesting;
}

bool TcpReassembler::accept(Flow& flow, const TcpSegment& segment, std::uint32_t sequence)
{
    ByteView bytes = segment.payload;
    // The signed difference of 32-bit numbers carries over the wrap.
    const std::int64_t step = static_cast<std::int32_t>(sequence - static_cast<std::uint32_t>(flow.next));
    if (step > kWildStep || step < -kWildStep) {
        restart(flow, sequence, false);
    } else if (step < 0) {
        if (static_cast<std::size_t>(-step) >= bytes.size())
            return true; // repeated or keep-alive
        bytes = bytes.subspan(static_cast<std::size_t>(-step));
    } else if (step > 0) {
        storeAhead(flow, segment.time, flow.next + static_cast<std::uint64_t>(step), bytes);
        recount(flow);
        return flow.follow != nullptr;
    }
    deliver(flow, segment.time, bytes);
    if (flow.follow)
        drain(flow, segment.time);
    recount(flow);
    return flow.follow != nullptr;
}

void TcpReassembler::deliver(Flow& flow, UtcTime time, ByteView bytes)
{
    flow.next += bytes.size();
    SipFramer& framer = flow.follow->framer;
    framer.push(bytes);
    while (const auto message = framer.next())
        m_sink->take({time, flow.key.from, flow.key.to, *message, true});
    judge(flow);
}

void TcpReassembler::judge(Flow& flow)
{
    const SipFramer& framer = flow.follow->framer;
    const std::uint64_t patience = framer.messages() > 0          ? kPatienceAfterSip
                                   : flow.fromStart && !flow.torn ? 0
                                                                  : kPatienceMidstream;
    if (framer.garbage() <= patience)
        return;
    m_bytes -= flow.follow->counted;
    m_gaps -= flow.follow->ahead.empty() ? 0 : 1;
    flow.follow.reset();
}

/// What waited behind a gap that is now closed.
void TcpReassembler::drain(Flow& flow, UtcTime time)
{
    while (flow.follow && !flow.follow->ahead.empty() && flow.follow->ahead.begin()->first <= flow.next) {
        auto node = flow.follow->ahead.extract(flow.follow->ahead.begin());
        const Bytes& bytes = node.mapped();
        flow.follow->aheadBytes -= bytes.size();
        flow.follow->gapSince = time;
        m_gaps -= flow.follow->ahead.empty() ? 1 : 0;
        const std::uint64_t known = flow.next - node.key();
        if (known < bytes.size())
            deliver(flow, time, ByteView(bytes).subspan(static_cast<std::size_t>(known)));
    }
}

void TcpReassembler::skipGap(Flow& flow, UtcTime time)
{
    flow.follow->framer.gap();
    flow.torn = true;
    flow.next = flow.follow->ahead.begin()->first;
    drain(flow, time);
    recount(flow);
}

void TcpReassembler::storeAhead(Flow& flow, UtcTime time, std::uint64_t at, ByteView bytes)
{
    Follow& follow = *flow.follow;
    if (follow.ahead.empty()) {
        ++m_gaps;
        follow.gapSince = time;
    }
    auto& slot = follow.ahead[at];
    if (bytes.size() > slot.size()) {
        follow.aheadBytes += bytes.size() - slot.size();
        slot.insert(slot.end(), bytes.begin() + static_cast<std::ptrdiff_t>(slot.size()), bytes.end());
    }
    while (flow.follow && !flow.follow->ahead.empty() &&
           (flow.follow->aheadBytes > kMaxAhead || flow.follow->ahead.size() > kMaxAheadSegments))
        skipGap(flow, time);
}

void TcpReassembler::restart(Flow& flow, std::uint32_t sequence, bool fromStart)
{
    if (flow.follow) {
        m_bytes -= flow.follow->counted;
        m_gaps -= flow.follow->ahead.empty() ? 0 : 1;
    }
    flow.follow = std::make_unique<Follow>();
    flow.next = kPositionBase + sequence;
    flow.first = sequence;
    flow.torn = false;
    flow.fromStart = fromStart;
}

void TcpReassembler::recount(Flow& flow)
{
    if (!flow.follow)
        return;
    m_bytes -= flow.follow->counted;
    flow.follow->counted = flow.follow->framer.held() + flow.follow->aheadBytes;
    m_bytes += flow.follow->counted;
}

void TcpReassembler::evictOldest()
{
    Flow& oldest = m_flows.front();
    if (oldest.follow) {
        m_bytes -= oldest.follow->counted;
        m_gaps -= oldest.follow->ahead.empty() ? 0 : 1;
    }
    m_index.erase(oldest.key);
    m_flows.pop_front();
}

void TcpReassembler::skipOldGaps(UtcTime now)
{
    if (now - m_lastSweep < kMaxWait / 2 && now >= m_lastSweep)
        return;
    m_lastSweep = now;
    for (Flow& flow : m_flows) {
        if (m_gaps == 0)
            break;
        while (flow.follow && !flow.follow->ahead.empty() &&
               (now - flow.follow->gapSince > kMaxWait || now < flow.follow->gapSince))
            skipGap(flow, now);
    }
}

void TcpReassembler::finish()
{
    for (Flow& flow : m_flows) {
        while (flow.follow && !flow.follow->ahead.empty())
            skipGap(flow, flow.follow->gapSince);
    }
    m_flows.clear();
    m_index.clear();
    m_bytes = 0;
    m_gaps = 0;
}

} // namespace sr::capture
