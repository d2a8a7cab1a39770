// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that the person gave for streams whose signalling carries none.
#pragma once

#include "core/rtp/stream.h"

#include <vector>

namespace sr::capture {

/// Adds to every epoch without keys those that open one of the first packets; clear streams stay clear. Reads
/// the stream once. Nothing happens without keys.
void addExtraKeys(rtp::RtpStream& stream, const std::vector<rtp::SrtpKey>& keys);

} // namespace sr::capture
