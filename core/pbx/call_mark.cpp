// SPDX-License-Identifier: GPL-3.0-or-later
// What a call is given for its recording: its TAN, and marks that it is to be kept. Once it is over the
// archive has to be told.
#include "core/pbx/call_leg.h"
#include "core/sdp/session_description.h"

namespace sr::pbx {

bool isPerson(const CallParty& party)
{
    return party.pseudo != nameOf(Kind::Voicemail) && !isNobody(party);
}

void Call::setTan(const std::string& user, const std::string& sixDigits)
{
    for (const Side side : {Side::Caller, Side::Callee})
        m_environment.records.setTan(record(side), sixDigits);
    const Side by = m_plan.caller.name == user ? Side::Caller : Side::Callee;
    m_tan = {by, sixDigits};
    tellTan();
}

void Call::tellTan()
{
    if (m_transcript && m_tan)
        m_transcript->tan(m_environment.clock.utcNow(), m_tan->first, m_tan->second);
}

bool Call::mark(const std::string& user)
{
    if (!m_transcript || !m_transcript->isArchived())
        return false;
    const Side by = m_plan.caller.name == user ? Side::Caller : Side::Callee;
    if (!std::exchange(m_marked[static_cast<std::size_t>(by)], true))
        m_transcript->marked(m_environment.clock.utcNow(), by);
    return true;
}

/// A device sends events as the types that the other one has named for them. Without a recording only who
/// may begin one is listened to.
void Call::listenForKeys()
{
    if (!m_transcript && !isSwitched(m_plan.caller.record) && !isSwitched(m_plan.callee.party.record))
        return;
    m_keysHeard = true;
    for (const Side side : {Side::Caller, Side::Callee}) {
        std::vector<std::uint8_t> types;
        if (const auto audio = sdp::audioOf(described(otherSide(side))))
            for (const auto& [type, format] : audio->formats)
                if (format.encoding == "TELEPHONE-EVENT")
                    types.push_back(type);
        m_media->bridge().setKeys(m_tag, side, types);
    }
}

void Call::tellRecorded() const
{
    const CallParty& caller = m_plan.caller;
    const CallParty& callee = m_plan.callee.party;
    if (m_transcript->isArchived() && isPerson(caller) && isPerson(callee))
        m_environment.neighbours.recorded({m_guid, m_transcript->callId(), caller.name, callee.name});
}

} // namespace sr::pbx
