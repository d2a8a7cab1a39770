// SPDX-License-Identifier: GPL-3.0-or-later
// Offers and answers of the exchange itself.
#include "core/sdp/own_description.h"

#include "core/sdp/text.h"
#include "core/sdp/writing.h"

#include <algorithm>

namespace sr::sdp {
namespace {

bool isRtp(const Media& media)
{
    for (const bool secure : {false, true}) {
        for (const bool feedback : {false, true}) {
            if (equalsNoCase(media.protocol, profile(secure, feedback)))
                return true;
        }
    }
    return false;
}

bool sounds(const rtp::PayloadFormat& format)
{
    return format.encoding != "TELEPHONE-EVENT" && format.encoding != "CN";
}

bool isSame(const rtp::PayloadFormat& a, const rtp::PayloadFormat& b)
{
    return a.encoding == b.encoding && a.clockRate == b.clockRate && a.channels == b.channels;
}

/// Those that both have, as the answer names them.
std::vector<OwnFormat> common(const Media& offered, const std::vector<OwnFormat>& own)
{
    std::vector<OwnFormat> formats;
    for (const std::uint8_t type : offered.order) {
        const auto theirs = offered.formats.find(type);
        if (theirs == offered.formats.end())
            continue;
        const auto ours = std::find_if(
            own.begin(), own.end(), [&](const OwnFormat& one) { return isSame(one.format, theirs->second); });
        if (ours != own.end())
            formats.push_back({type, ours->format});
    }
    return formats;
}

/// In the spelling that phones expect, though any case is right (RFC 8866 §6.6).
std::string spelling(std::string encoding)
{
    if (encoding == "OPUS" || encoding == "TELEPHONE-EVENT")
        std::transform(encoding.begin(), encoding.end(), encoding.begin(), lower);
    return encoding;
}

std::string formatLines(const OwnFormat& one)
{
    const std::string type = std::to_string(one.payloadType);
    std::string lines =
        "a=rtpmap:" + type + ' ' + spelling(one.format.encoding) + '/' + std::to_string(one.format.clockRate);
    if (one.format.channels > 1)
        lines += '/' + std::to_string(one.format.channels);
    lines += "\r\n";
    if (!one.format.fmtp.empty())
        lines += "a=fmtp:" + type + ' ' + one.format.fmtp + "\r\n";
    return lines;
}

std::string audioSection(const OwnAudio& own, bool feedback, const std::vector<OwnFormat>& formats,
                         Direction direction)
{
    const RelayedMedia& ours = own.ours.audio;
    std::string types;
    std::string lines;
    for (const OwnFormat& one : formats) {
        types += std::to_string(one.payloadType) + ' ';
        lines += formatLines(one);
    }
    if (own.ptimeMs != 0)
        lines += "a=ptime:" + std::to_string(own.ptimeMs) + "\r\n";
    lines.append("a=").append(toString(direction)).append("\r\n");
    return mediaLine("audio", ours.rtp.port, profileOf(ours, feedback), types) + lines + ownLines(ours);
}

std::string refusal(const Media& offered)
{
    std::string formats;
    for (const std::uint8_t one : offered.order)
        formats += std::to_string(one) + ' ';
    if (formats.empty() && offered.type == "image")
        formats = "t38"; // some phones do not read on behind another word
    return mediaLine(offered.type, 0, offered.protocol, formats);
}

std::string start(const OwnAudio& own)
{
    return head(own.ours, {}) + "t=0 0\r\n" + (own.ours.audio.ice ? "a=ice-lite\r\n" : "");
}

} // namespace

std::string offer(const OwnAudio& own)
{
    return start(own) + audioSection(own, false, own.formats, own.direction);
}

Result<std::string> answer(const SessionDescription& offer, const OwnAudio& own)
{
    const Media* audio = offer.audio();
    if (audio == nullptr)
        return fail(SdpErrc::NoAudio, std::to_string(offer.media.size()) + " media");
    const RelayedMedia& ours = own.ours.audio;
    if (!isRtp(*audio) || audio->isSecure() != ours.secure)
        return fail(SdpErrc::NoCommon, audio->protocol);
    if (ours.secure && taken(ours.crypto, audio->crypto) == nullptr)
        return fail(SdpErrc::NoCommon, "SRTP suite");
    const std::vector<OwnFormat> formats = common(*audio, own.formats);
    if (std::none_of(formats.begin(), formats.end(), [](const OwnFormat& one) { return sounds(one.format); }))
        return fail(SdpErrc::NoCommon, "formats");
    const Direction theirs = audio->effectiveDirection();
    const Direction direction =
        directionOf(sends(own.direction) && receives(theirs), receives(own.direction) && sends(theirs));
    std::string text = start(own);
    for (const Media& one : offer.media) {
        const bool feedback = endsNoCase(one.protocol, "AVPF");
        text += &one == audio ? audioSection(own, feedback, formats, direction) : refusal(one);
    }
    return text;
}

} // namespace sr::sdp
