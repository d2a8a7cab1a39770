// SPDX-License-Identifier: GPL-3.0-or-later
// Names and ways as texts of SIP headers.
#pragma once

#include "core/sip/sip_types.h"

namespace sr::sip {

/// `"Anna \"x\"" <sip:12%23@host>` (RFC 3261 20.10); nothing of the texts gets out of its place. Any thread.
std::string addressText(const NameAddress& address);
/// Of a Contact header, with what is left of each.
std::string contactText(const std::vector<Contact>& contacts);
/// `sip:12%23@host`.
std::string uriText(const NameAddress& address);
/// P-Asserted-Identity, P-Preferred-Identity and Privacy with their names, a line each; empty: none is
/// wanted.
std::string identityHeaders(const OutgoingInvite& invite);
/// As `transport=` spells it: `udp`, `tcp`, `tls`.
std::string_view transportName(Transport transport);
/// `sip:12%23@host`. Any thread.
std::string uriText(const std::string& user, const std::string& host);
/// `sip:host:port;transport=tcp`, where the next request goes.
std::string wayText(const Source& way);

} // namespace sr::sip
