// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptions of a party between which and us an agent of full ICE stands (RFC 8839): what it has to say is
// put in on the way out, and taken out on the way in.
#pragma once

#include "core/sdp/ice_attributes.h"

#include <string>
#include <string_view>
#include <vector>

namespace sr::sdp {

/// Where media of a description goes by default.
struct Place {
    Endpoint rtp;
    Endpoint rtcp; ///< written where it is not one port above
};

/// `text` without any line of ICE. Any thread, as all of these.
std::string withoutIce(std::string_view text);
/// The same with the audio at that place. Text without audio stays where it is.
std::string movedTo(std::string_view text, const Place& place);
/// The same under that login and with those values of a=candidate. `rtcpMux`: the line is put in where it is
/// missing.
std::string withIce(std::string_view text, const Place& place, const IceLogin& login,
                    const std::vector<std::string>& candidates, bool rtcpMux);
/// The values of a=candidate in the audio section that parseCandidate() can read, kMostCandidates at most.
std::vector<std::string> candidateValues(std::string_view text);

} // namespace sr::sdp
