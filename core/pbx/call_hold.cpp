// SPDX-License-Identifier: GPL-3.0-or-later
// Hold (RFC 3264 8.4): who is put on hold, in whatever form, is told `sendonly`, and hears our music unless
// the holder itself sends something.
#include "core/pbx/call_leg.h"
#include "core/pbx/local_dialer.h"
#include "core/pbx/local_media.h"
#include "core/sdp/hold.h"

#include <array>

namespace sr::pbx {
namespace {

/// The audio of a description; without any, nothing is said or heard.
sdp::Media audioOrSilence(const std::string& description)
{
    sdp::Media none;
    none.direction = sdp::Direction::Inactive;
    return sdp::audioOf(description).value_or(none);
}

bool isInactive(const std::string& description)
{
    return audioOrSilence(description).effectiveDirection() == sdp::Direction::Inactive;
}

} // namespace

/// A phone of the exchange's own does not wait: music would be in the mailbox, or in a conference for all.
bool Call::waitsWithMusic(Side side) const
{
    const Leg* const leg = legOf(side);
    return m_environment.music.server != nullptr && leg != nullptr && leg->device != LocalDialer::source();
}

/// What `side` gets of an offer of the other one.
std::string Call::offeredTo(Side side, const std::string& offer, std::string passed) const
{
    if (!isInactive(offer) || !waitsWithMusic(side))
        return passed;
    return sdp::withDirection(passed, sdp::Direction::SendOnly);
}

/// What `side`, which has made `offer`, gets of the other one's answer.
std::string Call::answeredTo(Side side, const std::string& offer, const std::string& answer,
                             std::string passed) const
{
    if (isInactive(offer)) // the only answer to that (RFC 3264 6.1), whatever the other side was offered
        return sdp::withDirection(passed, sdp::Direction::Inactive);
    const bool listens = sdp::receives(audioOrSilence(offer).effectiveDirection());
    if (!listens || !isInactive(answer) || !waitsWithMusic(side))
        return passed;
    return sdp::withDirection(passed, sdp::Direction::SendOnly);
}

/// After every agreement.
void Call::playHoldMusic()
{
    const std::array said{audioOrSilence(described(Side::Caller)), audioOrSilence(described(Side::Callee))};
    for (const Side holder : {Side::Caller, Side::Callee}) {
        const sdp::Media& theirs = said[static_cast<std::size_t>(holder)];
        const sdp::Media& held = said[static_cast<std::size_t>(otherSide(holder))];
        if (!theirs.isOnHold() || held.isOnHold() || !waitsWithMusic(otherSide(holder)))
            continue;
        auto peer = spokenTo(held);
        if (!peer) {
            m_music.reset();
            if (m_environment.music.failed)
                m_environment.music.failed({sdp::SdpErrc::NoCommon, "formats"});
            return;
        }
        return startHoldMusic({holder, std::move(*peer), sdp::sends(theirs.effectiveDirection())});
    }
    m_music.reset();
}

/// Music that plays already goes on when a hold is only refreshed.
void Call::startHoldMusic(const HoldMusic::Plan& plan)
{
    if (m_music && m_music->plan() == plan)
        return;
    m_music.reset();
    auto music = HoldMusic::start(m_environment.music, m_media->bridge(), plan);
    if (music)
        m_music = std::move(*music);
    else if (m_environment.music.failed)
        m_environment.music.failed(music.error());
}

} // namespace sr::pbx
