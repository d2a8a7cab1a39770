// SPDX-License-Identifier: GPL-3.0-or-later
// The value of an a=crypto line (RFC 4568 §9.1) turned into master keys.
#pragma once

#include "core/rtp/stream.h"

#include <string_view>
#include <vector>

namespace sr::sdp {

/// Keys of `tag suite inline:key||salt|lifetime|mki ...`, usually one; several are told apart by their MKI.
/// Lifetime and session parameters are tolerated and not kept. An unknown suite gives its name without a key,
/// so that whoever fails to decrypt can name it. Empty for a key of the wrong length or bad base64.
std::vector<rtp::SrtpKey> parseCrypto(std::string_view value);

/// Of master key and salt together [octets]; 0 for a suite that is not among those of parseCrypto().
std::size_t keySaltOctets(std::string_view suite) noexcept;

} // namespace sr::sdp
