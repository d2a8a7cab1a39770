// SPDX-License-Identifier: GPL-3.0-or-later
// The packet path. Everything here is paid for at each packet.
#include "core/relay/wire.h"

#include "core/base/private_address.h"
#include "core/relay/connectivity_check.h"
#include "core/rtp/packet.h"
#include "core/rtp/rtcp.h"

#include <algorithm>

namespace sr::relay {
namespace {

constexpr std::size_t kLeastRtcp = 8; // header and SSRC (RFC 3550 §6.4.2)
constexpr std::uint16_t kNotYet = 9;  // the port of an address that ICE has yet to find (RFC 8840 §4.1.1)
constexpr std::byte kFirstDtls{20};   // by the first octet (RFC 7983 §7)
constexpr std::byte kLastDtls{63};
constexpr std::byte kFirstRtp{128};
constexpr std::size_t kMostDtls = DtlsHandshake::kMostDatagram;
constexpr std::chrono::milliseconds kYields{500}; // to a device that pauses for breath; chosen
constexpr std::uint8_t kComfortNoise = 13;        // RFC 3389 §4
const SocketAddress kNowhere;

Side otherThan(Side side)
{
    return side == Side::Caller ? Side::Callee : Side::Caller;
}

Endpoint rtcpOf(const Peer& peer)
{
    if (peer.rtcp.port != 0)
        return peer.rtcp;
    return {peer.rtp.address, static_cast<std::uint16_t>(peer.rtp.port + 1)};
}

bool canBeSentTo(const Endpoint& endpoint)
{
    return endpoint.port != 0 && !endpoint.address.isUnspecified();
}

bool isOpen(const Peer& peer)
{
    return canBeSentTo(peer.rtp) || (peer.ice && peer.rtp.port == kNotYet);
}

/// With ICE the signalled address is nothing that media goes by.
bool hasMoved(const Peer& before, const Peer& now)
{
    if (before.device != now.device || before.ice.has_value() != now.ice.has_value())
        return true;
    return !now.ice && (before.rtp != now.rtp || before.rtcp != now.rtcp);
}

} // namespace

Result<PeerPlan> PeerPlan::of(const Peer& peer, const std::optional<Peer>& before)
{
    PeerPlan plan;
    plan.peer = peer;
    plan.rtcpMux = peer.rtcpMux;
    plan.hasIce = peer.ice.has_value();
    plan.hasDtls = peer.dtls.has_value();
    plan.moved = !before || hasMoved(*before, peer);
    if (isOpen(peer))
        plan.rtp = SocketAddress::of(peer.rtp);
    if (plan.rtp && canBeSentTo(rtcpOf(peer)))
        plan.rtcp = SocketAddress::of(rtcpOf(peer));
    plan.sameSends = before && peer.sends && before->sends == peer.sends;
    plan.sameExpects = before && peer.expects && before->expects == peer.expects;
    plan.sameDtls = before && peer.dtls && before->dtls == peer.dtls && before->device == peer.device;
    if (peer.sends && !plan.sameSends) {
        // By a transfer, or from media past us, it comes with a count that has run on elsewhere.
        auto receiver = rtp::SrtpReceiver::open(*peer.sends, rtp::SrtpReceiver::Joins::Later);
        if (!receiver)
            return receiver.error();
        plan.receiver = std::move(*receiver);
    }
    if (peer.expects && !plan.sameExpects) {
        auto sender = rtp::SrtpSender::open(*peer.expects);
        if (!sender)
            return sender.error();
        plan.sender = std::move(*sender);
    }
    return plan;
}

Wire::Wire(std::unique_ptr<BridgePorts> ports)
    : m_ports(std::move(ports))
{}

void Wire::setTap(std::optional<std::uint64_t> tag) noexcept
{
    if (tag)
        m_tag.store(*tag, std::memory_order_relaxed);
    m_tapped.store(tag.has_value(), std::memory_order_release);
}

void Wire::setKeys(std::uint64_t tag, Side from, std::uint32_t types) noexcept
{
    m_tag.store(tag, std::memory_order_relaxed);
    m_keys[static_cast<std::size_t>(from)].store(types, std::memory_order_relaxed);
}

SideState Wire::state(Side side) const noexcept
{
    const Leg& from = leg(side);
    const std::chrono::steady_clock::duration last(from.lastPacket.load(std::memory_order_relaxed));
    return {.packets = from.packets.value(),
            .octets = from.octets.value(),
            .rtcp = from.rtcpPackets.value(),
            .checks = from.checks.value(),
            .refused = from.refused.value(),
            .unsent = from.unsent.value(),
            .substituted = from.substituted.value(),
            .lastPacket = std::chrono::steady_clock::time_point(last),
            .handshake = from.handshake.load(std::memory_order_relaxed),
            .source = from.source.load()};
}

void Wire::exchangePlan(Side side, std::optional<PeerPlan>& plan) noexcept
{
    Leg& target = leg(side);
    target.plan.swap(plan);
    if (plan && target.plan->sameSends)
        target.plan->receiver.swap(plan->receiver);
    if (plan && target.plan->sameExpects)
        target.plan->sender.swap(plan->sender);
    if (plan && target.plan->sameDtls) {
        target.plan->receiver.swap(plan->receiver);
        target.plan->sender.swap(plan->sender);
        target.plan->rtcpReceiver.swap(plan->rtcpReceiver);
        target.plan->rtcpSender.swap(plan->rtcpSender);
    } else {
        target.dtls = {};
        target.handshake.store(target.plan->peer.dtls ? Handshake::UnderWay : Handshake::None,
                               std::memory_order_relaxed);
    }
    if (!target.plan->moved)
        return;
    if (target.plan->peer.rtp == target.barred)
        target.barred = {};
    target.rtp = {};
    target.rtcp = {};
    target.pressed = {};
    target.checked = {};
    target.source.store({});
}

void Wire::take(const Inlet& inlet, ByteView datagram, const SocketAddress& from, const Desk& desk) noexcept
{
    Leg& sender = leg(inlet.side);
    bool taken = false;
    if (!sender.plan)
        taken = false;
    else if (sender.isBarred(from))
        taken = false;
    else if (sender.isSubstitute(inlet, from))
        taken = takeSubstitute(sender, inlet.side, datagram, desk);
    else if (rtp::isRtcp(datagram))
        taken = takeRtcp(sender, inlet, datagram, from);
    else if (!datagram.empty() && datagram[0] < kFirstRtp)
        taken = takeOther(sender, inlet, datagram, from, desk);
    else
        taken = takeRtp(sender, inlet, datagram, from, desk);
    if (!taken)
        sender.refused.add(1);
}

bool Wire::takeRtp(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                   const Desk& desk) noexcept
{
    const Endpoint source = from.endpoint();
    if (inlet.rtcp || !leg.knowsRtp(source))
        return false;
    const auto clear = opened(*leg.plan, leg.plan->receiver.get(), &rtp::SrtpReceiver::unprotect, datagram);
    if (!clear)
        return false;
    const auto packet = rtp::parsePacket(*clear);
    if (!packet)
        return false;
    if (!leg.hasIce() && leg.rtp.endpoint != source)
        settle(leg, source, from);
    leg.packets.add(1);
    leg.octets.add(datagram.size());
    leg.lastPacket.store(desk.now.time_since_epoch().count(), std::memory_order_relaxed);
    if (leg.substitute && !leg.isHeard(packet->payloadType, desk.now)) {
        ++leg.skipped;
        return true;
    }
    const ByteView event = leg.pressed.inPlaceOf(*packet);
    const ByteView heard = event.empty() ? *clear : event;
    tap(leg.skipped, inlet.side, heard, desk);
    if (!forward(otherThan(inlet.side), false, heard))
        leg.unsent.add(1);
    return true;
}

void Wire::setSubstitute(Side side, const std::optional<Substitute>& substitute) noexcept
{
    Leg& target = leg(side);
    if (target.substitute)
        target.barred = target.substitute->source;
    if (substitute && substitute->source == target.barred)
        target.barred = {};
    target.substitute = substitute;
    target.spokeAt = {};
}

/// A former substitute, of which packets may be on their way: none of them may settle the device's source.
bool Wire::Leg::isBarred(const SocketAddress& from) const noexcept
{
    return barred.port != 0 && from.endpoint() == barred;
}

bool Wire::Leg::isSubstitute(const Inlet& inlet, const SocketAddress& from) const noexcept
{
    return substitute && !inlet.rtcp && from.endpoint() == substitute->source;
}

/// Of a device that has a substitute: whether its packet goes on. Comfort noise says that nothing is said.
bool Wire::Leg::isHeard(std::uint8_t payloadType, std::chrono::steady_clock::time_point now) noexcept
{
    if (!substitute->yields || payloadType == kComfortNoise)
        return false;
    spokeAt = now;
    return true;
}

bool Wire::takeSubstitute(Leg& leg, Side side, ByteView datagram, const Desk& desk) noexcept
{
    if (!rtp::parsePacket(datagram))
        return false;
    if (leg.spokeAt != std::chrono::steady_clock::time_point() && desk.now - leg.spokeAt < kYields) {
        ++leg.substituteSkipped;
        return true;
    }
    leg.substituted.add(1);
    tap(leg.substituteSkipped, side, datagram, desk);
    if (!forward(otherThan(side), false, datagram))
        leg.unsent.add(1);
    return true;
}

bool Wire::takeRtcp(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from) noexcept
{
    const Endpoint source = from.endpoint();
    if (datagram.size() < kLeastRtcp || !leg.knowsRtcp(inlet, source))
        return false;
    const bool isApart = inlet.rtcp && leg.plan->hasDtls;
    const auto& receiver = isApart ? leg.plan->rtcpReceiver : leg.plan->receiver;
    const auto clear = opened(*leg.plan, receiver.get(), &rtp::SrtpReceiver::unprotectRtcp, datagram);
    if (!clear)
        return false;
    if (inlet.rtcp && !leg.rtcp && !leg.hasIce())
        leg.rtcp = {source, from};
    leg.rtcpPackets.add(1);
    if (!forward(otherThan(inlet.side), true, *clear))
        leg.unsent.add(1);
    return true;
}

/// What is no media: connectivity checks and handshakes. ChannelData of a TURN server (64 to 79) is for who
/// has an address there: we have not.
bool Wire::takeOther(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                     const Desk& desk) noexcept
{
    if (datagram[0] < kFirstDtls)
        return takeCheck(leg, inlet, datagram, from, desk);
    return datagram[0] <= kLastDtls && takeDtls(leg, inlet, datagram, from, desk);
}

/// Answers a device's connectivity check and goes by it. Other STUN is not asked for.
bool Wire::takeCheck(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                     const Desk& desk) noexcept
{
    if (!leg.hasIce() || !stun::mayBeStun(datagram))
        return false;
    const auto message = stun::parse(datagram);
    if (!message || message->kind == stun::Class::Indication)
        return static_cast<bool>(message); // an indication keeps the way through a NAT open (RFC 8445 §11)
    if (message->kind != stun::Class::Request)
        return false;
    const Endpoint source = from.endpoint();
    const auto answer = answerCheck(*message, *leg.plan->peer.ice, source);
    if (!answer)
        return false;
    (void)socket(inlet.side, inlet.rtcp).send(answer->message.datagram(), from); // it asks again
    if (!answer->isValid)
        return false;
    leg.checks.add(1);
    leg.checked[inlet.rtcp ? 1 : 0].add(source);
    if (!answer->nominates)
        return true;
    (inlet.rtcp ? leg.rtcp : leg.rtp) = {source, from};
    if (!inlet.rtcp)
        leg.source.store(source);
    if (const auto association = leg.plan->associations[inlet.rtcp ? 1 : 0]; association != 0)
        (void)desk.handshakes.put(association, {});
    return true;
}

/// Hands a datagram on to the thread of handshakes.
bool Wire::takeDtls(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                    const Desk& desk) noexcept
{
    const std::uint64_t association = leg.plan->associations[inlet.rtcp ? 1 : 0];
    const Endpoint source = from.endpoint();
    if (association == 0 || datagram.size() > kMostDtls || !leg.knowsDtls(inlet.rtcp, source))
        return false;
    if (!leg.hasIce())
        leg.dtls[inlet.rtcp ? 1 : 0] = {source, from};
    return desk.handshakes.put(association, datagram);
}

void Wire::takeResult(Side side, DtlsResult& result) noexcept
{
    Leg& target = leg(side);
    const std::size_t which = result.rtcp ? 1 : 0;
    if (!target.plan || target.plan->associations[which] != result.association)
        return;
    if (!result.datagram.empty()) {
        if (const SocketAddress& address = target.dtlsTarget(result.rtcp))
            (void)socket(side, result.rtcp).send(result.datagram, address); // or it is sent again
        return;
    }
    const bool isKeyed = result.receiver != nullptr;
    if (isKeyed) {
        (result.rtcp ? target.plan->rtcpReceiver : target.plan->receiver).swap(result.receiver);
        (result.rtcp ? target.plan->rtcpSender : target.plan->sender).swap(result.sender);
    } else {
        target.dtls[which] = {}; // it was not the device, or another attempt may come from elsewhere
    }
    if (!result.rtcp && (isKeyed || result.isOver))
        target.handshake.store(isKeyed ? Handshake::Done : Handshake::Failed, std::memory_order_relaxed);
}

/// Who begins is heard until it turns out not to be the device; the signalled address may always begin.
bool Wire::Leg::knowsDtls(bool ofReports, const Endpoint& from) const noexcept
{
    if (hasIce())
        return checked[ofReports ? 1 : 0].has(from);
    const Source& settled = ofReports ? rtcp : rtp;
    if (settled)
        return settled.endpoint == from;
    const Source& beginner = dtls[ofReports ? 1 : 0];
    return !beginner || beginner.endpoint == from ||
           (ofReports ? rtcpOf(plan->peer) : plan->peer.rtp) == from;
}

const SocketAddress& Wire::Leg::dtlsTarget(bool ofReports) const noexcept
{
    const Source& beginner = dtls[ofReports ? 1 : 0];
    if (!hasIce() && beginner)
        return beginner.address;
    return ofReports ? rtcpTarget() : rtpTarget();
}

bool Wire::Checked::has(const Endpoint& source) const noexcept
{
    return source.port != 0 && std::ranges::find(m_sources, source) != m_sources.end();
}

void Wire::Checked::add(const Endpoint& source) noexcept
{
    if (has(source))
        return;
    m_sources[m_next] = source;
    m_next = (m_next + 1) % m_sources.size();
}

/// The source of RTP is settled, by the first packet or by the signalled address in a stranger's place. RTCP
/// that was there before it from elsewhere was a stranger's.
void Wire::settle(Leg& leg, const Endpoint& source, const SocketAddress& from) noexcept
{
    const bool takesOver = static_cast<bool>(leg.rtp);
    leg.rtp = {source, from};
    leg.source.store(source);
    if (leg.rtcp && (takesOver || leg.rtcp.endpoint.address != source.address))
        leg.rtcp = {};
}

bool Wire::Leg::knowsRtp(const Endpoint& from) const noexcept
{
    if (hasIce())
        return checked[0].has(from);
    return !rtp || rtp.endpoint == from || mayTakeOver(from);
}

/// Who is behind a NAT signals an address that somebody near us may have, too.
bool Wire::Leg::mayTakeOver(const Endpoint& from) const noexcept
{
    return plan->peer.rtp == from && (isPrivate(rtp.endpoint.address) || !isPrivate(from.address));
}

/// RTCP beside RTP has its source (RFC 5761 §4: one 5-tuple for both); on a port of its own it settles a
/// source of its own.
bool Wire::Leg::knowsRtcp(const Inlet& inlet, const Endpoint& from) const noexcept
{
    if (hasIce())
        return checked[inlet.rtcp ? 1 : 0].has(from);
    if (!inlet.rtcp)
        return !rtp || rtp.endpoint == from;
    if (rtcp)
        return rtcp.endpoint == from;
    return !rtp || rtp.endpoint.address == from.address || rtcpOf(plan->peer) == from;
}

const SocketAddress& Wire::Leg::rtpTarget() const noexcept
{
    if (plan->rtp && rtp)
        return rtp.address;
    return hasIce() ? kNowhere : plan->rtp;
}

const SocketAddress& Wire::Leg::rtcpTarget() const noexcept
{
    if (plan->rtp && rtcp)
        return rtcp.address;
    return hasIce() ? kNowhere : plan->rtcp;
}

std::optional<ByteView> Wire::opened(const PeerPlan& plan, rtp::SrtpReceiver* receiver, Unprotect unprotect,
                                     ByteView datagram)
{
    if (receiver == nullptr)
        return plan.hasDtls ? std::nullopt : std::optional(datagram);
    const auto clear = (*receiver.*unprotect)(datagram);
    return clear ? std::optional(*clear) : std::nullopt;
}

bool Wire::forward(Side to, bool rtcp, ByteView clear)
{
    const Leg& target = leg(to);
    if (!target.plan)
        return false;
    const bool ownPort = rtcp && !target.plan->rtcpMux;
    const SocketAddress& address = ownPort ? target.rtcpTarget() : target.rtpTarget();
    if (!address)
        return false;
    const bool isApart = ownPort && target.plan->hasDtls;
    rtp::SrtpSender* const sender = (isApart ? target.plan->rtcpSender : target.plan->sender).get();
    if (sender == nullptr)
        return !target.plan->hasDtls && socket(to, ownPort).send(clear, address);
    const auto sealed = rtcp ? sender->protectRtcp(clear) : sender->protect(clear);
    return sealed && socket(to, ownPort).send(*sealed, address);
}

bool Wire::isKey(Side from, ByteView datagram) const noexcept
{
    const unsigned type = std::to_integer<unsigned>(datagram[1]) & 0x7FU; // RFC 3550 §5.1
    const std::uint32_t keys = m_keys[static_cast<std::size_t>(from)].load(std::memory_order_relaxed);
    return type >= kFirstDynamicType && (keys >> (type - kFirstDynamicType) & 1U) != 0;
}

/// A key that was pressed without a tap does not come into one by the repeats of its end.
bool Wire::isOfTheTap(Side from, ByteView datagram, bool key) noexcept
{
    const bool tapped = m_tapped.load(std::memory_order_acquire);
    if (!key)
        return tapped;
    auto& untapped = m_untappedKeys[static_cast<std::size_t>(from)];
    const auto time = loadBe<std::uint32_t>(datagram.data() + 4); // RFC 3550 §5.1
    if (!tapped)
        untapped = time;
    return tapped && untapped != time;
}

/// `skipped`: of those that have this sender. Keys are heard while nothing is recorded.
void Wire::tap(std::uint16_t& skipped, Side from, ByteView datagram, const Desk& desk) noexcept
{
    const bool key = isKey(from, datagram);
    const bool tapped = isOfTheTap(from, datagram, key);
    if (!tapped)
        ++skipped;
    if (!tapped && !key)
        return;
    const std::uint32_t bits = (key ? kKeyBit : 0U) | (tapped ? 0U : kUntappedBit);
    const TapRing::Label label{.tag = m_tag.load(std::memory_order_relaxed),
                               .time = desk.utc,
                               .from = static_cast<std::uint32_t>(from) | bits |
                                       static_cast<std::uint32_t>(skipped) << kSkippedShift};
    (void)desk.tap.put(label, datagram); // the ring counts what it loses
}

} // namespace sr::relay
