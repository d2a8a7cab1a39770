// SPDX-License-Identifier: GPL-3.0-or-later
// Lines that every description of ours has, and what of somebody else's text may stand in one. Inside
// core/sdp.
#pragma once

#include "core/sdp/relayed.h"

#include <string>
#include <string_view>

namespace sr::sdp {

std::string originLine(const Relayed& plan); ///< o=, whole
/// `v=0` to `c=`, all of them ours but the subject (RFC 8866 §5.1 to §5.7); whole lines.
std::string head(const Relayed& plan, std::string_view subject, std::string_view bandwidth = {});

/// `RTP/AVP` and its kin; `feedback` adds the F of RFC 4585 and RFC 5124.
std::string_view profile(bool secure, bool feedback) noexcept;
/// That of a section of ours.
std::string profileOf(const RelayedMedia& media, bool feedback);

/// `m=type port protocol formats` with CRLF. What may not stand there is replaced: the line keeps its place.
std::string mediaLine(std::string_view type, std::uint16_t port, std::string_view protocol,
                      std::string_view formats);

/// What stands at the end of an audio section of ours: keys or fingerprint, rtcp-mux, ICE.
std::string ownLines(const RelayedMedia& media);

/// Whether text of a far side says where it is or under which key it sends: an address of either family
/// anywhere in it (host names are not recognized), or `inline:`. Rather once too often: `1.2.3.4` may also be
/// a version.
bool tellsTooMuch(std::string_view text) noexcept;

/// token of RFC 8866 §9.
bool isToken(std::string_view word) noexcept;

} // namespace sr::sdp
