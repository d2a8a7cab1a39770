// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that the person gave for streams whose signalling carries none that fits, and streams that have none
// though they need one.
#pragma once

#include "core/rtp/stream.h"

#include <vector>

namespace sr::capture {

/// Adds to every epoch, behind its own, the keys that open one of the first packets. If none does and nothing
/// says that the stream is encrypted, a `suspect` one (mayBeEncrypted()) is looked at: what looksEncrypted()
/// becomes Protection::Required, so that it is kept as packets instead of sounding as noise. Walks the stream
/// once, or not at all without keys and suspicion.
void addExtraKeys(rtp::RtpStream& stream, const std::vector<rtp::SrtpKey>& keys, bool suspect);

} // namespace sr::capture
