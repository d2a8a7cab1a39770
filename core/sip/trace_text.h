// SPDX-License-Identifier: GPL-3.0-or-later
// A SIP message without what a reader could log in or listen with, or pay with.
#pragma once

#include <string>
#include <string_view>

namespace sr::sip {

/// Of Authorization and Proxy-Authorization only who, where and how stay (username, realm, uri, nonce, nc,
/// algorithm, qop), of Authentication-Info the same; of SDP no `a=crypto` key (RFC 4568), `a=ice-pwd` (RFC
/// 8839), `a=key-mgmt` (RFC 4567) nor `k=` (RFC 4566). Bodies that tell keys (application/dtmf-relay,
/// application/dtmf and the like, and all of INFO but picture requests) go as a whole, whether a recording is
/// paused or not. Headers that are folded are one line then. Other control characters than tabs become `?`.
/// Any thread.
std::string withoutSecrets(std::string_view message);

} // namespace sr::sip
