// SPDX-License-Identifier: GPL-3.0-or-later
// Static payload types (RFC 3551 §6, tables 4 and 5) that telephones use.
#include "core/rtp/payload_format.h"

namespace sr::rtp {

std::optional<PayloadFormat> staticFormat(std::uint8_t payloadType)
{
    const auto audio = [](const char* encoding, std::uint32_t clockRate, std::uint8_t channels = 1) {
        return PayloadFormat{encoding, clockRate, channels, {}};
    };
    switch (payloadType) {
    case 0:
        return audio("PCMU", 8000);
    case 3:
        return audio("GSM", 8000);
    case 4:
        return audio("G723", 8000);
    case 8:
        return audio("PCMA", 8000);
    case 9:
        return audio("G722", 8000); // the clock of RFC 1890 was wrong and stays so, §4.5.2
    case 10:
        return audio("L16", 44100, 2);
    case 11:
        return audio("L16", 44100);
    case 13:
    case 19: // reserved for an older comfort noise draft; Cisco phones still send it
        return audio("CN", 8000);
    case 15:
        return audio("G728", 8000);
    case 18:
        return audio("G729", 8000);
    default:
        return std::nullopt;
    }
}

} // namespace sr::rtp
