// SPDX-License-Identifier: GPL-3.0-or-later
// Whether RTP that nothing calls encrypted is: a guess with much restraint, so that ciphertext never becomes
// noise.
#pragma once

#include "core/base/bytes.h"
#include "core/capture/rtp_collector.h"

#include <vector>

namespace sr::capture {

/// Quick look at what was sampled while capturing: false for what has the size of clear sound.
bool mayBeEncrypted(const CollectedStream& stream);

/// By some dozens of consecutive packets: G.711, G.722 and G.729 are longer than their RTP time says, always
/// by the same (tag and MKI), and the octets of the first two are evenly spread; the first octet of Opus,
/// which hardly changes, is another one each time. False for everything else and whatever is in doubt.
bool looksEncrypted(const std::vector<Bytes>& packets, const rtp::PayloadMap& formats);

} // namespace sr::capture
