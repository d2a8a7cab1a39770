// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptions of the exchange itself, where it speaks (announcements) or answers alone (RFC 3264).
#pragma once

#include "core/sdp/relayed.h"

#include <string>
#include <vector>

namespace sr::sdp {

/// A format under its payload type. In an answer the type is the offer's.
struct OwnFormat {
    std::uint8_t payloadType = 0;
    rtp::PayloadFormat format; ///< its fmtp is ours in offers and answers
};

/// What the exchange has to say of its own audio.
struct OwnAudio {
    Relayed ours;
    std::vector<OwnFormat> formats; ///< preferred first
    Direction direction = Direction::SendRecv;
    std::uint32_t ptimeMs = 20; ///< [ms], 0 = not said
};

/// One audio section with everything that `own` has. Any thread.
std::string offer(const OwnAudio& own);

/// Section by section what the offer has (RFC 3264 §6): of SessionDescription::audio() the formats that both
/// have, in the offer's order and under its payload types; every other section refused with port 0. The
/// direction is ours as far as the offer's allows (a far side that holds is not spoken to), the profile is
/// the offer's. What was agreed on, parse() tells of the result.
///
/// Errors: NoAudio; NoCommon if no format that sounds is common (telephone events and comfort noise do not),
/// if one side is secure and the other is not, if `own` takes no a=crypto line of a secure offer (see
/// chosen()), or for a transport other than RTP, DTLS among them. Any thread.
Result<std::string> answer(const SessionDescription& offer, const OwnAudio& own);

} // namespace sr::sdp
