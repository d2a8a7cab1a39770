// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls whom: numbers, names and the conference guid out of SIP headers, as the archive names them.
#pragma once

#include "core/capture/captured_call.h"
#include "core/capture/sip_message.h"

#include <string>

namespace sr::capture {

inline constexpr std::string_view kUnknownNumber = "unknown";

/// User part without parameters, escapes decoded; `tel:` without visual separators (RFC 3966 §5.1.1);
/// `unknown` for withheld and absent ones. At most 128 octets.
std::string numberOf(const SipUri& uri);

/// P-Asserted-Identity, else From, else Remote-Party-ID where From is withheld. Signalling stays as it is.
void readCaller(const SipMessage& invite, CallParty& caller);
/// The number dialled: To, else the request URI.
void readCallee(const SipMessage& message, CallParty& callee);
/// P-Asserted-Identity of a 18x or 2xx: who rings or speaks, which may be another one than was dialled.
/// Nothing where it only repeats the caller.
void readConnected(const SipMessage& answer, const std::string& caller, CallParty& callee);

/// 32 hex digits from h323-conf-id, Cisco-Guid or Conf-ID, else from Session-ID (RFC 7989); empty if none.
std::string conferenceGuid(const SipMessage& message);
/// 32 lower-case hex digits of a text that holds them, hyphens and blanks aside; empty if it does not, or if
/// all are 0.
std::string guidOf(std::string_view text);

} // namespace sr::capture
