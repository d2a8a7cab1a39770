// SPDX-License-Identifier: GPL-3.0-or-later
// The choice of a codec, and what the port is told of it.
#include "core/pbx/local_media.h"

#include "core/crypto/digest.h"

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

const std::string kEvents = "TELEPHONE-EVENT";

/// Spoken here, in the order of our offers.
const std::vector<sdp::OwnFormat>& spoken()
{
    static const std::vector<sdp::OwnFormat> formats{
        {8, {"PCMA", 8000, 1, {}}},    {0, {"PCMU", 8000, 1, {}}},        {9, {"G722", 8000, 1, {}}},
        {107, {"OPUS", 48000, 2, {}}}, {101, {kEvents, 8000, 1, "0-16"}},
    };
    return formats;
}

bool isSpoken(const rtp::PayloadFormat& format)
{
    return format.encoding != kEvents && std::ranges::any_of(spoken(), [&](const sdp::OwnFormat& one) {
               return one.format.encoding == format.encoding && one.format.clockRate == format.clockRate &&
                      one.format.channels == format.channels;
           });
}

/// How gladly it is spoken, 0 = not at all: Opus costs the beat ten times as much as others, of G.729 there
/// are only some sounds.
int rankOf(const rtp::PayloadFormat& format)
{
    if (!isSpoken(format))
        return format.encoding == "G729" ? 1 : 0;
    return format.encoding == "OPUS" ? 2 : 3;
}

/// The first of the best, and events at any clock.
std::vector<sdp::OwnFormat> chosenFrom(const sdp::Media& offered)
{
    const rtp::PayloadFormat* chosen = nullptr;
    int best = 0;
    for (const std::uint8_t type : offered.order) {
        const auto format = offered.formats.find(type);
        if (format == offered.formats.end() || rankOf(format->second) <= best)
            continue;
        best = rankOf(format->second);
        chosen = &format->second;
    }
    if (chosen == nullptr)
        return {};
    const std::string fmtp = chosen->encoding == "G729" ? "annexb=no" : "";
    return {{0, {chosen->encoding, chosen->clockRate, chosen->channels, fmtp}},
            {0, {kEvents, 8000, 1, "0-16"}},
            {0, {kEvents, 48000, 1, "0-16"}}};
}

} // namespace

/// The format that sounds, and events, those at the same clock rather than others.
std::optional<media::PortPeer> spokenTo(const sdp::Media& agreed)
{
    media::PortPeer peer;
    bool sounds = false;
    for (const std::uint8_t type : agreed.order) {
        const auto format = agreed.formats.find(type);
        if (format == agreed.formats.end())
            continue;
        const bool events = format->second.encoding == kEvents;
        if (!events && !sounds && rankOf(format->second) > 0) {
            peer.payloadType = type;
            peer.format = format->second;
            sounds = true;
        }
        if (events && (!peer.eventType || format->second.clockRate == peer.format.clockRate)) {
            peer.eventType = type;
            peer.eventRate = format->second.clockRate;
        }
    }
    return sounds ? std::optional(peer) : std::nullopt;
}

LocalMedia::LocalMedia(std::unique_ptr<media::Port> port)
    : m_port(std::move(port))
    , m_sessionId(loadBe<std::uint64_t>(crypto::randomArray<8>().data()) >> 2U)
{}

sdp::OwnAudio LocalMedia::own(std::vector<sdp::OwnFormat> formats)
{
    sdp::OwnAudio own;
    own.ours.sessionId = m_sessionId;
    own.ours.version = ++m_version;
    own.ours.audio.rtp = m_port->local();
    own.formats = std::move(formats);
    return own;
}

Status LocalMedia::agree(const sdp::Media& theirs, const sdp::Media& agreed)
{
    auto peer = spokenTo(agreed);
    if (!peer)
        return fail(sdp::SdpErrc::NoCommon, "formats");
    peer->rtp = theirs.nowhere ? Endpoint{} : theirs.rtp;
    peer->sends = sdp::receives(theirs.effectiveDirection());
    if (Status status = m_port->setPeer(*peer); !status)
        return status;
    m_held = !peer->sends;
    m_codec = peer->format.encoding;
    return {};
}

Result<std::string> LocalMedia::answer(const std::string& offer)
{
    const auto offered = sdp::parse(offer);
    if (!offered)
        return offered.error();
    const sdp::Media* const audio = offered->audio();
    if (audio == nullptr)
        return fail(sdp::SdpErrc::NoAudio, "offer");
    auto text = sdp::answer(*offered, own(chosenFrom(*audio)));
    if (!text)
        return text;
    const auto answered = sdp::parse(*text);
    if (!answered || answered->audio() == nullptr)
        return fail(sdp::SdpErrc::NoCommon, "formats");
    if (Status status = agree(*audio, *answered->audio()); !status)
        return status.error();
    return text;
}

std::string LocalMedia::offer()
{
    return sdp::offer(own(spoken()));
}

Status LocalMedia::takeAnswer(const std::string& answer)
{
    const auto answered = sdp::parse(answer);
    if (!answered)
        return answered.error();
    const sdp::Media* const audio = answered->audio();
    if (audio == nullptr || audio->isSecure())
        return fail(sdp::SdpErrc::NoCommon, "answer");
    return agree(*audio, *audio);
}

} // namespace sr::pbx
