// SPDX-License-Identifier: GPL-3.0-or-later
// The body of an INVITE: what it usually is, and whether it can be read. Internal to core/sip.
#pragma once

extern "C" {
struct sip_s;
}

namespace sr::sip {

inline constexpr const char* kSdpType = "application/sdp"; // RFC 8866

/// What is to be said of a body that is no session description, or to who wants none; 0: nothing. Several
/// parts pass, as one may be a description, and so does what may be ignored (RFC 3261 8.2.3, 13.2.1).
int bodyRefusal(const sip_s& sip);

} // namespace sr::sip
