// SPDX-License-Identifier: GPL-3.0-or-later
// Which way media goes: through our relay, or past the exchange where both sides may, nobody records it and
// each is found where it says that it is.
#include "core/pbx/call_leg.h"
#include "core/pbx/local_dialer.h"
#include "core/sip/host_text.h"

#include <algorithm>

namespace sr::pbx {
namespace {

/// A device behind a NAT names an address that others cannot use.
bool isPlain(const Binding& at)
{
    const auto named = sip::endpointOfUri(at.contact.uri);
    return named && named->address == at.source.address.address;
}

} // namespace

/// Of who talks; until the answer of all who may.
bool Call::mayPassBy() const
{
    const auto passes = [](const CallParty& party, const sip::Source& at) {
        return party.passesBy && !isSwitched(party.record) && at != LocalDialer::source();
    };
    const auto rings = [&](const CalledDevice& one) { return passes(one.owner, one.at.source); };
    if (m_transcript || isArchived() || mayBeWanted() || !passes(m_plan.caller, m_caller->device))
        return false;
    if (m_callee)
        return passes(m_plan.callee.party, m_callee->device);
    return std::ranges::all_of(m_plan.callee.devices, rings) &&
           std::ranges::all_of(m_plan.callee.spare, rings);
}

/// Whether `from` and those whom it offers that to find each other without us.
bool Call::findsOther(Side from, const sdp::Media& offered) const
{
    if (offered.wantsChecks())
        return true; // by ICE, peer to peer
    const IpAddress& named = offered.rtp.address;
    if (named != legOf(from)->device.address.address)
        return false;
    const auto reaches = [&](const sip::Source& other) {
        return other.address.address.isV4() == named.isV4();
    };
    if (from == Side::Callee) {
        const auto theirs = sdp::audioOf(described(Side::Caller));
        const sip::Source& caller = m_caller->device;
        return theirs && theirs->rtp.address == caller.address.address && reaches(caller);
    }
    const auto isFound = [&](const Binding& at) { return isPlain(at) && reaches(at.source); };
    const auto rings = [&](const CalledDevice& one) { return isFound(one.at); };
    const Destination& callee = m_plan.callee;
    return m_callee ? isFound(m_callee->called.at)
                    : std::ranges::all_of(callee.devices, rings) && std::ranges::all_of(callee.spare, rings);
}

/// Music for who is on hold is ours, and comes through the relay.
bool Call::waits(Side side, const sdp::Media& offered) const
{
    if (offered.isOnHold())
        return true;
    if (m_state != State::Connected)
        return false;
    const auto other = sdp::audioOf(described(otherSide(side)));
    return other && other->isOnHold();
}

/// As CallMedia::passOffer(); every offer within the call comes this way.
Result<std::string> Call::passOffer(Side from, const std::string& offer)
{
    const auto audio = sdp::audioOf(offer);
    m_media->setDirect(audio && !m_staysHere && mayPassBy() && !waits(from, *audio) &&
                       findsOther(from, *audio));
    const auto isClear = [](const CalledDevice& one) { return !one.owner.srtp; };
    if (m_state == State::Calling && !m_callee && std::ranges::any_of(m_plan.callee.devices, isClear))
        m_media->setTerms(Side::Callee, {});
    return m_media->passOffer(from, offer);
}

/// Where two devices have no common ground with each other they may have it with us.
bool Call::retryThroughRelay(Leg& leg)
{
    if (!m_media->isDirect() || std::exchange(m_staysHere, true))
        return false;
    const auto offer = passOffer(Side::Caller, m_request.sdp);
    auto again = offer ? ring(leg.called, leg.side(), *offer) : nullptr;
    if (again == nullptr)
        return false;
    m_ringing.front() = std::move(again);
    return true;
}

} // namespace sr::pbx
