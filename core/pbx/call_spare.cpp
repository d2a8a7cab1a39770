// SPDX-License-Identifier: GPL-3.0-or-later
// What is tried before a caller or transfer is refused: the other protection, the next account or trunk.
#include "core/pbx/call_transfer.h"
#include "core/pbx/q850.h"
#include "core/pbx/service_uri.h"

#include <algorithm>

namespace sr::pbx {
namespace {

/// The device cannot do what it was offered, perhaps for its protection alone.
bool refusesMedia(int status)
{
    return status == 406 || status == 415 || status == 488 || status == 606;
}

/// Keys by DTLS come last, and with ICE: who insists on the one mostly does on the other (RFC 8827 §6.5).
std::optional<CallMedia::Terms> termsBeside(const std::vector<Protection>& refused)
{
    for (const Protection next : {Protection::None, Protection::Sdes, Protection::Dtls})
        if (std::ranges::find(refused, next) == refused.end())
            return CallMedia::Terms{next, next == Protection::Dtls};
    return std::nullopt;
}

} // namespace

/// Phones refuse SRTP, or anything but SRTP, with the same words as a codec that they do not have. The only
/// device that rings is called anew with the next protection, and told what `offerer` offers; null: it has
/// refused all of them, or for another reason.
std::unique_ptr<Call::Leg> Call::ringOtherwise(const Leg& leg, int status, CallMedia& media, Side offerer,
                                               const std::string& sdp)
{
    const Side asked = otherSide(offerer);
    std::vector<Protection> refused = leg.refused;
    refused.push_back(media.terms(asked).protection);
    const auto next = termsBeside(refused);
    const bool isOurs = isServiceUri(leg.called.at.contact.uri); // phones of ours speak no DTLS
    if (!refusesMedia(status) || sdp.empty() || !next || (isOurs && next->protection == Protection::Dtls))
        return nullptr;
    if (!leg.called.owner.srtp && next->protection != Protection::None)
        return nullptr;
    media.setTerms(asked, *next);
    const auto offer = media.passOffer(offerer, sdp);
    auto again = offer ? ring(leg.called, leg.side(), *offer) : nullptr;
    if (again != nullptr)
        again->refused = std::move(refused);
    return again;
}

bool Call::retryOtherProtection(Leg& leg, int status)
{
    if (m_ringing.size() != 1)
        return false;
    if (refusesMedia(status) && !m_request.sdp.empty() && retryThroughRelay(leg))
        return true;
    auto again = ringOtherwise(leg, status, *m_media, Side::Caller, m_request.sdp);
    if (again == nullptr)
        return false;
    m_ringing.front() = std::move(again);
    return true;
}

/// A trunk that does not answer, or not to us.
bool Call::isDeadWay(const Leg& leg, int status)
{
    return leg.called.exit && (status == 401 || status == 407 || status == 408);
}

/// `status`: why the way before is none. False: there is no other.
bool Call::ringSpare(int status)
{
    std::vector<CalledDevice>& spare = m_plan.callee.spare;
    while (!spare.empty()) {
        const CalledDevice device = std::move(spare.front());
        spare.erase(spare.begin());
        m_plan.callee.devices = {device};
        m_media->reset(Side::Callee, m_media->isSecure(Side::Caller));
        described(Side::Callee).clear();
        std::string offer;
        if (!m_request.sdp.empty()) {
            auto passed = passOffer(Side::Caller, m_request.sdp);
            if (!passed)
                return false;
            offer = std::move(*passed);
        }
        if (device.owner.name != m_plan.callee.party.name)
            moveRecord(device.owner, q850::causeOfStatus(status));
        if (auto leg = ring(device, Side::Callee, offer)) {
            m_ringing.push_back(std::move(leg));
            return true;
        }
    }
    return false;
}

/// Another trunk has a record of its own.
void Call::moveRecord(const CallParty& owner, int cause)
{
    m_environment.records.released(record(Side::Callee), cause);
    m_plan.callee.party = owner;
    record(Side::Callee) =
        m_environment.records.beginCallee(record(Side::Caller), recordParty(owner, owner.name));
    m_ringingRecords[owner.name] = record(Side::Callee);
}

/// As ringSpare(), for who is to take the place of the one who hands over.
bool Call::ringTransferSpare(Transfer& transfer)
{
    while (!transfer.callee.spare.empty()) {
        const CalledDevice device = std::move(transfer.callee.spare.front());
        transfer.callee.spare.erase(transfer.callee.spare.begin());
        const std::string offer = openTransferMedia(transfer, device.at.source);
        if (offer.empty())
            return false;
        transfer.callee.party = device.owner;
        transfer.records.erase(device.owner.name); // of its way before, which is over
        ringTargets(transfer, {device}, offer);
        if (!transfer.ringing.empty())
            return true;
    }
    return false;
}

} // namespace sr::pbx
