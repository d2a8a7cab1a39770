// SPDX-License-Identifier: GPL-3.0-or-later
// What an RTP payload type stands for: static table of RFC 3551 §6 and the values an SDP rtpmap gives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sr::rtp {

struct PayloadFormat {
    std::string encoding; ///< upper case: PCMA, PCMU, G722, G729, OPUS, TELEPHONE-EVENT, CN
    std::uint32_t clockRate =
        0; ///< of RTP time stamps [Hz]; G.722 says 8000 (RFC 3551 §4.5.2) and sounds at 16000
    std::uint8_t channels = 1;
    std::string fmtp; ///< format parameters as in SDP, without the payload type
    bool operator==(const PayloadFormat&) const = default;
};

using PayloadMap = std::map<std::uint8_t, PayloadFormat>;

/// RFC 3551 §6 for the static types that telephones use (0, 3, 4, 8, 9, 11, 13, 15, 18); nothing for others.
std::optional<PayloadFormat> staticFormat(std::uint8_t payloadType);

} // namespace sr::rtp
