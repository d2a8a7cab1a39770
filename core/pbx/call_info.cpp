// SPDX-License-Identifier: GPL-3.0-or-later
// What a device tells by INFO goes to the other side. A key goes on in the media where that one has agreed to
// hear keys there: providers and machines that answer mostly know no other ones.
#include "core/pbx/call_leg.h"
#include "core/pbx/key_info.h"
#include "core/pbx/local_dialer.h"
#include "core/rtp/telephone_event.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr std::chrono::milliseconds kShortest{100}; ///< chosen: what every receiver takes for a key
constexpr std::chrono::milliseconds kLongest{1000}; ///< 16 bits of ticks at 48 kHz
constexpr std::chrono::milliseconds kSpeaks{500};   ///< a device with a packet of sound within that (chosen)
constexpr std::uint32_t kFramesPerSecond = 50;

bool isEvent(const rtp::PayloadFormat& format)
{
    return format.encoding == "TELEPHONE-EVENT";
}

bool knows(const sdp::Media& side, const rtp::PayloadFormat& format)
{
    return std::ranges::any_of(side.formats, [&](const auto& entry) {
        return entry.second.encoding == format.encoding && entry.second.clockRate == format.clockRate;
    });
}

/// The clock of what the one most probably says to the other: of its formats the first that both know. 0:
/// none.
std::uint32_t clockOfSound(const sdp::Media& says, const sdp::Media& hears)
{
    for (const std::uint8_t type : hears.order) {
        const auto found = hears.formats.find(type);
        if (found == hears.formats.end() || isEvent(found->second) || found->second.encoding == "CN")
            continue;
        if (knows(says, found->second))
            return found->second.clockRate;
    }
    return 0;
}

/// In the clock of the sound that it interrupts (RFC 4733 2.1). What the one has not agreed to the other need
/// not hear (RFC 3264 7).
std::optional<relay::PressedKey> eventOf(const KeyInfo& key, const sdp::Media& says, const sdp::Media& hears)
{
    const auto code = rtp::eventCode(key.symbol);
    const std::uint32_t rate = clockOfSound(says, hears);
    const auto type = std::ranges::find_if(hears.formats, [&](const auto& entry) {
        return isEvent(entry.second) && entry.second.clockRate == rate && knows(says, entry.second);
    });
    if (!code || type == hears.formats.end())
        return std::nullopt;
    const auto ms = static_cast<std::uint32_t>(std::clamp(key.length, kShortest, kLongest).count());
    return relay::PressedKey{*code, type->first, static_cast<std::uint16_t>(ms * rate / 1000),
                             static_cast<std::uint16_t>(rate / kFramesPerSecond)};
}

} // namespace

void Call::onInfo(Leg& leg, const std::string& type, const std::string& body)
{
    const bool talks = m_state == State::Connected && isSeated(leg);
    Leg* const other = talks ? legOf(otherSide(leg.side())) : nullptr;
    if (other == nullptr)
        return;
    const auto key = keyOfInfo(type, body);
    const bool isInMedia = key && pressAsEvent(*other, *key);
    if (!isInMedia)
        other->session()->info(type, body);
    if (key && !(isInMedia && m_keysHeard)) // then it is heard in the media
        m_environment.neighbours.pressed(*this, leg.side(), key->symbol);
}

/// Not while the presser says nothing: the events stand in its stream. Phones of the exchange's own hear
/// INFO.
bool Call::pressAsEvent(const Leg& to, const KeyInfo& key)
{
    if (m_media->isDirect() || to.device == LocalDialer::source())
        return false;
    const Side by = otherSide(to.side());
    const TimePoint spoke = m_media->bridge().state(by).lastPacket;
    if (spoke == TimePoint() || m_environment.clock.steadyNow() - spoke > kSpeaks)
        return false;
    const auto says = sdp::audioOf(described(by));
    const auto hears = sdp::audioOf(described(to.side()));
    const auto event = says && hears ? eventOf(key, *says, *hears) : std::nullopt;
    if (!event)
        return false;
    m_media->bridge().press(by, *event);
    return true;
}

} // namespace sr::pbx
