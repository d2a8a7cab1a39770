// SPDX-License-Identifier: GPL-3.0-or-later
// First lines that Sofia cannot read, of requests that can be answered all the same. Internal to core/sip.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
struct sip_request_s;
struct su_home_s;
union msg_header_u;
}

namespace sr::sip {

enum class FirstLine : std::uint8_t {
    Good,
    Bad, ///< the line of a request that is to be refused with 400 (RFC 4475 3.1.2.8)
    None ///< of nothing
};

/// As Sofia's own parser, but a line that begins with a method and ends with ` SIP/2.0` is that of a request,
/// whatever stands between. `line`, which ends with a NUL at `size`, is cut up.
FirstLine readRequestLine(su_home_s* home, msg_header_u* into, char* line, std::size_t size);
/// Whether its line was Bad.
bool isUnread(const sip_request_s& request);

} // namespace sr::sip
