// SPDX-License-Identifier: GPL-3.0-or-later
// Words for packets that are no RTP.
#include "core/rtp/packet.h"

namespace sr::rtp {

const char* text(ParseError error) noexcept
{
    switch (error) {
    case ParseError::Truncated:
        return "shorter than its RTP header";
    case ParseError::BadVersion:
        return "not RTP version 2";
    case ParseError::BadPadding:
        return "RTP padding longer than the payload";
    }
    return "not RTP";
}

} // namespace sr::rtp
