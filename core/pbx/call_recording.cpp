// SPDX-License-Identifier: GPL-3.0-or-later
// What of a call is recorded: for the archive, and for who of its parties and devices wants it to be written
// elsewhere ("Record to"). These are asked while it rings, for then its dialog begins, and again once it is
// known who talks.
#include "core/pbx/call_leg.h"

#include <algorithm>

namespace sr::pbx {

void Call::startTranscript()
{
    const bool wanted = mayBeWanted();
    if ((!m_plan.record && !wanted) || isQueue(m_plan.caller)) // what it says is in the call that waits
        return;
    if (isNobody(m_plan.caller) || isNobody(m_plan.callee.party))
        return;
    const sip::Source& asked = m_callee ? m_callee->device : m_plan.callee.devices.front().at.source;
    m_transcript = std::make_unique<CallTranscript>(
        m_environment.tap, m_guid, m_part, transcriptDevice(m_plan.caller, m_caller->device),
        transcriptDevice(m_plan.callee.party, asked),
        relay::TapDialog{wanted ? m_environment.neighbours.newTag() : 0, m_guid, m_plan.record});
    m_marked = {};
    const auto offer = m_media->clearDescription(Side::Caller, described(Side::Caller));
    m_transcript->invited(m_environment.clock.utcNow(), offer ? *offer : std::string());
}

void Call::tapMedia()
{
    listenForKeys();
    if (!m_transcript->want(m_tag, recordTargets()))
        return m_transcript.reset();
    m_environment.tap.media(m_tag, m_media->local(Side::Caller), m_media->local(Side::Callee));
    if (m_paused)
        m_transcript->paused(m_environment.clock.utcNow());
    else
        m_media->bridge().setTap(m_tag);
}

void Call::pause()
{
    if (std::exchange(m_paused, true) || m_state != State::Connected || !m_transcript)
        return;
    m_media->bridge().setTap(std::nullopt);
    m_transcript->paused(m_environment.clock.utcNow());
}

void Call::resume()
{
    if (!std::exchange(m_paused, false) || m_state != State::Connected || !m_transcript)
        return;
    m_transcript->resumed(m_environment.clock.utcNow());
    m_media->bridge().setTap(m_tag);
}

/// One of those who ring will answer.
bool Call::mayBeWanted() const
{
    const auto wants = [this](const CallParty& party, const sip::Source& at) {
        return !m_environment.neighbours.recordTargets(party, at).empty();
    };
    const auto deviceWants = [&](const CalledDevice& device) {
        return wants(device.owner, device.at.source);
    };
    if (wants(m_plan.caller, m_caller->device))
        return true;
    if (m_callee)
        return wants(m_plan.callee.party, m_callee->device);
    return std::ranges::any_of(m_plan.callee.devices, deviceWants) ||
           std::ranges::any_of(m_plan.callee.spare, deviceWants);
}

/// Each place once, whoever asks for it.
std::vector<relay::TapTarget> Call::recordTargets() const
{
    std::vector<relay::TapTarget> all =
        m_environment.neighbours.recordTargets(m_plan.caller, m_caller->device);
    std::ranges::move(m_environment.neighbours.recordTargets(m_plan.callee.party, m_callee->device),
                      std::back_inserter(all));
    std::vector<relay::TapTarget> once;
    for (relay::TapTarget& one : all)
        if (std::ranges::find(once, one.to, &relay::TapTarget::to) == once.end())
            once.push_back(std::move(one));
    return once;
}

} // namespace sr::pbx
