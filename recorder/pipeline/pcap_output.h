// SPDX-License-Identifier: GPL-3.0-or-later
// One captured call as a native pcap recording: its signalling and media in order of time, SRTP decrypted
// (features R3, R5).
#pragma once

#include "core/base/io.h"
#include "core/base/progress.h"
#include "core/capture/captured_call.h"

namespace sr::recorder {

/// Memory stays bounded: the call is written in windows of time. Keys leave the SDP, because the media is
/// clear.
Status writeCallPcap(const capture::CapturedCall& call, ByteSink& out, const Progress& progress);

/// A SIP message whose SDP offers clear RTP: `RTP/SAVP` becomes `RTP/AVP`, `a=crypto` lines go,
/// Content-Length follows.
std::string withoutSrtp(const std::string& message);

} // namespace sr::recorder
