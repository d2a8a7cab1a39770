// SPDX-License-Identifier: GPL-3.0-or-later
// A record as a message of syslog, RFC 5424 or RFC 3164. Internal to core/cdr.
#pragma once

#include "core/base/clock.h"
#include "core/cdr/delivery.h"

namespace sr::cdr {

inline constexpr int kSyslogPort = 514; ///< RFC 5426 3.3; RFC 6587 names none, and its users take the same

/// Severity informational. What is not ASCII becomes a character reference of XML, so that no receiver needs
/// to know the encoding (RFC 5424 6.4 wants a BOM before UTF-8, RFC 3164 4.1.3 ASCII). Any thread.
std::string syslogMessage(const Destination& to, UtcTime now, std::string_view xml);

} // namespace sr::cdr
