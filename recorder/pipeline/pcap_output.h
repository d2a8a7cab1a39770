// SPDX-License-Identifier: GPL-3.0-or-later
// One captured call as a native pcap recording: its signalling and media in order of time, SRTP decrypted
// (features R3, R5).
#pragma once

#include "core/base/io.h"
#include "core/base/progress.h"
#include "core/capture/captured_call.h"

namespace sr::recorder {

/// Memory stays bounded: the call is written in windows of time. Keys leave the SDP, because the media is
/// clear. A party whose SRTP no key opens keeps its packets as they came and `RTP/SAVP` in its SDP.
Status writeCallPcap(const capture::CapturedCall& call, ByteSink& out, const Progress& progress);

enum class SdpProfile : std::uint8_t { Clear, AsItWas };

/// A SIP message without keys: `a=crypto` lines go, Content-Length follows; `RTP/SAVP` becomes `RTP/AVP`
/// unless it shall stay.
std::string withoutSrtp(const std::string& message, SdpProfile profile = SdpProfile::Clear);

} // namespace sr::recorder
