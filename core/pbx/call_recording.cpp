// SPDX-License-Identifier: GPL-3.0-or-later
// What of a call is recorded: for the archive, and for who of its parties and devices wants it to be written
// elsewhere ("Record to"). These are asked while it rings, for then its dialog begins, and again once it is
// known who talks. What is heard in a queue is provisional until then, if it wants no recording itself.
#include "core/pbx/call_transfer.h"

#include <algorithm>

namespace sr::pbx {

void Call::startTranscript()
{
    const bool archived = isArchived();
    const bool wanted = mayBeWanted();
    const bool provisional = !archived && m_plan.callee.party.leadsToRecorded;
    if ((!archived && !wanted && !provisional) || isQueue(m_plan.caller)) // it is in the call that waits
        return;
    const bool others = wanted || isQueue(m_plan.callee.party); // who gets the call may want it elsewhere
    if (isNobody(m_plan.caller) || isNobody(m_plan.callee.party))
        return;
    const sip::Source& asked = m_callee ? m_callee->device : m_plan.callee.devices.front().at.source;
    m_transcript = std::make_unique<CallTranscript>(
        m_environment.tap, m_guid, m_part, transcriptDevice(m_plan.caller, m_caller->device),
        transcriptDevice(m_plan.callee.party, asked),
        relay::TapDialog{others ? m_environment.neighbours.newTag() : 0, m_guid, archived || provisional});
    if (provisional)
        m_transcript->setProvisional();
    m_transcript->setRoles(roles());
    m_marked = {};
    const auto offer = m_media->clearDescription(Side::Caller, described(Side::Caller));
    m_transcript->invited(m_environment.clock.utcNow(), offer ? *offer : std::string());
}

/// What comes from now on between the two is a recording of its own.
void Call::restartTranscript()
{
    m_media->bridge().setTap(std::nullopt);
    if (m_transcript)
        ++m_part;
    closeTag();
    m_transcript.reset();
    startTranscript();
    if (!m_transcript)
        return listenForKeys();
    const auto answer = m_media->clearDescription(Side::Callee, described(Side::Callee));
    m_transcript->answered(m_environment.clock.utcNow(), answer ? *answer : std::string());
    tapMedia();
}

/// For who was called first it is a call that was missed.
void Call::missTranscript()
{
    if (!m_transcript)
        return;
    m_transcript->refused(m_environment.clock.utcNow(), 302);
    m_transcript.reset();
    ++m_part;
}

void Call::endTranscript(Side by)
{
    if (!m_transcript)
        return;
    m_transcript->ended(m_environment.clock.utcNow(), by);
    tellRecorded();
}

/// Now it is known who talks; others have rung, too.
void Call::settleRecording()
{
    if (isArchived() == (m_transcript && m_transcript->isArchived()))
        return;
    missTranscript();
    startTranscript();
}

/// Nothing more is copied under that tag.
void Call::closeTag()
{
    const bool heard = std::exchange(m_keysHeard, false);
    if (!m_transcript && !heard)
        return;
    m_environment.tap.closed(m_tag);
    m_tag = m_environment.neighbours.newTag();
}

bool Call::switchRecording(Side by, bool on)
{
    if (!isSwitched(party(by).record))
        return false;
    const auto wanted = [this] { return std::pair(isArchived(), recordTargets()); };
    const bool talks = m_state == State::Connected && m_caller && m_callee;
    const auto before = talks ? wanted() : decltype(wanted())();
    switched(by) = on;
    if (talks && wanted() != before) {
        if (isKeptBack() && by == Side::Callee) { // what an operator's caller has heard belongs to it
            keepTranscript();
        } else {
            endTranscript(by);
            restartTranscript();
        }
        tellTan();
    }
    return true;
}

/// What was heard in a queue waits for somebody to switch the recording on; of the talk nothing is copied.
bool Call::isKeptBack() const
{
    return m_transcript && m_transcript->isProvisional() && !isQueue(m_plan.callee.party);
}

bool Call::isCopied() const
{
    return m_state == State::Connected && m_transcript && !isKeptBack();
}

void Call::keepTranscript()
{
    const bool wasKeptBack = isKeptBack();
    m_transcript->setRoles(roles());
    tapMedia();
    if (wasKeptBack && !m_paused)
        m_transcript->resumed(m_environment.clock.utcNow());
}

/// Whether what is provisional stays so: there may be who wants it, or it is switched on.
bool Call::mayBeKeptBehind(const Transfer& transfer) const
{
    const CallParty& stays = party(otherSide(transfer.by));
    const CallParty& target = transfer.callee.party;
    return stays.leadsToRecorded || target.leadsToRecorded || isSwitched(stays.record) ||
           isSwitched(target.record);
}

/// As long as the user has said nothing the mode says it.
bool Call::wants(Side side, const CallParty& party) const
{
    return m_switched[static_cast<std::size_t>(side)].value_or(isRecordedAtFirst(party.record));
}

/// Until the answer: whether one of those who ring wants it.
bool Call::calleeWants() const
{
    const auto ownerWants = [this](const CalledDevice& device) { return wants(Side::Callee, device.owner); };
    return m_callee ? wants(Side::Callee, m_plan.callee.party)
                    : std::ranges::any_of(m_plan.callee.devices, ownerWants);
}

bool Call::isArchived() const
{
    return m_plan.record || wants(Side::Caller, m_plan.caller) || calleeWants();
}

/// What isArchived() will be.
bool Call::isArchivedBehind(const Transfer& transfer) const
{
    const Side stays = otherSide(transfer.by);
    return m_plan.record || transfer.callee.record || wants(stays, party(stays)) ||
           transfer.switched.value_or(isRecordedAtFirst(transfer.callee.party.record));
}

/// A line is never internal; of two in the house it is who is called (decisions.md 2). The recording is that
/// one's, or the caller's if he alone wants it. Nothing: neither is in the house.
std::optional<CallTranscript::Roles> Call::roles() const
{
    const bool outsideCalls = m_plan.caller.external;
    const bool outsideIsCalled = m_plan.callee.party.external;
    if (outsideCalls && outsideIsCalled)
        return std::nullopt;
    if (outsideIsCalled)
        return CallTranscript::Roles{Side::Caller, Side::Caller};
    const bool isCallers = !outsideCalls && wants(Side::Caller, m_plan.caller) && !calleeWants();
    return CallTranscript::Roles{Side::Callee, isCallers ? Side::Caller : Side::Callee};
}

/// Copies are for all who want some or for nobody: where the talk is wanted elsewhere, none is kept back.
void Call::tapMedia()
{
    const UtcTime now = m_environment.clock.utcNow();
    if (isArchived())
        m_transcript->keep(now);
    if (!m_transcript->want(m_tag, recordTargets())) {
        m_transcript.reset();
        return listenForKeys();
    }
    if (isKeptBack() && m_transcript->isWanted())
        m_transcript->drop(now, Side::Callee);
    listenForKeys();
    m_environment.tap.media(m_tag, m_media->local(Side::Caller), m_media->local(Side::Callee));
    if (m_paused || isKeptBack())
        m_transcript->paused(now);
    else
        m_media->bridge().setTap(m_tag);
}

void Call::pause()
{
    if (std::exchange(m_paused, true) || !isCopied())
        return;
    m_media->bridge().setTap(std::nullopt);
    m_transcript->paused(m_environment.clock.utcNow());
}

void Call::resume()
{
    if (!std::exchange(m_paused, false) || !isCopied())
        return;
    m_transcript->resumed(m_environment.clock.utcNow());
    m_media->bridge().setTap(m_tag);
}

/// One of those who ring will answer.
bool Call::mayBeWanted() const
{
    const auto deviceWants = [this](const CalledDevice& device) {
        return !targetsOf(Side::Callee, device.owner, device.at.source).empty();
    };
    if (!targetsOf(Side::Caller, m_plan.caller, m_caller->device).empty())
        return true;
    if (m_callee)
        return !targetsOf(Side::Callee, m_plan.callee.party, m_callee->device).empty();
    return std::ranges::any_of(m_plan.callee.devices, deviceWants) ||
           std::ranges::any_of(m_plan.callee.spare, deviceWants);
}

/// None while the user has switched it off.
std::vector<relay::TapTarget> Call::targetsOf(Side side, const CallParty& party, const sip::Source& at) const
{
    if (isSwitched(party.record) && !wants(side, party))
        return {};
    return m_environment.neighbours.recordTargets(party, at);
}

/// Each place once, whoever asks for it.
std::vector<relay::TapTarget> Call::recordTargets() const
{
    std::vector<relay::TapTarget> all = targetsOf(Side::Caller, m_plan.caller, m_caller->device);
    std::ranges::move(targetsOf(Side::Callee, m_plan.callee.party, m_callee->device),
                      std::back_inserter(all));
    std::vector<relay::TapTarget> once;
    for (relay::TapTarget& one : all)
        if (std::ranges::find(once, one.to, &relay::TapTarget::to) == once.end())
            once.push_back(std::move(one));
    return once;
}

} // namespace sr::pbx
